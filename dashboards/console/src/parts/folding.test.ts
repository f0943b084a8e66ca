import { describe, expect, it } from 'vitest';
import type { CauseView } from '../../../../src/live/messages.ts';
import { fold, worstFirst, type Stated } from './folding.ts';

const cause = (id: string, since = 10): CauseView => ({ name: id, since, kind: 'link', id, certainty: 1 });
const row = (id: string, state: Stated['state'], by: CauseView | null = null): Stated => ({ id, state, cause: by });
const many = (count: number, by: CauseView): Stated[] =>
  Array.from({ length: count }, (_, index) => row(`${by.name}-${String(index).padStart(2, '0')}`, 'unreachable', by));
const byId = (a: Stated, b: Stated): number => a.id.localeCompare(b.id);

describe('the worst first', () => {
  it('stands by state, then by cause, the oldest cause first', () => {
    const rows = [
      row('z', 'up'),
      row('m', 'maintenance'),
      row('b2', 'unreachable', cause('late', 20)),
      row('d', 'down'),
      row('b1', 'unreachable', cause('early', 5)),
      row('u', 'unknown'),
    ];
    expect(worstFirst(rows, byId).map((one) => one.id)).toEqual(['d', 'b1', 'b2', 'u', 'm', 'z']);
  });

  it('keeps rows of one cause together when two causes began at once', () => {
    const rows = [
      row('1', 'unreachable', cause('a')),
      row('2', 'unreachable', cause('b')),
      row('3', 'unreachable', cause('a')),
    ];
    expect(worstFirst(rows, byId).map((one) => one.cause?.id)).toEqual(['a', 'a', 'b']);
  });
});

describe('rows of one cause', () => {
  it('fold after ten into a line that counts the rest', () => {
    const lines = fold([row('d', 'down'), ...many(22, cause('a')), row('z', 'up')], new Set());
    expect(lines).toHaveLength(1 + 10 + 1 + 1);
    const folded = lines[11];
    expect(folded?.kind === 'fold' && folded.hidden).toBe(12);
    const opened = fold(many(22, cause('a')), new Set([folded?.kind === 'fold' ? folded.group : '']));
    expect(opened).toHaveLength(22);
  });

  it('do not fold for the sake of a single row, nor without a cause', () => {
    expect(fold(many(11, cause('a')), new Set())).toHaveLength(11);
    const alone = Array.from({ length: 40 }, (_, index) => row(`u${index}`, 'unknown'));
    expect(fold(alone, new Set())).toHaveLength(40);
  });

  it('fold each cause by itself', () => {
    const lines = fold([...many(12, cause('a')), ...many(15, cause('b'))], new Set());
    expect(lines.flatMap((line) => (line.kind === 'fold' ? [line.hidden] : []))).toEqual([2, 5]);
  });
});
