import { describe, expect, it } from 'vitest';
import { ListeningTime } from './listening-time.ts';

describe('ListeningTime', () => {
  it('runs with the clock while ticks come, and stands still while they do not', () => {
    let monotonic = 5_000;
    const time = new ListeningTime({ clock: { now: () => 0, monotonic: () => monotonic }, longestTickMs: 150 });
    expect(time.now()).toBe(0);
    monotonic += 100;
    expect([time.tick(), time.now()]).toEqual([100, 100]);
    monotonic += 40;
    expect(time.now()).toBe(140);
    monotonic += 10_000;
    expect(time.now()).toBe(250);
    expect(time.tick()).toBe(250);
    monotonic += 100;
    expect(time.tick()).toBe(350);
  });
});
