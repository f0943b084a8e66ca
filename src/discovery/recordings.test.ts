import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { MemoryReader } from '../../tests/support/memory-reader.ts';
import { newId } from '../domain/ids.ts';
import type { ReadingFacts } from '../domain/plan.ts';
import { numberOf } from './hostile-text.ts';
import { identify } from './identify.ts';
import type { SnmpReader, SnmpRow, SnmpValue } from './snmp-reader.ts';

/**
 * Recorded walks of real devices (LibreNMS test data), beside what LibreNMS finds in the same walk. They are no part of
 * the project: without the folder these tests are skipped by name.
 */
const folder = join(import.meta.dirname, '../../../shared/recordings');
const there = existsSync(folder);

function parseValue(tag: string, text: string): SnmpValue | null {
  if (tag.includes(':')) return null;
  if (tag === '4x') return { kind: 'octets', value: Buffer.from(text, 'hex') };
  if (tag === '4') return { kind: 'octets', value: Buffer.from(text, 'utf8') };
  if (tag === '64') return { kind: 'octets', value: Uint8Array.from(text.split('.').map(Number)) };
  if (tag === '6') return { kind: 'oid', value: text.replace(/^\./, '') };
  if (['2', '65', '66', '67', '70'].includes(tag)) return { kind: 'number', value: Number(text) };
  return null;
}

/** The rows of a recorded walk (snmpsim's .snmprec): OID, tag of the type, value. */
function rowsOf(content: string): readonly SnmpRow[] {
  return content.split('\n').flatMap((line) => {
    const [oid, tag, ...rest] = line.split('|');
    if (oid === undefined || tag === undefined) return [];
    const value = parseValue(tag, rest.join('|').replace(/\r$/, ''));
    return value === null ? [] : [{ oid, value }];
  });
}

interface ExpectedSensor {
  readonly sensor_class: string;
  readonly sensor_oid: string;
  readonly sensor_current: number | null;
  readonly sensor_divisor: number;
}

interface Expected {
  readonly device?: {
    readonly os?: string;
    readonly serial?: string;
    readonly hardware?: string;
    readonly version?: string;
  };
  readonly interfaces?: readonly unknown[];
  readonly sensors?: readonly ExpectedSensor[];
  readonly processors?: readonly unknown[];
  readonly mempools?: readonly { readonly mempool_perc?: number }[];
}

/** How often something that is in the walk was found. */
class Tally {
  readonly missed: string[] = [];
  readonly #counts = new Map<string, { found: number; wanted: number }>();

  count(name: string, what: string, wanted: boolean, found: boolean, detail = ''): void {
    if (!wanted) return;
    const count = this.#counts.get(what) ?? { found: 0, wanted: 0 };
    count.wanted++;
    if (found) count.found++;
    else this.missed.push(`${name}: ${what} ${detail}`);
    this.#counts.set(what, count);
  }

  wanted(what: string): number {
    return this.#counts.get(what)?.wanted ?? 0;
  }

