/**
 * Packets of ZKTeco's standalone terminals. The maker publishes none of it; by the source of pyzk (github.com/fananimi/pyzk,
 * zk/base.py and zk/const.py) and github.com/adrobinoga/zk-protocol (protocol.md, sections/terminal.md).
 */
export const commands = {
  readOption: 11,
  writeOption: 12,
  readTime: 201,
  writeTime: 202,
  connect: 1_000,
  exit: 1_001,
  refreshData: 1_013,
  refreshOptions: 1_014,
  version: 1_100,
  authorise: 1_102,
} as const;

export const answers = { ok: 2_000, unauthorised: 2_005 } as const;

/** Before each packet on TCP; its length follows. */
const top = Buffer.from([0x50, 0x50, 0x82, 0x7d]);
const topBytes = 8;
const headBytes = 8;
/** Settings are short; what is longer is not an answer to what is asked here. */
const mostBytes = 16_384;

export interface ZkPacket {
  readonly command: number;
  readonly session: number;
  readonly reply: number;
  readonly data: Buffer;
}

/** A packet as it goes over UDP; TCP has `framed` around it. */
export function encodePacket({ command, session, reply, data }: ZkPacket): Buffer {
  const packet = Buffer.alloc(headBytes + data.length);
  packet.writeUInt16LE(command, 0);
  packet.writeUInt16LE(session, 4);
  packet.writeUInt16LE(reply, 6);
  data.copy(packet, headBytes);
  packet.writeUInt16LE(checksumOf(packet), 2);
  return packet;
}

export function framed(packet: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32LE(packet.length);
  return Buffer.concat([top, length, packet]);
}

/** Null where it is none. */
export function decodePacket(packet: Buffer): ZkPacket | null {
  if (packet.length < headBytes || packet.length > mostBytes) return null;
  return {
    command: packet.readUInt16LE(0),
    session: packet.readUInt16LE(4),
    reply: packet.readUInt16LE(6),
    data: packet.subarray(headBytes),
  };
}

/** The first packet in what came over TCP, and what is left; null while it is not whole. Throws where it is no packet. */
export function unframed(bytes: Buffer): { readonly packet: ZkPacket; readonly rest: Buffer } | null {
  const start = bytes.subarray(0, top.length);
  if (!start.equals(top.subarray(0, start.length))) throw new Error('no packet of a terminal');
  if (bytes.length < topBytes) return null;
  const length = bytes.readUInt32LE(4);
  if (length < headBytes || length > mostBytes) throw new Error('no packet of a terminal');
  if (bytes.length < topBytes + length) return null;
  const packet = decodePacket(bytes.subarray(topBytes, topBytes + length));
  if (packet === null) throw new Error('no packet of a terminal');
  return { packet, rest: bytes.subarray(topBytes + length) };
}

/**
 * The complement of the sum of its 16-bit words, carried around (zk-protocol). pyzk sends one less and is answered, too: what
 * terminals send is not checked by it.
 */
function checksumOf(packet: Buffer): number {
  let sum = 0;
  for (let at = 0; at < packet.length; at += 2) {
    sum += at + 1 < packet.length ? packet.readUInt16LE(at) : packet.readUInt8(at);
  }
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

/** The comm key as it is sent: its bits turned around, added to the session's number, scrambled. No secret is safe in it. */
export function scrambledKey(key: number, session: number, ticks = 50): Buffer {
  let turned = 0;
  for (let bit = 0; bit < 32; bit += 1) turned = ((turned << 1) | ((key >>> bit) & 1)) >>> 0;
  const number = Buffer.alloc(4);
  number.writeUInt32LE((turned + session) >>> 0);
  const [, k = 0, s = 0, o = 0] = number.map((byte, at) => byte ^ ('ZKSO'.codePointAt(at) ?? 0));
  // The halves change places; then all are hidden by the number, which stands in the third place.
  return Buffer.from([s ^ ticks, o ^ ticks, ticks, k ^ ticks]);
}

/** A time of day as terminals count it, months of 31 days: from its reading as if it were UTC, milliseconds. */
export function encodeTime(wallMs: number): number {
  const wall = new Date(wallMs);
  const days = (wall.getUTCFullYear() % 100) * 372 + wall.getUTCMonth() * 31 + wall.getUTCDate() - 1;
  return days * 86_400 + wall.getUTCHours() * 3_600 + wall.getUTCMinutes() * 60 + wall.getUTCSeconds();
}

export function decodeTime(time: number): number {
  const days = Math.floor(time / 86_400);
  const [year, month, day] = [Math.floor(days / 372), Math.floor(days / 31) % 12, (days % 31) + 1];
  return Date.UTC(2_000 + year, month, day) + (time % 86_400) * 1_000;
}
