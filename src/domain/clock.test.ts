import { describe, expect, it } from 'vitest';
import { latestOf } from './clock.ts';

const hourMs = 3_600_000;

describe('the latest that it may be', () => {
  it('goes on as time passes when the clock is set back, and with the clock when it is set forward', () => {
    const noon = Date.UTC(2026, 10, 29, 12);
    let wall = noon;
    let monotonic = 500;
    const latest = latestOf({ now: () => wall, monotonic: () => monotonic });
    expect(latest.now()).toBe(noon);
    wall += 60_000 - hourMs;
    monotonic += 60_000;
    expect(latest.now()).toBe(noon + 60_000);
    wall += 2 * hourMs;
    expect(latest.now()).toBe(noon + 60_000 + hourMs);
    expect(latest.monotonic()).toBe(monotonic);
  });
});
