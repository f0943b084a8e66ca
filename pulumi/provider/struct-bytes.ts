import type { Properties, Value } from './values.ts';

/**
 * google.protobuf.Struct as bytes, read and written without a message object for each value in between: properties cross the
 * wire a dozen times in one operation, and those of 400 routers are 150,000 values each time.
 *
 * Struct: `map<string, Value> fields = 1`. Value, one of: `null_value = 1`, `number_value = 2`, `string_value = 3`,
 * `bool_value = 4`, `struct_value = 5`, `list_value = 6`. ListValue: `repeated Value values = 1`
 * (protobuf.dev/reference/protobuf/google.protobuf, protobuf.dev/programming-guides/encoding).
 */
const entryTag = 0x0a;
const keyTag = 0x0a;
const valueTag = 0x12;
const itemTag = 0x0a;
const kinds = { nothing: 0x08, number: 0x11, text: 0x1a, truth: 0x20, struct: 0x2a, list: 0x32 } as const;
const smallestRoom = 64 * 1024;
const longestKnown = 32;
const known: string[] = Array.from({ length: 4096 }, () => '');

/** What is `undefined` is left out. Throws where something is in it that no property can be: a function, a bigint. */
export function bytesOf(properties: Properties): Uint8Array {
  return writer.all(properties);
}

/** Throws where these bytes are no Struct. */
export function propertiesIn(bytes: Uint8Array): Properties {
  return new Reader(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)).all();
}

/** From the end to the beginning: the length of a part stands before it, and is known once the part is written. */
class Writer {
  #bytes = Buffer.allocUnsafe(smallestRoom);
  #written = 0;

  all(properties: Properties): Uint8Array {
    this.#written = 0;
    this.#fields(properties);
    return Uint8Array.prototype.slice.call(this.#bytes, this.#bytes.length - this.#written);
  }

  #fields(properties: Properties): void {
    const names = Object.keys(properties);
    for (let at = names.length - 1; at >= 0; at -= 1) {
      const name = names[at] ?? '';
      const value = properties[name];
      if (value === undefined) continue;
      const before = this.#written;
      this.#value(value);
      this.#head(valueTag, before);
      this.#text(keyTag, name);
      this.#head(entryTag, before);
    }
  }

  #value(value: Value): void {
    if (typeof value === 'string') this.#text(kinds.text, value);
    else if (value === null) this.#pair(kinds.nothing, 0);
    else if (typeof value === 'boolean') this.#pair(kinds.truth, value ? 1 : 0);
    else if (typeof value === 'number') this.#number(value);
    else if (typeof value === 'object') this.#nested(value);
    else throw new Error(`No property can be a ${typeof value}.`);
  }

  #nested(value: Properties | Value[]): void {
    const before = this.#written;
    if (!Array.isArray(value)) {
      this.#fields(value);
      this.#head(kinds.struct, before);
      return;
    }
    for (let at = value.length - 1; at >= 0; at -= 1) {
      const end = this.#written;
      this.#value(value[at] ?? null);
      this.#head(itemTag, end);
    }
    this.#head(kinds.list, before);
  }

  #text(tag: number, text: string): void {
    const before = this.#written;
    if (text.length > longestKnown || !this.#ascii(text)) {
      const size = Buffer.byteLength(text);
      const at = this.#room(size);
      this.#bytes.write(text, at, size);
    }
    this.#head(tag, before);
  }

  /** Writes a short text, unless it has more than ASCII. */
  #ascii(text: string): boolean {
    const from = this.#room(text.length);
    for (let at = 0; at < text.length; at += 1) {
      const code = text.charCodeAt(at);
      if (code > 0x7f) {
        this.#written -= text.length;
        return false;
      }
      this.#bytes[from + at] = code;
    }
    return true;
  }

  #number(value: number): void {
    const at = this.#room(9);
    this.#bytes[at] = kinds.number;
    this.#bytes.writeDoubleLE(value, at + 1);
  }

  #pair(tag: number, value: number): void {
    const at = this.#room(2);
    this.#bytes[at] = tag;
    this.#bytes[at + 1] = value;
  }

  /** The tag, and how long it is what was written since. */
  #head(tag: number, before: number): void {
    let length = this.#written - before;
    let size = 2;
    for (let rest = length; rest > 0x7f; rest >>>= 7) size += 1;
    let at = this.#room(size);
    this.#bytes[at] = tag;
    for (; length > 0x7f; length >>>= 7) this.#bytes[(at += 1)] = (length & 0x7f) | 0x80;
    this.#bytes[at + 1] = length;
  }

  /** Where so many bytes begin before all that is written. */
  #room(size: number): number {
    const needed = this.#written + size;
    if (needed > this.#bytes.length) {
      const larger = Buffer.allocUnsafe(Math.max(needed, 2 * this.#bytes.length));
      this.#bytes.copy(larger, larger.length - this.#written, this.#bytes.length - this.#written);
      this.#bytes = larger;
    }
    this.#written = needed;
    return this.#bytes.length - needed;
  }
}

