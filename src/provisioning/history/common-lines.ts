import { longestRising } from '../../domain/longest-rising.ts';

/**
 * Which elements of two lists belong together when one became the other: lines of two configurations, words of two lines.
 * Patience diff (Bram Cohen): what occurs once on either side holds the rest in place, so that a rule that was added is not
 * told as every rule after it changed. Between such anchors the longest common subsequence, where that is cheap. It ends
 * in about the time that it takes to read both, whatever they hold: Myers' way takes minutes for 20,000 lines that all
 * differ, and the texts come from devices.
 * @returns for each element of `before` its place in `after`, or -1; places rise.
 */
export function common<T>(before: readonly T[], after: readonly T[]): Int32Array {
  const numbers = new Map<T, number>();
  const numbered = (list: readonly T[]): Int32Array => {
    const own = new Int32Array(list.length);
    list.forEach((item, at) => {
      const number = numbers.get(item) ?? numbers.size;
      numbers.set(item, number);
      own[at] = number;
    });
    return own;
  };
  return new Pairing(numbered(before), numbered(after)).pairs();
}

interface Stretch {
  readonly a: number;
  readonly aEnd: number;
  readonly b: number;
  readonly bEnd: number;
}

/** The most cells of a table of the longest common subsequence. */
const mostCells = 1_000_000;
/** Elements looked at, all in all, for each element of the lists: only texts that are made to be slow come near it. */
const looksEach = 200;

class Pairing {
  readonly #a: Int32Array;
  readonly #b: Int32Array;
  readonly #found: Int32Array;
  #looks: number;

  constructor(a: Int32Array, b: Int32Array) {
    this.#a = a;
    this.#b = b;
    this.#found = new Int32Array(a.length).fill(-1);
    this.#looks = looksEach * (a.length + b.length) + mostCells;
  }

  pairs(): Int32Array {
    const open: Stretch[] = [{ a: 0, aEnd: this.#a.length, b: 0, bEnd: this.#b.length }];
    for (let stretch = open.pop(); stretch !== undefined; stretch = open.pop()) {
      const middle = this.#withoutEnds(stretch);
      const { a, aEnd, b, bEnd } = middle;
      if (a === aEnd || b === bEnd) continue;
      this.#looks -= aEnd - a + (bEnd - b);
      if (this.#looks < 0) break;
      const anchors = this.#anchors(middle);
      if (anchors.length === 0) this.#longest(middle);
      else open.push(...between(middle, anchors));
    }
    return this.#found;
  }

  #pair(i: number, j: number): void {
    this.#found[i] = j;
  }

  /** Pairs what both begin and end with; gives what is left. */
  #withoutEnds({ a, aEnd, b, bEnd }: Stretch): Stretch {
    while (a < aEnd && b < bEnd && this.#a[a] === this.#b[b]) this.#pair(a++, b++);
    while (a < aEnd && b < bEnd && this.#a[aEnd - 1] === this.#b[bEnd - 1]) this.#pair(--aEnd, --bEnd);
    return { a, aEnd, b, bEnd };
  }

  /** What occurs once in both: the longest run of it that is in the same order on both sides. */
  #anchors({ a, aEnd, b, bEnd }: Stretch): readonly (readonly [number, number])[] {
    const inA = placesOnce(this.#a, a, aEnd);
    const inB = placesOnce(this.#b, b, bEnd);
    const both: (readonly [number, number])[] = [];
    for (const [number, i] of inA) {
      const j = inB.get(number);
      if (i >= 0 && j !== undefined && j >= 0) both.push([i, j]);
    }
    return longestRising(both, ([, j]) => j);
  }

  #longest({ a, aEnd, b, bEnd }: Stretch): void {
    const rows = aEnd - a;
    const columns = bEnd - b;
    if (rows * columns > mostCells || rows * columns > this.#looks) return;
    this.#looks -= rows * columns;
    const width = columns + 1;
    const length = new Uint32Array((rows + 1) * width);
    const at = (i: number, j: number): number => length[i * width + j] ?? 0;
    for (let i = rows - 1; i >= 0; i -= 1) {
      for (let j = columns - 1; j >= 0; j -= 1) {
        length[i * width + j] =
          this.#a[a + i] === this.#b[b + j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
      }
    }
    for (let i = 0, j = 0; i < rows && j < columns;) {
      if (this.#a[a + i] === this.#b[b + j]) this.#pair(a + i++, b + j++);
      else if (at(i + 1, j) >= at(i, j + 1)) i += 1;
      else j += 1;
    }
  }
}

/** Where each number stands that stands there once; -1 for those that stand there more often. In the order of places. */
function placesOnce(list: Int32Array, from: number, to: number): ReadonlyMap<number, number> {
  const places = new Map<number, number>();
  for (let i = from; i < to; i += 1) {
    const number = list[i] ?? 0;
    places.set(number, places.has(number) ? -1 : i);
  }
  return places;
}

function between(all: Stretch, anchors: readonly (readonly [number, number])[]): readonly Stretch[] {
  const found: Stretch[] = [];
  let { a, b } = all;
  for (const [i, j] of anchors) {
    found.push({ a, aEnd: i, b, bEnd: j });
    // The anchor itself is the first that the next stretch pairs.
    [a, b] = [i, j];
  }
  return [...found, { a, aEnd: all.aEnd, b, bEnd: all.bEnd }];
}
