/** What every benchmark prints: one JSON object a line. Peers are null where there is none yet. */
export interface BenchResult {
  readonly bench: string;
  readonly metric: string;
  /** The median of the runs. */
  readonly value: number;
  readonly unit: string;
  readonly runs: readonly number[];
  readonly peer: string | null;
  /** The median of the peer's runs; null where the peer is missing. */
  readonly peer_value: number | null;
  /** Ours divided by the peer's. */
  readonly ratio: number | null;
  /** Where the two did not do the same. */
  readonly note?: string;
}

export function result(bench: string, metric: string, unit: string, runs: readonly number[]): BenchResult {
  return { bench, metric, value: medianOf(runs), unit, runs, peer: null, peer_value: null, ratio: null };
}

/** The same line beside a peer; without runs the peer is missing, and the line says only whose place is empty. */
export function against(ours: BenchResult, peer: string, peerRuns: readonly number[], note?: string): BenchResult {
  const peerValue = peerRuns.length === 0 ? null : medianOf(peerRuns);
  return {
    ...ours,
    peer,
    peer_value: peerValue,
    ratio: peerValue === null ? null : Number((ours.value / peerValue).toFixed(3)),
    ...(note === undefined ? {} : { note }),
  };
}

/** Of an even number of runs the higher of the two in the middle. */
export function medianOf(runs: readonly number[]): number {
  const sorted = [...runs].sort((one, other) => one - other);
  const middle = sorted.length / 2;
  const [low = Number.NaN, high = low] = sorted.slice(Math.ceil(middle) - 1, Math.floor(middle) + 1);
  return (low + high) / 2;
}
