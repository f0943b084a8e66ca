import { deserialize, serialize } from 'node:v8';
import { crc32 } from 'node:zlib';
import type { AgentId } from '../../domain/ids.ts';
import {
  measurements,
  seriesOf,
  type Measurement,
  type PointBatch,
  type Series,
  type SeriesTags,
} from '../../domain/point.ts';

/**
 * A record is one write: its length, its CRC-32 and its content. Series are written once a segment and then named by
 * their number, so a row costs its numbers. A record that a crash cut off, or that a disk damaged, does not pass its
 * CRC and ends its segment.
 */
export const headBytes = 8;

interface Content {
  /** Series that the segment has not named yet; they get the next numbers. */
  readonly introduce: readonly { readonly measurement: Measurement; readonly tags: SeriesTags }[];
  readonly batches: readonly {
    readonly agent: string;
    readonly measurement: Measurement;
    readonly fields: readonly string[];
    readonly series: Uint32Array;
    readonly times: Float64Array;
    readonly values: Float64Array;
  }[];
}

/** Writes the records of one segment. */
export class RecordWriter {
  readonly #numbers = new Map<string, number>();

  encode(batches: readonly PointBatch[]): Buffer {
    const introduce: Content['introduce'][number][] = [];
    const content: Content = {
      introduce,
      batches: batches.map(({ agent, measurement, series, times, values }) => ({
        agent,
        measurement,
        fields: measurements[measurement].fields,
        series: Uint32Array.from(series, (one) => {
          const known = this.#numbers.get(one.key);
          if (known !== undefined) return known;
          const number = this.#numbers.size;
          this.#numbers.set(one.key, number);
          introduce.push({ measurement: one.measurement, tags: one.tags });
          return number;
        }),
        times,
        values,
      })),
    };
    const body = serialize(content);
    const record = Buffer.allocUnsafe(headBytes + body.length);
    record.writeUInt32LE(body.length, 0);
    record.writeUInt32LE(crc32(body), 4);
    body.copy(record, headBytes);
    return record;
  }
}

/** Reads the records of one segment, in their order. */
export class RecordReader {
  readonly #series: Series[] = [];

  /** The batches of a record's content; what an older Arung wrote that does not fit any more is left out. */
  decode(body: Buffer): PointBatch[] {
    const content = deserialize(body) as Content;
    for (const { measurement, tags } of content.introduce) this.#series.push(seriesOf(measurement, tags));
    return content.batches.flatMap((found) => {
      if (!(found.measurement in measurements)) return [];
      const series = Array.from(found.series, (number) => this.#series[number]).filter((one) => one !== undefined);
      if (series.length !== found.times.length) return [];
      const { measurement, times } = found;
      return [{ agent: found.agent as AgentId, measurement, series, times, values: inOurColumns(found) }];
    });
  }
}

/** Values of a record whose measurement had other fields when it was written. */
function inOurColumns(found: Content['batches'][number]): Float64Array {
  const names: readonly string[] = measurements[found.measurement].fields;
  if (names.length === found.fields.length && names.every((name, at) => name === found.fields[at])) return found.values;
  const moved = new Float64Array(found.times.length * names.length).fill(NaN);
  for (const [from, name] of found.fields.entries()) {
    const to = names.indexOf(name);
    if (to < 0) continue;
    for (let row = 0; row < found.times.length; row++) {
      moved[row * names.length + to] = found.values[row * found.fields.length + from] ?? NaN;
    }
  }
  return moved;
}

/** The content of the record at `offset`; null when there is no whole one. */
export function recordAt(segment: Buffer, offset: number): Buffer | null {
  if (offset + headBytes > segment.length) return null;
  const end = offset + headBytes + segment.readUInt32LE(offset);
  if (end > segment.length) return null;
  const body = segment.subarray(offset + headBytes, end);
  return crc32(body) === segment.readUInt32LE(offset + 4) ? body : null;
}

export function rowsOf(batches: readonly PointBatch[]): number {
  let rows = 0;
  for (const { times } of batches) rows += times.length;
  return rows;
}
