import { describe, expect, it } from 'vitest';
import type { NamedDuty } from './people-views.ts';
import { daysFrom, rosterOf } from './roster.ts';

const duty = (personName: string, from: string, to: string) =>
  ({ id: `${personName}${from}`, personId: personName, personName, from, to, note: '' }) as unknown as NamedDuty;

describe('the roster', () => {
  it('has the days of the reader, also over the end of a month', () => {
    const days = daysFrom(Date.parse('2026-11-29T22:00:00Z'), 'Asia/Makassar', 3);
    expect(days.map((at) => new Date(at).toISOString())).toEqual([
      '2026-11-29T16:00:00.000Z',
      '2026-11-30T16:00:00.000Z',
      '2026-12-01T16:00:00.000Z',
      '2026-12-02T16:00:00.000Z',
    ]);
  });

  it('cuts duties at its ends and leaves out those outside', () => {
    const from = Date.parse('2026-11-30T00:00:00Z');
    const to = Date.parse('2026-12-04T00:00:00Z');
    const rows = rosterOf(
      [
        duty('Rina', '2026-12-01T00:00:00Z', '2026-12-02T00:00:00Z'),
        duty('Andi', '2026-11-28T00:00:00Z', '2026-12-01T00:00:00Z'),
        duty('Andi', '2026-12-03T00:00:00Z', '2026-12-09T00:00:00Z'),
        duty('Budi', '2026-12-04T00:00:00Z', '2026-12-09T00:00:00Z'),
      ],
      from,
      to,
    );
    expect(rows.map((row) => [row.name, row.bars.map(({ left, width }) => [left, width])])).toEqual([
      [
        'Andi',
        [
          [0, 0.25],
          [0.75, 0.25],
        ],
      ],
      ['Rina', [[0.25, 0.25]]],
    ]);
  });
});
