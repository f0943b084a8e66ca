import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { MinuteSummary } from './minute-summary.ts';
import { Scheduler } from './scheduler.ts';
import { TimerWheel } from './timer-wheel.ts';

/** A summary of probes that begin every so many seconds and end at once, on a clock of its own. */
function summaryOf({ probeEveryMs }: { readonly probeEveryMs: number }) {
  let nowMs = 0;
  let ended = 0;
  const looks: { readonly atMs: number; readonly closed: boolean }[] = [];
  const wheel = new TimerWheel({ nowMs: 0 });
  const scheduler = new Scheduler({ wheel, now: () => nowMs, logger: pino({ level: 'silent' }) });
  const summary = new MinuteSummary({
    scheduler,
    phase: 0.5,
    close: () => {
      looks.push({ atMs: nowMs, closed: ended > 0 });
      const closed = ended > 0;
      ended = 0;
      return closed;
    },
    untilProbeMs: () => probeEveryMs - (nowMs % probeEveryMs),
  });
  const pass = (ms: number): void => {
    for (const untilMs = nowMs + ms; nowMs < untilMs;) {
      nowMs += 10;
      if (nowMs % probeEveryMs === 0) ended += 1;
      wheel.advance(nowMs);
    }
  };
  return { summary, looks, pass };
}

describe('MinuteSummary', () => {
  it('is soon after the start, then once a minute', () => {
    const { looks, pass } = summaryOf({ probeEveryMs: 2_000 });
    pass(4 * 60_000);
    expect(looks.map(({ closed }) => closed)).toEqual([true, true, true, true, true]);
    expect(looks.slice(0, 3).map(({ atMs }) => Math.round(atMs / 1_000))).toEqual([3, 30, 90]);
  });

  it('waits for the probe that comes, and looks no more often as minutes pass without one', () => {
    const { looks, pass } = summaryOf({ probeEveryMs: 1_800_000 });
    pass(1_790_000);
    // One of the start, one a minute.
    expect(looks).toHaveLength(1 + 30);
    expect(looks.some(({ closed }) => closed)).toBe(false);
    pass(12_000);
    expect(looks.at(-1)).toEqual({ atMs: 1_801_000, closed: true });
  });

  it('looks no more once it is stopped', () => {
    const { summary, looks, pass } = summaryOf({ probeEveryMs: 1_800_000 });
    pass(100_000);
    const before = looks.length;
    summary.stop();
    pass(3_600_000);
    expect(looks).toHaveLength(before);
  });
});
