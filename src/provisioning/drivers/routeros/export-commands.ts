/** One command of an export, as `/import` would take it. */
export interface ExportCommand {
  /** `/ip/address`. */
  readonly path: string;
  readonly verb: string;
  /** What names the entry of a `set`: properties (`[ find default-name=ether1 ]`), or a name. Null: nothing does. */
  readonly entry: Readonly<Record<string, string>> | string | null;
  readonly values: Readonly<Record<string, string>>;
}

const verbs = /^(add|set|remove|disable|enable|move|print)$/;

/** Long lines are cut with a backslash at the end, and go on indented. */
export function wholeLines(text: string): string[] {
  return text
    .replace(/\r/g, '')
    .replace(/\\\n {0,4}/g, '')
    .split('\n');
}

/** Words have blanks between them, outside of quotes. */
export function wordsOf(line: string): string[] {
  return line.match(/(?:"(?:\\.|[^"\\])*"?|[^\s"])+/g) ?? [];
}

/** The menu that a line opens (`/ip address`), or one of its commands goes to: its path. Null where it names none. */
export function pathOf(line: string): string | null {
  if (!line.startsWith('/')) return null;
  const words = wordsOf(line);
  const end = words.findIndex((word) => verbs.test(word));
  const path = words.slice(0, end === -1 ? words.length : end).join('/');
  return `/${path.replace(/^\/+/, '')}`;
}

/** The commands of an export, in their order. What is no command of a menu is passed over. */
export function commandsOf(text: string): readonly ExportCommand[] {
  const commands: ExportCommand[] = [];
  let path = '';
  for (const line of wholeLines(text)) {
    path = pathOf(line) ?? path;
    const words = wordsOf(line);
    const at = words.findIndex((word) => verbs.test(word));
    const verb = words[at];
    if (line.startsWith('#') || verb === undefined || (at > 0 && !line.startsWith('/'))) continue;
    commands.push({ path, verb, ...argumentsOf(words.slice(at + 1)) });
  }
  return commands;
}

function argumentsOf(words: readonly string[]): Pick<ExportCommand, 'entry' | 'values'> {
  const end = words.indexOf(']');
  const isFound = words[0] === '[' && words[1] === 'find' && end > 0;
  const rest = isFound ? words.slice(end + 1) : words;
  const [first = ''] = rest;
  const isNamed = !isFound && first !== '' && !isAssignment(first);
  const entry = isFound ? assignments(words.slice(2, end)) : isNamed ? unquoted(first) : null;
  return { entry, values: assignments(isNamed ? rest.slice(1) : rest) };
}

function isAssignment(word: string): boolean {
  return /^[a-z0-9.-]+=/i.test(word);
}

function assignments(words: readonly string[]): Readonly<Record<string, string>> {
  const values: Record<string, string> = {};
  for (const word of words) {
    const equals = word.indexOf('=');
    if (isAssignment(word)) values[word.slice(0, equals)] = unquoted(word.slice(equals + 1));
  }
  return values;
}

const escapes: Readonly<Record<string, string>> = {
  n: '\n',
  r: '\r',
  t: '\t',
  a: '\u0007',
  b: '\b',
  f: '\f',
  v: '\v',
  _: ' ',
};

/** A value as it was given: quotes and escapes taken away. Letters outside of ASCII stand as the bytes of their UTF-8. */
export function unquoted(word: string): string {
  if (!word.startsWith('"')) return word;
  const inside = word.slice(1, word.endsWith('"') ? -1 : undefined);
  const withoutBytes = inside.replace(/(?:\\[0-9A-F]{2})+/g, (bytes) =>
    Buffer.from(bytes.replaceAll('\\', ''), 'hex').toString('utf8'),
  );
  return withoutBytes.replace(/\\(.)/gs, (_, character: string) => escapes[character] ?? character);
}
