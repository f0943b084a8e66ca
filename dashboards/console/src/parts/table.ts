export interface Column {
  readonly key: string;
  readonly label: string;
  /** Share of the width, in pixels at the least. */
  readonly width: number;
  readonly numeric?: boolean;
  /** Given where the list can be sorted by it. */
  readonly sort?: string;
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
