import { describe, expect, it } from 'vitest';
import type { DeviceId } from '../../domain/ids.ts';
import { healthSeen } from './health-seen.ts';

const devices = {
  router: { name: 'rtr-a-01', protocol: 'snmp', state: 'down', lastAnswerAt: 1_000 },
  behind: { name: 'sw-a-01', protocol: 'snmp', state: 'unreachable', lastAnswerAt: 2_000 },
  planned: { name: 'sw-b-01', protocol: 'snmp', state: 'unknown', lastAnswerAt: 3_000 },
  terminal: { name: 'abs-a-01', protocol: 'mqtt', state: 'down', lastAnswerAt: 4_000 },
  broken: { name: 'abs-b-01', protocol: 'mqtt', state: 'down', lastAnswerAt: null },
} as const;

const health = healthSeen({
  board: {
    idsNotUp: () => Object.keys(devices),
    measuredOf: (id) => devices[id as keyof typeof devices],
    deviceFacts: (id) => devices[id as keyof typeof devices],
  },
  services: {
    watched: () => [
      { id: 'e-planning', name: 'e-Planning' },
      { id: 'e-sign', name: 'e-Sign' },
    ],
    statusOf: (id) => ({ state: id === 'e-sign' ? 'degraded' : 'up' }),
  },
  topology: {
    current: () => ({ devices: new Map(Object.entries(devices) as [DeviceId, (typeof devices)['router']][]) }),
  },
  probeSoon: () => undefined,
});

describe('how a rollout sees the network', () => {
  it('is dark where a device is down or not reached, and was heard before', () => {
    expect([...health.darkDevices()]).toEqual(['router', 'behind', 'terminal']);
  });

  it('knows when those answered that are asked, and the names of all', () => {
    expect(['router', 'terminal', 'nobody'].map((id) => health.answeredAt(id))).toEqual([1_000, null, null]);
    expect(['behind', 'e-sign', 'nobody'].map((id) => health.nameOf(id))).toEqual(['sw-a-01', 'e-Sign', 'nobody']);
    expect([...health.poorServices()]).toEqual(['e-sign']);
  });
});
