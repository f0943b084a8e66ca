import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PacketSize, type PacketLimits } from './packet-size.ts';

const usual = { varbinds: 60, bytes: 1_400 };
const largest = { varbinds: 320, bytes: 8_000 };
const minuteMs = 60_000;

function limits(size: PacketSize): PacketLimits {
  return { varbinds: size.varbinds, bytes: size.bytes };
}

/** Every trial is answered, one after the other, until there is none. */
function grown(size: PacketSize, nowMs = 0): PacketSize {
  for (let trial = size.trial(nowMs); trial !== null; trial = size.trial(nowMs)) size.grow(trial, trial);
  return size;
}

describe('PacketSize', () => {
  it('halves at tooBig, and probes up again slowly', () => {
    const size = new PacketSize(usual);
    size.tooBig({ varbinds: 60, bytes: 1_400 }, 0);
    expect(size.varbinds).toBe(30);
    size.answered({ varbinds: 30, bytes: 1_000 }, minuteMs);
    expect(size.varbinds).toBe(30);
    size.answered({ varbinds: 30, bytes: 1_000 }, 21 * minuteMs);
    expect(size.varbinds).toBe(38);
  });

  it('is not misled by a single loss, nor by the loss of small packets', () => {
    const size = new PacketSize(usual);
    const sent = { bytes: 1_300, varbinds: 50, weight: 1 };
    size.lost(sent, 0);
    size.answered(sent, 1);
    size.lost(sent, 2);
    for (let i = 0; i < 20; i += 1) size.lost({ bytes: 300, varbinds: 10, weight: 1 }, 3);
    expect(limits(size)).toEqual(usual);
    size.lost(sent, 4);
    expect(limits(size)).toEqual({ varbinds: 25, bytes: 650 });
  });

  it('doubles with every trial that is answered, as far as it may', () => {
    const size = new PacketSize(usual, largest);
    expect(size.trial(0)).toEqual({ varbinds: 120, bytes: 2_800 });
    expect(limits(size)).toEqual(usual);
    size.grow({ varbinds: 120, bytes: 2_800 }, { varbinds: 110, bytes: 2_750 });
    expect(limits(size)).toEqual({ varbinds: 120, bytes: 2_800 });
    expect(limits(grown(size))).toEqual(largest);
    expect(size.small).toEqual(usual);
  });

  it('learns nothing from a trial that turned out no larger than what it knew', () => {
    const size = new PacketSize(usual, largest);
    size.grow({ varbinds: 120, bytes: 2_800 }, { varbinds: 40, bytes: 900 });
    expect(limits(size)).toEqual(usual);
  });

  it('pays for a device that never answers large requests with one lost try, and tries again ever more rarely', () => {
    const size = new PacketSize(usual, largest);
    const tries: number[] = [];
    for (let minute = 0; minute < 7 * 24 * 60; minute += 1) {
      const trial = size.trial(minute * minuteMs);
      if (trial === null) continue;
      tries.push(minute);
      size.lost({ ...trial, weight: 1 }, minute * minuteMs);
      expect(limits(size)).toEqual(usual);
    }
    expect(tries.slice(0, 4)).toEqual([0, 20, 60, 140]);
    expect(tries.length).toBeLessThan(15);
  });

  it('keeps what it had when the next step is too big, and asks again a day later', () => {
    const size = new PacketSize(usual, largest);
    const first = { varbinds: 120, bytes: 2_800 };
    size.grow(first, first);
    size.tooBig({ varbinds: 240, bytes: 5_600 }, 0);
    expect(limits(size)).toEqual(first);
    expect(size.trial(23 * 60 * minuteMs)).toBeNull();
    expect(size.trial(24 * 60 * minuteMs)).not.toBeNull();
  });

  it('bears one loss of a large request by chance, and falls back to the usual at the second', () => {
    const size = grown(new PacketSize(usual, largest));
    const sent = { ...largest, weight: 1 };
    size.lost(sent, 1);
    size.answered(sent, 2);
    size.lost(sent, 3);
    // Small answers say nothing of fragments.
    size.answered({ varbinds: 50, bytes: 1_300 }, 4);
    expect(limits(size)).toEqual(largest);
    size.lost(sent, 5);
    expect(limits(size)).toEqual(usual);
    expect(size.trial(6)).toBeNull();
  });

  it('never leaves its bounds, whatever happens, and has no trial where it is below the usual', () => {
    const event = fc.record({
      kind: fc.constantFrom('trial-answered', 'trial-lost', 'trial-too-big', 'answered', 'lost', 'too-big'),
      share: fc.double({ min: 0.1, max: 1, noNaN: true }),
      afterMs: fc.integer({ min: 0, max: 100 * minuteMs }),
    });
    fc.assert(
      fc.property(fc.array(event, { maxLength: 60 }), (events) => {
        const size = new PacketSize(usual, largest);
        let nowMs = 0;
        for (const { kind, share, afterMs } of events) {
          nowMs += afterMs;
          const trial = size.trial(nowMs);
          if (trial !== null) {
            expect(size.varbinds).toBeGreaterThanOrEqual(usual.varbinds);
            if (kind === 'trial-answered') size.grow(trial, trial);
            if (kind === 'trial-lost') size.lost({ ...trial, weight: 1 }, nowMs);
            if (kind === 'trial-too-big') size.tooBig(trial, nowMs);
          }
          const sent = { varbinds: Math.ceil(size.varbinds * share), bytes: Math.ceil(size.bytes * share) };
          if (kind === 'answered') size.answered(sent, nowMs);
          if (kind === 'lost') size.lost({ ...sent, weight: 1 }, nowMs);
          if (kind === 'too-big') size.tooBig(sent, nowMs);
          expect(size.varbinds).toBeGreaterThanOrEqual(1);
          expect(size.bytes).toBeGreaterThanOrEqual(484);
          expect(size.varbinds).toBeLessThanOrEqual(largest.varbinds);
          expect(size.bytes).toBeLessThanOrEqual(largest.bytes);
          expect(size.isLarge(size.small)).toBe(false);
        }
      }),
    );
  });
});
