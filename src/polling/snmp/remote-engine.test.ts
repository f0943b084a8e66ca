import { describe, expect, it } from 'vitest';
import { RemoteEngine } from './remote-engine.ts';

function engine(): RemoteEngine {
  const made = new RemoteEngine(Buffer.from('8000000001', 'hex'), { digest: null, cipher: null });
  made.synchronise(3, 1_000, 50_000);
  return made;
}

describe('an SNMP engine’s time', () => {
  it('runs on with ours', () => {
    expect(engine().timeAt(50_000)).toBe(1_000);
    expect(engine().timeAt(61_900)).toBe(1_011);
  });

  it('believes what is at most 150 s old, and nothing older', () => {
    expect(engine().believes(3, 1_000, 200_000)).toBe(true);
    expect(engine().believes(3, 1_000, 201_000)).toBe(false);
    expect(engine().believes(2, 5_000, 50_000)).toBe(false);
  });

  it('follows what is newer: its time, its next start', () => {
    const one = engine();
    expect(one.believes(3, 9_000, 50_000)).toBe(true);
    expect(one.timeAt(51_000)).toBe(9_001);
    expect(one.believes(4, 5, 52_000)).toBe(true);
    expect(one.boots).toBe(4);
    expect(one.timeAt(53_000)).toBe(6);
    expect(one.believes(3, 9_002, 53_000)).toBe(false);
  });

  it('is taken from the first authentic message when it was only supposed', () => {
    const one = engine();
    one.suppose(0x7ffffffe, 0, 60_000);
    expect(one.believes(3, 1_010, 60_000)).toBe(true);
    expect(one.boots).toBe(3);
  });

  it('believes nobody once its boots are used up', () => {
    expect(engine().believes(0x7fffffff, 10, 50_000)).toBe(false);
  });
});
