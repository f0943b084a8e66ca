import { describe, expect, it } from 'vitest';
import { DeviceLimits } from './device-limits.ts';

function asked(of: { path: number; each: number; polls: number }): DeviceLimits {
  const limits = new DeviceLimits();
  for (let i = 0; i < of.polls; i += 1) {
    limits.answered(1, of.path);
    limits.answered(40, of.path + 40 * of.each);
  }
  return limits;
}

describe('what a device can do', () => {
  it('tells a slow CPU from a long path', () => {
    expect(asked({ path: 600, each: 0.1, polls: 20 }).slow).toBe(false);
    expect(asked({ path: 5, each: 8, polls: 20 }).slow).toBe(true);
    expect(asked({ path: 5, each: 8, polls: 20 }).perVariableMs).toBeCloseTo(8, 5);
  });

  it('judges nobody by a few answers', () => {
    expect(asked({ path: 5, each: 8, polls: 4 }).slow).toBe(false);
    expect(asked({ path: 5, each: 8, polls: 4 }).perVariableMs).toBeNaN();
  });

  it('forgives a device that has become quick', () => {
    const limits = asked({ path: 5, each: 8, polls: 20 });
    for (let i = 0; i < 30; i += 1) limits.answered(40, 9);
    expect(limits.slow).toBe(false);
  });

  it('knows GETNEXT only from a few rows', () => {
    const limits = new DeviceLimits();
    expect([limits.maxRepetitions, limits.getNextOnly]).toEqual([null, false]);
    limits.bears(5);
    expect([limits.maxRepetitions, limits.getNextOnly]).toEqual([5, false]);
    limits.bears(0);
    expect(limits.getNextOnly).toBe(true);
  });
});
