import { LineWriter } from '../domain/line-writer.ts';
import type { PointBatch } from '../domain/point.ts';

/**
 * InfluxDB line protocol: `measurement,tag=value field=1.5,other=2i 1700000000`. What we write are our own series with
 * numbers and whole seconds; what we read may come from any agent or Telegraf.
 * https://docs.influxdata.com/influxdb/v2/reference/syntax/line-protocol/
 */

/** One batch as text: what `LineWriter` writes. */
export function encodeBatch(batch: PointBatch): string {
  const writer = new LineWriter();
  writer.append(batch);
  return writer.take().toString();
}

export type Precision = 's' | 'ms' | 'us' | 'ns';
const ticksPerSecond: Readonly<Record<Precision, bigint>> = {
  s: 1n,
  ms: 1_000n,
  us: 1_000_000n,
  ns: 1_000_000_000n,
};

/** Floats are numbers; integers (`1i`, `1u`) keep all their 64 bits. */
export type FieldValue = number | bigint | boolean | string;

export interface LinePoint {
  /** Line of the text it starts on, from 1. */
  readonly line: number;
  readonly measurement: string;
  /** Without duplicates; in the order of the text. */
  readonly tags: ReadonlyMap<string, string>;
  readonly fields: ReadonlyMap<string, FieldValue>;
  /** In units of the precision it was read with; null where the line has none. */
  readonly timestamp: bigint | null;
}

export interface LineError {
  readonly line: number;
  /** Column of the text, from 1. */
  readonly column: number;
  readonly message: string;
}

export interface DecodedLines {
  readonly points: readonly LinePoint[];
  readonly errors: readonly LineError[];
}

/** Seconds since the epoch, fractions kept; null where the line has no time. */
export function timestampSeconds(timestamp: bigint | null, precision: Precision): number | null {
  if (timestamp === null) return null;
  const ticks = ticksPerSecond[precision];
  return Number(timestamp / ticks) + Number(timestamp % ticks) / Number(ticks);
}

/** Tags and fields of one line. */
const maxNamesOfLine = 5_000;
/** What is read at once: worked in within some 20 ms, also where every line is wrong. */
const part = { lines: 2_000, names: 10_000 };

/** Reads lines strictly: a line that is wrong is an error with its place, and the lines around it are read all the same. */
export function decodeLines(text: string): DecodedLines {
  const parts = [...decodeParts(text)];
  return { points: parts.flatMap(({ points }) => points), errors: parts.flatMap(({ errors }) => errors) };
}

/** The same in parts, none of which takes long: who reads what strangers send lets others have their turn in between. */
export function* decodeParts(text: string): Generator<DecodedLines, void, undefined> {
  const reader = new LineReader(text);
  while (!reader.atEnd) {
    const points: LinePoint[] = [];
    const errors: LineError[] = [];
    let names = 0;
    for (let lines = 0; lines < part.lines && names < part.names && !reader.atEnd; lines++) {
      const start = reader.position;
      const line = reader.line;
      try {
        const point = reader.readLine();
        if (point === null) continue;
        names += point.tags.size + point.fields.size;
        points.push(point);
      } catch (error) {
        if (!(error instanceof LineSyntaxError)) throw error;
        errors.push({ line, column: reader.position - start + 1, message: error.message });
        reader.skipLine(start, line);
      }
    }
    yield { points, errors };
  }
}

class LineSyntaxError extends Error {}

const int64 = { min: -(2n ** 63n), max: 2n ** 63n - 1n };
const uint64Max = 2n ** 64n - 1n;
const floatPattern = /^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,4})?$/;

class LineReader {
  readonly #text: string;
  position = 0;
  line = 1;

  constructor(text: string) {
    this.#text = text;
  }

  get atEnd(): boolean {
    return this.position >= this.#text.length;
  }

