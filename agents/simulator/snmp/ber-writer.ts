import type { Oid } from './oid.ts';

/** Tags of the types an SNMP agent sends (RFC 2578, section 7.1; RFC 3416, section 3). */
export const tag = {
  integer: 0x02,
  octets: 0x04,
  null: 0x05,
  oid: 0x06,
  sequence: 0x30,
  ipAddress: 0x40,
  counter32: 0x41,
  gauge32: 0x42,
  timeTicks: 0x43,
  counter64: 0x46,
  noSuchObject: 0x80,
  noSuchInstance: 0x81,
  endOfMibView: 0x82,
  get: 0xa0,
  getNext: 0xa1,
  response: 0xa2,
  set: 0xa3,
  getBulk: 0xa5,
  report: 0xa8,
} as const;

/** Writes BER forwards into one buffer. A sequence is opened with room for its length and closed when it is known. */
export class BerWriter {
  readonly buffer: Buffer;
  length = 0;

  constructor(size: number) {
    this.buffer = Buffer.alloc(size);
  }

  byte(value: number): void {
    this.buffer[this.length++] = value;
  }

  bytes(source: Uint8Array): void {
    this.buffer.set(source, this.length);
    this.length += source.length;
  }

  /** Opens a constructed value with a length of two bytes to come (long form, valid for any content up to 65,535). */
  open(type: number): number {
    this.byte(type);
    this.byte(0x82);
    this.length += 2;
    return this.length;
  }

  close(start: number): void {
    this.buffer.writeUInt16BE(this.length - start, start - 2);
  }

  /** Opens a small constructed value with one length byte; `closeSmall` makes room when it was not small. */
  openSmall(type: number): number {
    this.byte(type);
    this.byte(0);
    return this.length;
  }

  closeSmall(start: number): void {
    const size = this.length - start;
    if (size < 0x80) {
      this.buffer[start - 1] = size;
      return;
    }
    const extra = size < 0x100 ? 1 : 2;
    this.buffer.copyWithin(start + extra, start, this.length);
    this.length += extra;
    this.buffer[start - 1] = 0x80 | extra;
    if (extra === 1) this.buffer[start] = size;
    else this.buffer.writeUInt16BE(size, start);
  }

  header(type: number, size: number): void {
    this.byte(type);
    if (size < 0x80) this.byte(size);
    else if (size < 0x100) {
      this.byte(0x81);
      this.byte(size);
    } else {
      this.byte(0x82);
      this.byte(size >>> 8);
      this.byte(size & 0xff);
    }
  }

  empty(type: number): void {
    this.byte(type);
    this.byte(0);
  }

  /** INTEGER: two's complement in as few bytes as hold it (32 bits). */
  integer(value: number): void {
    const whole = value | 0;
    let size = 1;
    while (size < 4 && whole >> (size * 8 - 1) !== 0 && whole >> (size * 8 - 1) !== -1) size++;
    this.header(tag.integer, size);
    for (let shift = (size - 1) * 8; shift >= 0; shift -= 8) this.byte((whole >> shift) & 0xff);
  }

  /** Counter32, Gauge32, TimeTicks: unsigned; a leading zero keeps the first bit clear. */
  unsigned(type: number, value: number): void {
    const whole = value >>> 0;
    const size = whole < 0x80 ? 1 : whole < 0x8000 ? 2 : whole < 0x800000 ? 3 : whole < 0x80000000 ? 4 : 5;
    this.header(type, size);
    if (size === 5) this.byte(0);
    for (let shift = (Math.min(size, 4) - 1) * 8; shift >= 0; shift -= 8) this.byte((whole >>> shift) & 0xff);
  }

  /** Counter64 from a whole number below 2^53. */
  counter64(value: number): void {
    const high = Math.floor(value / 0x1_0000_0000);
    const low = value >>> 0;
    if (high === 0) {
      this.unsigned(tag.counter64, low);
      return;
    }
    const size = high < 0x80 ? 5 : high < 0x8000 ? 6 : high < 0x800000 ? 7 : 8;
    this.header(tag.counter64, size);
    for (let shift = (size - 5) * 8; shift >= 0; shift -= 8) this.byte((high >>> shift) & 0xff);
    for (let shift = 24; shift >= 0; shift -= 8) this.byte((low >>> shift) & 0xff);
  }

  octets(value: string | Uint8Array): void {
    if (typeof value === 'string') {
      const size = Buffer.byteLength(value);
      this.header(tag.octets, size);
      this.length += this.buffer.write(value, this.length);
    } else {
      this.header(tag.octets, value.length);
      this.bytes(value);
    }
  }

  ipAddress(value: string): void {
    this.header(tag.ipAddress, 4);
    for (const part of value.split('.')) this.byte(Number(part) & 0xff);
  }

  /** OBJECT IDENTIFIER from a prefix and the arcs that follow it. */
  oid(prefix: Oid, suffix: Oid): void {
    this.byte(tag.oid);
    const sizeAt = this.length++;
    this.#arc((prefix[0] ?? 0) * 40 + (prefix[1] ?? 0));
    for (let i = 2; i < prefix.length; i++) this.#arc(prefix[i] ?? 0);
    for (let i = 0; i < suffix.length; i++) this.#arc(suffix[i] ?? 0);
    this.closeSmall(sizeAt + 1);
  }

  #arc(value: number): void {
    if (value >= 0x10000000) this.byte(0x80 | (value >>> 28));
    if (value >= 0x200000) this.byte(0x80 | ((value >>> 21) & 0x7f));
    if (value >= 0x4000) this.byte(0x80 | ((value >>> 14) & 0x7f));
    if (value >= 0x80) this.byte(0x80 | ((value >>> 7) & 0x7f));
    this.byte(value & 0x7f);
  }
}
