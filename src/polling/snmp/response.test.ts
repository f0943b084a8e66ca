import { randomBytes } from 'node:crypto';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeInteger, encodeOid, encodeTlv, Tag } from './ber.ts';
import { messageForm } from './message-form.ts';
import { readSlots, ResponseReader, SlotStatus } from './response.ts';
import { readVarbinds } from './varbinds.ts';

const form = messageForm('rtr-test-01', { kind: 'snmp-v2c', community: 'public' });
const oids = ['1.3.6.1.2.1.1.3.0', '1.3.6.1.2.1.31.1.1.1.6.3', '1.3.6.1.2.1.2.2.1.8.3'].map(encodeOid);
const { expected } = form.encode(Tag.get, oids);

function varbind(oid: Uint8Array, value: Uint8Array): Buffer {
  return encodeTlv(Tag.sequence, encodeTlv(Tag.oid, oid), value);
}

function answer(
  varbinds: readonly Uint8Array[],
  change: { requestId?: number; tag?: number; version?: number } = {},
): Buffer {
  return encodeTlv(
    Tag.sequence,
    encodeInteger(change.version ?? 1),
    encodeTlv(Tag.octetString, Buffer.from('public')),
    encodeTlv(
      change.tag ?? Tag.response,
      encodeInteger(change.requestId ?? 0x12345678),
      encodeInteger(0),
      encodeInteger(0),
      encodeTlv(Tag.sequence, ...varbinds),
    ),
  );
}

const values = [
  encodeTlv(Tag.timeTicks, Buffer.from([0x01, 0x00])),
  encodeTlv(Tag.counter64, Buffer.from([0x01, 0, 0, 0, 0, 0, 0])),
  encodeInteger(1),
];
const whole = answer(oids.map((oid, i) => varbind(oid, values[i] ?? Buffer.alloc(0))));

function read(bytes: Buffer): { result: string; found: number; numbers: number[]; status: number[] } {
  const reader = new ResponseReader();
  const result = reader.open(bytes);
  const numbers = new Float64Array(3).fill(-1);
  const status = new Uint8Array(3).fill(9);
  const found =
    result === 'ok' ? readSlots(bytes, reader.varbindsFrom, reader.varbindsTo, expected, numbers, status) : -1;
  return { result, found, numbers: [...numbers], status: [...status] };
}

