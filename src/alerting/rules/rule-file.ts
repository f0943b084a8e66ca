import { Compile } from 'typebox/compile';
import { LineCounter, parseDocument, stringify, type Document } from 'yaml';
import { AlertRule, problemOfRule } from '../../domain/alert-rule.ts';
import { ArungError, type ErrorDetail } from '../../domain/errors.ts';

/** Rules as a file, JSON or YAML: `{"format": "arung-rules/1", "rules": […]}`. */
export const ruleFormat = 'arung-rules/1';
export const longestFile = 2_000_000;
const mostRules = 2_000;
const mostErrors = 50;
const deepest = 100;
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
  if (text.length > longestFile) {
    return failed([{ message: `The file is longer than ${longestFile} characters: that is no list of rules.` }]);
  }
  const lines = new LineCounter();
  const tooDeep = 'The file is nested too deeply to be read: that is no list of rules.';
  if (depthOf(text) > deepest) return failed([{ message: tooDeep, line: 1, column: 1 }]);
  let document: Document;
  try {
    document = parseDocument(text, { lineCounter: lines, uniqueKeys: true });
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
  const place = (path: readonly (string | number)[]) => placeOf(document, lines, path);
  const [rules, wrong] = rulesIn(valueOf(document));
  if (wrong !== null) return failed([{ message: wrong, ...place([]) }]);
  return checked(rules, place);
}

/** How many brackets are open at once, at most: a reader is slow, or falls, over thousands. */
function depthOf(text: string): number {
  let depth = 0;
  let most = 0;
  for (let i = 0; i < text.length; i += 1) {
    const character = text[i];
    if (character === '[' || character === '{') most = Math.max(most, (depth += 1));
    else if (character === ']' || character === '}') depth = Math.max(0, depth - 1);
  }
  return most;
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
    return document.toJS({ maxAliasCount: 100 });
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
    const { line, col } = lines.linePos(Number(node.range[0]));
    return { line, column: col };
  }
  return {};
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
