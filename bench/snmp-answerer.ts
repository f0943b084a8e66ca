import { createSocket } from 'node:dgram';

/**
 * The other end of `snmp-poll`, in a process of its own so that only the poller's CPU counts: one socket per device, each
 * with an address of its own in 127.0.0.0/8. An answer is built once per request and replayed: request id patched in,
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
  readonly uptimeAt: number;
}

function header(bytes: Buffer, at: number): { readonly from: number; readonly length: number } {
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

/** Where the request id lies: after message head, version, community and PDU head. */
function requestIdOf(request: Buffer): { readonly at: number; readonly pdu: number } {
  const message = header(request, 0);
  const community = header(request, message.from + 3);
  const pdu = community.from + community.length;
  return { at: header(request, pdu).from + 2, pdu };
}

function prepare(request: Buffer): Prepared {
  const { at: idAt, pdu } = requestIdOf(request);
  const list = header(request, idAt + 4 + 6);
  const parts: Buffer[] = [];
  const marks: { readonly part: number; readonly uptime: boolean }[] = [];
  for (let at = list.from; at < list.from + list.length;) {
    const one = header(request, at);
    const oid = request.subarray(one.from, one.from + 2 + request.readUInt8(one.from + 1));
    let value: Buffer;
    if (oid.subarray(-4).equals(uptimeTail)) {
      value = Buffer.from([0x43, 4, 1, 0, 0, 0]);
      marks.push({ part: parts.length, uptime: true });
    } else if (oid.readUInt8(oid.length - 2) === 8 && oid.length < 13 && oid.readUInt8(7) === 2) {
      value = Buffer.from([0x02, 1, 1]); // ifOperStatus
    } else if (oid.readUInt8(7) === 31) {
      value = Buffer.from([0x46, 7, 0, 1, 2, 0, 0, 0, 0]);
      marks.push({ part: parts.length, uptime: false });
    } else {
      value = Buffer.from([0x41, 4, 1, 0, 0, 0]);
      marks.push({ part: parts.length, uptime: false });
    }
    parts.push(tlv(0x30, oid, value));
    at = one.from + one.length;
  }
  const body = Buffer.concat(parts);
  const head = Buffer.from([0x02, 4, 1, 1, 1, 1, 0x02, 1, 0, 0x02, 1, 0]);
  const message = header(request, 0);
  const before = request.subarray(message.from, pdu);
  const answer = tlv(0x30, before, tlv(0xa2, head, tlv(0x30, body)));
  const bodyAt = answer.length - body.length;
  const ends: number[] = [];
  let at = bodyAt;
  for (const part of parts) {
    at += part.length;
    ends.push(at - 4);
  }
  return {
    answer,
    requestIdAt: bodyAt - header(answer, 0).from > 0 ? requestIdOf(answer).at : 0,
    counters: marks.filter((mark) => !mark.uptime).map((mark) => ends[mark.part] ?? 0),
    uptimeAt: ends[marks.find((mark) => mark.uptime)?.part ?? -1] ?? -1,
  };
}

const sockets = [];
for (let i = 0; i < count; i += 1) {
  const socket = createSocket('udp4');
  const prepared = new Map<string, Prepared>();
  socket.on('message', (request, from) => {
    const { at } = requestIdOf(request);
    const id = request.readUInt32BE(at);
    request.writeUInt32BE(0, at);
    const key = request.toString('latin1');
    let one = prepared.get(key);
    if (one === undefined) {
      one = prepare(request);
      prepared.set(key, one);
    }
    one.answer.writeUInt32BE(id, one.requestIdAt);
    const elapsed = Date.now() - start;
    const value = (elapsed * 1_000) % 2 ** 31;
    for (const place of one.counters) one.answer.writeUInt32BE(value, place);
    if (one.uptimeAt >= 0) one.answer.writeUInt32BE(0x01000000 + Math.floor(elapsed / 10), one.uptimeAt);
    socket.send(one.answer, from.port, from.address);
  });
  sockets.push(
    new Promise<void>((resolve, reject) => {
      socket.once('error', reject);
      socket.bind(port, `127.77.${Math.floor(i / 250)}.${(i % 250) + 1}`, resolve);
    }),
  );
}
await Promise.all(sockets);
process.send?.('ready');
process.on('disconnect', () => process.exit(0));
