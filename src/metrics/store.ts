import type { LongLived } from '../domain/lifecycle.ts';
import type { Measurement, PointBatch, SeriesTagName } from '../domain/point.ts';

/**
 * The contract of the family of metric stores: one folder per member (`embedded/`, `influx1/`, `influx2/`).
 * Nothing outside the family names a member but the line of the registry that makes it.
 */
export interface MetricStore extends LongLived {
  /**
   * Keeps the points. Resolves when they are durable: neither a crash of the program nor of the machine loses them.
   * The same point written again is harmless: its fields are laid over those that are there. Rejects with an ArungError
   * when the store cannot keep them now (`unavailable`: try again); then none of them is acknowledged.
   */
  write(batches: readonly PointBatch[]): Promise<void>;

  /** Many series at once, on one grid of steps. Rejects with `invalid` for a query that can not be answered. */
  query(query: SeriesQuery): Promise<SeriesResult>;

  /** The newest value of each field of each matching series, as far as it is not older than `maxAgeS` seconds. */
  latest(measurement: Measurement, filter: SeriesFilter, maxAgeS: number): Promise<readonly LatestPoint[]>;

  statistics(): Promise<StoreStatistics>;

  /** Copies all that is kept into a file, for a backup; absent where a server keeps it, which has backups of its own. */
  copyTo?(path: string): Promise<void>;
}

/** Mean, min, max, sum and count are of all points in a step; last is the newest of them. */
export const aggregates = ['mean', 'min', 'max', 'last', 'sum', 'count'] as const;
export type Aggregate = (typeof aggregates)[number];

/** A series matches when each tag that is named here has one of the values; an empty list matches nothing. */
export type SeriesFilter = { readonly [Tag in SeriesTagName]?: readonly string[] };

export interface SeriesQuery {
  readonly measurement: Measurement;
  readonly fields: readonly string[];
  readonly filter: SeriesFilter;
  /** Seconds since the epoch. Whole steps are read: `from` is taken down and `to` up to a multiple of the step. */
  readonly from: number;
  readonly to: number;
  /**
   * Either the step itself, or how many points a series may have at most: then the step is the smallest round one that
   * gives so few, and not less than twice the interval at which the series was measured, so that no step is empty by
   * chance. Older data may be kept at a coarser step only; the answer says which step it has.
   */
  readonly step: { readonly stepS: number } | { readonly maxPoints: number };
  readonly aggregate: Aggregate;
  /** Tags that keep series apart; series that differ only in other tags are taken as one. All tags: each series alone. */
  readonly groupBy: readonly SeriesTagName[];
}

export interface SeriesResult {
  readonly stepS: number;
  /** Start of each step in seconds since the epoch, a multiple of the step (UTC). */
  readonly times: readonly number[];
  readonly series: readonly ResultSeries[];
}

export interface ResultSeries {
  readonly measurement: Measurement;
  /** The tags of `groupBy` that the series have. */
  readonly tags: Readonly<Record<string, string>>;
  readonly field: string;
  /** One for each time; null where there is no point: never zero, never joined. */
  readonly values: readonly (number | null)[];
}

export interface LatestPoint {
  readonly measurement: Measurement;
  readonly tags: Readonly<Record<string, string>>;
  /** Seconds since the epoch of the newest of the values. */
  readonly time: number;
  /** The fields that have one. */
  readonly values: Readonly<Record<string, number>>;
}

export interface StoreStatistics {
  readonly series: number;
  readonly rowsWritten: number;
  /** Rows that were not kept: older than what retention keeps, or in the future. */
  readonly rowsRefused: number;
  readonly bytes: number;
  /** Seconds since the epoch of the oldest point, by resolution (`raw`, `5m`, `1h`); null where there is none. */
  readonly oldest: Readonly<Record<string, number | null>>;
}
