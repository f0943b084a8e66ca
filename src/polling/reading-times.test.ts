import { describe, expect, it } from 'vitest';
import { ReadingTimes } from './reading-times.ts';

describe('the times of readings', () => {
  it('are those of each, whether they were read together or apart', () => {
    let seed = 7;
    const random = (below: number): number => {
      seed = (seed * 48_271) % 2_147_483_647;
      return seed % below;
    };
    const times = new ReadingTimes(5);
    const model = [0, 0, 0, 0, 0];
    for (let turn = 1; turn <= 2_000; turn += 1) {
      const ms = turn * 1_000 - random(3_000);
      if (random(3) === 0) {
        times.setAll(ms);
        model.fill(ms);
      } else {
        const slot = random(5);
        times.set(slot, ms);
        model[slot] = ms;
      }
      expect(model.map((_, slot) => times.at(slot))).toEqual(model);
      expect(times.latestMs).toBeGreaterThanOrEqual(Math.max(...model));
    }
  });
});
