import type { Answer, Command } from './commands.ts';
import type { Row } from './menu.ts';
import { places } from './menus/menus.ts';
import { trap } from './trap.ts';
import { readTime } from './values.ts';

/** What a script may do on its device. */
export interface ScriptHost {
  run(command: Command): Answer;
  rows(path: string): readonly Row[];
  log(topics: string, message: string): void;
}

/**
 * The part of RouterOS's scripting (help.mikrotik.com, "Scripting") that exports and rollbacks use: commands with their
 * menu before them or on a line above, `[find …]`, quoted text, `;`, `\` at the end of a line, `:delay`, `:log`, `:put`,
 * `:do { … } on-error={ … }`. Anything else is a syntax error. Yields the seconds of each `:delay`. Throws a Trap.
 */
export function* scriptRun(source: string, host: ScriptHost): Generator<number, void> {
  let context = '';
  for (const statement of statementsOf(source)) {
    const words = wordsOf(statement);
    const [first = ''] = words;
    if (first === ':delay') {
      yield readTime(words[1] ?? '1s') ?? 1;
      continue;
    }
    if (first === ':put') continue;
    if (first === ':log' || (first === '/log' && words[1] !== 'print')) {
      host.log(`script,${words[1] ?? 'info'}`, unquoted(words.slice(2).join(' ')));
      continue;
    }
    if (first === ':do') {
      yield* guarded(statement, host);
      continue;
    }
    if (first.startsWith(':')) throw trap(`syntax error: ${first} is not known to this device`, 'scripting');
    const found = commandOf(words, context, host);
    if (typeof found === 'string') context = found;
    else host.run(found);
  }
}

function* guarded(statement: string, host: ScriptHost): Generator<number, void> {
  const body = blockAt(statement, statement.indexOf('{'));
  const handler = statement.indexOf('on-error=', body.end);
  try {
    yield* scriptRun(body.text, host);
  } catch (error) {
    if (handler === -1) throw error;
    yield* scriptRun(blockAt(statement, statement.indexOf('{', handler)).text, host);
  }
}

function blockAt(text: string, open: number): { readonly text: string; readonly end: number } {
  if (open === -1) throw trap('syntax error: a block is missing', 'scripting');
  let depth = 0;
  for (const [at, character] of outsideQuotes(text, open)) {
    if (character === '{') depth += 1;
    else if (character === '}') depth -= 1;
    if (depth === 0) return { text: text.slice(open + 1, at), end: at + 1 };
  }
  throw trap('syntax error: a block does not end', 'scripting');
}

/** A place that the next lines are about, or a command. */
function commandOf(words: readonly string[], context: string, host: ScriptHost): string | Command {
  let place = (words[0] ?? '').startsWith('/') ? '' : context;
  let at = 0;
  for (; at < words.length; at += 1) {
    const word = words[at] ?? '';
    const next = word.startsWith('/') ? word : `${place}/${word}`;
    if (!places.has(next)) break;
    place = next;
  }
  // The first word that is no place is what is done there; `/import` stands nowhere.
  const verb = words[at];
  if (verb === undefined) return place;
  const command = verb.startsWith('/') ? verb : `${place}/${verb}`;
  const given = new Map<string, string>();
  for (const word of words.slice(at + 1)) {
    const equals = /^[A-Za-z0-9.-]+=/.exec(word)?.[0].length ?? 0;
    if (equals > 0) given.set(word.slice(0, equals - 1), valueOf(word.slice(equals), place, host));
    else given.set('numbers', valueOf(word, place, host));
  }
  return { path: command, arguments: given, queries: [] };
}

function valueOf(text: string, menu: string, host: ScriptHost): string {
  if (!text.startsWith('[')) return unquoted(text);
  const [verb, ...conditions] = wordsOf(text.slice(1, -1));
  if (verb !== 'find') throw trap(`syntax error: [${verb ?? ''}] is not known to this device`, 'scripting');
  const wanted = conditions
    .filter((word) => word !== 'where')
    .map((word) => {
      const equals = word.indexOf('=');
      return [word.slice(0, equals), plain(unquoted(word.slice(equals + 1)))] as const;
    });
  return host
    .rows(menu)
    .filter((row) => wanted.every(([name, value]) => row[name] === value))
    .map((row) => row['.id'] ?? '')
    .join(',');
}

function plain(value: string): string {
  return value === 'yes' ? 'true' : value === 'no' ? 'false' : value;
}

const escapes: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' };

function unquoted(text: string): string {
  if (!text.startsWith('"')) return text;
  return text.slice(1, -1).replace(/\\(.)/gs, (_, character: string) => escapes[character] ?? character);
}

/** Statements end at a line's end or a semicolon, outside of quotes and brackets. */
function statementsOf(source: string): string[] {
  const joined = source.replace(/\\\r?\n\s*/g, '').replace(/\r/g, '');
  const statements: string[] = [];
  let from = 0;
  let depth = 0;
  for (const [at, character] of outsideQuotes(joined, 0)) {
    if ('{['.includes(character)) depth += 1;
    else if ('}]'.includes(character)) depth -= 1;
    else if (depth === 0 && (character === ';' || character === '\n')) {
      statements.push(joined.slice(from, at));
      from = at + 1;
    }
  }
  statements.push(joined.slice(from));
  return statements.map((one) => one.trim()).filter((one) => one !== '' && !one.startsWith('#'));
}

/** Words have blanks between them, outside of quotes and brackets. */
function wordsOf(statement: string): string[] {
  const words: string[] = [];
  let word = '';
  let depth = 0;
  let last = -1;
  const take = (upTo: number): void => {
    word += statement.slice(last + 1, upTo);
    last = upTo;
  };
  for (const [at, character] of outsideQuotes(statement, 0)) {
    if ('{['.includes(character)) depth += 1;
    else if ('}]'.includes(character)) depth -= 1;
    else if (depth === 0 && /\s/.test(character)) {
      take(at);
      if (word !== '') words.push(word);
      word = '';
    }
  }
  take(statement.length);
  if (word !== '') words.push(word);
  return words;
}

function* outsideQuotes(text: string, from: number): Iterable<readonly [number, string]> {
  let quoted = false;
  for (let at = from; at < text.length; at += 1) {
    const character = text[at] ?? '';
    if (quoted && character === '\\') at += 1;
    else if (character === '"') quoted = !quoted;
    else if (!quoted) yield [at, character];
  }
}
