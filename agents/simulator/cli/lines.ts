import type { CliConfig, Entry } from './config.ts';

/** What a line is about, and how the device keeps it. */
export interface LineKind {
  /** The kind of the section where it may stand. */
  readonly in: string;
  readonly pattern: RegExp;
  /** What it sets: a second one with the same key takes the place of the first. */
  key(found: RegExpExecArray): string;
  /** As it is shown from then on. The line itself without it; null: it is the default, and not shown. */
  entry?(found: RegExpExecArray, context: LineContext): Entry | null;
  /** Why the device refuses it; null when it does not. */
  refusal?(found: RegExpExecArray, context: LineContext): string | null;
  /** Where a line changes a list instead of being one: what is done. */
  change?(found: RegExpExecArray, context: LineContext): void;
  /** The same for what takes a line away. */
  undo?(found: RegExpExecArray, context: LineContext): void;
}

export interface LineContext {
  readonly config: CliConfig;
  /** The section that the line is in. */
  readonly header: string;
  /** Salt of hashes. */
  readonly device: string;
}

/** A line by its words alone, with something after them: `description`, `hostname`. */
export function valued(section: string, words: string, value = '\\S.*'): LineKind {
  return { in: section, pattern: new RegExp(`^${words} (${value})$`), key: () => words };
}

/** A line of which there may be many: `ntp server 10.0.0.1`. */
export function many(section: string, pattern: RegExp): LineKind {
  return { in: section, pattern, key: ([line]) => line };
}

/** A line that is there or not: `shutdown`. */
export function flag(section: string, words: string): LineKind {
  return { in: section, pattern: new RegExp(`^${words}$`), key: () => words };
}

/** Numbers of VLANs in a list, ranges with a dash or with `to`. */
export function vlansIn(list: string): readonly number[] {
  const ranges = list.replace(/ *(?:-| to ) */g, '-').split(/[ ,]+/);
  return ranges.flatMap((range) => {
    const [from = 0, to = from] = range.split('-').map(Number);
    return Array.from({ length: Math.max(0, Math.min(to, 4_094) - from + 1) }, (_, i) => from + i);
  });
}

/** The same as a device writes it: `10,20-22`, or `10 20 to 22`. */
export function vlanList(vlans: Iterable<number>, style: { readonly between: string; readonly range: string }): string {
  const sorted = [...new Set(vlans)].sort((a, b) => a - b);
  const parts: string[] = [];
  for (let at = 0; at < sorted.length; at += 1) {
    const from = sorted[at] ?? 0;
    let to = from;
    while (sorted[at + 1] === to + 1) {
      to += 1;
      at += 1;
    }
    parts.push(from === to ? String(from) : `${from}${to === from + 1 && style.range === '-' ? style.between : style.range}${to}`); // prettier-ignore
  }
  return parts.join(style.between);
}
