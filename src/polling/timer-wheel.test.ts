import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nextDueMs } from './scheduler.ts';
import { TimerWheel, WheelTimer } from './timer-wheel.ts';

class Probe extends WheelTimer {
  firedAt: number[] = [];
  #now: () => number;
  #then: () => void;
  constructor(now: () => number, then: () => void = () => undefined) {
    super();
    this.#now = now;
    this.#then = then;
  }
  fire(): void {
    this.firedAt.push(this.#now());
    this.#then();
  }
}

describe('TimerWheel', () => {
  it('fires every timer once, never early, and at most a tick and a step late', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 5_000 }), { maxLength: 60 }),
        fc.array(fc.integer({ min: 1, max: 700 }), { minLength: 1, maxLength: 40 }),
        (dues, steps) => {
          let now = 0;
          const wheel = new TimerWheel({ nowMs: 0, tickMs: 10, slots: 64 });
          const timers = dues.map((due) => {
            const timer = new Probe(() => now);
            wheel.add(timer, due);
            return { due, timer };
          });
          let step = 0;
          for (const by of [...steps, 6_000, 10, 10]) {
            step = Math.max(step, by);
            now += by;
            wheel.advance(now);
          }
          for (const { due, timer } of timers) {
            expect(timer.firedAt).toHaveLength(1);
            expect(timer.firedAt[0]).toBeGreaterThanOrEqual(due);
          }
        },
      ),
    );
  });

  it('fires at the tick of each, in order, far ones as near ones; where nothing is due, it says for how long', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 30_000 }), { maxLength: 40 }),
        fc.integer({ min: 0, max: 5_000 }),
        (dues, startMs) => {
          let now = startMs;
          // Eight ticks a turn, and eight turns: 640 ms, so that most wait for several rounds.
          const wheel = new TimerWheel({ nowMs: now, tickMs: 10, slots: 8 });
          const fired: number[] = [];
          for (const due of dues) wheel.add(new Probe(() => fired.push(due)), startMs + due);
          const wakes: number[] = [];
          while (now < startMs + 31_000) {
            now = (Math.floor(now / 10) + wheel.idleTicks(7)) * 10;
            const before = fired.length;
            wheel.advance(now);
            for (const due of fired.slice(before)) {
              wakes.push(now);
              expect(now - startMs - due).toBeGreaterThanOrEqual(0);
              expect(now - startMs - due).toBeLessThan(20);
            }
          }
          expect(fired).toHaveLength(dues.length);
          expect(wakes).toEqual(wakes.toSorted((one, other) => one - other));
        },
      ),
    );
  });

  it('wakes for a timer of hours away no more often than once a turn', () => {
    const wheel = new TimerWheel({ nowMs: 0, tickMs: 20, slots: 1024 });
    for (let i = 0; i < 5_000; i += 1) wheel.add(new Probe(() => 0), 60_000 + i * 700);
    let ticks = 0;
    let wakes = 0;
    while (ticks < 2_990) {
      ticks += wheel.idleTicks(50);
      wheel.advance(ticks * 20);
      wakes += 1;
    }
    // Once in 50 ticks, and at the two beginnings of a turn.
    expect(wakes).toBeLessThanOrEqual(2_990 / 50 + 3);
  });

  it('fires once what a leap of time passed over, and keeps what is still to come', () => {
    let now = 0;
    const wheel = new TimerWheel({ nowMs: 0, tickMs: 10, slots: 16 });
    const timers = [50, 900, 5_000, 86_400_000, 86_500_000].map((due) => {
      const timer = new Probe(() => now);
      wheel.add(timer, due);
      return timer;
    });
    now = 86_450_000;
    wheel.advance(now);
    expect(timers.map(({ firedAt }) => firedAt.length)).toEqual([1, 1, 1, 1, 0]);
    now = 86_500_000;
    wheel.advance(now);
    expect(timers.map(({ firedAt }) => firedAt.length)).toEqual([1, 1, 1, 1, 1]);
  });

  it('lets a timer take off others that are due in the same tick, and add itself anew', () => {
    let now = 0;
    const wheel = new TimerWheel({ nowMs: 0 });
    const victim = new Probe(() => now);
    const killer: Probe = new Probe(
      () => now,
      () => {
        wheel.remove(victim);
        if (killer.firedAt.length < 3) wheel.add(killer, now + 10);
      },
    );
    wheel.add(killer, 20);
    wheel.add(victim, 20);
    for (; now < 200; now += 10) wheel.advance(now);
    expect(killer.firedAt).toHaveLength(3);
    expect(victim.firedAt).toEqual([]);
  });

  it('reads ahead for all that are due together, a step at a time, before the first of them fires', () => {
    const wheel = new TimerWheel({ nowMs: 0 });
    const seen: string[] = [];
    const timerOf = (name: string): WheelTimer =>
      new (class extends WheelTimer {
        override prefetch(steps: number): number {
          seen.push(`${name}${steps}`);
          return 1;
        }
        fire(): void {
          seen.push(name);
        }
      })();
    const [a, b, gone, alone] = [timerOf('a'), timerOf('b'), timerOf('gone'), timerOf('alone')];
    for (const timer of [a, gone, b]) wheel.add(timer, 20);
    wheel.remove(gone);
    wheel.add(alone, 500);
    wheel.advance(200);
    expect(seen).toEqual(['a0', 'b0', 'a1', 'b1', 'a2', 'b2', 'a3', 'b3', 'a', 'b']);
    expect(wheel.prefetched).toBe(8);
    wheel.advance(500);
    expect(seen.slice(10)).toEqual(['alone']);
  });
});

describe('nextDueMs', () => {
  it('keeps the place within the interval, and skips what was missed', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 1e9, noNaN: true }),
        fc.integer({ min: 100, max: 3_600_000 }),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (now, interval, phase) => {
          const due = nextDueMs(now, interval, phase * interval);
          expect(due).toBeGreaterThan(now - 1e-3);
          expect(due - now).toBeLessThanOrEqual(interval + 1e-3);
          const place = (((due / interval - phase) % 1) + 1) % 1;
          expect(Math.min(place, 1 - place)).toBeLessThan(1e-3);
        },
      ),
    );
  });
});
