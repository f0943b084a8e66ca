import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemAccess } from '../domain/access.ts';
import type { AgentId, DeviceId } from '../domain/ids.ts';
import type { DeviceFacts, InterfaceFacts } from '../domain/plan.ts';
import type { FactsChange } from './facts.ts';
import { backbone } from '../../tests/support/backbone.ts';
import { createTestInventory, type TestInventory } from '../../tests/support/inventory.ts';

const system = systemAccess('test');

function port(ifIndex: number, name: string, more: Partial<InterfaceFacts> = {}): InterfaceFacts {
  const mac = `02:00:00:00:00:${name.length.toString(16).padStart(2, '0')}`;
  return { ifIndex, name, alias: '', mac, ifType: 6, speedBps: 1e9, has64BitCounters: true, ...more };
}

describe('what devices say of themselves', () => {
  let test: TestInventory;
  let router: DeviceId;
  let local: AgentId;
  const heard: FactsChange[] = [];

  beforeAll(async () => {
    test = await createTestInventory({ regions: '73.08' });
    const text = JSON.stringify(backbone({ districts: ['73.08.02'], villages: ['73.08.02.1001'] }));
    await test.inventory.importer.apply(system, { format: 'json', text });
    router = (await test.inventory.devices.get(system, 'rtr-dc-01')).entity.id;
    local = (await test.inventory.agents.get(system, 'local')).entity.id;
    test.inventory.facts.onFactsChanged((change) => heard.push(change));
  });
  afterAll(() => test.close());

  const said = (more: Partial<DeviceFacts> = {}): DeviceFacts => ({
    deviceId: router,
    at: Date.UTC(2026, 10, 25),
    sysObjectId: '1.3.6.1.4.1.14988.1',
    sysDescr: 'RouterOS CCR2116',
    sysName: 'rtr-dc-01',
    profile: 'mikrotik/routeros',
    vendor: 'Mikrotikls SIA',
    model: 'CCR2116-12G-4S+',
    serial: 'HF90ABCDE',
    firmware: '7.19',
    ifTableLastChange: null,
    interfaces: [1, 2, 3, 4].map((n) => port(n, `ether${n}`, { mac: `02:00:00:00:00:0${n}` })),
    neighbours: [
      { localInterface: 'ether1', remoteName: 'rtr-kec-73-08-02-01', remotePort: 'ether1', remoteChassis: '02:ff' },
      { localInterface: 'ether9', remoteName: 'stranger', remotePort: '', remoteChassis: '' },
    ],
    readings: [],
    ...more,
  });
  const interfacesNow = async () => {
    const rows = await test.inventory.interfaces.ofDevice(system, router);
    return new Map(rows.map((row) => [row.name, row]));
  };

  it('fill in what nobody has said, and leave a person’s words', async () => {
    const target = await test.inventory.facts.record(said());
    expect(target).toMatchObject({ profile: 'mikrotik/routeros', backbone: true, name: 'rtr-dc-01' });
    expect(target.interfaces.find((one) => one.name === 'ether3')).toMatchObject({ ifIndex: 3, carriesLink: false });
    const device = (await test.inventory.devices.get(system, 'rtr-dc-01')).entity;
    expect(device).toMatchObject({
      vendor: 'MikroTik', // from the import
      model: 'CCR2116-12G-4S+',
      serial: 'HF90ABCDE',
      firmware: '7.19',
    });
    expect(heard).toEqual([
      expect.objectContaining({
        key: 'device.identified',
        deviceName: 'rtr-dc-01',
        regionCode: '73.08.21.1001',
        arguments: { profile: 'mikrotik/routeros', model: 'CCR2116-12G-4S+', firmware: '7.19' },
      }),
    ]);
  });

  it('follow the device where it was the device that said it, and become events', async () => {
    heard.length = 0;
    await test.inventory.facts.record(said({ firmware: '7.20', model: 'CCR2216-1G-12XS-2XQ' }));
    const device = (await test.inventory.devices.get(system, 'rtr-dc-01')).entity;
    expect(device).toMatchObject({ firmware: '7.20', model: 'CCR2216-1G-12XS-2XQ' });
    expect(heard.map((change) => change.arguments)).toEqual([
      { attribute: 'model', from: 'CCR2116-12G-4S+', to: 'CCR2216-1G-12XS-2XQ' },
      { attribute: 'firmware', from: '7.19', to: '7.20' },
    ]);
    await test.inventory.devices.update(system, 'rtr-dc-01', { model: 'Inti 1' });
    await test.inventory.facts.record(said({ firmware: '7.20' }));
    expect((await test.inventory.devices.get(system, 'rtr-dc-01')).entity.model).toBe('Inti 1');
  });

  it('keep the ids of interfaces when the device renumbers and renames, and swap names', async () => {
    const before = await interfacesNow();
    const swapped = [
      port(11, 'ether2', { mac: '02:00:00:00:00:01' }),
      port(12, 'ether1', { mac: '02:00:00:00:00:02' }),
      port(13, 'uplink', { mac: '02:00:00:00:00:03' }),
      port(14, 'ether4', { mac: '02:00:00:00:00:04' }),
      port(15, 'new', { mac: '02:00:00:00:00:05' }),
    ];
    const target = await test.inventory.facts.record(said({ interfaces: swapped }));
    const after = await interfacesNow();
    // Names decide before MACs: ether1 stays ether1, with the MAC of its new hardware.
    expect(after.get('ether1')).toMatchObject({ id: before.get('ether1')?.id, ifIndex: 12, mac: '02:00:00:00:00:02' });
    expect(after.get('uplink')).toMatchObject({ id: before.get('ether3')?.id, ifIndex: 13 });
    expect(after.get('new')).toMatchObject({ seen: true, ifIndex: 15 });
    expect(target.interfaces.find((one) => one.name === 'uplink')?.id).toBe(before.get('ether3')?.id);
    expect(after.size).toBe(before.size + 1);
  });

  it('are a sign that a hand was at it where it, or its table of interfaces, is otherwise', async () => {
    const signs: DeviceId[] = [];
    const stop = test.inventory.facts.onFoundOtherwise((id) => signs.push(id));
    const signsOf = async (more: Partial<DeviceFacts>): Promise<number> => {
      signs.length = 0;
      await test.inventory.facts.record(said(more));
      return signs.length;
    };
    await signsOf({ ifTableLastChange: 100 });
    expect(await signsOf({ ifTableLastChange: 100 })).toBe(0);
    expect(await signsOf({ ifTableLastChange: 200 })).toBe(1);
    expect(await signsOf({ ifTableLastChange: 200, firmware: '7.21' })).toBe(1);
    stop();
    expect(await signsOf({ firmware: '7.19' })).toBe(0);
  });

  it('keep an interface that is gone, as not seen and without an ifIndex', async () => {
    await test.inventory.facts.record(said({ interfaces: [port(1, 'ether1', { mac: '02:00:00:00:00:02' })] }));
    expect((await interfacesNow()).get('ether4')).toMatchObject({ seen: false, ifIndex: null });
    await test.inventory.facts.record(said());
    expect((await interfacesNow()).get('ether4')).toMatchObject({ seen: true, ifIndex: 4 });
  });

  it('take hostile text, a thousand interfaces and names that repeat', async () => {
    const many = Array.from({ length: 1000 }, (_, index) =>
      port(index + 1, index < 4 ? 'x\0y' : `p${index}`, { mac: '' }),
    );
    const target = await test.inventory.facts.record(
      said({ interfaces: many, sysDescr: "a\0'; drop table devices --\\u0000 \ud800" }),
    );
    expect(target.interfaces.filter((one) => one.ifIndex !== null)).toHaveLength(1000);
    expect((await test.inventory.facts.lastFacts(router))?.sysDescr).toBe("a'; drop table devices --\\u0000 \ufffd");
    await test.inventory.facts.record(said());
  });

  it('wake nobody when nothing of the topology changed', async () => {
    const version = test.inventory.topology.current().version;
    await test.inventory.facts.record(said());
    await test.inventory.topology.refresh();
    expect(test.inventory.topology.current().version).toBe(version);
  });

  it('show neighbours, with the device that goes by the name; not one of foreign regions', async () => {
    const all = await test.inventory.knowledge.neighbours(system, router);
    expect(all.map((one) => [one.remoteName, one.deviceId !== null])).toEqual([
      ['rtr-kec-73-08-02-01', true],
      ['stranger', false],
    ]);
    const reader = { ...system, grants: [{ role: 'viewer', regionCode: '73.08.21' }] } as const;
    expect((await test.inventory.knowledge.neighbours(reader, router)).map((one) => one.remoteName)).toEqual([
      'stranger',
    ]);
  });

  it('of a terminal are its model and firmware, never its serial number', async () => {
    heard.length = 0;
    const terminal = (await test.inventory.devices.get(system, 'abs-dc-01')).entity;
    await test.inventory.facts.record(
      said({
        deviceId: terminal.id,
        profile: 'terminal/mqtt',
        vendor: '',
        model: 'X606-S',
        serial: 'another',
        firmware: '6.60',
        interfaces: [],
      }),
    );
    expect((await test.inventory.devices.get(system, 'abs-dc-01')).entity).toMatchObject({
      model: 'X606-S',
      firmware: '6.60',
      serial: 'SN-dc',
      profile: 'terminal/mqtt',
    });
    expect(heard.map((change) => change.key)).toEqual(['device.identified']);
  });

  it('of a device that is gone are refused with a sentence', async () => {
    const gone = said({ deviceId: '01939f2e-0000-7000-8000-000000000001' as DeviceId });
    await expect(test.inventory.facts.record(gone)).rejects.toMatchObject({ code: 'device.not-found' });
  });

  it('hand out targets with what opens them', async () => {
    const targets = await test.inventory.targets.targets(local);
    expect(targets.find((one) => one.name === 'rtr-dc-01')?.secret).toEqual({
      kind: 'snmp-v2c',
      community: 'b0ne-community',
    });
    expect(targets.find((one) => one.name === 'abs-dc-01')).toMatchObject({
      protocol: 'mqtt',
      serial: 'SN-dc',
      secret: null,
    });
    expect(targets.find((one) => one.name === 'rtr-73-08-02-1001-01')?.backbone).toBe(false);
    await test.inventory.credentials.update(system, 'snmp-bone', { secret: 'other' });
    const again = await test.inventory.targets.targets(local);
    expect(again.find((one) => one.name === 'rtr-dc-01')?.secret).toEqual({ kind: 'snmp-v2c', community: 'other' });
    await test.inventory.sites.update(system, 'dc', { rolloutStatus: 'retired' });
    expect((await test.inventory.targets.targets(local)).some((one) => one.name === 'rtr-dc-01')).toBe(false);
  });
});
