import { ArungError, type ErrorDetail } from '../../domain/errors.ts';
import type { ListName } from './lists.ts';

/** Where in the file something stands. */
export interface Place {
  readonly line: number;
  /** The column's name in a CSV, its number (from 1) in JSON. */
  readonly column: string | number;
}

/** More than this nobody reads; the rest is counted. */
const mostTold = 200;
/** With so many it is another kind of file: the rest of it is not looked at. */
const mostCounted = 20_000;

/** What is wrong with a file, all of it at once. */
export class Problems {
  readonly #told: ErrorDetail[] = [];
  count = 0;

  add(problem: {
    /** Stable name of the sentence, without `import.`. */
    readonly code: string;
    /** The rest of the sentence after its place: `73.08.02.2099 does not exist.` */
    readonly says: string;
    readonly place: Place;
    readonly list?: ListName;
    readonly field?: string;
    readonly arguments?: Readonly<Record<string, string | number>>;
  }): void {
    this.count++;
    if (this.#told.length >= mostTold) return;
    const { line, column } = problem.place;
    this.#told.push(
      withShortArguments({
        message: `Line ${line}, column ${column}: ${shortened(problem.says)}`,
        code: `import.${problem.code}`,
        arguments: { line, column, ...(problem.list && { list: problem.list }), ...problem.arguments },
        ...(problem.field !== undefined && { field: problem.field }),
        line,
        column,
      }),
    );
  }

  /** From the top of the file to its end, however they were found. */
  get told(): readonly ErrorDetail[] {
    return this.#told.toSorted((a, b) => (a.line ?? 0) - (b.line ?? 0));
  }

  /** The rest is only counted. */
  get full(): boolean {
    return this.#told.length >= mostTold;
  }

  get hopeless(): boolean {
    return this.count >= mostCounted;
  }

  get none(): boolean {
    return this.count === 0;
  }

  /** The refusal of the whole file. */
  refusal(): ArungError {
    const { told } = this;
    const first = told[0]?.message ?? 'The file cannot be read.';
    const more = this.count > 1 ? ` ${this.count - 1} more ${this.count === 2 ? 'error' : 'errors'}.` : '';
    return new ArungError('invalid', `${first}${more} Nothing was imported.`, {
      code: 'import.refused',
      arguments: { count: this.count, first },
      details: told,
    });
  }
}

function shortened(text: string): string {
  return text.length <= 300 ? text : `${text.slice(0, 297)}...`;
}

function withShortArguments(detail: ErrorDetail): ErrorDetail {
  const given = Object.entries(detail.arguments ?? {});
  const short = given.map(([key, value]) => [key, typeof value === 'string' ? value.slice(0, 200) : value] as const);
  return { ...detail, arguments: Object.fromEntries(short) };
}

/** What was probably meant: the nearest of the names that could stand there, or null. */
export function nearest(typed: string, names: Iterable<string>): string | null {
  let best: string | null = null;
  let bestDistance = Math.max(2, Math.floor(typed.length / 4)) + 1;
  for (const name of names) {
    if (Math.abs(name.length - typed.length) >= bestDistance) continue;
    const distance = editDistance(typed.toLowerCase(), name.toLowerCase(), bestDistance);
    if (distance < bestDistance) {
      best = name;
      bestDistance = distance;
    }
  }
  return best;
}

/** Levenshtein; gives up at `limit`. */
function editDistance(a: string, b: string, limit: number): number {
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const replace = (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      row.push(Math.min((previous[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, replace));
    }
    if (Math.min(...row) >= limit) return limit;
    previous = row;
  }
  return previous[b.length] ?? limit;
}