  share(what: string): number {
    return (this.#counts.get(what)?.found ?? 0) / Math.max(1, this.wanted(what));
  }

  summary(): string {
    return [...this.#counts].map(([what, { found, wanted }]) => `${what} ${found}/${wanted}`).join(', ');
  }
}

/** LibreNMS's classes of sensors that we read too. `runtime` is left out: it holds dates of replacement as well. */
const ours = new Set(['temperature', 'voltage', 'fanspeed', 'dbm', 'power', 'current', 'charge', 'load', 'frequency']);

/** A reading's value out of the walk, as the poller will make it. */
async function valueOf(reading: ReadingFacts, reader: SnmpReader): Promise<number> {
  const read = async (oid: string) => numberOf((await reader.get([oid])).get(oid)) ?? Number.NaN;
  const own = (await read(reading.oid)) * reading.scale;
  if (reading.meanOids !== undefined) {
    let sum = own;
    for (const oid of reading.meanOids) sum += (await read(oid)) * reading.scale;
    return sum / (reading.meanOids.length + 1);
  }
  if (reading.freeOid !== undefined) return (own / (own + (await read(reading.freeOid)))) * 100;
  if (reading.ofOid === undefined) return own;
  let used = own;
  for (const oid of reading.minusOids ?? []) used -= (await read(oid)) * reading.scale;
  const share = (used / (await read(reading.ofOid))) * 100;
  return reading.complement === true ? 100 - share : share;
}

function near(one: number, other: number, tolerance: number): boolean {
  return Math.abs(one - other) <= tolerance + Math.abs(other) * 0.01;
}

describe.skipIf(!there)('recognition, measured on the recorded walks (needs the folder of recordings)', () => {
  it('finds the interfaces, CPU, memory and sensors that are in them, with the values that are in them', async () => {
    const names = readdirSync(folder).filter((name) => name.endsWith('.snmprec'));
    const tally = new Tally();
    for (const file of names) {
      const name = file.replace('.snmprec', '');
      const expected = JSON.parse(readFileSync(join(folder, `${name}.expected.json`), 'utf8')) as Expected;
      const reader = new MemoryReader(rowsOf(readFileSync(join(folder, file), 'utf8')));
      const facts = await identify(newId(), reader, 0);
      const { device } = expected;
      const found = (field: string) => facts.readings.find((reading) => reading.field === field);
      const byOid = new Map(facts.readings.map((reading) => [reading.oid, reading]));
      // A 0 mostly stands for what is not there: a cage without a module, a port without PoE.
      const sensors = (expected.sensors ?? []).filter(
        (one) => ours.has(one.sensor_class) && Number(one.sensor_current ?? 0) !== 0,
      );
      const read = sensors.filter((one) => byOid.has(one.sensor_oid.replace(/^\./, '')));
      for (const one of sensors) tally.count(name, 'every sensor', true, read.includes(one), one.sensor_oid);
      for (const one of read) {
        const reading = byOid.get(one.sensor_oid.replace(/^\./, ''));
        if (reading === undefined || one.sensor_current === null) continue;
        const value = await valueOf(reading, reader);
        // For some of APC's their test data hold the number before it was divided.
        const current = Number(one.sensor_current);
        const right = near(value, current, 0.51) || near(value, current / one.sensor_divisor, 0.01);
        tally.count(name, 'value of a sensor', true, right, `${reading.key} ${value}, not ${one.sensor_current}`);
      }
      const wantedInterfaces = expected.interfaces?.length ?? 0;
      tally.count(name, 'profile', true, facts.profile !== 'generic/snmp');
      tally.count(name, 'vendor', true, facts.vendor !== '' || facts.profile === 'net-snmp/linux');
      const named = !/^(|Generic .*)$/.test(device?.hardware ?? ''); // `Generic x86` is LibreNMS's word for a computer
      tally.count(name, 'model', named, facts.model !== '');
      tally.count(name, 'firmware', (device?.version ?? '') !== '', facts.firmware !== '');
      tally.count(name, 'serial', (device?.serial ?? '') !== '', facts.serial === device?.serial, facts.serial);
      tally.count(name, 'interfaces', wantedInterfaces > 0, facts.interfaces.length >= wantedInterfaces);
      tally.count(name, 'sensors', sensors.length > 0, read.length >= sensors.length / 2);
      tally.count(name, 'cpu', (expected.processors?.length ?? 0) > 0, found('cpu_percent') !== undefined);
      const memory = found('memory_percent');
      const pools = expected.mempools ?? [];
      tally.count(name, 'memory', pools.length > 0, memory !== undefined);
      if (memory === undefined || pools.length === 0) continue;
      const share = await valueOf(memory, reader);
      const right = pools.some((pool) => near(share, pool.mempool_perc ?? -1, 1));
      tally.count(name, 'value of memory', true, right, `${share}, not ${pools[0]?.mempool_perc}`);
    }
    process.stdout.write(`recognition: ${tally.summary()}\n`);
    if (process.env['ARUNG_TEST_VERBOSE'] !== undefined) process.stdout.write(tally.missed.join('\n') + '\n');
    const least = {
      profile: 0.99,
      vendor: 0.99,
      model: 0.97,
      firmware: 0.95,
      serial: 0.98,
      interfaces: 1,
      cpu: 0.96,
      memory: 1,
      'value of memory': 0.96,
      sensors: 0.97,
      'every sensor': 0.96,
      'value of a sensor': 0.98,
    };
    expect(tally.wanted('profile')).toBeGreaterThan(170);
    for (const [what, share] of Object.entries(least)) expect(tally.share(what), what).toBeGreaterThanOrEqual(share);
  });
});
