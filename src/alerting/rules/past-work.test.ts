import { describe, expect, it } from 'vitest';
import { PastWork, type PlannedWork } from './past-work.ts';

const place = { deviceId: 'd1', siteId: 's1', regionCode: '73.08.02.1001' };
const at = (text: string) => Date.parse(`2026-11-${text}:00Z`) / 1_000;
const work = (from: string, to: string, more: Partial<PlannedWork> = {}): PlannedWork => ({
  deviceId: null,
  siteId: 's1',
  regionCode: null,
  recurrence: null,
  from: at(from) * 1_000,
  to: at(to) * 1_000,
  ...more,
});
const covers = (windows: readonly PlannedWork[], from: string, to: string) =>
  new PastWork(windows).covers(place, at(from), at(to));

describe('planned work of the past', () => {
  it('covers what began and ended in it, or in two that meet, and nothing that stood beyond them', () => {
    const evening = work('24T14:00', '24T16:00');
    expect(covers([evening], '24T14:00', '24T16:00')).toBe(true);
    expect(covers([evening], '24T13:59', '24T15:00')).toBe(false);
    expect(covers([evening], '24T15:00', '24T16:01')).toBe(false);
    expect(covers([work('24T16:00', '24T17:00'), evening], '24T15:00', '24T16:30')).toBe(true);
    expect(covers([work('24T16:01', '24T17:00'), evening], '24T15:00', '24T16:30')).toBe(false);
    expect(covers([], '24T15:00', '24T16:00')).toBe(false);
  });

  it('is that of the device, of its site, or of a region around it', () => {
    const of = (more: Partial<PlannedWork>) =>
      covers([work('24T14:00', '24T16:00', { siteId: null, ...more })], '24T15:00', '24T15:30');
    expect(of({ deviceId: 'd1' })).toBe(true);
    expect(of({ deviceId: 'd2' })).toBe(false);
    expect(of({ siteId: 's2' })).toBe(false);
    expect(of({ regionCode: '73.08.02' })).toBe(true);
    expect(of({ regionCode: '73.08.03' })).toBe(false);
  });

  it('comes again', () => {
    // Tuesday 24 November; every day, until the 27th.
    const recurrence = { weekdays: [1, 2, 3, 4, 5, 6, 7], timeZone: 'Asia/Makassar', until: '2026-11-27T00:00:00Z' };
    const daily = work('24T14:00', '24T16:00', { recurrence });
    expect(covers([daily], '26T14:30', '26T15:30')).toBe(true);
    expect(covers([daily], '26T16:30', '26T17:30')).toBe(false);
    expect(covers([daily], '27T14:30', '27T15:30')).toBe(false);
  });
});
