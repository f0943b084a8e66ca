import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Simulator } from '../../agents/simulator/simulator.ts';
import { smallInventory, type Small } from '../../agents/simulator/small-inventory.ts';
import { snmpTarget } from '../../tests/support/polled-device.ts';
import { systemClock } from '../domain/clock.ts';
import type { DeviceFacts } from '../domain/plan.ts';
import { PollingEngine } from '../polling/engine.ts';
import { SnmpClient } from '../polling/snmp/client.ts';
import { ClientReader } from './client-reader.ts';
import { identify } from './identify.ts';

/** Every kind of device of the simulated network, over UDP and through the client that the polls use. */
describe('the devices of the simulated network', () => {
  let small: Small;
  let simulator: Simulator;
  const engine = new PollingEngine({ clock: systemClock, logger: pino({ level: 'silent' }) });
  const known = new Map<string, { readonly facts: DeviceFacts; readonly packets: number }>();

  beforeAll(async () => {
    small = await smallInventory(9);
    simulator = new Simulator({ inventory: small.inventory, broker: null, startedMs: Date.now() });
    await simulator.start();
    await engine.start();
    const client = new SnmpClient(engine);
    for (const { name, protocol } of small.inventory.devices) {
      if (protocol !== 'snmp') continue;
      const before = engine.counters.packetsSent;
      const reader = new ClientReader(client, target(name));
      const facts = await identify(target(name).deviceId, reader, systemClock.now());
      known.set(name, { facts, packets: engine.counters.packetsSent - before });
    }
  });
  afterAll(async () => {
    await engine.stop();
    await simulator.stop();
  });

  const target = (name: string) => snmpTarget({ name, address: small.addressOf(name), port: small.port });

  function factsOf(name: string): DeviceFacts {
    const found = known.get(name);
    if (found === undefined) throw new Error(`${name} was not identified`);
    return found.facts;
  }

  /** Kinds of readings without the names of their parts, each once. */
  const kinds = (name: string) => new Set(factsOf(name).readings.map(({ key }) => key.split('.')[0]));

  it.each([
    ['rtr-dc-01', 'mikrotik/routeros', 'MikroTik', 'CCR2216-1G-12XS-2XQ'],
    ['rtr-a-01', 'mikrotik/routeros', 'MikroTik', 'CCR2004-1G-12S+2XS'],
    ['rtr-b-01', 'mikrotik/routeros', 'MikroTik', 'RB5009UG+S+IN'],
    ['rtr-c-01', 'mikrotik/routeros', 'MikroTik', 'RB760iGS'],
    ['ap-b-01', 'mikrotik/routeros', 'MikroTik', 'cAPGi-5HaxD2HaxD'],
    ['sw-a-01', 'huawei/vrp', 'Huawei', 'S5735-L24T4X-A1'],
    ['sw-b-01', 'cisco/small-business', 'Cisco', 'CBS350-24T-4G'],
    ['sw-c-01', 'tp-link/jetstream', 'TP-Link', 'TL-SG2008 4.0'],
    ['ups-a-01', 'apc/powernet', 'APC', 'Smart-UPS 1500'],
  ])('%s is a %s by %s, model %s, with its serial number and firmware', (name, profile, vendor, model) => {
    const facts = factsOf(name);
    expect(facts).toMatchObject({ profile, vendor, model, serial: `SN-${name}`, sysName: name });
    expect(facts.firmware).toMatch(/\d+\.\d+|V\d{3}R\d{3}/);
  });

  it('srv-app-01 is a Linux host, whose maker nobody told it', () => {
    expect(factsOf('srv-app-01')).toMatchObject({ profile: 'net-snmp/linux', vendor: '', firmware: '6.1.0-28-amd64' });
  });

  it.each([
    ['rtr-dc-01', ['cpu_percent', 'memory_percent', 'temperature', 'fan', 'optical-rx', 'optical-tx']],
    ['rtr-c-01', ['cpu_percent', 'memory_percent', 'temperature', 'voltage']],
    ['rtr-d-01', ['cpu_percent', 'memory_percent', 'signal']],
    ['ap-b-01', ['cpu_percent', 'memory_percent', 'temperature', 'voltage']],
    ['sw-a-01', ['cpu_percent', 'memory_percent', 'temperature', 'fan-percent']],
    ['sw-b-01', ['cpu_percent', 'temperature']],
    ['sw-c-01', ['cpu_percent', 'memory_percent']],
    ['srv-app-01', ['cpu_percent', 'memory_percent']],
    [
      'ups-a-01',
      [
        'battery-charge',
        'battery-minutes',
        'on-battery',
        'battery-voltage',
        'temperature',
        'voltage',
        'frequency',
        'load',
        'current',
      ],
    ],
  ])('%s has %j to read', (name, wanted) => {
    expect([...kinds(name)]).toEqual(expect.arrayContaining(wanted));
  });

  it('take the load of a router with sixteen cores as their mean', () => {
    const cpu = factsOf('rtr-dc-01').readings.find(({ field }) => field === 'cpu_percent');
    expect(cpu?.meanOids).toHaveLength(15);
  });

  it('have every port of the inventory, by its name, with its speed and 64-bit counters', () => {
    for (const { device, name } of small.inventory.interfaces) {
      if (!known.has(device)) continue;
      const facts = factsOf(device);
      const found = facts.interfaces.find((one) => one.name === name);
      expect(found?.speedBps, `${device} ${name}`).toBeGreaterThan(1e6);
      // The UPS has no ifXTable.
      expect(found?.has64BitCounters, `${device} ${name}`).toBe(facts.profile !== 'apc/powernet');
    }
  });

  it('see each other: a neighbour and its port are those of the inventory', () => {
    const seen = (name: string) =>
      factsOf(name).neighbours.map((one) => `${one.localInterface} > ${one.remoteName}:${one.remotePort}`);
    expect(seen('rtr-b-01')).toEqual(
      expect.arrayContaining(['ether1 > sw-b-01:gi1', 'ether2 > rtr-c-01:ether1', 'ether4 > rtr-a-01:sfp-sfpplus2']),
    );
    expect(seen('sw-c-01')).toContain('gigabitEthernet 1/0/1 > rtr-c-01:ether2');
    const mac = /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/;
    for (const one of factsOf('rtr-b-01').neighbours) expect(one.remoteChassis).toMatch(mac);
  });

  it('cost few packets: what a family cannot have is not asked for', () => {
    const packets = [...known].map(([name, one]) => `${name} ${one.packets}`);
    for (const { packets: count } of known.values()) expect(count, packets.join(', ')).toBeLessThanOrEqual(48);
    expect(known.get('ups-a-01')?.packets).toBeLessThanOrEqual(22);
  });
});
