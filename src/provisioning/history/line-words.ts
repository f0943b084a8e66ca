import type { DifferencePart } from '../../domain/text-difference.ts';
import { common } from './common-lines.ts';

/** A line as it is, and as it may be shown: the same words, with secrets masked. */
export interface MaskedLine {
  readonly clear: string;
  readonly masked: string;
}

/** Beyond it a line is shown as changed whole: a script, a key. */
const mostWords = 400;
const longestLine = 10_000;

/** What may still be looked at to compare two texts. */
export interface Looks {
  left: number;
}

/** Whether there are so many left; they are used up then. */
export function spend(looks: Looks, count: number): boolean {
  if (count > looks.left) return false;
  looks.left -= count;
  return true;
}

/** Blanks, `name=`, a text in quotes, or what stands between them: as configurations of routers and switches are written. */
export function wordsOf(line: string): readonly string[] {
  return line.match(/\s+|"(?:\\.|[^"\\])*"?|[^\s"=]+=?|=/g) ?? [];
}

/** The words of two lines, those marked that are only in one of them. A secret that differs is told, and not shown. */
export function markedWords(
  before: MaskedLine,
  after: MaskedLine,
  looks: Looks = { left: Infinity },
): { readonly before: DifferencePart[]; readonly after: DifferencePart[] } {
  const isLong = [before.clear, before.masked, after.clear, after.masked].some((line) => line.length > longestLine);
  const [a, b] = isLong ? [null, null] : [new Words(before), new Words(after)];
  if (a === null || b === null || a.size > mostWords || b.size > mostWords || !spend(looks, a.size * b.size)) {
    return { before: [{ text: before.masked, mark: 'changed' }], after: [{ text: after.masked, mark: 'changed' }] };
  }
  const pairs = common(a.clear, b.clear);
  const kept = new Set(pairs);
  return { before: a.parts((i) => (pairs[i] ?? -1) >= 0), after: b.parts((j) => kept.has(j)) };
}

/** How alike two lines are, from 0 to 1: the share of words that they have in common, blanks aside. */
export function likeness(a: ReadonlyMap<string, number>, b: ReadonlyMap<string, number>): number {
  let shared = 0;
  let all = 0;
  for (const [word, count] of a) {
    shared += Math.min(count, b.get(word) ?? 0);
    all += count;
  }
  for (const count of b.values()) all += count;
  return all === 0 ? 1 : (2 * shared) / all;
}

export function countedWords(line: string): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const word of wordsOf(line)) if (word.trim() !== '') counts.set(word, (counts.get(word) ?? 0) + 1);
  return counts;
}

class Words {
  readonly clear: readonly string[];
  readonly #masked: readonly string[];

  constructor({ clear, masked }: MaskedLine) {
    const shown = wordsOf(masked);
    const words = wordsOf(clear);
    // Where a mask stands for several words it cannot be said which of them changed: the shown ones are compared, and
    // each that is masked counts as another.
    this.clear =
      words.length === shown.length ? words : shown.map((word) => (word.includes('•') ? `${word}${clear}` : word));
    this.#masked = shown;
  }

  get size(): number {
    return this.#masked.length;
  }

  parts(isKept: (at: number) => boolean): DifferencePart[] {
    const parts: DifferencePart[] = [];
    this.#masked.forEach((text, at) => {
      const mark = isKept(at) ? 'same' : text === this.clear[at] ? 'changed' : 'secret';
      const last = parts.at(-1);
      if (last?.mark === mark && mark !== 'secret') parts[parts.length - 1] = { text: last.text + text, mark };
      else parts.push({ text, mark });
    });
    return parts;
  }
}
