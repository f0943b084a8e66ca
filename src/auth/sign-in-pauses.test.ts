import { describe, expect, it } from 'vitest';
import { addressRule, pairRule, SignInPauses } from './sign-in-pauses.ts';

function withClock() {
  let now = 1000;
  const pauses = new SignInPauses({ now: () => now, monotonic: () => now });
  return { pauses, wait: (ms: number) => (now += ms) };
}

describe('SignInPauses', () => {
  it('leaves five tries, then asks for pauses that double up to five minutes', () => {
    const { pauses, wait } = withClock();
    const left = Array.from({ length: pairRule.freeTries }, () => pauses.began('admin', '10.0.0.1'));
    expect(left).toEqual([4, 3, 2, 1, 0]);
    const seen: number[] = [];
    for (let i = 0; i < 7; i++) {
      const ms = pauses.pauseMs('admin', '10.0.0.1');
      seen.push(ms / 1000);
      wait(ms);
      pauses.began('admin', '10.0.0.1');
    }
    expect(seen).toEqual([15, 30, 60, 120, 240, 300, 300]);
  });

  it('never locks a person out who comes from another address', () => {
    const { pauses } = withClock();
    for (let i = 0; i < 100; i++) pauses.began('admin', '10.0.0.66');
    expect(pauses.pauseMs('admin', '10.0.0.66')).toBeGreaterThan(0);
    expect(pauses.pauseMs('admin', '10.0.0.1')).toBe(0);
  });

  it('slows an address that guesses over many names, but not the people known there', () => {
    const { pauses } = withClock();
    pauses.began('kepala', '10.0.0.7');
    pauses.succeeded('kepala', '10.0.0.7');
    for (let i = 0; i < addressRule.freeTries; i++) pauses.began(`name${i}`, '10.0.0.7');
    expect(pauses.pauseMs('another', '10.0.0.7')).toBeGreaterThan(0);
    expect(pauses.pauseMs('kepala', '10.0.0.7')).toBe(0);
  });

  it('counts the addresses of one IPv6 network as one', () => {
    const { pauses } = withClock();
    for (let i = 1; i <= 5; i++) pauses.began('admin', `2001:db8:1:2::${i}`);
    expect(pauses.pauseMs('admin', '2001:db8:1:2:ffff::9')).toBeGreaterThan(0);
    expect(pauses.pauseMs('admin', '2001:db8:1:3::9')).toBe(0);
  });

  it('forgets after an hour, and at once when the password was right', () => {
    const { pauses, wait } = withClock();
    for (let i = 0; i < 5; i++) pauses.began('admin', '10.0.0.1');
    wait(pairRule.firstPauseMs + 3_600_001);
    expect(pauses.began('admin', '10.0.0.1')).toBe(4);
    pauses.succeeded('admin', '10.0.0.1');
    expect(pauses.began('admin', '10.0.0.1')).toBe(4);
  });

  it('stays bounded under a flood of names and addresses', () => {
    const { pauses } = withClock();
    const before = process.memoryUsage().heapUsed;
    for (let i = 0; i < 30_000; i++) pauses.began(`name${i}`, `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`);
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(60_000_000);
  });
});
