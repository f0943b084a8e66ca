import type { DifferenceBlock, DifferencePart, DifferenceRow } from '../../../../src/domain/text-difference.ts';

/** A line of one side, as it is drawn. */
export interface Cell {
  readonly line: number;
  readonly parts: readonly DifferencePart[];
}

/**
 * What is drawn below each other. `pair`: both sides of a line, either of them missing where it is on one side alone.
 * `fold`: unchanged lines that can be opened.
 */
export type DiffRow =
  | { readonly kind: 'pair'; readonly before: Cell | null; readonly after: Cell | null; readonly change: number | null }
  | {
      readonly kind: 'fold';
      readonly count: number;
      readonly heading: string | null;
      readonly before: number;
      readonly after: number;
    };

/** Lines of a fold that was opened, by the number of its first line in the text after. */
export type Opened = ReadonlyMap<number, readonly string[]>;

export interface DiffRows {
  readonly rows: readonly DiffRow[];
  /** Where each change begins, by its number. */
  readonly changes: readonly number[];
}

/** Blocks as rows: side by side, or one column in which what went stands above what came. */
export function rowsOf(blocks: readonly DifferenceBlock[], mode: 'side' | 'unified', opened: Opened): DiffRows {
  const rows: DiffRow[] = [];
  const changes: number[] = [];
  for (const block of blocks) {
    if (block.kind === 'changed') {
      const change = changes.length;
      changes.push(rows.length);
      rows.push(...(mode === 'side' ? block.rows : oneColumn(block.rows)).map((row) => ({ kind: 'pair' as const, ...row, change }))); // prettier-ignore
    } else if (block.kind === 'same') rows.push(...same(block.lines, block));
    else {
      const lines = opened.get(block.after);
      if (lines !== undefined) rows.push(...same(lines, block));
      else rows.push({ kind: 'fold', count: block.count, heading: block.heading, before: block.before, after: block.after }); // prettier-ignore
    }
  }
  return { rows, changes };
}

function same(lines: readonly string[], from: { readonly before: number; readonly after: number }): DiffRow[] {
  return lines.map((text, i) => {
    const parts = [{ text, mark: 'same' as const }];
    return {
      kind: 'pair',
      before: { line: from.before + i, parts },
      after: { line: from.after + i, parts },
      change: null,
    };
  });
}

/** Neighbours that changed stay together: all that went, then all that came. */
function oneColumn(rows: readonly DifferenceRow[]): DifferenceRow[] {
  return [
    ...rows.flatMap(({ before }) => (before === null ? [] : [{ before, after: null }])),
    ...rows.flatMap(({ after }) => (after === null ? [] : [{ before: null, after }])),
  ];
}

/** A text alone, as a difference in which nothing differs. */
export function wholeText(text: string): readonly DifferenceBlock[] {
  const lines = (text.endsWith('\n') ? text.slice(0, -1) : text).split('\n');
  return [{ kind: 'same', before: 1, after: 1, lines }];
}