describe('an answer', () => {
  it('gives every slot its number', () => {
    expect(read(whole)).toEqual({ result: 'ok', found: 3, numbers: [256, 2 ** 48, 1], status: [1, 1, 1] });
  });

  it('finds its slots in any order, and passes over strangers', () => {
    const stranger = varbind(encodeOid('1.3.6.1.4.1.9.1'), values[2] ?? Buffer.alloc(0));
    const parts = oids.map((oid, i) => varbind(oid, values[i] ?? Buffer.alloc(0)));
    const shuffled = answer([stranger, parts[2] ?? stranger, parts[0] ?? stranger, parts[1] ?? stranger]);
    expect(read(shuffled)).toEqual({ result: 'ok', found: 3, numbers: [256, 2 ** 48, 1], status: [1, 1, 1] });
  });

  it('records exceptions per slot', () => {
    const exceptions = [Tag.noSuchObject, Tag.noSuchInstance, Tag.endOfMibView];
    const bytes = answer(oids.map((oid, i) => varbind(oid, Buffer.from([exceptions[i] ?? 0, 0]))));
    expect(read(bytes).status).toEqual([SlotStatus.noSuchObject, SlotStatus.noSuchInstance, SlotStatus.endOfMibView]);
  });

  it('leaves what did not come as absent', () => {
    const bytes = answer([varbind(oids[1] ?? Buffer.alloc(0), values[1] ?? Buffer.alloc(0))]);
    expect(read(bytes)).toMatchObject({ found: 1, status: [SlotStatus.absent, SlotStatus.value, SlotStatus.absent] });
  });

  it('reads numbers that devices send as text or as a float', () => {
    const text = (of: string): Buffer => encodeTlv(Tag.octetString, Buffer.from(of));
    const float = encodeTlv(Tag.opaque, Buffer.from('9f780441bc0000', 'hex'));
    const bytes = answer([
      varbind(oids[0] ?? Buffer.alloc(0), text('23.5 C')),
      varbind(oids[1] ?? Buffer.alloc(0), float),
      varbind(oids[2] ?? Buffer.alloc(0), text('constructor')),
    ]);
    expect(read(bytes)).toMatchObject({ numbers: [23.5, 23.5, -1], status: [1, 1, SlotStatus.notANumber] });
  });

  it('is refused by name when it is something else', () => {
    expect(read(Buffer.from('hello, this is no SNMP at all')).result).toBe('not-ber');
    expect(read(answer([], { version: 2 })).result).toBe('version');
    expect(read(answer([], { version: 3 })).result).toBe('head');
    expect(read(answer([], { tag: 0xa7 })).result).toBe('not-a-response');
  });

  it('is refused wherever it is cut off', () => {
    for (let size = 0; size < whole.length; size += 1) {
      const cut = Buffer.from(whole.subarray(0, size));
      const { result, found } = read(cut);
      expect(result === 'ok' ? found : -1, `cut to ${size} bytes`).toBe(-1);
    }
  });

  it('with a hostile length anywhere is refused or read within its bounds', () => {
    for (let at = 0; at < whole.length; at += 1) {
      for (const byte of [0x00, 0x7f, 0x80, 0x81, 0x82, 0x84, 0x88, 0xff]) {
        const bytes = Buffer.from(whole);
        bytes[at] = byte;
        const { found } = read(bytes);
        expect(found).toBeLessThanOrEqual(3);
      }
    }
  });

  it('never throws and never reads beyond its end, whatever the bytes', () => {
    const mutations = fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(mutations, fc.nat(whole.length), (changes, size) => {
        // The array buffer ends where the datagram does: a read beyond would be undefined, not a neighbour's byte.
        const bytes = Buffer.from(new Uint8Array(whole.subarray(0, size)).buffer);
        for (const [at, byte] of changes) if (at < bytes.length) bytes[at] = byte;
        const { status } = read(bytes);
        for (const one of status) expect(one).toBeLessThanOrEqual(9);
        const reader = new ResponseReader();
        if (reader.open(bytes) === 'ok') readVarbinds(bytes, reader.varbindsFrom, reader.varbindsTo);
      }),
      { numRuns: 20_000 },
    );
  });

  it('costs no more than a few microseconds to refuse, a hundred thousand times', () => {
    const reader = new ResponseReader();
    const numbers = new Float64Array(3);
    const status = new Uint8Array(3);
    const noise = Array.from({ length: 1_000 }, (_, i) => {
      const bytes = randomBytes(20 + ((i * 13) % 1_400));
      // Half of them look like SNMP at first.
      if (i % 2 === 0) whole.copy(bytes, 0, 0, Math.min(bytes.length, 12 + (i % 40)));
      return bytes;
    });
    const start = performance.now();
    for (let i = 0; i < 100_000; i += 1) {
      const bytes = noise[i % noise.length] ?? whole;
      if (reader.open(bytes) === 'ok')
        readSlots(bytes, reader.varbindsFrom, reader.varbindsTo, expected, numbers, status);
    }
    expect(performance.now() - start).toBeLessThan(2_000);
  });
});

describe('a request', () => {
  it('keeps its bytes but for the four of the request id', () => {
    const packet = form.encode(Tag.get, oids);
    const first = Buffer.from(form.prepare(packet, 0x01020304, 0));
    const second = Buffer.from(form.prepare(packet, 0x7fffffff, 0));
    const differing = [...first.keys()].filter((i) => first[i] !== second[i]);
    expect(differing.every((i) => i >= packet.requestIdAt && i < packet.requestIdAt + 4)).toBe(true);
    expect(first.readUInt32BE(packet.requestIdAt)).toBe(0x01020304);
    expect(first.readUInt16BE(packet.requestIdAt - 2)).toBe(0x0204);
  });

  it('is what RFC 3416 says, byte by byte', () => {
    const packet = form.encode(Tag.get, [encodeOid('1.3.6.1.2.1.1.3.0')]);
    expect(form.prepare(packet, 0x01020304, 0).toString('hex')).toBe(
      '302902010104067075626c6963a01c020401020304020100020100300e300c06082b060102010103000500',
    );
  });
});
