import { measurements, type Measurement, type PointBatch, type Series } from './point.ts';

/** Memory is taken in pieces of this size, and what is handed out are cuts of them: a buffer for each would cost more. */
const pieceBytes = 65_536;
/** More than any number takes: 25 of a double in its shortest form, 20 of a time. */
const longestNumber = 32;

const digit0 = 0x30;
const space = 0x20;
const newline = 0x0a;

/** The two digits of 0 to 99: pairs halve the divisions. */
const tens = Uint8Array.from({ length: 100 }, (_, i) => digit0 + Math.floor(i / 10));
const ones = Uint8Array.from({ length: 100 }, (_, i) => digit0 + (i % 10));

/** ` in_bps=` and `,in_bps=` for each field of a measurement, end to end. */
interface FieldNames {
  readonly count: number;
  readonly bytes: Uint8Array;
  /** The name of field `i` is `bytes[starts[i], starts[i + 1])`, with the separator in front of it. */
  readonly starts: Uint16Array;
}

const fieldNames = new Map<Measurement, FieldNames>(
  (Object.keys(measurements) as Measurement[]).map((measurement) => {
    const names = measurements[measurement].fields.map((name) => Buffer.from(`,${name}=`));
    const starts = new Uint16Array(names.length + 1);
    for (const [i, name] of names.entries()) starts[i + 1] = (starts[i] ?? 0) + name.length;
    return [measurement, { count: names.length, bytes: Buffer.concat(names), starts }];
  }),
);

/**
 * Writes batches as line protocol, `series field=1.5,other=2 1700000000`, straight into bytes: a string for each number
 * would cost several times the rest of the way of a value. Every number reads back as it was.
 */
export class LineWriter {
  readonly #afterTime: Buffer;
  readonly #ticksPerSecond: number;
  readonly #headOf: (series: Series) => string;
  #bytes: Buffer<ArrayBuffer> = Buffer.alloc(0);
  /** What waits to be taken is `#bytes[#from, #used)`. */
  #from = 0;
  #used = 0;

  /**
   * `afterTime`, zeros, follows the whole seconds: nine of them make nanoseconds. A time within a second is rounded to what
   * they can tell. `headOf` gives what a line begins with where that is not the key of its series.
   */
  constructor(options: { readonly afterTime?: string; readonly headOf?: (series: Series) => string } = {}) {
    const { afterTime = '', headOf = ({ key }) => key } = options;
    this.#afterTime = Buffer.from(afterTime);
    this.#ticksPerSecond = 10 ** afterTime.length;
    this.#headOf = headOf;
  }

  /** Bytes that wait to be taken. */
  get length(): number {
    return this.#used - this.#from;
  }

