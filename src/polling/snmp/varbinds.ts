import { decodeOid, lengthAt, lengthBytes, signedAt, Tag, unsignedAt } from './ber.ts';

/** One variable of an answer as an object: for identification, not for polls. */
export interface Varbind {
  /** Dotted, without leading dot. */
  readonly oid: string;
  readonly oidBytes: Buffer;
  readonly tag: number;
  /** Number for INTEGER, Counter, Gauge, TimeTicks; dotted text for OBJECT IDENTIFIER; bytes for the rest. */
  readonly value: number | string | Buffer;
}

const mostVarbinds = 2_000;

/** Reads the varbinds in `buffer[from, to)`, copying what they hold; null when the bytes are malformed. */
export function readVarbinds(buffer: Buffer, from: number, to: number): readonly Varbind[] | null {
  const varbinds: Varbind[] = [];
  let at = from;
  while (at < to) {
    if (buffer[at] !== Tag.sequence || varbinds.length === mostVarbinds) return null;
    const length = lengthAt(buffer, at + 1, to);
    if (length < 0) return null;
    at += 1 + lengthBytes(buffer, at + 1);
    const end = at + length;

    if (buffer[at] !== Tag.oid) return null;
    const oidLength = lengthAt(buffer, at + 1, end);
    if (oidLength < 0) return null;
    const oidFrom = at + 1 + lengthBytes(buffer, at + 1);
    at = oidFrom + oidLength;
    const oid = decodeOid(buffer, oidFrom, at);
    if (oid === null || at >= end) return null;

    const tag = buffer[at] ?? 0;
    const valueLength = lengthAt(buffer, at + 1, end);
    if (valueLength < 0) return null;
    const valueFrom = at + 1 + lengthBytes(buffer, at + 1);
    if (valueFrom + valueLength !== end) return null;
    varbinds.push({
      oid,
      oidBytes: Buffer.from(buffer.subarray(oidFrom, oidFrom + oidLength)),
      tag,
      value: valueOf(buffer, tag, valueFrom, end),
    });
    at = end;
  }
  return varbinds;
}

function valueOf(buffer: Buffer, tag: number, from: number, to: number): number | string | Buffer {
  const length = to - from;
  if (tag === Tag.integer && length >= 1 && length <= 8) return signedAt(buffer, from, to);
  if (((tag >= Tag.counter32 && tag <= Tag.timeTicks) || tag === Tag.counter64) && length >= 1 && length <= 9) {
    return unsignedAt(buffer, from, to);
  }
  if (tag === Tag.opaque && length === 7 && buffer[from] === 0x9f && buffer[from + 1] === 0x78) {
    return buffer.readFloatBE(from + 3);
  }
  if (tag === Tag.oid) return decodeOid(buffer, from, to) ?? '';
  return Buffer.from(buffer.subarray(from, to));
}
