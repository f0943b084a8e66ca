import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { defaultReachRules, isCertain, step, unheard, type Reach, type ReachInput } from './reachability.ts';

const nobody = { groupMisses: 0, behindDownPort: false };

function after(inputs: readonly (readonly [ReachInput, number])[], from: Reach = unheard): Reach {
  return inputs.reduce((state, [input, at]) => step(state, input, at), from);
}

function misses(count: number, from: number): (readonly [ReachInput, number])[] {
  return Array.from({ length: count }, (_, i) => ['missed', from + i * 600] as const);
}

describe('reachability', () => {
  it('is up with the first answer', () => {
    expect(after([['answered', 100]])).toMatchObject({ phase: 'answering', since: 100 });
  });

  it('takes any word of the device for life', () => {
    expect(after([['answered', 0], ...misses(8, 5_000), ['alive', 11_000]]).phase).toBe('answering');
  });

  it('suspects after one miss and forgets it with an answer', () => {
    const suspect = after([
      ['answered', 100],
      ['missed', 5_000],
    ]);
    expect(suspect).toMatchObject({ phase: 'suspect', misses: 1, firstMissAt: 5_000 });
    expect(step(suspect, 'answered', 5_600)).toMatchObject({ phase: 'answering', since: 100, misses: 0 });
  });

  it('is silent after eight misses, since the first of them', () => {
    expect(after([['answered', 0], ...misses(7, 5_000)]).phase).toBe('suspect');
    expect(after([['answered', 0], ...misses(8, 5_000)])).toMatchObject({
      phase: 'silent',
      since: 5_000,
      certainAt: 5_000 + 7 * 600,
    });
  });

  it('is certain sooner by a port that went down, or by a group that misses with it', () => {
    const two = after([['answered', 0], ...misses(2, 5_000)]);
    const three = after([['answered', 0], ...misses(3, 5_000)]);
    expect(isCertain(two, nobody)).toBe(false);
    expect(isCertain(two, { ...nobody, behindDownPort: true })).toBe(true);
    expect(isCertain(after([['missed', 0]]), { ...nobody, behindDownPort: true })).toBe(false);
    expect(isCertain(two, { ...nobody, groupMisses: 20 })).toBe(false);
    expect(isCertain(three, { ...nobody, groupMisses: 8 })).toBe(false);
    expect(isCertain(three, { ...nobody, groupMisses: 9 })).toBe(true);
    expect(isCertain(after([['answered', 0]]), { groupMisses: 99, behindDownPort: true })).toBe(false);
  });

  it('knows nothing any more when its agent is silent, but remembers how often it fell', () => {
    const silent = after([['answered', 0], ...misses(8, 5_000)]);
    const forgotten = step(silent, 'forgotten', 20_000);
    expect(forgotten).toMatchObject({ phase: 'unheard', misses: 0, lastAnswerAt: 0 });
    expect(forgotten.outages).toHaveLength(1);
  });

  it('comes back at once after a plain outage, and has to be steady after the fourth in ten minutes', () => {
    let state = after([['answered', 0]]);
    const phases: string[] = [];
    for (let i = 1; i <= 5; i++) {
      state = after([...misses(8, i * 60_000), ['answered', i * 60_000 + 20_000]], state);
      phases.push(state.phase);
      if (state.phase === 'recovering') {
        // One miss, and the outage goes on from where it began.
        expect(step(state, 'missed', i * 60_000 + 20_500)).toMatchObject({ phase: 'silent', since: i * 60_000 });
        state = after(
          [
            ['answered', i * 60_000 + 22_000],
            ['answered', i * 60_000 + 27_000],
          ],
          state,
        );
      }
      expect(state.phase).toBe('answering');
    }
    expect(phases).toEqual(['answering', 'answering', 'answering', 'recovering', 'recovering']);
    const later = after([...misses(8, 3_600_000), ['answered', 3_620_000]], state);
    expect(later.phase).toBe('answering');
  });

  it('holds its invariants whatever happens', () => {
    const input = fc.constantFrom<ReachInput>('answered', 'alive', 'missed', 'missed', 'certain', 'forgotten', 'tick');
    fc.assert(
      fc.property(fc.array(fc.tuple(input, fc.integer({ min: 1, max: 20_000 })), { maxLength: 120 }), (inputs) => {
        let state = unheard;
        let now = 0;
        let inARow = 0;
        for (const [kind, later] of inputs) {
          now += later;
          const before = state;
          state = step(state, kind, now);
          if (kind === 'missed') inARow++;
          else if (kind !== 'tick' && kind !== 'certain') inARow = 0;
          // Never silent by its own misses before the eighth; by the word of others only when it is suspect.
          if (before.phase === 'suspect' && state.phase === 'silent' && kind === 'missed') {
            expect(inARow).toBeGreaterThanOrEqual(defaultReachRules.missesAlone);
          }
          if (kind === 'certain' && before.phase !== 'suspect') expect(state).toBe(before);
          if (state.phase === 'answering') expect(state.misses).toBe(0);
          if (state.phase === 'suspect' || state.phase === 'silent') {
            expect(state.misses).toBeGreaterThan(0);
            expect(state.firstMissAt).toBeLessThanOrEqual(now);
          }
          if (state.phase === 'silent') expect(state.since).toBe(state.firstMissAt);
          expect(state.since > now).toBe(false);
          expect(state.outages.every((at) => at <= now)).toBe(true);
        }
      }),
      { numRuns: 2_000 },
    );
  });
});