  /** The next line's point, or null for an empty line or a comment. */
  readLine(): LinePoint | null {
    const line = this.line;
    this.#skipSpaces();
    const first = this.#peek();
    if (first === '' || first === '\n') {
      this.#endLine();
      return null;
    }
    if (first === '#') {
      this.skipLine(this.position, line);
      return null;
    }
    const measurement = this.#name('measurement', ', ');
    const tags = new Map<string, string>();
    while (this.#peek() === ',') {
      this.position++;
      const key = this.#name('tag key', '=, ');
      this.#expect('=', `tag ${key} has no value: write key=value`);
      const value = this.#name('tag value', ', =');
      if (this.#peek() === '=') throw new LineSyntaxError('a tag value has an equals sign: escape it with a backslash');
      if (tags.has(key)) throw new LineSyntaxError(`the tag ${key} is there twice`);
      if (tags.size === maxNamesOfLine) throw new LineSyntaxError(`there are more than ${maxNamesOfLine} tags`);
      tags.set(key, value);
    }
    this.#expect(' ', 'there are no fields: after the measurement and its tags comes a space and key=value');
    this.#skipSpaces();
    const fields = new Map<string, FieldValue>();
    for (let count = 0; ; count++) {
      if (count === maxNamesOfLine) throw new LineSyntaxError(`there are more than ${maxNamesOfLine} fields`);
      const key = this.#name('field key', '=, ');
      this.#expect('=', `field ${key} has no value: write key=value`);
      // A field that is there twice: the last one counts, as in InfluxDB.
      fields.set(key, this.#fieldValue());
      if (this.#peek() !== ',') break;
      this.position++;
    }
    const timestamp = this.#timestamp();
    return { line, measurement, tags, fields, timestamp };
  }

  /** Goes on behind the line that began at `start`. */
  skipLine(start: number, line: number): void {
    const end = this.#text.indexOf('\n', start);
    this.position = end < 0 ? this.#text.length : end + 1;
    this.line = line + 1;
  }

  #peek(): string {
    return this.#text.charAt(this.position);
  }

  #skipSpaces(): void {
    for (let c = this.#peek(); c === ' ' || c === '\t' || c === '\r'; c = this.#peek()) this.position++;
  }

  #expect(character: string, message: string): void {
    if (this.#peek() !== character) throw new LineSyntaxError(message);
    this.position++;
  }

  /** A name or tag value up to an unescaped character of `ends`. A backslash escapes comma, equals, space, backslash. */
  #name(what: string, ends: string): string {
    const text = this.#text;
    let value = '';
    let from = this.position;
    for (;;) {
      const c = text.charAt(this.position);
      if (c === '' || c === '\n' || ends.includes(c)) break;
      if (c === '\\') {
        const next = text.charAt(this.position + 1);
        if (next === ',' || next === '=' || next === ' ' || next === '\\') {
          value += text.slice(from, this.position) + next;
          this.position += 2;
          from = this.position;
          continue;
        }
      }
      this.position++;
    }
    value += text.slice(from, this.position);
    if (value === '') throw new LineSyntaxError(`the ${what} is empty`);
    return value;
  }

  #fieldValue(): FieldValue {
    if (this.#peek() === '"') return this.#string();
    const from = this.position;
    for (let c = this.#peek(); c !== '' && c !== ',' && c !== ' ' && c !== '\n' && c !== '\r'; c = this.#peek()) {
      this.position++;
    }
    const word = this.#text.slice(from, this.position);
    switch (word) {
      case 't':
      case 'T':
      case 'true':
      case 'True':
      case 'TRUE':
        return true;
      case 'f':
      case 'F':
      case 'false':
      case 'False':
      case 'FALSE':
        return false;
    }
    if (/^[+-]?\d{1,20}i$/.test(word)) {
      const value = BigInt(word.slice(word.startsWith('+') ? 1 : 0, -1));
      if (value < int64.min || value > int64.max) throw new LineSyntaxError('the integer does not fit 64 bits');
      return value;
    }
    if (/^\d{1,20}u$/.test(word)) {
      const value = BigInt(word.slice(0, -1));
      if (value > uint64Max) throw new LineSyntaxError('the unsigned integer does not fit 64 bits');
      return value;
    }
    if (floatPattern.test(word)) {
      const value = Number(word);
      if (!Number.isFinite(value)) throw new LineSyntaxError('the number is too large');
      return value;
    }
    throw new LineSyntaxError('the field value is neither a number, an integer with i or u, a boolean nor a "text"');
  }

  #string(): string {
    const text = this.#text;
    let value = '';
    this.position++;
    let from = this.position;
    for (;;) {
      const c = text.charAt(this.position);
      if (c === '') throw new LineSyntaxError('the text has no closing quote');
      if (c === '"') break;
      if (c === '\n') this.line++;
      if (c === '\\') {
        const next = text.charAt(this.position + 1);
        if (next === '"' || next === '\\') {
          value += text.slice(from, this.position) + next;
          this.position += 2;
          from = this.position;
          continue;
        }
      }
      this.position++;
    }
    value += text.slice(from, this.position);
    this.position++;
    return value;
  }

  #timestamp(): bigint | null {
    const before = this.position;
    this.#skipSpaces();
    const c = this.#peek();
    if (c === '' || c === '\n') {
      this.#endLine();
      return null;
    }
    if (this.position === before) throw new LineSyntaxError('a comma or a space is expected after a field');
    const from = this.position;
    while (this.#peek() !== '' && !' \n\r'.includes(this.#peek())) this.position++;
    const word = this.#text.slice(from, this.position);
    if (!/^-?\d{1,19}$/.test(word)) throw new LineSyntaxError('the time is not a whole number');
    const value = BigInt(word);
    if (value < int64.min || value > int64.max) throw new LineSyntaxError('the time does not fit 64 bits');
    this.#skipSpaces();
    if (this.#peek() !== '' && this.#peek() !== '\n') throw new LineSyntaxError('there is something after the time');
    this.#endLine();
    return value;
  }

  #endLine(): void {
    if (this.#peek() === '\n') this.position++;
    this.line++;
  }
}
