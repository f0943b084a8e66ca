export interface Column {
  readonly key: string;
  readonly label: string;
  /** Share of the width, in pixels at the least. */
  readonly width: number;
  readonly numeric?: boolean;
  /** Given where the list can be sorted by it. */
  readonly sort?: string;
  /** The most comes first: loads, not names. */
  readonly most?: boolean;
  /** Leaves first when the room gets narrow: 1 soonest. */
  readonly leaves?: 1 | 2;
}

/** Which rows of a long list are drawn: those in sight and some around them. */
export function rowsInSight(
  scroll: { readonly top: number; readonly height: number },
  rowHeight: number,
  count: number,
  around = 10,
): { readonly start: number; readonly end: number } {
  const start = Math.max(0, Math.min(count, Math.floor(scroll.top / rowHeight) - around));
  const end = Math.min(count, Math.ceil((scroll.top + scroll.height) / rowHeight) + around);
  return { start, end: Math.max(start, end) };
}

/** Columns as far as the room goes: a table may be drawn a little tighter than wished, then those leave that may. */
export function columnsThatFit(columns: readonly Column[], room: number): readonly Column[] {
  const width = (some: readonly Column[]): number => some.reduce((sum, column) => sum + column.width, 0);
  let left = columns;
  for (const rank of [1, 2] as const) {
    if (width(left) <= room * 1.1) break;
    left = left.filter((column) => column.leaves !== rank);
  }
  return left;
}

/** The order after a click on a column's head: first its natural one, then the other way round. `-name` is descending. */
export function nextSort(current: string, column: Pick<Column, 'sort' | 'most'>): string {
  const name = column.sort ?? '';
  const natural = column.most === true ? '-' + name : name;
  return current === natural ? (column.most === true ? name : '-' + name) : natural;
}
