import type {
  DifferenceBlock,
  DifferencePart,
  DifferenceRow,
  DifferenceSummary,
  TextDifference,
} from '../../domain/text-difference.ts';
import { common } from './common-lines.ts';
import { headingsOf } from './headings.ts';
import { countedWords, likeness, markedWords, spend, type Looks, type MaskedLine } from './line-words.ts';

/** A text with secrets, and the same with each of them masked, line for line. */
export interface MaskedText {
  readonly clear: string;
  readonly masked: string;
}

/** Unchanged lines shown around a change. */
const context = 3;
/** Lines less alike than this are one gone and one come, not one changed. */
const leastLikeness = 0.5;
/** Beyond so many pairs lines of a change are not matched with each other one by one. */
const mostComparisons = 40_000;
/**
 * Words looked at, all in all, to find which lines belong together and what changed in them: half a second's. Whoever makes
 * a text that needs more is told its lines whole.
 */
const mostLooks = 20_000_000;
const mostHeadings = 8;

/**
 * What differs between two texts, found in what they are and told in what may be shown: a secret that changed is a
 * change, and its value on neither side.
 */
export function differenceOf(before: MaskedText, after: MaskedText): TextDifference {
  const [a, b] = [linesOf(before), linesOf(after)];
  const stretches = stretchesOf(a, b);
  const headings = headingsOf(b.map(({ masked }) => masked));
  const headingsBefore = headingsOf(a.map(({ masked }) => masked));
  const counts = { added: 0, removed: 0, changed: 0 };
  const named = new Set<string>();
  const looks: Looks = { left: mostLooks };
  const blocks = stretches.flatMap((stretch, at): DifferenceBlock[] => {
    if (stretch.isSame) {
      return sameBlocks(stretch, { lines: b, headings, isFirst: at === 0, isLast: at === stretches.length - 1 });
    }
    const rows = rowsOf(stretch, { before: a, after: b, looks });
    for (const row of rows) counts[row.before === null ? 'added' : row.after === null ? 'removed' : 'changed'] += 1;
    const heading = (stretch.bEnd > stretch.b ? headings[stretch.b] : headingsBefore[stretch.a]) ?? null;
    for (let i = stretch.a; i < stretch.aEnd; i += 1) named.add(headingsBefore[i] ?? '');
    for (let j = stretch.b; j < stretch.bEnd; j += 1) named.add(headings[j] ?? '');
    return [{ kind: 'changed', heading, rows: [...rows] }];
  });
  const where = [...named].filter((heading) => heading !== '').slice(0, mostHeadings);
  return { summary: { ...counts, headings: where }, blocks };
}

export function summaryOf(before: MaskedText, after: MaskedText): DifferenceSummary {
  return differenceOf(before, after).summary;
}

interface Stretch {
  readonly isSame: boolean;
  readonly a: number;
  readonly aEnd: number;
  readonly b: number;
  readonly bEnd: number;
}

function linesOf({ clear, masked }: MaskedText): readonly MaskedLine[] {
  const shown = withoutEnd(masked);
  const lines = withoutEnd(clear);
  // A driver that masks several lines as one: only what is shown can be compared then.
  if (shown.length !== lines.length) return shown.map((line) => ({ clear: line, masked: line }));
  return lines.map((line, at) => ({ clear: line, masked: shown[at] ?? '' }));
}

function withoutEnd(text: string): readonly string[] {
  if (text === '') return [];
  return (text.endsWith('\n') ? text.slice(0, -1) : text).split('\n');
}

/** Stretches that both have and stretches that differ, by turns. */
function stretchesOf(before: readonly MaskedLine[], after: readonly MaskedLine[]): readonly Stretch[] {
  const pairs = common(before.map(({ clear }) => clear), after.map(({ clear }) => clear)); // prettier-ignore
  const found: Stretch[] = [];
  let [a, b] = [0, 0];
  while (a < before.length || b < after.length) {
    let [aEnd, bEnd] = [a, b];
    const isSame = a < before.length && pairs[a] === b;
    if (isSame) {
      while (aEnd < before.length && pairs[aEnd] === bEnd) [aEnd, bEnd] = [aEnd + 1, bEnd + 1];
    } else {
      while (aEnd < before.length && (pairs[aEnd] ?? -1) < 0) aEnd += 1;
      bEnd = aEnd < before.length ? (pairs[aEnd] ?? after.length) : after.length;
    }
    found.push({ isSame, a, aEnd, b, bEnd });
    [a, b] = [aEnd, bEnd];
  }
  return found;
}

