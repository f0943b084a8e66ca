import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { newId } from '../domain/ids.ts';
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

class RecordedReader implements SnmpReader {
  readonly #rows: SnmpRow[] = [];
  readonly #byOid = new Map<string, SnmpValue>();

  constructor(content: string) {
    for (const line of content.split('\n')) {
      const [oid, tag, ...rest] = line.split('|');
      if (oid === undefined || tag === undefined) continue;
      const value = parseValue(tag, rest.join('|').replace(/\r$/, ''));
      if (value === null) continue;
      this.#rows.push({ oid, value });
      this.#byOid.set(oid, value);
    }
  }

  get(oids: readonly string[]): Promise<ReadonlyMap<string, SnmpValue>> {
    const found = new Map<string, SnmpValue>();
    for (const oid of oids) {
      const value = this.#byOid.get(oid);
      if (value !== undefined) found.set(oid, value);
    }
    return Promise.resolve(found);
  }

  walk(root: string, maxRows: number): Promise<readonly SnmpRow[]> {
    return Promise.resolve(this.#rows.filter((row) => row.oid.startsWith(root + '.')).slice(0, maxRows));
  }
}

interface Expected {
  readonly device?: { readonly os?: string; readonly serial?: string; readonly hardware?: string };
  readonly interfaces?: readonly unknown[];
  readonly sensors?: readonly { readonly sensor_class: string }[];
  readonly processors?: readonly unknown[];
  readonly mempools?: readonly unknown[];
}

/** How often something that is in the walk was found. */
class Tally {
  readonly missed: string[] = [];
  readonly #counts = new Map<string, { found: number; wanted: number }>();

  count(name: string, what: string, wanted: boolean, found: boolean): void {
    if (!wanted) return;
    const count = this.#counts.get(what) ?? { found: 0, wanted: 0 };
    count.wanted++;
    if (found) count.found++;
    else this.missed.push(`${name}: ${what}`);
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

const ours = new Set(['temperature', 'voltage', 'fanspeed', 'dbm', 'power', 'current', 'charge', 'runtime', 'load']);

describe.skipIf(!there)('recognition, measured on the recorded walks (needs the folder of recordings)', () => {
  it('finds the interfaces, CPU, memory and sensors that are in them', async () => {
    const names = readdirSync(folder).filter((name) => name.endsWith('.snmprec'));
    const tally = new Tally();
    for (const name of names) {
      const expected = JSON.parse(
        readFileSync(join(folder, name.replace('.snmprec', '.expected.json')), 'utf8'),
      ) as Expected;
      const facts = await identify(newId(), new RecordedReader(readFileSync(join(folder, name), 'utf8')), 0);
      const has = (field: string) => facts.readings.some((reading) => reading.field === field);
      const sensors = facts.readings.filter((reading) => reading.measurement === 'sensor').length;
      const wantedSensors = expected.sensors?.filter((sensor) => ours.has(sensor.sensor_class)).length ?? 0;
      const wantedInterfaces = expected.interfaces?.length ?? 0;
      tally.count(name, 'profile', true, facts.profile !== 'generic/snmp');
      tally.count(name, 'interfaces', wantedInterfaces > 0, facts.interfaces.length >= wantedInterfaces);
      tally.count(name, 'cpu', (expected.processors?.length ?? 0) > 0, has('cpu_percent'));
      tally.count(name, 'memory', (expected.mempools?.length ?? 0) > 0, has('memory_percent'));
      tally.count(name, 'sensors', wantedSensors > 0, sensors >= wantedSensors / 2);
      tally.count(name, 'serial', (expected.device?.serial ?? '') !== '', facts.serial === expected.device?.serial);
    }
    process.stdout.write(`recognition: ${tally.summary()}\n`);
    if (process.env['ARUNG_TEST_VERBOSE'] !== undefined) process.stdout.write(tally.missed.join('\n') + '\n');
    expect(tally.wanted('profile')).toBeGreaterThan(170);
    expect(tally.share('interfaces')).toBeGreaterThan(0.95);
    expect(tally.share('cpu')).toBeGreaterThan(0.45);
    expect(tally.share('memory')).toBeGreaterThan(0.45);
    expect(tally.share('serial')).toBeGreaterThan(0.55);
  });
});
