import { Compile } from 'typebox/compile';
import { isScalar, LineCounter, parseDocument, stringify, visit, type Document } from 'yaml';
import { AlertRule, problemOfRule } from '../../domain/alert-rule.ts';
import { ArungError, type ErrorDetail } from '../../domain/errors.ts';

/** Rules as a file, JSON or YAML: `{"format": "arung-rules/1", "rules": […]}`. */
export const ruleFormat = 'arung-rules/1';
export const longestFile = 2_000_000;
const mostRules = 2_000;
const mostErrors = 50;
const deepest = 100;
/** A rule has some tens of them. */
const mostKeys = 200;
const mostAliases = 100;
/** Line ends, commas and colons: two thousand rules have some ninety thousand, and the reader takes its time for each. */
const mostMarks = 120_000;
const schema = Compile(AlertRule);

export interface RuleFile {
  readonly rules: readonly AlertRule[];
  /** Each with its place; when there are any, nothing of the file is to be taken. */
  readonly errors: readonly ErrorDetail[];
}

export function writeRuleFile(rules: readonly AlertRule[], format: 'json' | 'yaml'): string {
  const document = { format: ruleFormat, rules };
  return format === 'yaml'
    ? stringify(document, { aliasDuplicateObjects: false })
    : JSON.stringify(document, null, 2) + '\n';
}

/** Reads a file. JSON is YAML, too, so that one reader tells the line and column of what is wrong in either. */
export function readRuleFile(text: string): RuleFile {
  if (text.length > longestFile || marksIn(text) > mostMarks) {
    return failed([{ message: `The file is longer than ${mostRules} rules can be: that is no list of rules.` }]);
  }
  const lines = new LineCounter();
  const tooDeep = 'The file is nested too deeply to be read: that is no list of rules.';
  if (depthOf(text) > deepest) return failed([{ message: tooDeep, line: 1, column: 1 }]);
  let document: Document;
  try {
    // The library's own search for keys that are there twice takes minutes for some megabytes of keys, as its words about
    // thousands of errors do.
    document = parseDocument(text, { lineCounter: lines, uniqueKeys: false, prettyErrors: false });
  } catch {
    return failed([{ message: tooDeep, line: 1, column: 1 }]);
  }
  if (document.errors.length > 0) {
    return failed(
      document.errors.slice(0, mostErrors).map(({ message, pos }) => {
        const { line, col } = lines.linePos(pos[0]);
        return { message: message.split('\n')[0]?.replace(/ at line .*$/, '') ?? '', line, column: col };
      }),
    );
  }
  const unreadable = unreadableIn(document);
  if (unreadable !== null) return failed([{ message: unreadable.message, ...placeAt(lines, unreadable.at) }]);
  const place = (path: readonly (string | number)[]) => placeOf(document, lines, path);
  const [rules, wrong] = rulesIn(valueOf(document));
  if (wrong !== null) return failed([{ message: wrong, ...place([]) }]);
  return checked(rules, place);
}

/**
 * How many brackets are open at once, at most, or how many lists and maps a line opens, or how far it stands to the right: a
 * reader is slow, or falls, over thousands.
 */
function depthOf(text: string): number {
  let depth = 0;
  let most = 0;
  let opened = 0;
  let isStart = true;
  for (let i = 0; i < text.length; i += 1) {
    const character = text[i];
    if (character === '[' || character === '{') most = Math.max(most, (depth += 1));
    else if (character === ']' || character === '}') depth = Math.max(0, depth - 1);
    if (character === '\n') [opened, isStart] = [0, true];
    else if (isStart && /[-?:! \t]/.test(character ?? '')) most = Math.max(most, (opened += 1) / 4);
    else isStart = false;
  }
  return most;
}

function marksIn(text: string): number {
  let marks = 0;
  for (let i = 0; i < text.length; i += 1) {
    const character = text[i];
    if (character === '\n' || character === ',' || character === ':') marks += 1;
  }
  return marks;
}

