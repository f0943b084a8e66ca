import { describe, expect, it } from 'vitest';
import { newId, type AgentId, type DeviceId, type SiteId } from '../domain/ids.ts';
import type { PollTarget } from '../domain/plan.ts';
import { fractionOf, pollOrder, pollPhase, probePhases } from './phases.ts';

function site(devices: number): PollTarget[] {
  const siteId = newId<SiteId>();
  return Array.from({ length: devices }, (_, i) => ({
    deviceId: newId<DeviceId>(),
    siteId,
    agentId: newId<AgentId>(),
    name: `rtr-${i}`,
    role: 'router',
    gateway: false,
    protocol: 'snmp',
    address: '127.0.0.1',
    port: 161,
    serial: '',
    secret: null,
    profile: null,
    interfaces: [],
    backbone: false,
  }));
}

describe('probePhases', () => {
  it('gives the three devices of a village a third of the interval each', () => {
    const targets = site(3);
    const phases = [...probePhases(targets).values()].sort((one, other) => one - other);
    const [first = 0, second = 0, third = 0] = phases;
    expect(second - first).toBeCloseTo(1 / 3);
    expect(third - second).toBeCloseTo(1 / 3);
  });

  it('gives a device the same place whatever the order of the targets', () => {
    const targets = [...site(3), ...site(4)];
    expect(probePhases(targets.toReversed())).toEqual(probePhases(targets));
  });

  it('spreads the sites: no fiftieth of the interval gets three times its share', () => {
    const phases = [...probePhases(Array.from({ length: 500 }, () => site(3)).flat()).values()];
    const buckets = Array.from({ length: 50 }, () => 0);
    for (const phase of phases) buckets[Math.floor(phase * 50)] = (buckets[Math.floor(phase * 50)] ?? 0) + 1;
    expect(Math.max(...buckets)).toBeLessThan((phases.length / 50) * 3);
    expect(Math.min(...buckets)).toBeGreaterThan(0);
  });
});

describe('pollPhase', () => {
  it('gives neighbours the same moment, and spreads the moments of any number of devices', () => {
    for (const count of [51, 100, 439, 1_000, 10_000]) {
      const moments = new Map<number, number>();
      for (let n = 0; n < count; n += 1) moments.set(pollPhase(n), (moments.get(pollPhase(n)) ?? 0) + 1);
      expect(moments.size).toBe(Math.ceil(count / 50));
      expect(Math.max(...moments.values())).toBe(50);
      const sorted = [...moments.keys()].sort((one, other) => one - other);
      expect(sorted[0]).toBe(0);
      const gaps = sorted.map((moment, i) => (sorted[i + 1] ?? 1) - moment);
      // Between any two halves of what is left the next is put: no gap is more than twice another.
      expect(Math.max(...gaps)).toBeLessThanOrEqual(2 * Math.min(...gaps));
    }
  });
});

describe('pollOrder', () => {
  it('keeps every device, in an order that does not depend on how they were named', () => {
    const targets = [...site(3), ...site(40)];
    const order = pollOrder(targets);
    expect(new Set(order)).toEqual(new Set(targets));
    expect(pollOrder(targets.toReversed())).toEqual(order);
  });

  it('mixes what was entered together: of 50 that are polled at one moment few are of one district', () => {
    const districts = Array.from({ length: 27 }, () => site(16));
    const districtOf = new Map(districts.flatMap((members, i) => members.map((member) => [member, i])));
    const order = pollOrder(districts.flat());
    for (let from = 0; from + 50 <= order.length; from += 50) {
      const counts = Map.groupBy(order.slice(from, from + 50), (target) => districtOf.get(target));
      expect(Math.max(...[...counts.values()].map((members) => members.length))).toBeLessThan(15);
    }
  });
});

describe('fractionOf', () => {
  it('lies in [0, 1) and spreads ids made in the same millisecond', () => {
    const fractions = Array.from({ length: 2_000 }, () => fractionOf(newId<DeviceId>()));
    for (const fraction of fractions) {
      expect(fraction).toBeGreaterThanOrEqual(0);
      expect(fraction).toBeLessThan(1);
    }
    const mean = fractions.reduce((sum, one) => sum + one, 0) / fractions.length;
    expect(mean).toBeGreaterThan(0.45);
    expect(mean).toBeLessThan(0.55);
  });
});
