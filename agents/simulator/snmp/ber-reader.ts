import { tag } from './ber-writer.ts';

/** Reads BER within a part of a datagram, whose bounds it never leaves: what does not fit is null. */
export class BerReader {
  offset: number;
  readonly end: number;
  readonly #data: Buffer;

  constructor(data: Buffer, offset: number, end: number) {
    this.#data = data;
    this.offset = offset;
    this.end = end;
  }

  /** The bytes from one place to another, as `offset` counts them. */
  slice(from: number, to: number): Buffer {
    return this.#data.subarray(from, to);
  }

  peek(): number {
    return this.offset < this.end ? (this.#data[this.offset] ?? -1) : -1;
  }

  /** Content of the next value when it has this tag; the reader stands behind it then. */
  value(type: number): Buffer | null {
    const inner = this.enter(type);
    return inner === null ? null : this.#data.subarray(inner.offset, inner.end);
  }

  enter(type: number): BerReader | null {
    if (this.peek() !== type) return null;
    const content = this.#length(this.offset + 1);
    if (content === null) return null;
    const inner = new BerReader(this.#data, content.start, content.start + content.size);
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
