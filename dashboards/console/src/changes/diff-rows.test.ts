import { describe, expect, it } from 'vitest';
import type { DifferenceBlock } from '../../../../src/domain/text-difference.ts';
import { rowsOf, wholeText } from './diff-rows.ts';

const part = (text: string) => [{ text, mark: 'same' as const }];
const blocks: DifferenceBlock[] = [
  { kind: 'hidden', before: 1, after: 1, heading: '/ip address', count: 4 },
  { kind: 'same', before: 5, after: 5, lines: ['e'] },
  {
    kind: 'changed',
    heading: '/ip address',
    rows: [
      { before: { line: 6, parts: part('f') }, after: { line: 6, parts: part('F') } },
      { before: { line: 7, parts: part('g') }, after: null },
      { before: { line: 8, parts: part('h') }, after: { line: 7, parts: part('H') } },
    ],
  },
];
const drawn = (rows: ReturnType<typeof rowsOf>['rows']) =>
  rows.map((row) =>
    row.kind === 'fold'
      ? `… ${row.count}`
      : [row.before, row.after].map((cell) => cell?.parts[0]?.text ?? '').join('|'),
  );

describe('a difference as rows', () => {
  it('has both sides of a line beside each other', () => {
    const { rows, changes } = rowsOf(blocks, 'side', new Map());
    expect(drawn(rows)).toEqual(['… 4', 'e|e', 'f|F', 'g|', 'h|H']);
    expect(changes).toEqual([2]);
  });

  it('has in one column what went above what came', () => {
    expect(drawn(rowsOf(blocks, 'unified', new Map()).rows)).toEqual(['… 4', 'e|e', 'f|', 'g|', 'h|', '|F', '|H']);
  });

  it('shows a fold that was opened, and still knows where its changes are', () => {
    const { rows, changes } = rowsOf(blocks, 'side', new Map([[1, ['a', 'b', 'c', 'd']]]));
    expect(drawn(rows).slice(0, 5)).toEqual(['a|a', 'b|b', 'c|c', 'd|d', 'e|e']);
    expect(changes).toEqual([5]);
  });

  it('shows a text alone line by line', () => {
    expect(drawn(rowsOf(wholeText('a\nb\n'), 'unified', new Map()).rows)).toEqual(['a|a', 'b|b']);
  });
});
