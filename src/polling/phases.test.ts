import { describe, expect, it } from 'vitest';
import { newId, type AgentId, type DeviceId, type SiteId } from '../domain/ids.ts';
import type { PollTarget } from '../domain/plan.ts';
import { fractionOf, probePhases } from './phases.ts';

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
