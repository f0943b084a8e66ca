import { tag } from './ber-writer.ts';

/** A request as the agent needs it. Everything is checked against the datagram's end; what does not fit is refused. */
export interface SnmpRequest {
  readonly version: 0 | 1;
  readonly community: string;
  readonly type: number;
  /** The request id with its tag and length, to be sent back as it came. */
  readonly requestId: Buffer;
  /** error-status, or non-repeaters of a GETBULK. */
  readonly first: number;
  /** error-index, or max-repetitions of a GETBULK. */
  readonly second: number;
  readonly names: readonly (readonly number[])[];
  /** The variable bindings as they came, for answers that repeat them. */
  readonly bindings: Buffer;
}

export type RequestFault = 'malformed' | 'version' | 'type';

const maxNames = 4096;

/** Decodes an SNMPv1 or v2c request (RFC 1157, RFC 3416). */
export function readRequest(datagram: Buffer): SnmpRequest | RequestFault {
  const message = new Reader(datagram, 0, datagram.length);
  const body = message.enter(tag.sequence);
  if (body === null) return 'malformed';
  const version = body.integer();
  if (version === null) return 'malformed';
  if (version !== 0 && version !== 1) return 'version';
  const community = body.value(tag.octets);
  if (community === null) return 'malformed';
  const type = body.peek();
  if (type !== tag.get && type !== tag.getNext && type !== tag.getBulk && type !== tag.set) return 'type';
  if (type === tag.getBulk && version === 0) return 'type';
  const pdu = body.enter(type);
  if (pdu === null) return 'malformed';
  const idStart = pdu.offset;
  if (pdu.integer() === null) return 'malformed';
  const requestId = datagram.subarray(idStart, pdu.offset);
  const first = pdu.integer();
  const second = pdu.integer();
  if (first === null || second === null) return 'malformed';
  const bindingsAt = pdu.offset;
  const list = pdu.enter(tag.sequence);
  if (list === null) return 'malformed';
  const bindings = datagram.subarray(bindingsAt, pdu.offset);
  const names: number[][] = [];
  while (list.offset < list.end) {
    const binding = list.enter(tag.sequence);
    const name = binding?.oid() ?? null;
    if (binding === null || name === null || !binding.skip() || names.length >= maxNames) return 'malformed';
    names.push(name);
  }
  return { version, community: community.toString('latin1'), type, requestId, first, second, names, bindings };
}

class Reader {
  offset: number;
  readonly end: number;
  readonly #data: Buffer;

  constructor(data: Buffer, offset: number, end: number) {
    this.#data = data;
    this.offset = offset;
    this.end = end;
  }

  peek(): number {
    return this.offset < this.end ? (this.#data[this.offset] ?? -1) : -1;
  }

  /** Content of the next value when it has this tag; the reader stands behind it then. */
  value(type: number): Buffer | null {
    const inner = this.enter(type);
    return inner === null ? null : this.#data.subarray(inner.offset, inner.end);
  }

  enter(type: number): Reader | null {
    if (this.peek() !== type) return null;
    const content = this.#length(this.offset + 1);
    if (content === null) return null;
    const inner = new Reader(this.#data, content.start, content.start + content.size);
    this.offset = inner.end;
    return inner;
  }

  skip(): boolean {
    if (this.peek() < 0) return false;
    const content = this.#length(this.offset + 1);
    if (content === null) return false;
    this.offset = content.start + content.size;
    return true;
  }

  integer(): number | null {
    const content = this.value(tag.integer);
    if (content === null || content.length === 0 || content.length > 4) return null;
    return content.readIntBE(0, content.length);
  }

  oid(): number[] | null {
    const content = this.value(tag.oid);
    if (content === null || content.length === 0) return null;
    const arcs: number[] = [];
    let arc = 0;
    for (let i = 0; i < content.length; i++) {
      const byte = content[i] ?? 0;
      arc = arc * 128 + (byte & 0x7f);
      if (arc > 0xffff_ffff) return null;
      if (byte & 0x80) {
        if (i === content.length - 1) return null;
        continue;
      }
      if (arcs.length === 0) {
        const root = Math.min(2, Math.floor(arc / 40));
        arcs.push(root, arc - root * 40);
      } else arcs.push(arc);
      if (arcs.length > 128) return null;
      arc = 0;
    }
    return arcs;
  }

  #length(at: number): { start: number; size: number } | null {
    if (at >= this.end) return null;
    const first = this.#data[at] ?? 0;
    let size = first;
    let start = at + 1;
    if (first & 0x80) {
      const count = first & 0x7f;
      if (count === 0 || count > 4 || start + count > this.end) return null;
      size = this.#data.readUIntBE(start, count);
      start += count;
    }
    return start + size > this.end ? null : { start, size };
  }
}
