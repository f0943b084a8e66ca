import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Ticker } from './ticker.ts';

describe('Ticker', () => {
  let idleTicks = 1;
  /** How far the machine's time is ahead of its timers: the process was held up. */
  let heldUpMs = 0;
  let ticks: number[] = [];
  let ticker: Ticker;
  const nowMs = (): number => performance.now() + heldUpMs;

  const pass = (ms: number): void => void vi.advanceTimersByTime(ms);

  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setImmediate', 'performance'] });
    idleTicks = 1;
    heldUpMs = 0;
    ticks = [];
    ticker = new Ticker({
      clock: { now: nowMs, monotonic: nowMs },
      tickMs: 20,
      first: (atMs) => ticks.push(atMs),
      second: () => undefined,
      idleTicks: () => idleTicks,
    });
    ticker.start();
    // A tick has been at 20, the next is planned for 40.
    pass(21);
    ticks = [];
  });
  afterEach(() => {
    ticker.stop();
    vi.useRealTimers();
  });

  it('sleeps as long as nothing is due', () => {
    idleTicks = 5;
    pass(20);
    expect(ticks).toHaveLength(1);
    pass(98);
    expect(ticks).toHaveLength(1);
    pass(2);
    expect(ticks).toHaveLength(2);
  });

  it('is there within a tick of what comes up, once', () => {
    idleTicks = 50;
    pass(20 + 130);
    expect(ticks).toHaveLength(1);
    ticker.stir();
    ticker.stir();
    pass(20);
    expect(ticks).toHaveLength(2);
    pass(500);
    expect(ticks).toHaveLength(2);
  });

  it('comes for what is due before the end of its sleep, and not before', () => {
    idleTicks = 50;
    pass(20);
    ticks = [];
    const dueMs = nowMs() + 300;
    ticker.by(dueMs);
    ticker.by(dueMs + 2_000);
    pass(320);
    expect(ticks).toHaveLength(1);
    expect(ticks[0]).toBeGreaterThanOrEqual(dueMs);
  });

  it('counts the time that it slept as listened, and not the time that it was held up', () => {
    idleTicks = 10;
    pass(20);
    const before = ticker.listenedMs(nowMs());
    pass(200);
    expect(ticker.listenedMs(nowMs()) - before).toBe(200);
    heldUpMs = 5_000;
    // The process comes to itself: at most what was planned, and a little patience.
    expect(ticker.listenedMs(nowMs()) - before).toBe(199 + 200 + 30);
    pass(200);
    expect(ticks).toHaveLength(3);
    expect(ticker.listenedMs(nowMs()) - before).toBe(199 + 200 + 30 + 1);
  });

  it('ends when it is stopped', () => {
    ticker.stop();
    pass(1_000);
    expect(ticks).toEqual([]);
  });
});
