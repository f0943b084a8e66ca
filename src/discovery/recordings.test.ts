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

const ours = new Set(['temperature', 'voltage', 'fanspeed', 'dbm', 'power', 'current', 'charge', 'runtime', 'load']);

describe.skipIf(!there)('recognition, measured on the recorded walks (needs the folder of recordings)', () => {
  it('finds the interfaces, CPU, memory and sensors that are in them', async () => {
    const names = readdirSync(folder).filter((name) => name.endsWith('.snmprec'));
    const score = {
      devices: 0,
      recognised: 0,
      ifs: [0, 0],
      cpu: [0, 0],
      memory: [0, 0],
      sensors: [0, 0],
      serial: [0, 0],
    };
    const missed: string[] = [];
    for (const name of names) {
      const expected = JSON.parse(
        readFileSync(join(folder, name.replace('.snmprec', '.expected.json')), 'utf8'),
      ) as Expected;
      const reader = new RecordedReader(readFileSync(join(folder, name), 'utf8'));
      const facts = await identify(newId(), reader, 0);
      score.devices++;
      if (facts.profile !== 'generic/snmp') score.recognised++;
      const wantedInterfaces = expected.interfaces?.length ?? 0;
      if (wantedInterfaces > 0) {
        score.ifs[1]++;
        if (facts.interfaces.length >= wantedInterfaces) score.ifs[0]++;
      }
      const has = (field: string) => facts.readings.some((reading) => reading.field === field);
      if ((expected.processors?.length ?? 0) > 0) {
        score.cpu[1]++;
        if (has('cpu_percent')) score.cpu[0]++;
        else missed.push(`${name}: cpu`);
      }
      if ((expected.mempools?.length ?? 0) > 0) {
        score.memory[1]++;
        if (has('memory_percent')) score.memory[0]++;
        else missed.push(`${name}: memory`);
      }
      const wantedSensors = expected.sensors?.filter((sensor) => ours.has(sensor.sensor_class)).length ?? 0;
      if (wantedSensors > 0) {
        score.sensors[1]++;
        const found = facts.readings.filter((reading) => reading.measurement === 'sensor').length;
        if (found >= wantedSensors / 2) score.sensors[0]++;
        else missed.push(`${name}: sensors ${found} of ${wantedSensors}`);
      }
      const serial = expected.device?.serial;
      if (serial !== undefined && serial !== '') {
        score.serial[1]++;
        if (facts.serial === serial) score.serial[0]++;
        else missed.push(`${name}: serial ${JSON.stringify(facts.serial)} for ${JSON.stringify(serial)}`);
      }
    }
    process.stdout.write(`recognition: ${JSON.stringify(score)}\n`);
    if (process.env['ARUNG_TEST_VERBOSE'] !== undefined) process.stdout.write(missed.join('\n') + '\n');
    expect(score.devices).toBeGreaterThan(170);
    const share = ([found = 0, wanted = 1]: number[]) => found / wanted;
    expect(share(score.ifs)).toBeGreaterThan(0.9);
  });
});
