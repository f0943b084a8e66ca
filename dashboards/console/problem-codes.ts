import { join, relative } from 'node:path';
import ts from 'typescript';

/** A place in the source that tells a person of a problem. */
export interface Spoken {
  /** Key of its sentence in the catalogues: `error.site.code-taken`, `reason.probe.timeout`. */
  readonly key: string;
  /** Names that the sentence may use; null where they cannot be known, which only suits a sentence without any. */
  readonly arguments: ReadonlySet<string> | null;
  /** `src/auth/users.ts:115`. */
  readonly at: string;
}

/** What carries a code to the reader, by the name of its type, and where the catalogues keep its sentence. */
const carriers: Readonly<Record<string, string>> = {
  ArungError: 'error.',
  ErrorDetail: 'error.',
  PollProblem: 'error.',
  Diagnosis: 'error.',
  WorkerFailure: 'error.',
  ChannelProblem: 'error.',
  ProbeReason: 'reason.',
};

type Callee = ts.SignatureDeclaration;
type Calls = ReadonlyMap<Callee, ts.CallExpression>;

/** Thrown while reading what depends on a parameter: read again for each call of the function. */
class DependsOnCaller extends Error {
  readonly callee: Callee;
  constructor(callee: Callee) {
    super('depends on its caller');
    this.callee = callee;
  }
}

/**
 * Every code that the program can answer with, and the arguments that come with it: read from the source with the type
 * checker, through template strings, constants and the helpers that take a code as a parameter. `unknown` names the
 * places whose code cannot be known before it runs.
 */
export function problemCodes(program: ts.Program, files: readonly string[]): { spoken: Spoken[]; unknown: string[] } {
  return new Reader(program, files).read();
}

/** The program of a project's tsconfig.json, for the files that `wanted` picks. */
export function programOf(root: string, wanted: (file: string) => boolean): { program: ts.Program; files: string[] } {
  const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), (path) => ts.sys.readFile(path));
  const { fileNames, options } = ts.parseJsonConfigFileContent(config, ts.sys, root);
  const files = fileNames.filter((name) => wanted(relative(root, name)));
  return { program: ts.createProgram(files, options), files };
}

class Reader {
  readonly #checker: ts.TypeChecker;
  readonly #sources: readonly ts.SourceFile[];
  /** Calls by the last name of what is called. */
  readonly #calls = new Map<string, ts.CallExpression[]>();
  readonly #spoken: Spoken[] = [];
  readonly #unknown: string[] = [];

  constructor(program: ts.Program, files: readonly string[]) {
    this.#checker = program.getTypeChecker();
    this.#sources = files.flatMap((name) => program.getSourceFile(name) ?? []);
  }

