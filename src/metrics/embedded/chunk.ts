/**
 * A chunk is a stretch of one series: its times and columns of numbers, packed so that a quiet interface costs a byte a
 * column and a busy one four bytes a value. Columns are skipped without being unpacked. NaN means absent.
 *
 * Layout: version, varint rows, times, varint columns, then per column a kind byte, a varint length and the payload.
 * Whole numbers are exact (and so are numbers of up to three decimals in a narrow range); from 100,000 on a number that
 * is not whole is rounded to a whole one; all others are kept as 32-bit floats: the error is below 0.001 %.
 */
export interface Chunk {
  /** Whole seconds since the epoch, ascending, without duplicates. */
  readonly times: readonly number[];
  /** `columns[c][row]`; a column that the chunk does not have was never measured. */
  readonly columns: readonly (readonly number[])[];
}

const version = 1;
const kinds = { absent: 0, zero: 1, constant: 2, packed: 3, float32: 4, float64: 5 } as const;
const hasGaps = 0x80;
const scales = [1, 10, 100, 1000] as const;

class Writer {
  #buffer = new DataView(new ArrayBuffer(4096));
  #length = 0;

  #room(bytes: number): void {
    if (this.#length + bytes <= this.#buffer.byteLength) return;
    const larger = new Uint8Array(Math.max(this.#buffer.byteLength * 2, this.#length + bytes));
    larger.set(new Uint8Array(this.#buffer.buffer, 0, this.#length));
    this.#buffer = new DataView(larger.buffer);
  }

  get length(): number {
    return this.#length;
  }

  reset(): void {
    this.#length = 0;
  }

  byte(value: number): void {
    this.#room(1);
    this.#buffer.setUint8(this.#length++, value);
  }

  varint(value: number): void {
    let rest = value;
    while (rest >= 0x80) {
      this.byte((rest % 0x80) | 0x80);
      rest = Math.floor(rest / 0x80);
    }
    this.byte(rest);
  }

  /** Little-endian, up to 6 bytes. */
  whole(value: number, width: number): void {
    let rest = value;
    for (let i = 0; i < width; i++) {
      this.byte(rest % 0x100);
      rest = Math.floor(rest / 0x100);
    }
  }

  float32(value: number): void {
    this.#room(4);
    this.#buffer.setFloat32(this.#length, value, true);
    this.#length += 4;
  }

  float64(value: number): void {
    this.#room(8);
    this.#buffer.setFloat64(this.#length, value, true);
    this.#length += 8;
  }

  append(other: Writer): void {
    this.#room(other.#length);
    new Uint8Array(this.#buffer.buffer).set(new Uint8Array(other.#buffer.buffer, 0, other.#length), this.#length);
    this.#length += other.#length;
  }

  bytes(): Uint8Array {
    return new Uint8Array(this.#buffer.buffer.slice(0, this.#length));
  }
}

const out = new Writer();
const payload = new Writer();

export function encodeChunk(chunk: Chunk): Uint8Array {
  const rows = chunk.times.length;
  out.reset();
  out.byte(version);
  out.varint(rows);
  writeTimes(chunk.times);
  out.varint(chunk.columns.length);
  for (const column of chunk.columns) writeColumn(column, rows);
  return out.bytes();
}

function writeTimes(times: readonly number[]): void {
  const first = times[0] ?? 0;
  out.varint(first);
  if (times.length < 2) return;
  const interval = (times[1] ?? 0) - first;
  let regular = true;
  for (let row = 2; row < times.length; row++) {
    if ((times[row] ?? 0) - (times[row - 1] ?? 0) !== interval) regular = false;
  }
  out.varint(regular ? interval : 0);
  if (regular) return;
  for (let row = 1; row < times.length; row++) out.varint((times[row] ?? 0) - (times[row - 1] ?? 0));
}

/** What is kept of a value: whole from 100,000 on. */
function kept(value: number): number {
  return Math.abs(value) >= 1e5 ? Math.round(value) : value;
}

function writeColumn(column: readonly number[], rows: number): void {
  let present = 0;
  let min = Infinity;
  let max = -Infinity;
  let largest = 0;
  for (let row = 0; row < rows; row++) {
    const value = kept(column[row] ?? NaN);
    if (Number.isNaN(value)) continue;
    present++;
    if (value < min) min = value;
    if (value > max) max = value;
    largest = Math.max(largest, Math.abs(value));
  }
  if (present === 0) return writePayload(kinds.absent, false);
  payload.reset();
  const gaps = present < rows;
  if (gaps) writeBitmap(column, rows);
  if (min === max) {
    if (min === 0) return writePayload(kinds.zero, gaps);
    payload.float64(min);
    return writePayload(kinds.constant, gaps);
  }
  const scale = wholeScale(column, rows, largest);
  const width = scale === 0 ? 0 : widthOf(Math.round((max - min) * scale));
  // Four bytes are what a float costs; only whole numbers are worth more.
  if (scale !== 0 && width <= (scale === 1 ? 6 : 4)) {
    const base = Math.round(min * scale);
    payload.byte(scales.findIndex((candidate) => candidate === scale));
    payload.byte(width);
    payload.float64(base);
    for (let row = 0; row < rows; row++) {
      const value = kept(column[row] ?? NaN);
      if (!Number.isNaN(value)) payload.whole(Math.round(value * scale) - base, width);
    }
    return writePayload(kinds.packed, gaps);
  }
  const fits32 = largest < 3e38;
  for (let row = 0; row < rows; row++) {
    const value = kept(column[row] ?? NaN);
    if (Number.isNaN(value)) continue;
    if (fits32) payload.float32(value);
    else payload.float64(value);
  }
  return writePayload(fits32 ? kinds.float32 : kinds.float64, gaps);
}

function writePayload(kind: number, gaps: boolean): void {
  out.byte(gaps ? kind | hasGaps : kind);
  if (kind === kinds.absent) return;
  out.varint(payload.length);
  out.append(payload);
}

function writeBitmap(column: readonly number[], rows: number): void {
  for (let row = 0; row < rows; row += 8) {
    let bits = 0;
    for (let bit = 0; bit < 8 && row + bit < rows; bit++) {
      if (!Number.isNaN(column[row + bit] ?? NaN)) bits |= 1 << bit;
    }
    payload.byte(bits);
  }
}

/** The scale with which every value is whole (and comes back exactly), or 0. */
function wholeScale(column: readonly number[], rows: number, largest: number): number {
  for (const scale of scales) {
    if (largest * scale > 2 ** 47) return 0;
    let whole = true;
    for (let row = 0; row < rows && whole; row++) {
      const value = kept(column[row] ?? NaN);
      if (!Number.isNaN(value)) whole = Math.round(value * scale) / scale === value;
    }
    if (whole) return scale;
  }
  return 0;
}

function widthOf(range: number): number {
  let width = 1;
  while (range >= 2 ** (8 * width)) width++;
  return width;
}

class Reader {
  readonly #view: DataView;
  position = 0;

  constructor(bytes: Uint8Array) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  byte(): number {
    return this.#view.getUint8(this.position++);
  }

  varint(): number {
    let value = 0;
    let factor = 1;
    for (;;) {
      const byte = this.byte();
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
      factor *= 0x80;
    }
  }

  whole(width: number): number {
    let value = 0;
    let factor = 1;
    for (let i = 0; i < width; i++) {
      value += this.byte() * factor;
      factor *= 0x100;
    }
    return value;
  }

  float32(): number {
    const value = this.#view.getFloat32(this.position, true);
    this.position += 4;
    return value;
  }

  float64(): number {
    const value = this.#view.getFloat64(this.position, true);
    this.position += 8;
    return value;
  }
}

/** Times and the wanted columns, in the order of `wanted`; all of them without it. Throws RangeError on a damaged chunk. */
export function decodeChunk(bytes: Uint8Array, wanted?: readonly number[]): { times: number[]; columns: number[][] } {
  const reader = new Reader(bytes);
  const found = reader.byte();
  if (found !== version) throw new RangeError(`a chunk of version ${found}, where ${version} was expected`);
  const rows = reader.varint();
  const times = readTimes(reader, rows);
  const count = reader.varint();
  const columns: number[][] = wanted === undefined ? [] : wanted.map(() => absentColumn(rows));
  for (let column = 0; column < count; column++) {
    const kind = reader.byte();
    if (kind === kinds.absent) {
      if (wanted === undefined) columns.push(absentColumn(rows));
      continue;
    }
    const length = reader.varint();
    const end = reader.position + length;
    const place = wanted === undefined ? column : wanted.indexOf(column);
    if (place >= 0) columns[place] = readColumn(reader, kind, rows);
    reader.position = end;
  }
  return { times, columns };
}

function absentColumn(rows: number): number[] {
  return Array.from<number>({ length: rows }).fill(NaN);
}

function readTimes(reader: Reader, rows: number): number[] {
  const times: number[] = [];
  let time = reader.varint();
  if (rows === 0) return times;
  times.push(time);
  if (rows === 1) return times;
  const interval = reader.varint();
  for (let row = 1; row < rows; row++) {
    time += interval === 0 ? reader.varint() : interval;
    times.push(time);
  }
  return times;
}

function readColumn(reader: Reader, kindByte: number, rows: number): number[] {
  const kind = kindByte & ~hasGaps;
  const bitmap: number[] = [];
  if (kindByte & hasGaps) for (let row = 0; row < rows; row += 8) bitmap.push(reader.byte());
  const gaps = bitmap.length > 0;
  const constant = kind === kinds.constant ? reader.float64() : 0;
  const scale = kind === kinds.packed ? (scales[reader.byte()] ?? 1) : 1;
  const width = kind === kinds.packed ? reader.byte() : 0;
  const base = kind === kinds.packed ? reader.float64() : 0;
  const column: number[] = [];
  for (let row = 0; row < rows; row++) {
    if (gaps && ((bitmap[row >> 3] ?? 0) & (1 << (row & 7))) === 0) {
      column.push(NaN);
      continue;
    }
    switch (kind) {
      case kinds.packed:
        column.push((reader.whole(width) + base) / scale);
        break;
      case kinds.float32:
        column.push(reader.float32());
        break;
      case kinds.float64:
        column.push(reader.float64());
        break;
      default:
        column.push(constant);
    }
  }
  return column;
}
