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

const end = (deviceId: string) => ({ deviceId: deviceId as DeviceId, interfaceId: `${deviceId}-1` });
const links = new Map([
  ['router--behind', { a: end('router'), b: end('behind') }],
  ['planned--terminal', { a: end('planned'), b: end('terminal') }],
]);
const sampled = new Map<string, number>();
const polled: DeviceId[] = [];

const health = healthSeen({
  board: {
    idsNotUp: () => Object.keys(devices),
    measuredOf: (id) => devices[id as keyof typeof devices],
    deviceFacts: (id) => devices[id as keyof typeof devices],
    sampledAt: (id) => sampled.get(id) ?? null,
  },
  rules: {
    errorsOnLinks: () =>
      ['router', 'behind', 'planned'].map((deviceId) => ({
        deviceId,
        interfaceId: `${deviceId}-1`,
        name: `${deviceId} ether1`,
        field: 'in_eps',
        perS: 4,
      })),
  },
  services: {
    watched: () => [
      { id: 'e-planning', name: 'e-Planning' },
      { id: 'e-sign', name: 'e-Sign' },
    ],
    statusOf: (id) => ({ state: id === 'e-sign' ? 'degraded' : 'up' }),
  },
  topology: {
    current: () => ({ devices: new Map(Object.entries(devices) as [DeviceId, (typeof devices)['router']][]), links }),
  },
  probeSoon: () => undefined,
  pollSoon: (ids) => polled.push(...ids),
});

describe('how a rollout sees the network', () => {
  it('is dark where a device is down or not reached, and was heard before', () => {
    expect([...health.darkDevices()]).toEqual(['router', 'behind', 'terminal']);
  });

  it('counts errors on a device and at the far ends of its links, and nowhere else', () => {
    const near = health.errorsNear(['behind' as DeviceId]);
    expect(near.map(({ key }) => key)).toEqual(['router-1 in_eps', 'behind-1 in_eps']);
  });

  it('reads what was not counted since, and does not wait for what counts nothing', () => {
    const isCounted = () => health.isCountedSince(['behind' as DeviceId], 10_000);
    expect(isCounted()).toBe(true);
    sampled.set('router-1', 9_000);
    expect(isCounted()).toBe(false);
    expect(polled).toEqual(['router']);
    sampled.set('router-1', 11_000);
    expect(isCounted()).toBe(true);
  });

  it('knows when those answered that are asked, and the names of all', () => {
    expect(['router', 'terminal', 'nobody'].map((id) => health.answeredAt(id))).toEqual([1_000, null, null]);
    expect(['behind', 'e-sign', 'nobody'].map((id) => health.nameOf(id))).toEqual(['sw-a-01', 'e-Sign', 'nobody']);
    expect([...health.poorServices()]).toEqual(['e-sign']);
  });
});
