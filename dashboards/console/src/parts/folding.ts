import type { CauseView } from '../../../../src/live/messages.ts';
import type { Reachability } from '../../../../src/domain/reachability.ts';
import { causeKey } from './cause-key.ts';

export interface Stated {
  readonly id: string;
  readonly state: Reachability;
  readonly cause: CauseView | null;
}

export type Line<Row> =
  | { readonly kind: 'row'; readonly key: string; readonly row: Row }
  | {
      readonly kind: 'fold';
      readonly key: string;
      readonly group: string;
      readonly hidden: number;
      readonly sample: Row;
    };

const ranks: Readonly<Record<Reachability, number>> = { down: 0, unreachable: 1, unknown: 2, maintenance: 3, up: 4 };

/** Worst first; what has one cause stands together, the oldest cause first; then as `within` says. */
export function worstFirst<Row extends Stated>(rows: readonly Row[], within: (a: Row, b: Row) => number): Row[] {
  return [...rows].sort((a, b) => {
    const rank = ranks[a.state] - ranks[b.state];
    if (rank !== 0) return rank;
    const [causeA, causeB] = [a.cause, b.cause];
    if (causeA !== null && causeB !== null) {
      const [keyA, keyB] = [causeKey(causeA), causeKey(causeB)];
      if (keyA !== keyB) return causeA.since - causeB.since || (keyA < keyB ? -1 : 1);
    } else if (causeA !== causeB) return causeA === null ? 1 : -1;
    return within(a, b);
  });
}

/** Rows that stand together with one state and one cause fold after ten into one line, unless opened. */
export function fold<Row extends Stated>(rows: readonly Row[], opened: ReadonlySet<string>, limit = 10): Line<Row>[] {
  const lines: Line<Row>[] = [];
  let at = 0;
  while (at < rows.length) {
    const first = rows[at];
    if (first === undefined) break;
    const group = first.cause === null ? '' : `${first.state} ${causeKey(first.cause)}`;
    let end = at + 1;
    if (group !== '') {
      while (end < rows.length) {
        const row = rows[end];
        if (!row?.cause || `${row.state} ${causeKey(row.cause)}` !== group) break;
        end++;
      }
    }
    // One hidden row would take as much room as its line.
    const shown = end - at > limit + 1 && !opened.has(group) ? at + limit : end;
    for (const row of rows.slice(at, shown)) lines.push({ kind: 'row', key: row.id, row });
    if (shown < end) lines.push({ kind: 'fold', key: `fold ${group}`, group, hidden: end - shown, sample: first });
    at = end;
  }
  return lines;
}

/** Every row by itself, for orders other than worst first. */
export function unfolded<Row extends Stated>(rows: readonly Row[]): Line<Row>[] {
  return rows.map((row) => ({ kind: 'row', key: row.id, row }));
}
