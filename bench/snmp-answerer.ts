import { createSocket } from 'node:dgram';
import { benchColumns, deviceAddress, interfaces } from './snmp-devices.ts';

/**
 * The other end of `snmp-poll`, in a process of its own so that only the collector's CPU counts: one socket per device,
 * each with an address of its own in 127.0.0.0/8. GET is answered for whatever is asked; GETNEXT and GETBULK walk
 * sysUpTime and the columns that are collected. An answer is built once per request and replayed: request id patched in,
 * counters moved on. Arguments: number of devices, port.
 */
const [, , countText = '1000', portText = '0'] = process.argv;
const count = Number(countText);
const port = Number(portText);

interface Prepared {
  readonly answer: Buffer;
  readonly requestIdAt: number;
  /** Where the last four bytes of each counter lie. */
  readonly counters: readonly number[];
  readonly uptimeAt: readonly number[];
}

interface Part {
  readonly from: number;
  readonly length: number;
}

const getNext = 0xa1;
const getBulk = 0xa5;

function header(bytes: Buffer, at: number): Part {
  const first = bytes.readUInt8(at + 1);
  if (first < 0x80) return { from: at + 2, length: first };
  const size = first & 0x7f;
  return { from: at + 2 + size, length: bytes.readUIntBE(at + 2, size) };
}

function tlv(tag: number, ...parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  const size = body.length;
  return Buffer.concat([Buffer.from(size < 128 ? [tag, size] : [tag, 0x82, size >> 8, size & 0xff]), body]);
}

const start = Date.now();
const uptimeTail = Buffer.from([0x01, 0x01, 0x03, 0x00]);

/** Every instance that a walk meets, in order. All arcs are under 128, one byte each: bytes sort as names do. */
const instances =
  ['1.3.6.1.2.1.1.3.0', ...benchColumns.flatMap(({ oid }) => Array.from({ length: interfaces }, (_, row) => `${oid}.${row + 1}`))] // prettier-ignore
    .map((oid) => Buffer.from([0x2b, ...oid.split('.').slice(2).map(Number)]))
    .sort((one, other) => one.compare(other));

function after(name: Buffer): Buffer | null {
  let low = 0;
  for (let high = instances.length; low < high;) {
    const middle = (low + high) >> 1;
    if ((instances[middle]?.compare(name) ?? 1) > 0) high = middle;
    else low = middle + 1;
  }
  return instances[low] ?? null;
}

/** Where PDU and request id lie: after message head, version and community. */
function placesOf(request: Buffer): { readonly pdu: number; readonly id: Part } {
  const message = header(request, 0);
  const community = header(request, message.from + 3);
  const pdu = community.from + community.length;
  return { pdu, id: header(request, header(request, pdu).from) };
}

function numberAt(request: Buffer, part: Part): number {
  return part.length === 0 ? 0 : request.readIntBE(part.from, Math.min(part.length, 6));
}

/** The names that the answer holds; null at the end of the walk. */
function answered(request: Buffer, pdu: number, id: Part): { readonly name: Buffer; readonly ended: boolean }[] {
  const first = header(request, id.from + id.length);
  const second = header(request, first.from + first.length);
  const list = header(request, second.from + second.length);
  const asked: Buffer[] = [];
  for (let at = list.from; at < list.from + list.length;) {
    const one = header(request, at);
    const oid = header(request, one.from);
    asked.push(request.subarray(oid.from, oid.from + oid.length));
    at = one.from + one.length;
  }
  const next = (name: Buffer): { name: Buffer; ended: boolean } => {
    const found = after(name);
    return { name: found ?? name, ended: found === null };
  };
  const type = request.readUInt8(pdu);
  if (type === getNext) return asked.map(next);
  if (type !== getBulk) return asked.map((name) => ({ name, ended: false }));
  const single = Math.min(numberAt(request, first), asked.length);
  const names = asked.slice(0, single).map(next);
  let row = asked.slice(single);
  for (let round = 0; round < numberAt(request, second) && row.length > 0; round += 1) {
    const found = row.map(next);
    names.push(...found);
    row = found.map(({ name }) => name);
    if (found.every(({ ended }) => ended)) break;
  }
  return names;
}

function prepare(request: Buffer): Prepared {
  const { pdu, id } = placesOf(request);
  const parts: Buffer[] = [];
  const marks: { readonly part: number; readonly uptime: boolean }[] = [];
  for (const { name, ended } of answered(request, pdu, id)) {
    let value: Buffer;
    if (ended) {
      value = Buffer.from([0x82, 0]);
    } else if (name.subarray(-4).equals(uptimeTail)) {
      value = Buffer.from([0x43, 4, 1, 0, 0, 0]);
      marks.push({ part: parts.length, uptime: true });
    } else if (name.readUInt8(name.length - 2) === 8 && name.length < 11 && name.readUInt8(5) === 2) {
      value = Buffer.from([0x02, 1, 1]); // ifOperStatus
    } else if (name.readUInt8(5) === 31) {
      value = Buffer.from([0x46, 7, 0, 1, 2, 0, 0, 0, 0]);
      marks.push({ part: parts.length, uptime: false });
    } else {
      value = Buffer.from([0x41, 4, 1, 0, 0, 0]);
      marks.push({ part: parts.length, uptime: false });
    }
    parts.push(tlv(0x30, tlv(0x06, name), value));
  }
  const body = Buffer.concat(parts);
  const head = Buffer.from([0x02, 4, 1, 1, 1, 1, 0x02, 1, 0, 0x02, 1, 0]);
  const before = request.subarray(header(request, 0).from, pdu);
  const answer = tlv(0x30, before, tlv(0xa2, head, tlv(0x30, body)));
  const ends: number[] = [];
  let at = answer.length - body.length;
  for (const part of parts) {
    at += part.length;
    ends.push(at - 4);
  }
  const placesWhere = (uptime: boolean): number[] =>
    marks.filter((mark) => mark.uptime === uptime).map((mark) => ends[mark.part] ?? 0);
  return {
    answer,
    requestIdAt: placesOf(answer).id.from,
    counters: placesWhere(false),
    uptimeAt: placesWhere(true),
  };
}

const sockets = [];
for (let i = 0; i < count; i += 1) {
  const socket = createSocket('udp4');
  const prepared = new Map<string, Prepared>();
  socket.on('message', (request, from) => {
    const { id } = placesOf(request);
    const requestId = numberAt(request, id);
    request.fill(0, id.from, id.from + id.length);
    const key = request.toString('latin1');
    let one = prepared.get(key);
    if (one === undefined) {
      one = prepare(request);
      prepared.set(key, one);
    }
    one.answer.writeInt32BE(requestId, one.requestIdAt);
    const elapsed = Date.now() - start;
    const value = (elapsed * 1_000) % 2 ** 31;
    for (const place of one.counters) one.answer.writeUInt32BE(value, place);
    for (const place of one.uptimeAt) one.answer.writeUInt32BE(0x01000000 + Math.floor(elapsed / 10), place);
    socket.send(one.answer, from.port, from.address);
  });
  sockets.push(
    new Promise<void>((resolve, reject) => {
      socket.once('error', reject);
      socket.bind(port, deviceAddress(i), resolve);
    }),
  );
}
await Promise.all(sockets);
process.send?.('ready');
process.on('disconnect', () => process.exit(0));