  /**
   * One line for each row whose time `accepts` takes, ending in a newline. A field that is NaN or infinite is absent; a row
   * without any makes no line.
   */
  append(batch: PointBatch, accepts: (time: number) => boolean = () => true): void {
    const names = fieldNames.get(batch.measurement);
    if (names === undefined) return;
    const { series, times, values } = batch;
    const { count } = names;
    const afterTime = this.#afterTime;
    const headOf = this.#headOf;
    const rest = names.bytes.length + (count + 1) * longestNumber + afterTime.length;
    for (let row = 0; row < times.length; row += 1) {
      const time = times[row] ?? Number.NaN;
      const one = series[row];
      if (one === undefined || !accepts(time)) continue;
      const head = headOf(one);
      // A character takes three bytes of UTF-8 at most.
      this.#reserve(head.length * 3 + rest);
      const bytes = this.#bytes;
      const fieldsAt = this.#used + bytes.write(head, this.#used, 'utf8');
      let at = fieldsAt;
      for (let field = 0; field < count; field += 1) {
        const value = values[row * count + field] ?? Number.NaN;
        // False for NaN and for both infinities.
        if (value - value === 0) at = writeField(bytes, at, names, field, value);
      }
      if (at === fieldsAt) continue;
      bytes[fieldsAt] = space;
      bytes[at] = space;
      if (Number.isInteger(time)) {
        at = writeNumber(bytes, at + 1, time);
        for (let i = 0; i < afterTime.length; i += 1, at += 1) bytes[at] = afterTime[i] ?? 0;
      } else at = writeNumber(bytes, at + 1, Math.round(time * this.#ticksPerSecond));
      bytes[at] = newline;
      this.#used = at + 1;
    }
  }

  /** What was written since the last call: the caller's own. */
  take(): Buffer {
    const taken = this.#bytes.subarray(this.#from, this.#used);
    this.#from = this.#used;
    return taken;
  }

  #reserve(length: number): void {
    if (this.#used + length <= this.#bytes.length) return;
    const waiting = this.length;
    // Twice of what waits: a long text is moved seldom.
    const larger = Buffer.allocUnsafeSlow(Math.max(pieceBytes, 2 * (waiting + length)));
    this.#bytes.copy(larger, 0, this.#from, this.#used);
    this.#bytes = larger;
    this.#from = 0;
    this.#used = waiting;
  }
}

function writeField(bytes: Buffer, from: number, names: FieldNames, field: number, value: number): number {
  let at = from;
  const end = names.starts[field + 1] ?? 0;
  for (let i = names.starts[field] ?? 0; i < end; i += 1) {
    bytes[at] = names.bytes[i] ?? 0;
    at += 1;
  }
  return writeNumber(bytes, at, value);
}

/** Writes a finite number so that it reads back as the same; returns the end. */
function writeNumber(bytes: Buffer, from: number, value: number): number {
  let at = from;
  let size = value;
  if (value < 0) {
    bytes[at] = 0x2d;
    at += 1;
    size = -value;
  }
  const whole = Math.floor(size);
  if (whole === size && size < 1e15) return writeWhole(bytes, at, size);
  // The nearest double to so many thousandths or millionths is written as just these: it reads back as itself.
  if (size < 1e12) {
    const thousandths = Math.round(size * 1e3);
    if (thousandths / 1e3 === size) {
      return writeFraction(bytes, writeWhole(bytes, at, whole), thousandths - whole * 1e3, 3);
    }
  }
  if (size < 1e9) {
    const millionths = Math.round(size * 1e6);
    if (millionths / 1e6 === size) {
      return writeFraction(bytes, writeWhole(bytes, at, whole), millionths - whole * 1e6, 6);
    }
  }
  return at + bytes.write(String(size), at, 'latin1');
}

/** A whole number from 0 below 1e15. */
function writeWhole(bytes: Buffer, from: number, value: number): number {
  if (value > 0x7fffffff) {
    const high = Math.floor(value / 1e8);
    const at = writeWhole(bytes, from, high);
    return writePairs(bytes, at + 8, value - high * 1e8, 4);
  }
  let rest = value | 0;
  let digits = 1;
  for (let limit = 10; digits < 10 && rest >= limit; limit *= 10) digits += 1;
  const end = from + digits;
  let at = end;
  while (rest >= 100) {
    const next = (rest / 100) | 0;
    const pair = rest - next * 100;
    bytes[at - 1] = ones[pair] ?? 0;
    bytes[at - 2] = tens[pair] ?? 0;
    at -= 2;
    rest = next;
  }
  bytes[at - 1] = ones[rest] ?? 0;
  if (rest >= 10) bytes[at - 2] = tens[rest] ?? 0;
  return end;
}

/** So many pairs of digits, with leading zeros, that end before `end`; returns `end`. */
function writePairs(bytes: Buffer, end: number, value: number, pairs: number): number {
  let rest = value | 0;
  for (let i = 0, at = end; i < pairs; i += 1, at -= 2) {
    const next = (rest / 100) | 0;
    const pair = rest - next * 100;
    bytes[at - 1] = ones[pair] ?? 0;
    bytes[at - 2] = tens[pair] ?? 0;
    rest = next;
  }
  return end;
}

/** `.` and so many decimals of a fraction that is not zero, without zeros at the end. */
function writeFraction(bytes: Buffer, from: number, fraction: number, decimals: number): number {
  bytes[from] = 0x2e;
  let rest = fraction | 0;
  let left = decimals;
  while (rest % 10 === 0) {
    rest = (rest / 10) | 0;
    left -= 1;
  }
  const end = from + 1 + left;
  for (let at = end - 1; at > from; at -= 1) {
    const next = (rest / 10) | 0;
    bytes[at] = digit0 + rest - next * 10;
    rest = next;
  }
  return end;
}
