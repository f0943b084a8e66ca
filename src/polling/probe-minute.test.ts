import { describe, expect, it } from 'vitest';
import type { ProbeSummary } from '../domain/probe-summary.ts';
import { ProbeMinute } from './probe-minute.ts';

/** A device whose probes end every so many seconds, for so long; by `answers` (of the probe's number) answered in 10 ms. */
function summariesOf(options: {
  readonly probeEveryMs: number;
  readonly forMs: number;
  readonly answers?: (probe: number) => boolean;
}): readonly ({ readonly atS: number } & ProbeSummary)[] {
  const { probeEveryMs, forMs, answers = () => true } = options;
  const minute = new ProbeMinute({ phase: 0.5, nowMs: 0 });
  const found: ({ readonly atS: number } & ProbeSummary)[] = [];
  for (let probe = 1; probe * probeEveryMs <= forMs; probe += 1) {
    const nowMs = probe * probeEveryMs;
    if (answers(probe)) minute.answered(10);
    else minute.lost();
    const summary = minute.close(nowMs);
    if (summary !== null) found.push({ atS: nowMs / 1_000, ...summary });
  }
  return found;
}

describe('ProbeMinute', () => {
  it('is soon after the start, then once a minute at its phase', () => {
    const found = summariesOf({ probeEveryMs: 2_000, forMs: 4 * 60_000 });
    expect(found.map(({ atS }) => atS)).toEqual([4, 30, 90, 150, 210]);
    expect(found.every(({ lossPercent, rttMs }) => lossPercent === 0 && rttMs === 10)).toBe(true);
  });

  it('is each probe, where they are further apart than a minute', () => {
    const found = summariesOf({ probeEveryMs: 90_000, forMs: 360_000, answers: (probe) => probe !== 3 });
    expect(found.map(({ atS, lossPercent }) => [atS, lossPercent])).toEqual([
      [90, 0],
      [180, 0],
      [270, 100],
      [360, 0],
    ]);
    expect(found[2]?.rttMs).toBeNaN();
  });

  it('tells the share that was lost, the mean round trip and the longest', () => {
    const minute = new ProbeMinute({ phase: 0, nowMs: 0 });
    minute.answered(10);
    minute.answered(30);
    minute.lost();
    minute.lost();
    expect(minute.close(2_999)).toBeNull();
    expect(minute.close(3_000)).toEqual({ lossPercent: 50, rttMs: 20, rttMaxMs: 30 });
    expect(minute.close(60_000)).toBeNull();
  });

  it('never tells less than no loss, where the answer to a probe of the minute before came late', () => {
    const minute = new ProbeMinute({ phase: 0, nowMs: 0 });
    minute.lost();
    expect(minute.close(5_000)).toMatchObject({ lossPercent: 100 });
    minute.late(2_000);
    minute.answered(20);
    expect(minute.close(60_000)).toEqual({ lossPercent: 0, rttMs: 1_010, rttMaxMs: 2_000 });
  });
});
