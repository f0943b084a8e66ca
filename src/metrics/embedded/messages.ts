import { measurements, type Measurement, type SeriesTags } from '../../domain/point.ts';
import type { ErrorKind } from '../../domain/errors.ts';
import type { LatestPoint, SeriesFilter, SeriesQuery, SeriesResult, StoreStatistics } from '../store.ts';

/** What passes between the store (main thread) and its worker, which alone touches the file. */
export interface WorkerOptions {
  readonly path: string;
  readonly maxBytes: number;
  readonly retention: Retention;
}

/** Ages in seconds. */
export interface Retention {
  readonly rawS: number;
  readonly fiveMinutesS: number;
  readonly hourlyS: number;
}

export interface SeriesDefinition {
  readonly key: string;
  readonly measurement: Measurement;
  readonly tags: SeriesTags;
}

/** Rows of one measurement; `series` are handles that the main thread gave (see `WriteRequest.introduce`). */
export interface RowBlock {
  readonly measurement: Measurement;
  readonly series: Int32Array;
  readonly times: Float64Array;
  readonly values: Float64Array;
}

export interface WriteRequest {
  /** Series that the worker has not seen yet, each with its handle. */
  readonly introduce: readonly { readonly handle: number; readonly series: SeriesDefinition }[];
  readonly blocks: readonly RowBlock[];
}

export type WorkerRequest =
  | { readonly id: number; readonly op: 'write'; readonly request: WriteRequest }
  | { readonly id: number; readonly op: 'query'; readonly query: SeriesQuery }
  | {
      readonly id: number;
      readonly op: 'latest';
      readonly measurement: Measurement;
      readonly filter: SeriesFilter;
      readonly maxAgeS: number;
    }
  | { readonly id: number; readonly op: 'statistics' }
  | { readonly id: number; readonly op: 'copy'; readonly to: string }
  | { readonly id: number; readonly op: 'close' };

export interface WorkerResults {
  readonly write: null;
  readonly query: SeriesResult;
  readonly latest: readonly LatestPoint[];
  readonly statistics: StoreStatistics;
  readonly copy: null;
  readonly close: null;
}

export interface WorkerFailure {
  readonly kind: ErrorKind;
  readonly code: string;
  readonly message: string;
}

export type WorkerMessage =
  | { readonly type: 'ready' }
  | { readonly type: 'failed'; readonly failure: WorkerFailure }
  | { readonly type: 'result'; readonly id: number; readonly value: WorkerResults[keyof WorkerResults] }
  | { readonly type: 'error'; readonly id: number; readonly failure: WorkerFailure }
  | {
      readonly type: 'log';
      readonly level: 'info' | 'warn' | 'error';
      readonly message: string;
      readonly fields: Readonly<Record<string, unknown>>;
    };

export function isMeasurement(value: unknown): value is Measurement {
  return typeof value === 'string' && Object.hasOwn(measurements, value);
}
