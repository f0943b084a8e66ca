/** What every benchmark prints: one JSON object a line. Peers are null where there is none yet. */
export interface BenchResult {
  readonly bench: string;
  readonly metric: string;
  /** The median of the runs. */
  readonly value: number;
  readonly unit: string;
  readonly runs: readonly number[];
  readonly peer: string | null;
  readonly peer_value: number | null;
  /** Peer divided by ours. */
  readonly ratio: number | null;
}

export function result(bench: string, metric: string, unit: string, runs: readonly number[]): BenchResult {
  const sorted = [...runs].sort((one, other) => one - other);
  const value = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
  return { bench, metric, value, unit, runs, peer: null, peer_value: null, ratio: null };
}
