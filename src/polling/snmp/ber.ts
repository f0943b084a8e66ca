/** Tags of SNMP's subset of BER (RFC 1157, RFC 3416, RFC 2578 section 7.1). */
export const Tag = {
  integer: 0x02,
  octetString: 0x04,
  null: 0x05,
  oid: 0x06,
  sequence: 0x30,
  ipAddress: 0x40,
  counter32: 0x41,
  gauge32: 0x42,
  timeTicks: 0x43,
  opaque: 0x44,
  counter64: 0x46,
  noSuchObject: 0x80,
  noSuchInstance: 0x81,
  endOfMibView: 0x82,
  get: 0xa0,
  getNext: 0xa1,
  response: 0xa2,
  getBulk: 0xa5,
  report: 0xa8,
} as const;

const mostArcs = 128;
const scratch = Buffer.alloc(mostArcs * 5);

/** The content bytes of an OBJECT IDENTIFIER, without tag and length. Throws a TypeError on what is no OID. */
export function encodeOid(oid: string): Buffer {
  let size = 0;
  let arcs = 0;
  let first = 0;
  let arc = -1;
  for (let i = 0; i <= oid.length; i += 1) {
    const code = i === oid.length ? 0x2e : oid.charCodeAt(i);
    if (code >= 0x30 && code <= 0x39) {
      arc = (arc < 0 ? 0 : arc * 10) + code - 0x30;
      if (arc > 0xffffffff) throw noOid(oid);
      continue;
    }
    if (code !== 0x2e || arc < 0 || arcs === mostArcs) throw noOid(oid);
    arcs += 1;
    if (arcs === 1) first = arc;
    else {
      if (arcs === 2 && (first > 2 || (first < 2 && arc > 39))) throw noOid(oid);
      size = writeArc(arcs === 2 ? first * 40 + arc : arc, size);
    }
    arc = -1;
  }
  if (arcs < 2) throw noOid(oid);
  return Buffer.from(scratch.subarray(0, size));
}

function writeArc(arc: number, at: number): number {
  let end = at;
  if (arc >= 0x10000000) scratch[end++] = Math.floor(arc / 0x10000000) | 0x80;
  if (arc >= 0x200000) scratch[end++] = (Math.floor(arc / 0x200000) & 0x7f) | 0x80;
  if (arc >= 0x4000) scratch[end++] = (Math.floor(arc / 0x4000) & 0x7f) | 0x80;
  if (arc >= 0x80) scratch[end++] = (Math.floor(arc / 0x80) & 0x7f) | 0x80;
  scratch[end++] = arc % 0x80;
  return end;
}

function noOid(oid: string): TypeError {
  return new TypeError(`'${oid}' is no object identifier`);
}

/**
 * The OID that a GETNEXT is asked with to be answered with `oid`, where that is there: the row before it, or for a scalar
 * (RFC 2578, section 7: `.0`) its object.
 */
export function oidBefore(oid: string): string {
  const dot = oid.lastIndexOf('.');
  const last = Number(oid.slice(dot + 1));
  return last === 0 ? oid.slice(0, dot) : `${oid.slice(0, dot)}.${last - 1}`;
}

/** The dotted form of OID content in `buffer[from, to)`, or null when it is malformed (RFC 2578: at most 128 arcs). */
export function decodeOid(buffer: Uint8Array, from: number, to: number): string | null {
  if (from >= to) return null;
  let text = '';
  let arc = 0;
  let arcs = 0;
  for (let at = from; at < to; at += 1) {
    const byte = buffer[at] ?? 0;
    arc = arc * 128 + (byte & 0x7f);
    if (arc > 0xffffffff + 80) return null;
    if (byte >= 0x80) continue;
    if (arcs === 0) {
      const first = arc < 40 ? 0 : arc < 80 ? 1 : 2;
      text = `${first}.${arc - first * 40}`;
      arcs = 2;
    } else {
      text += '.' + arc;
      arcs += 1;
      if (arcs > 128) return null;
    }
    arc = 0;
  }
  return (buffer[to - 1] ?? 0x80) >= 0x80 ? null : text;
}

