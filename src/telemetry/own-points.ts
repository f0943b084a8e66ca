import type { AgentId } from '../domain/ids.ts';
import {
  measurements,
  seriesOf,
  type Measurement,
  type PointBatch,
  type Series,
  type SeriesTagName,
  type SeriesTags,
} from '../domain/point.ts';
import { timestampSeconds, type DecodedLines, type LinePoint, type Precision } from './line-protocol.ts';

/** What the lines of an agent are checked against. */
export interface Ownership {
  /** The agent reads that device. */
  owns(agent: AgentId, deviceId: string): boolean;
  /** The interface is one of that device. */
  hasInterface(deviceId: string, interfaceId: string): boolean;
  /** There is such a service: any agent may say how it is seen from its place. */
  knowsService(serviceId: string): boolean;
}

export type Refusal =
  | 'syntax'
  | 'unknown-measurement'
  | 'unknown-field'
  | 'unknown-tag'
  | 'missing-tag'
  | 'not-a-number'
  | 'no-time'
  | 'in-the-future'
  | 'foreign-device'
  | 'foreign-interface'
  | 'foreign-service';

export interface OwnPoints {
  readonly batches: readonly PointBatch[];
  readonly accepted: number;
  readonly refused: ReadonlyMap<Refusal, number>;
  /** What refused lines speak of and the agent may not: ids of devices, interfaces and services. */
  readonly strangers: ReadonlySet<string>;
}

/** Points from further ahead are from a clock that is wrong. */
const maxAheadS = 120;
/** Tags that an agent may add for others and that we look up ourselves. */
const ignoredTags = new Set(['agent', 'region', 'site']);
const keptSeries = 200_000;

/** Turns lines of an agent into batches of our own measurements; each line that does not fit is counted by reason. */
export class OwnPointReader {
  readonly #ownership: Ownership;
  /** Shared by all batches, as a plan's series are. */
  #series = new Map<string, Series>();

  constructor(ownership: Ownership) {
    this.#ownership = ownership;
  }

  read(
    { points, errors }: DecodedLines,
    options: { readonly agent: AgentId; readonly nowS: number; readonly precision?: Precision },
  ): OwnPoints {
    const precision = options.precision ?? 's';
    const refused = new Map<Refusal, number>();
    const refuse = (reason: Refusal, by = 1): void => {
      refused.set(reason, (refused.get(reason) ?? 0) + by);
    };
    if (errors.length > 0) refuse('syntax', errors.length);
    const rows = new Map<Measurement, { series: Series[]; times: number[]; values: number[] }>();
    let accepted = 0;
    const strangers = new Set<string>();
    for (const point of points) {
      const row = this.#row(point, options.agent, precision);
      if (typeof row === 'string') {
        refuse(row);
      } else if ('stranger' in row) {
        refuse(row.refusal);
        strangers.add(row.stranger);
      } else if (row.time > options.nowS + maxAheadS) {
        refuse('in-the-future');
      } else {
        const { measurement } = row.series;
        const columns = rows.get(measurement) ?? { series: [], times: [], values: [] };
        rows.set(measurement, columns);
        columns.series.push(row.series);
        columns.times.push(row.time);
        columns.values.push(...row.values);
        accepted++;
      }
    }
    const batches = [...rows].map(([measurement, { series, times, values }]): PointBatch => ({
      agent: options.agent,
      measurement,
      series,
      times: Float64Array.from(times),
      values: Float64Array.from(values),
    }));
    return { batches, accepted, refused, strangers };
  }

  #row(
    point: LinePoint,
    agent: AgentId,
    precision: Precision,
  ): { series: Series; time: number; values: number[] } | { refusal: Refusal; stranger: string } | Refusal {
    const { measurement } = point;
    if (!isOurs(measurement)) return 'unknown-measurement';
    const names: readonly string[] = measurements[measurement].fields;
    const values = names.map(() => NaN);
    for (const [name, value] of point.fields) {
      const field = names.indexOf(name);
      if (field < 0) return 'unknown-field';
      if (typeof value !== 'number' && typeof value !== 'bigint') return 'not-a-number';
      values[field] = Number(value);
    }
    const seconds = timestampSeconds(point.timestamp, precision);
    if (seconds === null) return 'no-time';
    const tags = tagsOf(point, measurement, agent);
    if (typeof tags === 'string') return tags;
    const { device, service } = tags;
    if (service !== undefined && !this.#ownership.knowsService(service)) {
      return { refusal: 'foreign-service', stranger: service };
    }
    if (device !== undefined) {
      if (!this.#ownership.owns(agent, device)) return { refusal: 'foreign-device', stranger: device };
      if (tags.interface !== undefined && !this.#ownership.hasInterface(device, tags.interface)) {
        return { refusal: 'foreign-interface', stranger: tags.interface };
      }
    }
    return { series: this.#shared(seriesOf(measurement, tags)), time: Math.floor(seconds), values };
  }

  #shared(made: Series): Series {
    const known = this.#series.get(made.key);
    if (known !== undefined) return known;
    if (this.#series.size >= keptSeries) this.#series = new Map();
    this.#series.set(made.key, made);
    return made;
  }
}

/** The tags that its measurement has, no more and no fewer; whose agent it is is known from where it came. */
function tagsOf(point: LinePoint, measurement: Measurement, agent: AgentId): SeriesTags | Refusal {
  const needed: readonly SeriesTagName[] = measurements[measurement].tags;
  const tags: { -readonly [Tag in SeriesTagName]?: string } = needed.includes('agent') ? { agent } : {};
  for (const [name, value] of point.tags) {
    if (ignoredTags.has(name)) continue;
    const known = needed.find((tag) => tag === name);
    if (known === undefined) return 'unknown-tag';
    tags[known] = value.slice(0, 200);
  }
  return needed.every((tag) => tags[tag] !== undefined) ? tags : 'missing-tag';
}

/** What strangers measured has a way in of its own. */
function isOurs(name: string): name is Measurement {
  return Object.hasOwn(measurements, name) && name !== 'external';
}
