import * as fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import type { SimulatedDevice } from '../device.ts';
import { Network } from '../network.ts';
import { newCounters } from '../responder.ts';
import { smallInventory } from '../small-inventory.ts';
import { answer } from './agent.ts';
import { BerWriter, tag } from './ber-writer.ts';
import { compareOid } from './oid.ts';
import type { Oid } from './oid.ts';

let devices: SimulatedDevice[] = [];

beforeAll(async () => {
  const { inventory } = await smallInventory(1);
  devices = [...new Network(inventory, Date.parse('2026-11-25T02:00:00Z')).devices.values()];
});

function request(type: number, names: readonly Oid[], first = 0, second = 0, version = 1): Buffer {
  const writer = new BerWriter(65_000);
  const message = writer.open(tag.sequence);
  writer.integer(version);
  writer.octets('rahasia');
  const pdu = writer.open(type);
  writer.integer(4711);
  writer.integer(first);
  writer.integer(second);
  const list = writer.open(tag.sequence);
  for (const name of names) {
    const binding = writer.openSmall(tag.sequence);
    writer.oid(name, []);
    writer.empty(tag.null);
    writer.closeSmall(binding);
  }
  for (const open of [list, pdu, message]) writer.close(open);
  return Buffer.from(writer.buffer.subarray(0, writer.length));
}

function identity(device: SimulatedDevice, maxMessageBytes = device.kind.maxMessageBytes) {
  return { device, mib: device.kind.mib, community: 'rahasia', maxMessageBytes };
}

/** Every instance of a device, in GETNEXT's order. */
function walk(device: SimulatedDevice): number[][] {
  const names: number[][] = [];
  let at: number[] = [0, 0];
  for (;;) {
    const found = device.kind.mib.next(device, at, () => true);
    if (found === null) return names;
    at = [...found.column.oid, ...found.suffix];
    names.push(at);
    if (names.length > 20_000) throw new Error('The walk does not end.');
  }
}

describe('the SNMP agent', () => {
  it('walks every kind of device in strictly ascending order, and GET finds each name of the walk', () => {
    for (const device of devices) {
      const names = walk(device);
      expect(names.length, device.name).toBeGreaterThan(50);
      for (let i = 1; i < names.length; i++) {
        expect(compareOid(names[i] ?? [], names[i - 1] ?? [])).toBeGreaterThan(0);
      }
      for (const name of names) expect(typeof device.kind.mib.get(device, name)).toBe('object');
    }
  });

  it('gives as next of any name the first name of the walk that is greater', () => {
    const device = devices[2];
    if (device === undefined) throw new Error('no device');
    const names = walk(device);
    const arc = fc.oneof(fc.nat(40), fc.constantFrom(14988, 8802, 25, 31, 65536, 4294967295));
    const near = fc
      .tuple(fc.constantFrom(...names), fc.nat(14), fc.array(arc, { maxLength: 3 }))
      .map(([name, keep, more]) => [...name.slice(0, keep + 1), ...more]);
    fc.assert(
      fc.property(near, (name) => {
        const expected = names.find((other) => compareOid(other, name) > 0);
        const found = device.kind.mib.next(device, name, () => true);
        expect(found === null ? undefined : [...found.column.oid, ...found.suffix]).toEqual(expected);
      }),
    );
  });

  it('never throws and never answers what is not a well-formed request', () => {
    const device = devices[0];
    if (device === undefined) throw new Error('no device');
    const counters = newCounters();
    const good = request(tag.getBulk, [[1, 3, 6, 1, 2, 1, 2]], 0, 20);
    for (let length = 0; length < good.length; length++) {
      expect(answer(identity(device), good.subarray(0, length), counters)).toBeNull();
    }
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        answer(identity(device), Buffer.from(bytes), counters);
      }),
      { numRuns: 3000 },
    );
    fc.assert(
      fc.property(fc.nat(good.length - 1), fc.integer({ min: 0, max: 255 }), (at, value) => {
        const changed = Buffer.from(good);
        changed[at] = value;
        answer(identity(device), changed, counters);
      }),
      { numRuns: 3000 },
    );
    expect(counters.malformed).toBeGreaterThan(3000);
  });

  it('keeps to the size of its messages: tooBig for a GET, fewer rows for a GETBULK', () => {
    const device = devices[0];
    if (device === undefined) throw new Error('no device');
    const counters = newCounters();
    const many = walk(device).slice(0, 120);
    const tooBig = answer(identity(device, 484), request(tag.get, many), counters);
    expect(tooBig?.length).toBeLessThan(60);
    expect(counters.tooBig).toBe(1);
    const bulk = answer(identity(device, 484), request(tag.getBulk, [[1, 3]], 0, 1000), counters);
    expect(bulk?.length).toBeGreaterThan(400);
    expect(bulk?.length).toBeLessThanOrEqual(484);
    const huge = answer(identity(device, 65_000), request(tag.getBulk, [[1, 3]], 0, 100_000), counters);
    expect(huge?.length).toBeLessThanOrEqual(65_000);
  });
});
