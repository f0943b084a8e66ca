import { describe, expect, it } from 'vitest';
import { SignInPace } from './sign-in-pace.ts';

function paceAt() {
  const time = { ms: 0 };
  return { time, pace: new SignInPace({ now: () => time.ms, monotonic: () => time.ms }) };
}

describe('SignInPace', () => {
  it('does not slow the first five wrong passwords, and then ever more, up to ten seconds', () => {
    const { pace } = paceAt();
    const delays: number[] = [];
    for (let i = 0; i < 14; i++) {
      delays.push(pace.delayMs('10.0.0.1', 'x'));
      pace.failed('10.0.0.1', 'x');
    }
    expect(delays.slice(0, 5)).toEqual([0, 0, 0, 0, 0]);
    expect(delays.slice(5, 9)).toEqual([250, 500, 1_000, 2_000]);
    expect(delays.at(-1)).toBe(10_000);
  });

  it('slows other names of that address, but not one that signed in from there before, nor other addresses', () => {
    const { pace } = paceAt();
    pace.succeeded('10.0.0.1', 'good');
    for (let i = 0; i < 8; i++) pace.failed('10.0.0.1', `guess-${i}`);
    expect(pace.delayMs('10.0.0.1', 'another')).toBeGreaterThan(0);
    expect(pace.delayMs('10.0.0.1', 'good')).toBe(0);
    expect(pace.delayMs('10.0.0.2', 'another')).toBe(0);
  });

  it('forgets after a quarter of an hour', () => {
    const { pace, time } = paceAt();
    for (let i = 0; i < 8; i++) pace.failed('10.0.0.1', 'x');
    time.ms = 16 * 60_000;
    expect(pace.delayMs('10.0.0.1', 'x')).toBe(0);
  });

  it('remembers a bounded number of addresses', () => {
    const { pace } = paceAt();
    for (let i = 0; i < 30_000; i++) pace.failed(`10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`, 'x');
    for (let i = 0; i < 6; i++) pace.failed('10.9.9.9', 'x');
    expect(pace.delayMs('10.9.9.9', 'x')).toBe(500);
  });
});