/** What the library would let pass, or be slow at: a key that is there twice, and more keys or aliases than a rule has. */
function unreadableIn(document: Document): { readonly message: string; readonly at: number } | null {
  let wrong: { message: string; at: number } | null = null;
  let aliases = 0;
  visit(document, {
    Alias: (_, { range }) => {
      aliases += 1;
      if (aliases <= mostAliases) return undefined;
      wrong = {
        message: `The file has more than ${mostAliases} aliases: that is no list of rules.`,
        at: range?.[0] ?? 0,
      };
      return visit.BREAK;
    },
    Map: (_, map) => {
      const keys = new Set<unknown>();
      if (map.items.length > mostKeys) {
        wrong = { message: `There are more than ${mostKeys} keys: that is no rule.`, at: map.range?.[0] ?? 0 };
        return visit.BREAK;
      }
      for (const { key } of map.items) {
        const name: unknown = isScalar(key) ? key.value : key;
        if (keys.has(name)) {
          wrong = { message: 'Map keys must be unique', at: isScalar(key) ? (key.range?.[0] ?? 0) : 0 };
          return visit.BREAK;
        }
        keys.add(name);
      }
      return undefined;
    },
  });
  return wrong;
}

function checked(given: readonly unknown[], place: (path: readonly (string | number)[]) => Place): RuleFile {
  const rules: AlertRule[] = [];
  const errors: ErrorDetail[] = [];
  const seen = new Set<string>();
  for (const [index, one] of given.entries()) {
    if (errors.length >= mostErrors) break;
    const name = `rules.${index}`;
    if (!schema.Check(one)) {
      for (const { instancePath, message } of schema.Errors(one).slice(0, 3)) {
        const path = instancePath
          .slice(1)
          .split('/')
          .filter((part) => part !== '');
        const field = [name, ...path].join('.');
        errors.push({ message: `${field} ${message}`, field, ...place(['rules', index, ...path]) });
      }
      continue;
    }
    const problem = problemOfRule(one);
    if (problem !== null) {
      const field = [name, problem.field].filter((part) => part !== '').join('.');
      errors.push({
        message: `${one.key}: ${problem.message}`,
        field,
        ...place(['rules', index, ...problem.field.split('.').filter((part) => part !== '')]),
      });
    } else if (seen.has(one.key)) {
      errors.push({ message: `${one.key} is there twice.`, field: `${name}.key`, ...place(['rules', index, 'key']) });
    } else {
      seen.add(one.key);
      rules.push(one);
    }
  }
  return errors.length > 0 ? failed(errors) : { rules, errors: [] };
}

function rulesIn(document: unknown): readonly [rules: readonly unknown[], wrong: string | null] {
  const given = typeof document === 'object' && document !== null ? document : {};
  if (!('format' in given) || given.format !== ruleFormat) {
    return [[], `A file of rules begins with its format: ${JSON.stringify(ruleFormat)}.`];
  }
  if (!('rules' in given) || !Array.isArray(given.rules)) return [[], 'A file of rules has a list `rules`.'];
  const rules: readonly unknown[] = given.rules;
  if (rules.length > mostRules) return [[], `A file has ${mostRules} rules at most; this one has ${rules.length}.`];
  return [rules, null];
}

/** A few kilobytes of aliases may stand for gigabytes: more than some are refused. */
function valueOf(document: Document): unknown {
  try {
    return document.toJS({ maxAliasCount: mostAliases });
  } catch {
    return null;
  }
}

interface Place {
  readonly line?: number;
  readonly column?: number;
}

/** The place of a value, or of the nearest thing around it that there is. */
function placeOf(document: Document, lines: LineCounter, path: readonly (string | number)[]): Place {
  for (let length = path.length; length >= 0; length -= 1) {
    const node: unknown = length === 0 ? document.contents : document.getIn(path.slice(0, length).map(numbered), true);
    if (typeof node !== 'object' || node === null || !('range' in node) || !Array.isArray(node.range)) continue;
    return placeAt(lines, Number(node.range[0]));
  }
  return {};
}

function placeAt(lines: LineCounter, at: number): Place {
  const { line, col } = lines.linePos(at);
  return { line, column: col };
}

function numbered(part: string | number): string | number {
  return typeof part === 'string' && /^\d+$/.test(part) ? Number(part) : part;
}

function failed(errors: readonly ErrorDetail[]): RuleFile {
  return { rules: [], errors };
}

/** The refusal of a file with errors. */
export function wrongFile(errors: readonly ErrorDetail[]): ArungError {
  return new ArungError('invalid', `The rules have ${errors.length} errors; nothing of them was taken.`, {
    code: 'rule.wrong-file',
    arguments: { count: errors.length },
    details: errors,
  });
}