const writer = new Writer();

class Reader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  all(): Properties {
    return this.#fields(this.#bytes.length);
  }

  /** By name, as google-protobuf gives them: the engine writes them in another order each time. */
  #fields(end: number): Properties {
    const properties: Properties = {};
    let [last, isSorted] = ['', true];
    while (this.#at < end) {
      this.#expect(entryTag);
      const entryEnd = this.#end();
      let name = '';
      let value: Value | undefined;
      while (this.#at < entryEnd) {
        const tag = this.#bytes[this.#at];
        this.#at += 1;
        if (tag === keyTag) name = this.#text();
        else if (tag === valueTag) value = this.#value(this.#end());
        else throw noStruct();
      }
      if (value === undefined || this.#at !== entryEnd) throw noStruct();
      properties[name] = value;
      isSorted &&= last <= name;
      last = name;
    }
    return isSorted ? properties : sorted(properties);
  }

  #value(end: number): Value {
    const tag = this.#bytes[this.#at];
    this.#at += 1;
    const value = this.#ofKind(tag);
    if (this.#at !== end) throw noStruct();
    return value;
  }

  #ofKind(tag: number | undefined): Value {
    switch (tag) {
      case kinds.text:
        return this.#text();
      case kinds.struct:
        return this.#fields(this.#end());
      case kinds.list:
        return this.#list(this.#end());
      case kinds.number:
        return this.#number();
      case kinds.truth:
        return this.#varint() !== 0;
      case kinds.nothing:
        this.#varint();
        return null;
      default:
        throw noStruct();
    }
  }

  #list(end: number): Value[] {
    const values: Value[] = [];
    while (this.#at < end) {
      this.#expect(itemTag);
      values.push(this.#value(this.#end()));
    }
    return values;
  }

  #number(): number {
    const from = this.#at;
    this.#at += 8;
    if (this.#at > this.#bytes.length) throw noStruct();
    return this.#bytes.readDoubleLE(from);
  }

  #text(): string {
    const end = this.#end();
    const from = this.#at;
    this.#at = end;
    return end - from > longestKnown ? this.#bytes.toString('utf8', from, end) : this.#known(from, end);
  }

  /** Names and short values come again and again: to compare one with what stood at its place costs less than to make it. */
  #known(from: number, end: number): string {
    const bytes = this.#bytes;
    let hash = end - from;
    for (let at = from; at < end; at += 1) hash = (Math.imul(hash, 31) + (bytes[at] ?? 0)) | 0;
    const place = hash & (known.length - 1);
    const before = known[place] ?? '';
    if (isText(bytes, from, end, before)) return before;
    return (known[place] = bytes.toString('utf8', from, end));
  }

  #expect(tag: number): void {
    if (this.#bytes[this.#at] !== tag) throw noStruct();
    this.#at += 1;
  }

  /** Where what follows ends, by the length that stands before it. */
  #end(): number {
    const length = this.#varint();
    const end = this.#at + length;
    if (end > this.#bytes.length) throw noStruct();
    return end;
  }

  #varint(): number {
    let value = 0;
    for (let factor = 1; ; factor *= 0x80) {
      const byte = this.#bytes[this.#at];
      if (byte === undefined) throw noStruct();
      this.#at += 1;
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
    }
  }
}

function sorted(properties: Properties): Properties {
  const result: Properties = {};
  for (const name of Object.keys(properties).sort()) result[name] = properties[name] ?? null;
  return result;
}

/** Whether these bytes are the text, which they never are where one of them is no ASCII. */
function isText(bytes: Buffer, from: number, end: number, text: string): boolean {
  if (text.length !== end - from) return false;
  for (let at = from; at < end; at += 1) {
    const byte = bytes[at] ?? 0;
    if (byte > 0x7f || byte !== text.charCodeAt(at - from)) return false;
  }
  return true;
}

function noStruct(): Error {
  return new Error('What came from the engine is no google.protobuf.Struct.');
}
