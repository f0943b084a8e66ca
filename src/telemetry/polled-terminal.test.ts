import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DeviceId } from '../domain/ids.ts';
import { PolledTerminal, terminalTiming } from './polled-terminal.ts';

function terminalAt(phase = 0): PolledTerminal {
  return new PolledTerminal({
    deviceId: 'd' as DeviceId,
    serial: 'A1',
    timing: terminalTiming,
    phase,
    nowMs: 0,
  });
}

/** Lets time pass in ticks of 100 ms; `answer` says after how long each request is answered, null never. */
function run(terminal: PolledTerminal, fromMs: number, toMs: number, answer: (askedMs: number) => number | null) {
  const asked: { at: number; op: string }[] = [];
  const misses: number[] = [];
  const pending: { id: string; at: number }[] = [];
  for (let now = fromMs; now < toMs; now += 100) {
    for (const one of pending.splice(0)) {
      if (one.at <= now) terminal.answered(one.id, now);
      else pending.push(one);
    }
    for (let miss = terminal.misses(now); miss > 0; miss--) misses.push(now);
    const op = terminal.due(now);
    if (op === null) continue;
    asked.push({ at: now, op });
    const id = `r${now}`;
    terminal.asked(id, now);
    const after = answer(now);
    if (after !== null) pending.push({ id, at: now + after });
  }
  return { asked, misses };
}

describe('PolledTerminal', () => {
  it('is asked every five seconds in its phase, once a minute for its full status', () => {
    const { asked, misses } = run(terminalAt(0.5), 0, 120_000, () => 100);
    expect(misses).toEqual([]);
    expect(asked[0]).toEqual({ at: 2_500, op: 'status' });
    expect(asked.every(({ at }, i) => at === 2_500 + i * 5_000)).toBe(true);
    expect(asked.filter(({ op }) => op === 'status')).toHaveLength(2);
  });

  it('takes 700 ms of a satellite for an answer, not for a miss', () => {
    const { misses } = run(terminalAt(), 0, 300_000, (at) => 650 + (at % 300));
    expect(misses).toEqual([]);
  });

  it('has eight misses within six seconds of the first one that goes silent', () => {
    const terminal = terminalAt();
    run(terminal, 0, 60_000, () => 100);
    const { misses } = run(terminal, 60_000, 120_000, () => null);
    const first = misses[0] ?? 0;
    expect(first).toBeLessThanOrEqual(61_100);
    expect(misses.filter((at) => at <= first + 6_000).length).toBeGreaterThanOrEqual(8);
    // Later only the regular probes go on.
    expect(misses.filter((at) => at > 100_000).length).toBeLessThanOrEqual(5);
  });

  it('ends its re-probes with any sign of life and counts nothing that was still on its way', () => {
    const terminal = terminalAt();
    run(terminal, 0, 20_000, () => 100);
    run(terminal, 20_000, 22_500, () => null);
    terminal.alive();
    const { asked, misses } = run(terminal, 22_500, 24_900, () => 100);
    expect(asked).toEqual([]);
    expect(misses).toEqual([]);
  });

  it('does not hold against it what it was asked before it had connected', () => {
    const terminal = terminalAt();
    terminal.asked('early', 0);
    terminal.alive();
    expect(terminal.misses(10_000)).toBe(0);
    terminal.asked('later', 10_000);
    expect(terminal.misses(20_000)).toBe(1);
  });

  it('has time to connect again when its connection broke, and is missed when it does not', () => {
    const terminal = terminalAt();
    run(terminal, 0, 20_000, () => 100);
    terminal.disconnected(20_000);
    const { asked, misses } = run(terminal, 20_000, 60_000, () => null);
    expect(asked[0]?.at).toBe(20_000);
    expect(misses[0]).toBeGreaterThan(35_000);
    expect(misses.filter((at) => at < 50_000).length).toBeGreaterThanOrEqual(8);
  });

  it('counts nothing that it was asked while it had no connection', () => {
    const terminal = terminalAt();
    run(terminal, 0, 20_000, () => 100);
    terminal.disconnected(20_000);
    run(terminal, 20_000, 25_200, () => null);
    terminal.alive();
    expect(run(terminal, 25_200, 40_000, () => 100).misses).toEqual([]);
  });

  it('gains no time by a broken connection when it was silent already', () => {
    const terminal = terminalAt();
    run(terminal, 0, 20_000, () => 100);
    run(terminal, 20_000, 22_000, () => null);
    terminal.disconnected(22_000);
    expect(run(terminal, 22_000, 28_000, () => null).misses.length).toBeGreaterThanOrEqual(6);
  });

  it('knows a late answer for what it is and waits longer from then on', () => {
    const terminal = terminalAt();
    run(terminal, 0, 20_000, () => 50);
    expect(terminal.roundTrip.timeoutMs).toBe(1_000);
    run(terminal, 20_000, 60_000, () => 1_700);
    expect(terminal.roundTrip.timeoutMs).toBeGreaterThan(1_700);
  });

  it('is asked at once when somebody wants to know, but not more than twice a second', () => {
    const terminal = terminalAt(0.9);
    for (let now = 0; now < 2_000; now += 100) terminal.chase(now);
    const { asked } = run(terminal, 2_000, 2_300, () => 10);
    expect(asked).toHaveLength(1);
  });

  it('sums up soon after the start, and then each minute', () => {
    const terminal = terminalAt(0.9);
    const summedUp: number[] = [];
    for (let now = 0; now < 200_000; now += 100) {
      run(terminal, now, now + 100, () => 10);
      if (terminal.summary(now) !== null) summedUp.push(now);
    }
    expect(summedUp).toEqual([8_000, 68_000, 128_000, 188_000]);
  });

  it('sums up the first minute when there is something to sum up', () => {
    const terminal = terminalAt(0.9);
    expect(terminal.summary(0)).toBeNull();
    expect(terminal.summary(8_000)).toBeNull();
    run(terminal, 8_000, 9_500, () => 100);
    expect(terminal.summary(9_500)).toMatchObject({ lossPercent: 0, rttMs: 100 });
  });

  it('reports losses between 0 and 100 percent, whatever is lost', () => {
    fc.assert(
      fc.property(fc.infiniteStream(fc.option(fc.integer({ min: 1, max: 4_000 }))), (stream) => {
        const terminal = terminalAt();
        terminal.summary(0);
        for (let minute = 0; minute < 3; minute++) {
          run(terminal, minute * 60_000, (minute + 1) * 60_000, () => stream.next().value ?? null);
          const summary = terminal.summary((minute + 1) * 60_000);
          expect(summary?.lossPercent).toBeGreaterThanOrEqual(0);
          expect(summary?.lossPercent).toBeLessThanOrEqual(100);
        }
      }),
      { numRuns: 50 },
    );
  });
});
