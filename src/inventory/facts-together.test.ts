import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemAccess } from '../domain/access.ts';
import type { DeviceId } from '../domain/ids.ts';
import type { DeviceFacts, InterfaceFacts } from '../domain/plan.ts';
import { backbone } from '../../tests/support/backbone.ts';
import { createTestInventory, type TestInventory } from '../../tests/support/inventory.ts';
import type { FactsChange } from './facts.ts';

const system = systemAccess('test');
const text = JSON.stringify(backbone({ districts: ['73.08.02'], villages: ['73.08.02.1001'] }));

/** The same inventory, with facts recorded all at once or one after the other. */
class Side {
  readonly test: TestInventory;
  readonly ids: ReadonlyMap<string, DeviceId>;
  readonly heard: FactsChange[] = [];

  private constructor(test: TestInventory, ids: ReadonlyMap<string, DeviceId>) {
    this.test = test;
    this.ids = ids;
    test.inventory.facts.onFactsChanged((change) => this.heard.push(change));
  }

  static async open(): Promise<Side> {
    const test = await createTestInventory({ regions: '73.08' });
    await test.inventory.importer.apply(system, { format: 'json', text });
    const { items } = await test.inventory.devices.list(system, { page: { limit: 1000 } });
    return new Side(test, new Map(items.map((device) => [device.name, device.id])));
  }

  async record(device: string, facts: Omit<DeviceFacts, 'deviceId'>): Promise<unknown> {
    const deviceId = this.ids.get(device);
    if (deviceId === undefined) throw new Error(`no ${device}`);
    try {
      const { name, profile, interfaces } = await this.test.inventory.facts.record({ ...facts, deviceId });
      return { name, profile, interfaces: interfaces.map((one) => ({ ...one, id: '' })) };
    } catch (error) {
      return error instanceof Error ? error.message.replace(deviceId, device) : error;
    }
  }

  /** All that recording may change; ids differ between the two sides. */
  async state(): Promise<unknown> {
    const { db } = this.test.database;
    const devices = await db
      .selectFrom('devices')
      .leftJoin('device_facts', 'device_facts.device_id', 'devices.id')
      .select(['name', 'vendor', 'model', 'serial', 'firmware', 'profile', 'version', 'at', 'facts'])
      .orderBy('name')
      .execute();
    const interfaces = await db
      .selectFrom('interfaces')
      .innerJoin('devices', 'devices.id', 'interfaces.device_id')
      .leftJoin('link_ends', 'link_ends.interface_id', 'interfaces.id')
      .leftJoin('links', 'links.id', 'link_ends.link_id')
      .select(['devices.name as device', 'interfaces.name', 'description', 'mac', 'if_index', 'if_type', 'speed_bps'])
      .select(['seen', 'interfaces.version', 'links.name as link'])
      .orderBy('devices.name')
      .orderBy('interfaces.name')
      .execute();
    const told = this.heard.map(({ key, deviceName, at, arguments: args }) => ({ key, deviceName, at, args }));
    told.sort((one, other) => (one.deviceName < other.deviceName ? -1 : Number(one.deviceName > other.deviceName)));
    return {
      devices: devices.map((row) => ({ ...row, facts: row.facts === null ? null : { ...row.facts, deviceId: '' } })),
      interfaces,
      told,
    };
  }
}

const word = fc.oneof(
  fc.constantFrom('', 'CCR2116', 'hEX', '7.19', 'x\0y', "'; drop table devices --", '\ud800', 'é'.repeat(200)),
  fc.string({ unit: 'binary', maxLength: 8 }),
);
/** One in some twenty is beyond what the column holds: the facts of that device cannot be kept, those of others can. */
const ifIndex = fc.oneof(
  { weight: 20, arbitrary: fc.integer({ min: 1, max: 40 }) },
  { weight: 1, arbitrary: fc.constant(2 ** 32 - 1) },
);
const port: fc.Arbitrary<InterfaceFacts> = fc.record({
  ifIndex,
  name: fc.oneof(fc.constantFrom('ether1', 'ether2', 'ether3', 'sfp1', 'uplink', ''), word),
  alias: word,
  mac: fc.constantFrom('', '02:00:00:00:00:01', '02:00:00:00:00:02', '02:00:00:00:00:03'),
  ifType: fc.constantFrom(6, 24, 53),
  speedBps: fc.constantFrom(null, 1e8, 1e9, 1e10),
  has64BitCounters: fc.boolean(),
});
const facts: fc.Arbitrary<Omit<DeviceFacts, 'deviceId'>> = fc.record({
  at: fc.integer({ min: Date.UTC(2026, 0, 1), max: Date.UTC(2026, 11, 31) }),
  sysObjectId: fc.constant('1.3.6.1.4.1.14988.1'),
  sysDescr: word,
  sysName: word,
  profile: fc.constantFrom('mikrotik/routeros', 'generic/snmp'),
  vendor: word,
  model: word,
  serial: word,
  firmware: word,
  ifTableLastChange: fc.constant(null),
  interfaces: fc.array(port, { maxLength: 6 }),
  neighbours: fc.constant([]),
  readings: fc.constant([]),
});

describe('facts that are recorded together', () => {
  let together: Side;
  let apart: Side;
  beforeAll(async () => {
    together = await Side.open();
    apart = await Side.open();
  });
  afterAll(async () => {
    await together.test.close();
    await apart.test.close();
  });

  it('leave what they leave one after the other, and harm nobody when one of them cannot be kept', async () => {
    const names = [...together.ids.keys()].slice(0, 8);
    const round = fc.array(fc.tuple(fc.constantFrom(...names), facts), { minLength: 1, maxLength: 12 });
    let refused = 0;
    await fc.assert(
      fc.asyncProperty(round, async (all) => {
        const outcomes = await Promise.all(all.map(([device, said]) => together.record(device, said)));
        const expected: unknown[] = [];
        for (const [device, said] of all) expected.push(await apart.record(device, said));
        expect(outcomes).toEqual(expected);
        refused += expected.filter((outcome) => typeof outcome === 'string').length;
        expect(await together.state()).toEqual(await apart.state());
        together.heard.length = 0;
        apart.heard.length = 0;
      }),
      { numRuns: 40, endOnFailure: true },
    );
    expect(refused).toBeGreaterThan(0);
  });

  it('wait for a device that somebody else is writing, and hold up no other', async () => {
    const [held = '', other = ''] = together.ids.keys();
    const [said] = fc.sample(facts, 1);
    if (said === undefined) throw new Error('no facts');
    const plain = { ...said, interfaces: [], model: 'hEX' };
    let release = (): void => undefined;
    const released = new Promise<void>((resolve) => (release = resolve));
    let locked = (): void => undefined;
    const isLocked = new Promise<void>((resolve) => (locked = resolve));
    const writer = together.test.database.db.transaction().execute(async (trx) => {
      const id = together.ids.get(held) ?? ('' as DeviceId);
      await trx.selectFrom('devices').select('id').where('id', '=', id).forUpdate().execute();
      locked();
      await released;
    });
    await isLocked;
    let kept = false;
    const waiting = together.record(held, plain).then((outcome) => {
      kept = true;
      return outcome;
    });
    expect(await together.record(other, plain)).toMatchObject({ name: other });
    expect(kept).toBe(false);
    release();
    await writer;
    expect(await waiting).toMatchObject({ name: held });
  });
});