  read(): { spoken: Spoken[]; unknown: string[] } {
    const tellers: { node: ts.Node; code: ts.Expression | null; args: ts.Expression | null; prefix: string }[] = [];
    for (const node of this.#sources.flatMap(everyNode)) {
      if (ts.isCallExpression(node)) {
        const { expression } = node;
        const name = ts.isPropertyAccessExpression(expression) ? expression.name.text : expression.getText();
        this.#calls.set(name, [...(this.#calls.get(name) ?? []), node]);
      } else if (ts.isNewExpression(node) && node.expression.getText() === 'ArungError') {
        const [kind, , options] = node.arguments ?? [];
        if (options && !ts.isObjectLiteralExpression(options)) continue; // hands on what was told elsewhere
        const code = (options && this.#property(options, 'code', new Map())) ?? null;
        if (isOwnFault(kind, code)) continue;
        const args = (options && this.#property(options, 'arguments', new Map())) ?? null;
        tellers.push({ node, code: code ?? kind ?? null, args, prefix: 'error.' });
      } else if (ts.isObjectLiteralExpression(node) && !isSchema(node)) {
        const code = this.#property(node, 'code', new Map());
        const prefix = code && this.#carrierOf(this.#checker.getContextualType(node));
        if (!prefix) continue;
        tellers.push({ node, code, args: this.#property(node, 'arguments', new Map()), prefix });
      }
    }
    for (const { node, code, args, prefix } of tellers) if (code) this.#tell(node, { code, args, prefix }, new Map());
    return { spoken: this.#spoken, unknown: this.#unknown };
  }

  #tell(node: ts.Node, told: { code: ts.Expression; args: ts.Expression | null; prefix: string }, calls: Calls): void {
    const source = node.getSourceFile();
    const line = source.getLineAndCharacterOfPosition(node.getStart()).line + 1;
    const at = `${relative(process.cwd(), source.fileName)}:${line}`;
    try {
      const codes = this.#texts(told.code, calls);
      if (codes === null) this.#unknown.push(at);
      if (codes === null || codes.length === 0) return;
      const names = told.args === null ? new Set<string>() : this.#names(told.args, calls);
      for (const code of codes) this.#spoken.push({ key: told.prefix + code, arguments: names, at });
    } catch (error) {
      if (!(error instanceof DependsOnCaller)) throw error;
      for (const call of this.#callsOf(error.callee)) {
        this.#tell(call, told, new Map([...calls, [error.callee, call]]));
      }
    }
  }

  #callsOf(callee: Callee): readonly ts.CallExpression[] {
    const named = ts.isArrowFunction(callee) && ts.isVariableDeclaration(callee.parent) ? callee.parent : callee;
    const calls = this.#calls.get(named.name?.getText() ?? '') ?? [];
    return calls.filter((call) => this.#checker.getResolvedSignature(call)?.declaration === callee);
  }

  /** The texts that an expression can be; empty for what was counted where it was made, null for what nobody knows. */
  #texts(expression: ts.Expression, calls: Calls): readonly string[] | null {
    const node = bare(expression);
    if (ts.isStringLiteralLike(node)) return [node.text];
    if (ts.isConditionalExpression(node)) {
      const [yes, no] = [this.#texts(node.whenTrue, calls), this.#texts(node.whenFalse, calls)];
      return yes && no && [...yes, ...no];
    }
    const known = literalsOf(this.#checker.getTypeAtLocation(node));
    if (known !== null) return known;
    if (ts.isTemplateExpression(node)) {
      let made: readonly string[] = [node.head.text];
      for (const { expression: part, literal } of node.templateSpans) {
        const texts = this.#texts(part, calls);
        if (texts === null) return null;
        made = made.flatMap((before) => texts.map((text) => before + text + literal.text));
      }
      return made;
    }
    if (isReplacement(node)) {
      const [from, to] = node.arguments.map((each) => (ts.isStringLiteral(each) ? each.text : ''));
      return (
        this.#texts(node.expression.expression, calls)?.map((text) => text.replaceAll(from ?? '', to ?? '')) ?? null
      );
    }
    if (ts.isPropertyAccessExpression(node)) {
      if (this.#carrierOf(this.#checker.getTypeAtLocation(node.expression)) !== null) return [];
      const value = this.#property(node.expression, node.name.text, calls);
      return value && this.#texts(value, calls);
    }
    if (!ts.isIdentifier(node)) return null;
    const { value, owner } = this.#valueOf(node, calls);
    if (owner && this.#carrierOf(this.#checker.getTypeAtLocation(owner)) !== null) return [];
    return value && this.#texts(value, calls);
  }

  /** Names that an object surely has. */
  #names(expression: ts.Expression, calls: Calls): ReadonlySet<string> | null {
    const node = bare(expression);
    if (ts.isObjectLiteralExpression(node)) {
      const names = new Set<string>();
      for (const property of node.properties) {
        const own = ts.isSpreadAssignment(property)
          ? isMaybe(property.expression)
            ? new Set<string>()
            : this.#names(property.expression, calls)
          : new Set([property.name && 'text' in property.name ? property.name.text : '']);
        for (const name of own ?? []) names.add(name);
      }
      return names;
    }
    if (ts.isConditionalExpression(node)) {
      const [yes, no] = [this.#names(node.whenTrue, calls), this.#names(node.whenFalse, calls)];
      return yes && no && yes.intersection(no);
    }
    if (ts.isIdentifier(node)) {
      const { value } = this.#valueOf(node, calls);
      if (value) return this.#names(value, calls);
    }
    if (ts.isPropertyAccessExpression(node)) {
      const value = this.#property(node.expression, node.name.text, calls);
      if (value) return this.#names(value, calls);
    }
    const type = this.#checker.getTypeAtLocation(node);
    if (this.#checker.getIndexInfosOfType(type).length > 0) return null;
    const surely = type.getProperties().filter((each) => (each.flags & ts.SymbolFlags.Optional) === 0);
    return new Set(surely.map((each) => each.name));
  }

  /** What an object has under a name. */
  #property(expression: ts.Expression, name: string, calls: Calls): ts.Expression | null {
    const node = bare(expression);
    if (ts.isIdentifier(node)) {
      const { value } = this.#valueOf(node, calls);
      return value && this.#property(value, name, calls);
    }
    if (!ts.isObjectLiteralExpression(node)) return null;
    for (const property of node.properties) {
      if (!property.name || !('text' in property.name) || property.name.text !== name) continue;
      if (ts.isPropertyAssignment(property)) return property.initializer;
      if (ts.isShorthandPropertyAssignment(property)) return property.name;
    }
    return null;
  }

  /** What a name stands for: a constant's value, or what the caller gives; `owner` is what it was taken out of. */
  #valueOf(node: ts.Identifier, calls: Calls): { value: ts.Expression | null; owner: ts.Node | null } {
    const symbol = ts.isShorthandPropertyAssignment(node.parent)
      ? this.#checker.getShorthandAssignmentValueSymbol(node.parent)
      : this.#checker.getSymbolAtLocation(node);
    const declaration = symbol?.valueDeclaration;
    if (!declaration) return { value: null, owner: null };
    if (ts.isVariableDeclaration(declaration)) return { value: declaration.initializer ?? null, owner: null };
    if (ts.isParameter(declaration)) return { value: this.#given(declaration, calls), owner: null };
    if (!ts.isBindingElement(declaration)) return { value: null, owner: null };
    const holder = declaration.parent.parent;
    const name = (declaration.propertyName ?? declaration.name).getText();
    const whole = ts.isParameter(holder)
      ? this.#given(holder, calls)
      : ts.isVariableDeclaration(holder)
        ? (holder.initializer ?? null)
        : null;
    return { value: whole && this.#property(whole, name, calls), owner: whole };
  }

  #given(parameter: ts.ParameterDeclaration, calls: Calls): ts.Expression | null {
    const callee = parameter.parent;
    const call = calls.get(callee);
    if (!call) throw new DependsOnCaller(callee);
    return call.arguments[callee.parameters.indexOf(parameter)] ?? parameter.initializer ?? null;
  }

  #carrierOf(type: ts.Type | undefined): string | null {
    const one = type && this.#checker.getNonNullableType(type);
    const name = one?.aliasSymbol?.name ?? one?.getSymbol()?.name ?? '';
    return carriers[name] ?? null;
  }
}

/** The shape of a request or an answer: `Type.Object({ code: … })`. */
function isSchema({ parent }: ts.Node): boolean {
  return ts.isCallExpression(parent) && parent.expression.getText().startsWith('Type.');
}

/** Our own faults are told as `internal` and no more, whatever they are. */
function isOwnFault(kind: ts.Expression | undefined, code: ts.Expression | null): boolean {
  if (!kind || !ts.isStringLiteral(kind) || kind.text !== 'internal') return false;
  return code === null || !ts.isStringLiteral(code) || code.text !== 'internal';
}

function everyNode(root: ts.Node): ts.Node[] {
  const nodes: ts.Node[] = [];
  const visit = (node: ts.Node): void => {
    nodes.push(node);
    ts.forEachChild(node, visit);
  };
  visit(root);
  return nodes;
}

function bare(node: ts.Expression): ts.Expression {
  return ts.isAsExpression(node) || ts.isSatisfiesExpression(node) || ts.isParenthesizedExpression(node)
    ? bare(node.expression)
    : node;
}

function literalsOf(type: ts.Type): readonly string[] | null {
  const types = type.isUnion() ? type.types : [type];
  const texts = types.flatMap((each) => (each.isStringLiteral() ? [each.value] : []));
  return texts.length === types.length ? texts : null;
}

function isReplacement(
  node: ts.Node,
): node is ts.CallExpression & { readonly expression: ts.PropertyAccessExpression } {
  return (
    ts.isCallExpression(node) &&
    ts.isPropertyAccessExpression(node.expression) &&
    /^replace(All)?$/.test(node.expression.name.text)
  );
}

/** `...(known && { by })`: may be there, or not. */
function isMaybe(expression: ts.Expression): boolean {
  const node = bare(expression);
  return ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.AmpersandAmpersandToken;
}