/** Unchanged lines beside a change are shown, those far from one counted. */
function sameBlocks(
  { a, b, bEnd }: Stretch,
  options: {
    readonly lines: readonly MaskedLine[];
    readonly headings: readonly (string | null)[];
    readonly isFirst: boolean;
    readonly isLast: boolean;
  },
): DifferenceBlock[] {
  const { lines, headings, isFirst, isLast } = options;
  const shown = (from: number, to: number): DifferenceBlock[] =>
    from >= to
      ? []
      : [{ kind: 'same', before: a + (from - b) + 1, after: from + 1, lines: lines.slice(from, to).map(({ masked }) => masked) }]; // prettier-ignore
  const hiddenFrom = isFirst ? b : b + context;
  const hiddenTo = isLast ? bEnd : bEnd - context;
  // To open a fold of a line or two costs more than it saves.
  if (hiddenTo - hiddenFrom <= 2) return shown(b, bEnd);
  return [
    ...shown(b, hiddenFrom),
    {
      kind: 'hidden',
      before: a + (hiddenFrom - b) + 1,
      after: hiddenFrom + 1,
      heading: isLast ? null : (headings[hiddenTo] ?? null),
      count: hiddenTo - hiddenFrom,
    },
    ...shown(hiddenTo, bEnd),
  ];
}

function rowsOf(
  { a, aEnd, b, bEnd }: Stretch,
  of: { readonly before: readonly MaskedLine[]; readonly after: readonly MaskedLine[]; readonly looks: Looks },
): readonly DifferenceRow[] {
  const { before, after, looks } = of;
  const gone = before.slice(a, aEnd);
  const came = after.slice(b, bEnd);
  const whole = ({ masked }: MaskedLine): DifferencePart[] => [{ text: masked, mark: 'same' }];
  return matched(gone, came, looks).map(([i, j]) => {
    const [one, other] = [i === null ? undefined : gone[i], j === null ? undefined : came[j]];
    const words = one !== undefined && other !== undefined ? markedWords(one, other, looks) : null;
    return {
      before: one === undefined || i === null ? null : { line: a + i + 1, parts: words?.before ?? whole(one) },
      after: other === undefined || j === null ? null : { line: b + j + 1, parts: words?.after ?? whole(other) },
    };
  });
}

type Match = readonly [before: number | null, after: number | null];

/** Which line that went became which that came: those that are most alike, in their order; the others stand alone. */
function matched(gone: readonly MaskedLine[], came: readonly MaskedLine[], looks: Looks): readonly Match[] {
  const [rows, columns] = [gone.length, came.length];
  const alone: Match[] = [...gone.map((_, i) => [i, null] as const), ...came.map((_, j) => [null, j] as const)];
  if (rows === 0 || columns === 0 || rows * columns > mostComparisons) return alone;
  const counts = gone.map(({ clear }) => countedWords(clear));
  const other = came.map(({ clear }) => countedWords(clear));
  const words = (of: typeof counts): number => of.reduce((sum, { size }) => sum + size, 0);
  if (!spend(looks, columns * words(counts) + rows * words(other))) return alone;
  const width = columns + 1;
  const best = new Float64Array((rows + 1) * width);
  const at = (i: number, j: number): number => best[i * width + j] ?? 0;
  const scores = new Float64Array(rows * columns);
  for (let i = rows - 1; i >= 0; i -= 1) {
    for (let j = columns - 1; j >= 0; j -= 1) {
      const score = likeness(counts[i] ?? new Map(), other[j] ?? new Map());
      scores[i * columns + j] = score;
      const together = score < leastLikeness ? 0 : score + at(i + 1, j + 1);
      best[i * width + j] = Math.max(together, at(i + 1, j), at(i, j + 1));
    }
  }
  const found: Match[] = [];
  let [i, j] = [0, 0];
  while (i < rows && j < columns) {
    const score = scores[i * columns + j] ?? 0;
    if (score >= leastLikeness && at(i, j) === score + at(i + 1, j + 1)) found.push([i++, j++]);
    else if (at(i, j) === at(i + 1, j)) found.push([i++, null]);
    else found.push([null, j++]);
  }
  while (i < rows) found.push([i++, null]);
  while (j < columns) found.push([null, j++]);
  return found;
}