/** Orders OID contents as RFC 3416 does: arc by arc, as numbers (bytes alone would put 16384 before 16383). */
export function compareOids(one: Uint8Array, other: Uint8Array): number {
  let i = 0;
  while (i < one.length && one[i] === other[i]) i += 1;
  if (i === one.length || i === other.length) return one.length - other.length;
  let start = i;
  while (start > 0 && (one[start - 1] ?? 0) >= 0x80) start -= 1;
  return arcAt(one, start) - arcAt(other, start);
}

function arcAt(oid: Uint8Array, from: number): number {
  let arc = 0;
  for (let at = from; at < oid.length; at += 1) {
    const byte = oid[at] ?? 0;
    arc = arc * 128 + (byte & 0x7f);
    if (byte < 0x80) break;
  }
  return arc;
}

function encodeLength(length: number): Buffer {
  if (length < 0x80) return Buffer.from([length]);
  if (length < 0x100) return Buffer.from([0x81, length]);
  return Buffer.from([0x82, length >> 8, length & 0xff]);
}

/** One tag-length-value; the parts are its content, in order. */
export function encodeTlv(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts);
  return Buffer.concat([Buffer.from([tag]), encodeLength(content.length), content]);
}

/** An INTEGER of at most 32 bits in its shortest form. */
export function encodeInteger(value: number): Buffer {
  const content = Buffer.alloc(4);
  content.writeInt32BE(value);
  let from = 0;
  while (from < 3) {
    const byte = content[from] ?? 0;
    const next = content[from + 1] ?? 0;
    if (!((byte === 0 && next < 0x80) || (byte === 0xff && next >= 0x80))) break;
    from += 1;
  }
  return encodeTlv(Tag.integer, content.subarray(from));
}

/**
 * The length that starts at `at`, or -1 when it is malformed, indefinite or reaches beyond `end`. How many bytes the
 * length itself takes: `lengthBytes`.
 */
export function lengthAt(buffer: Uint8Array, at: number, end: number): number {
  if (at >= end) return -1;
  const first = buffer[at] ?? 0;
  if (first < 0x80) return at + 1 + first <= end ? first : -1;
  const count = first & 0x7f;
  if (count === 0 || count > 4 || at + 1 + count > end) return -1;
  let length = 0;
  for (let i = 1; i <= count; i += 1) length = length * 256 + (buffer[at + i] ?? 0);
  return at + 1 + count + length <= end ? length : -1;
}

export function lengthBytes(buffer: Uint8Array, at: number): number {
  const first = buffer[at] ?? 0;
  return first < 0x80 ? 1 : 1 + (first & 0x7f);
}

/** A signed INTEGER's content; callers have checked that `from < to` and `to - from <= 8`. */
export function signedAt(buffer: Uint8Array, from: number, to: number): number {
  let value = ((buffer[from] ?? 0) << 24) >> 24;
  for (let at = from + 1; at < to; at += 1) value = value * 256 + (buffer[at] ?? 0);
  return value;
}

/**
 * An unsigned number's content of at most 9 bytes. Counter64 beyond 2^53 is rounded once, so that a larger counter
 * never reads as a smaller number.
 */
export function unsignedAt(buffer: Uint8Array, from: number, to: number): number {
  const middle = to - 4;
  if (middle < from) {
    let value = 0;
    for (let at = from; at < to; at += 1) value = (value << 8) | (buffer[at] ?? 0);
    return value;
  }
  const low =
    (((buffer[middle] ?? 0) << 24) |
      ((buffer[middle + 1] ?? 0) << 16) |
      ((buffer[middle + 2] ?? 0) << 8) |
      (buffer[middle + 3] ?? 0)) >>>
    0;
  if (middle === from) return low;
  let high = 0;
  for (let at = from; at < middle; at += 1) high = high * 256 + (buffer[at] ?? 0);
  return high * 4294967296 + low;
}
