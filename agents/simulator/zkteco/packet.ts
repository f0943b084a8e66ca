/**
 * Packets of a standalone terminal of ZKTeco as github.com/adrobinoga/zk-protocol (protocol.md) describes them; the client of
 * github.com/fananimi/pyzk is held against them (`pyzk-peers.test.ts`).
 */
const start = 0x7d825050;
const mostBytes = 16_384;

export interface Packet {
  readonly command: number;
  readonly session: number;
  readonly reply: number;
  readonly data: Buffer;
}

export function read(bytes: Buffer): Packet | null {
  if (bytes.length < 8) return null;
  const word = (at: number): number => bytes.readUInt16LE(at);
  return { command: word(0), session: word(4), reply: word(6), data: bytes.subarray(8) };
}

export function write({ command, session, reply, data }: Packet): Buffer {
  const bytes = Buffer.concat([Buffer.alloc(8), data]);
  for (const [at, value] of [command, 0, session, reply].entries()) bytes.writeUInt16LE(value, at * 2);
  bytes.writeUInt16LE(checksum(bytes), 2);
  return bytes;
}

/** Around a packet on TCP: a mark, and its length. */
export function wrap(packet: Buffer): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt32LE(start, 0);
  head.writeUInt32LE(packet.length, 4);
  return Buffer.concat([head, packet]);
}

/** Whole packets in what came, and what is left of it; null where it is no terminal's language. */
export function unwrap(bytes: Buffer): { readonly packets: readonly Buffer[]; readonly rest: Buffer } | null {
  const packets: Buffer[] = [];
  let at = 0;
  while (bytes.length - at >= 8) {
    const length = bytes.readUInt32LE(at + 4);
    if (bytes.readUInt32LE(at) !== start || length > mostBytes) return null;
    if (bytes.length - at - 8 < length) break;
    packets.push(bytes.subarray(at + 8, at + 8 + length));
    at += 8 + length;
  }
  return { packets, rest: bytes.subarray(at) };
}

/** 16-bit words added up, carried around, turned over. */
function checksum(bytes: Buffer): number {
  let sum = 0;
  for (let at = 0; at < bytes.length; at += 2)
    sum += at + 1 < bytes.length ? bytes.readUInt16LE(at) : bytes.readUInt8(at);
  while (sum > 0xffff) sum = (sum & 0xffff) + Math.floor(sum / 0x10000);
  return ~sum & 0xffff;
}

/** What a comm key looks like in a session; a client sends it instead of the key. */
export function keyProof(key: number, session: number, ticks: number): Buffer {
  let bits = '';
  for (let bit = 0; bit < 32; bit += 1) bits += String((key >>> bit) & 1);
  const mixed = (Number.parseInt(bits, 2) + session) % 0x1_0000_0000;
  const [, second = 0, third = 0, fourth = 0] = [...'ZKSO'].map((letter, at) => ((mixed >>> (at * 8)) & 0xff) ^ (letter.codePointAt(0) ?? 0)); // prettier-ignore
  return Buffer.from([third ^ ticks, fourth ^ ticks, ticks, second ^ ticks]);
}

/** Seconds of a calendar in which every month has 31 days, since 2000. */
export function timeOf(wall: Date): number {
  const days = ((wall.getUTCFullYear() - 2_000) * 12 + wall.getUTCMonth()) * 31 + wall.getUTCDate() - 1;
  return ((days * 24 + wall.getUTCHours()) * 60 + wall.getUTCMinutes()) * 60 + wall.getUTCSeconds();
}

export function wallOf(time: number): Date {
  const [days, seconds] = [Math.floor(time / 86_400), time % 86_400];
  const months = Math.floor(days / 31);
  return new Date(Date.UTC(2_000 + Math.floor(months / 12), months % 12, (days % 31) + 1) + seconds * 1_000);
}
