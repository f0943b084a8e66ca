import type { Dialect } from './dialect.ts';

/** Lines that stand in no section. */
export const globalSection = 'global';

/** Between the lines that lead into a section within a section. */
export const nesting = ' / ';

/** A configuration: its sections by the line that opens them (`interface Vlan99`), each with its lines. */
export type Sections = ReadonlyMap<string, readonly string[]>;

interface Node {
  readonly text: string;
  readonly indent: number;
  readonly children: Node[];
}

/** Lines between these are a person's text: whatever they look like, they configure nothing. */
const texts: readonly { readonly opens: RegExp; closes(opened: RegExpExecArray): string }[] = [
  // Cisco IOS: banner motd ^C … ^C, with any delimiter
  { opens: /^banner \S+ (\^C|\S)(.*)$/, closes: ([, delimiter = '']) => delimiter },
  // Huawei VRP: header login information "…"
  { opens: /^header \S+ information (")(.*)$/, closes: () => '"' },
];

/** What tells sections apart. */
type Shape = Pick<Dialect, 'noise' | 'heads' | 'expand' | 'endsBySign'>;

/** Reads a configuration into sections, by its indentation. What repeats is kept once. */
export function parseSections(text: string, dialect: Shape): Sections {
  const sections = new Map<string, Set<string>>([[globalSection, new Set()]]);
  let expanded = 0;
  const linesOf = (subject: string): Set<string> => {
    const lines = sections.get(subject) ?? new Set();
    sections.set(subject, lines);
    return lines;
  };
  const visit = (nodes: readonly Node[], path: string | null): void => {
    const own = path ?? globalSection;
    for (const { text: line, children } of nodes) {
      if (children.length === 0 && !(line.length <= longestHead && dialect.heads.test(line))) {
        const lines = linesOf(own);
        const several = expanded > mostExpanded ? [line] : dialect.expand(line);
        if (several.length > 1) expanded += several.length;
        for (const one of several) {
          // TP-Link lists its VLANs, also those of which it says nothing more: `vlan 10,20-22`.
          if (several.length > 1 && path === null && dialect.heads.test(one)) linesOf(one);
          else lines.add(one);
        }
      } else {
        const inner = path === null ? line : `${path}${nesting}${line}`;
        linesOf(inner);
        visit(children, inner);
      }
    }
  };
  visit(treeOf(text, dialect), null);
  return new Map([...sections].map(([subject, lines]) => [subject, [...lines]]));
}

/** Sections within sections; real ones are four deep at most. */
const deepest = 8;
/** A longer line opens none: of everything within it, it would be a part of the name. */
const longestHead = 300;
/** Lines that stand for several: eighty switches' ports with all VLANs each. After so many they are taken as they are. */
const mostExpanded = 1_000_000;

function treeOf(text: string, { noise, heads, endsBySign }: Shape): readonly Node[] {
  const isHead = (line: string): boolean => line.length <= longestHead && heads.test(line);
  const roots: Node[] = [];
  let open: Node[] = [];
  let until: string | null = null;
  for (const raw of text.split('\n')) {
    const line = raw.trimEnd();
    if (until !== null) {
      if (line.includes(until)) until = null;
      continue;
    }
    const words = line.trim().replace(/ {2,}/g, ' ');
    if (words === '') continue;
    if (/^[!#]/.test(line)) open = [];
    if (noise.test(words)) continue;
    until = textOpened(words);
    const indent = line.length - line.trimStart().length;
    const isFlat = endsBySign === true && indent === 0 && isHead(open[0]?.text ?? '') && !isHead(words);
    const node: Node = { text: words, indent: isFlat ? 1 : indent, children: [] };
    open = open.filter(({ indent }) => indent < node.indent).slice(0, deepest);
    (open.at(-1)?.children ?? roots).push(node);
    if (words.length <= longestHead) open.push(node);
  }
  return roots;
}

/** What ends the text that begins on this line; null when none does, or it ends there. */
function textOpened(line: string): string | null {
  for (const { opens, closes } of texts) {
    const opened = opens.exec(line);
    if (opened === null) continue;
    const end = closes(opened);
    return (opened[2] ?? '').includes(end) ? null : end;
  }
  return null;
}

/** Whether a line belongs to what begins with these words. */
export function isOwned(line: string, words: string): boolean {
  return line === words || line.startsWith(`${words} `);
}
