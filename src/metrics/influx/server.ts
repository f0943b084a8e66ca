import type { Tier } from './tiers.ts';

/** One answer of an InfluxQL query: `columns` and rows; times in seconds. */
export interface InfluxSeries {
  readonly name: string;
  readonly tags?: Readonly<Record<string, string>>;
  readonly columns: readonly string[];
  readonly values: readonly (readonly (number | string | boolean | null)[])[];
}

/**
 * What differs between the versions of InfluxDB: where lines are posted, how one signs in, and how databases or
 * buckets are made. Errors are ArungErrors: `unavailable` when it makes sense to try again, `invalid` when the server
 * refuses the content, in a repeat as well.
 */
export interface InfluxServer {
  /** `InfluxDB 2 at http://…`, for sentences. */
  readonly title: string;
  /** Lines of line protocol; times of raw points in microseconds, of the others in seconds. Resolves when the server has them on its disk. */
  write(tier: Tier, text: string): Promise<void>;
  /** Statements of InfluxQL; one list of series for each. */
  query(statements: readonly string[]): Promise<readonly (readonly InfluxSeries[])[]>;
  /** Makes what is missing and mends what is not as it should be; says what it did, nothing when all was right. */
  provision(): Promise<readonly string[]>;
  /** Series as the server counts them (2.x counts one for each field), and bytes on its disk. */
  size(): Promise<{ readonly series: number; readonly bytes: number }>;
  close(): void;
}
