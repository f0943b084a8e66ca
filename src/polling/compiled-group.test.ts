import { describe, expect, it } from 'vitest';
import { newId, type DeviceId, type InterfaceId } from '../domain/ids.ts';
import { seriesOf } from '../domain/point.ts';
import { CompiledGroup } from './compiled-group.ts';

const slots = 5;
const device = newId<DeviceId>();

function group(): CompiledGroup {
  return new CompiledGroup({
    group: 'interfaces',
    intervalMs: 10_000,
    series: [seriesOf('interface', { device, interface: newId<InterfaceId>() })],
    slots: Array.from({ length: slots }, (_, i) => ({
      oid: `1.3.6.1.2.1.2.2.1.10.${i + 1}`,
      kind: 'counter32',
      scale: 8,
      row: 0,
      field: i,
      ceiling: 0,
    })),
  });
}

describe('the readings of a group', () => {
  it('have the times of each, whether they came together or apart', () => {
    let seed = 7;
    const random = (below: number): number => {
      seed = (seed * 48_271) % 2_147_483_647;
      return seed % below;
    };
    const one = group();
    const model = Array.from({ length: slots }, () => 0);
    for (let turn = 1; turn <= 2_000; turn += 1) {
      const ms = turn * 1_000 - random(3_000);
      if (random(3) === 0) {
        one.allWereRead(ms);
        model.fill(ms);
      } else {
        const slot = random(slots);
        one.wasRead(slot, ms);
        model[slot] = ms;
      }
      expect(model.map((_, slot) => one.readMs(slot))).toEqual(model);
      expect(one.latestMs).toBeGreaterThanOrEqual(Math.max(...model));
    }
  });

  it('go over to the group of a new plan, with their times', () => {
    const earlier = group();
    earlier.baselines.set([1, 2, 3, 4, 5]);
    earlier.allWereRead(7_000);
    earlier.wasRead(2, 8_000);
    const series = earlier.plan.series.slice();
    const next = new CompiledGroup({ ...earlier.plan, series, slots: earlier.plan.slots.toReversed() });
    next.inherit(earlier);
    expect([...next.baselines.subarray(0, slots)]).toEqual([5, 4, 3, 2, 1]);
    expect(Array.from({ length: slots }, (_, slot) => next.readMs(slot))).toEqual([7_000, 7_000, 8_000, 7_000, 7_000]);
    next.forgetBaselines();
    expect([...next.baselines.subarray(0, slots)].every(Number.isNaN)).toBe(true);
  });
});
