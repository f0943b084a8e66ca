import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { SimulatedDevice } from './device.ts';
import { Network } from './network.ts';
import { smallInventory } from './small-inventory.ts';
import type { ValueType } from './snmp/mib.ts';

/** Walks of real devices, where they are at hand; not part of the project. */
const folder = new URL('../../../shared/recordings/', import.meta.url);

/** Simulated device, and recordings of the same maker's devices. */
const pairs: readonly (readonly [device: string, recordings: readonly string[]])[] = [
  ['rtr-a-01', ['routeros_rb5009upr+s+', 'routeros_rb750gr3', 'routeros_crs317', 'routeros_rb2011il']],
  ['sw-a-01', ['vrp_s5328c-ei', 'vrp_nac']],
  ['sw-b-01', ['ciscosb_cbs350', 'ciscosb_cbs350-4x', 'ciscosb_sg350x-48', 'ciscosb_c1200']],
  ['sw-c-01', ['jetstream_jetstream-lldp', 'jetstream_t2600g-28ts', 'jetstream_t1600g-28ts', 'tplink_sg2008']],
  ['ups-a-01', ['apc_smt750x-nmc2', 'apc_smtl1000-nmc3', 'apc_smart1500']],
];

/** Types of a recording's tags that a column of ours may have. */
const types: Readonly<Record<string, readonly ValueType[]>> = {
  '2': ['integer'],
  '4': ['octets'],
  '4x': ['octets'],
  '6': ['oid'],
  '64': ['ipAddress'],
  '65': ['counter32'],
  '66': ['gauge32'],
  '67': ['timeTicks'],
  '70': ['counter64'],
};

interface Recorded {
  readonly oid: string;
  readonly tag: string;
}

function read(name: string): Recorded[] {
  return readFileSync(new URL(`${name}.snmprec`, folder), 'latin1')
    .split('\n')
    .flatMap((line) => {
      const [oid = '', tag = ''] = line.split('|');
      return types[tag] === undefined ? [] : [{ oid, tag }];
    });
}

/** Objects of a device that have an instance now: object identifier and type. */
function objects(device: SimulatedDevice): Map<string, ValueType> {
  const found = new Map<string, ValueType>();
  let at: readonly number[] = [0, 0];
  for (;;) {
    const next = device.kind.mib.next(device, at, () => true);
    if (next === null) return found;
    found.set(next.column.oid.join('.'), next.column.type);
    at = [...next.column.oid, ...next.suffix];
  }
}

const available = existsSync(folder);
const suite = available ? describe : describe.skip;

suite(
  `simulated devices beside recordings of real ones${available ? '' : ' (skipped: the recordings are not here)'}`,
  () => {
    it.each(pairs)('%s has the types that its sisters have', async (name, recordings) => {
      const { inventory } = await smallInventory(6);
      const device = new Network(inventory, Date.now()).devices.get(name);
      if (device === undefined) throw new Error(`no ${name}`);
      const recorded = recordings.flatMap(read);
      const wrong: string[] = [];
      let compared = 0;
      for (const [oid, type] of objects(device)) {
        const tags = new Set(recorded.filter((item) => item.oid.startsWith(`${oid}.`)).map((item) => item.tag));
        if (tags.size === 0) continue;
        compared++;
        if (![...tags].some((tag) => types[tag]?.includes(type)))
          wrong.push(`${oid} is ${type}, recorded as ${[...tags].join(', ')}`);
      }
      expect(wrong).toEqual([]);
      expect(compared).toBeGreaterThan(20);
    });

    it.each(pairs)('%s names itself in the form of its sisters', async (name, recordings) => {
      const { inventory } = await smallInventory(7);
      const device = new Network(inventory, Date.now()).devices.get(name);
      if (device === undefined) throw new Error(`no ${name}`);
      const values = recordings.map((recording) =>
        readFileSync(new URL(`${recording}.snmprec`, folder), 'latin1')
          .split('\n')
          .find((line) => line.startsWith('1.3.6.1.2.1.1.2.0|')),
      );
      const enterprise = device.kind.sysObjectId(device).slice(0, 7).join('.');
      for (const value of values) expect(value).toContain(`|${enterprise}.`.replace(/\.$/, ''));
    });
  },
);
