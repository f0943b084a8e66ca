import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DeviceClock } from './device-clock.ts';

describe('DeviceClock', () => {
  it('measures with the device’s own clock, whatever the network adds', () => {
    const clock = new DeviceClock();
    clock.observe(100_001, 5_000);
    const before = clock.timeMs;
    clock.observe(101_001, 15_900);
    expect(clock.timeMs - before).toBe(10_000);
  });

  it('sees a restart by a sysUpTime that went back', () => {
    const clock = new DeviceClock();
    clock.observe(8_640_000, 0);
    expect(clock.observe(300, 5_000)).toBe(false);
    expect(clock.observe(800, 10_000)).toBe(true);
  });

  it('sees a restart after which the device has run for longer than before', () => {
    const clock = new DeviceClock();
    clock.observe(60_000, 0);
    expect(clock.observe(66_000, 2_000_000)).toBe(false);
  });

  it('takes the wrap after 497 days for no restart', () => {
    const clock = new DeviceClock();
    clock.observe(2 ** 32 - 200, 0);
    expect(clock.observe(301, 5_010)).toBe(true);
  });

  it('falls back to our clock where the device’s stands still', () => {
    const clock = new DeviceClock();
    clock.observe(12, 0);
    clock.observe(12, 4_000);
    clock.observe(12, 8_000);
    const before = clock.timeMs;
    expect(clock.observe(12, 68_000)).toBe(true);
    expect(clock.timeMs - before).toBe(60_000);
  });

  it('falls back to our clock where the device counts in whole seconds', () => {
    const clock = new DeviceClock();
    clock.observe(10_000, 0);
    clock.observe(10_900, 9_950);
    expect(clock.timeMs).toBe(9_950);
  });

  it('goes on over a restart of this program', () => {
    const clock = new DeviceClock();
    expect(clock.resume({ ticks: 5_000, wallAgeMs: 30_000 }, 8_012, 1_000)).toBe(true);
    expect(clock.timeMs - (1_000 - 30_000)).toBe(30_120);
    expect(new DeviceClock().resume({ ticks: 5_000, wallAgeMs: 30_000 }, 100, 1_000)).toBe(false);
  });

  it('never calls delay, jitter or reordering a restart', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 2 ** 32 - 1 }),
        fc.array(
          fc.record({ waitMs: fc.integer({ min: 100, max: 60_000 }), delayMs: fc.integer({ min: 0, max: 3_000 }) }),
        ),
        (start, readings) => {
          const clock = new DeviceClock();
          let timeMs = 0;
          for (const { waitMs, delayMs } of readings) {
            timeMs += waitMs;
            expect(clock.observe((start + Math.floor(timeMs / 10)) % 2 ** 32, timeMs + delayMs)).toBe(true);
          }
        },
      ),
    );
  });
});
