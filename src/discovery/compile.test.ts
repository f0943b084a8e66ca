import { describe, expect, it } from 'vitest';
import { newId } from '../domain/ids.ts';
import type { DeviceFacts, PollTarget } from '../domain/plan.ts';
import { measurements } from '../domain/point.ts';
import { compilePlan } from './compile.ts';

const intervals = { reachabilityMs: 5000, backboneMs: 10_000, edgeMs: 30_000, healthMs: 60_000 };

function target(change: Partial<PollTarget> = {}): PollTarget {
  return {
    deviceId: newId(),
    siteId: newId(),
    agentId: newId(),
    name: 'rtr-kahu-01',
    role: 'router',
    gateway: true,
    protocol: 'snmp',
    address: '127.0.0.2',
    port: 161,
    serial: '',
    secret: { kind: 'snmp-v2c', community: 'public' },
    profile: null,
    backbone: true,
    interfaces: [
      { id: newId(), name: 'ether1', mac: '', ifIndex: 1, speedBps: 1e9, carriesLink: false },
      { id: newId(), name: 'sfp1', mac: '', ifIndex: 2, speedBps: 1e9, carriesLink: true },
      { id: newId(), name: 'gone', mac: '', ifIndex: null, speedBps: null, carriesLink: true },
      { id: newId(), name: 'lo', mac: '', ifIndex: 3, speedBps: null, carriesLink: false },
    ],
    ...change,
  };
}

function facts(of: PollTarget): DeviceFacts {
  const port = (ifIndex: number, name: string, ifType = 6) => ({
    ifIndex,
    name,
    alias: '',
    mac: '',
    ifType,
    speedBps: 1e9,
    has64BitCounters: ifIndex === 2,
  });
  return {
    deviceId: of.deviceId,
    at: 0,
    sysObjectId: '1.3.6.1.4.1.14988.1',
    sysDescr: 'RouterOS',
    sysName: 'x',
    profile: 'mikrotik/routeros',
    vendor: 'MikroTik',
    model: '',
    serial: '',
    firmware: '',
    ifTableLastChange: 77,
    interfaces: [port(1, 'ether1'), port(2, 'sfp1'), port(3, 'lo', 24)],
    neighbours: [],
    readings: [
      {
        measurement: 'device',
        field: 'memory_percent',
        key: 'memory_percent',
        label: 'Memory',
        unit: '%',
        oid: '1.2.3.1',
        scale: 1,
        ofOid: '1.2.3.2',
      },
      {
        measurement: 'sensor',
        field: 'value',
        key: 'temperature.board',
        label: 'Temperature',
        unit: '°C',
        oid: '1.2.4.1',
        scale: 0.1,
      },
    ],
  };
}

describe('a compiled plan', () => {
  it('asks in its reachability packet for sysUpTime and then the ports that carry links', () => {
    const device = target();
    const group = compilePlan(device, facts(device), intervals).groups.find((one) => one.group === 'reachability');
    expect(group?.slots.map((slot) => slot.oid)).toEqual(['1.3.6.1.2.1.1.3.0', '1.3.6.1.2.1.2.2.1.8.2']);
  });

  it('reads links first, 64-bit counters where there are some, and no loopback', () => {
    const device = target();
    const group = compilePlan(device, facts(device), intervals).groups.find((one) => one.group === 'interfaces');
    expect(group?.series.map((series) => series.tags.interface)).toEqual([
      device.interfaces[1]?.id,
      device.interfaces[0]?.id,
    ]);
    expect(group?.slots[0]).toMatchObject({
      oid: '1.3.6.1.2.1.31.1.1.1.6.2',
      kind: 'counter64',
      scale: 8,
      ceiling: 1.05e9,
    });
    expect(group?.slots[9]).toMatchObject({ oid: '1.3.6.1.2.1.2.2.1.10.1', kind: 'counter32' });
    expect(group?.slots).toHaveLength(18);
  });

  it('fills every column of the interface measurement exactly once per row', () => {
    const device = target();
    const group = compilePlan(device, facts(device), intervals).groups.find((one) => one.group === 'interfaces');
    const columns = group?.slots.filter((slot) => slot.row === 0).map((slot) => slot.field);
    expect(columns?.toSorted()).toEqual(measurements.interface.fields.map((_, index) => index));
  });

  it('makes memory a share of the whole, which itself lands nowhere', () => {
    const device = target();
    const group = compilePlan(device, facts(device), intervals).groups.find((one) => one.group === 'health');
    const used = group?.slots.find((slot) => slot.oid === '1.2.3.1');
    expect(used?.ratioOf).toBeDefined();
    expect(group?.slots[used?.ratioOf ?? -1]).toMatchObject({ oid: '1.2.3.2', silent: true });
  });

  it('reads every processor for the mean and what is taken off used memory; only the share lands', () => {
    const device = target();
    const found = facts(device);
    const health = compilePlan(
      device,
      {
        ...found,
        readings: [
          {
            measurement: 'device',
            field: 'cpu_percent',
            key: 'cpu_percent',
            label: 'CPU',
            unit: '%',
            oid: '1.2.5.1',
            scale: 1,
            meanOids: ['1.2.5.2', '1.2.5.3'],
          },
          ...found.readings.map((reading) => ({ ...reading, minusOids: ['1.2.3.7'] })),
        ],
      },
      intervals,
    ).groups.find((one) => one.group === 'health');
    const slotOf = (oid: string) => health?.slots.find((slot) => slot.oid === oid);
    const oidsOf = (slots: readonly number[] | undefined) => slots?.map((slot) => health?.slots[slot]?.oid);
    expect(oidsOf(slotOf('1.2.5.1')?.meanWith)).toEqual(['1.2.5.2', '1.2.5.3']);
    expect(oidsOf(slotOf('1.2.3.1')?.ratioMinus)).toEqual(['1.2.3.7']);
    const landing = health?.slots.filter((slot) => slot.silent !== true).map((slot) => slot.oid);
    expect(landing).toEqual(['1.3.6.1.2.1.1.3.0', '1.2.5.1', '1.2.3.1']);
  });

  it('has the same id for the same content and another one for other content', () => {
    const device = target();
    const one = compilePlan(device, facts(device), intervals);
    expect(compilePlan(device, facts(device), intervals).id).toBe(one.id);
    expect(compilePlan({ ...device, backbone: false }, facts(device), intervals).id).not.toBe(one.id);
  });
});
