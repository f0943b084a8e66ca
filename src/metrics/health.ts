import type { Journal } from './journal/journal.ts';
import type { BufferedStore } from './queue.ts';

/** How the way into the metric store is: what waits, what was lost or refused, and since when the store takes nothing. */
export interface MetricsHealth {
  /** Milliseconds since the epoch; null while the store takes points. */
  readonly failingSince: number | null;
  readonly reason: string | null;
  /** Code of what the queue fails with: a store or a journal on this machine's disk. */
  readonly code: string | null;
  readonly waitingRows: number;
  readonly waitingBytesOnDisk: number;
  readonly writtenRows: number;
  readonly lostRows: number;
  /** Set aside because the store refuses their content. */
  readonly refusedRows: number;
  readonly lastRefusal: { readonly at: number; readonly reason: string } | null;
}

/** The journal is null before a store that is durable on this machine. */
export function metricsHealth(parts: {
  readonly queue: Pick<BufferedStore, 'statistics'>;
  readonly journal: Pick<Journal, 'statistics'> | null;
}): MetricsHealth {
  const queue = parts.queue.statistics();
  const journal = parts.journal?.statistics();
  // The queue before a journal fails when this machine's disk does: that comes first.
  const failingSince = queue.failingSince ?? journal?.failingSince ?? null;
  return {
    failingSince,
    reason: queue.failingSince === null ? (journal?.reason ?? null) : 'what waits cannot be written to the disk',
    code: queue.failingCode,
    waitingRows: queue.queuedRows + (journal?.queuedRows ?? 0),
    waitingBytesOnDisk: journal?.queuedBytes ?? 0,
    writtenRows: journal?.writtenRows ?? queue.writtenRows,
    lostRows: queue.lostRows + (journal?.lostRows ?? 0),
    refusedRows: journal?.refusedRows ?? 0,
    lastRefusal: journal?.lastRefusal ?? null,
  };
}

/** A store that fails is buffered for; it is told as not ready so that somebody looks before the buffer is full. */
export function storeReady(health: () => MetricsHealth): () => Promise<void> {
  return async () => {
    const { failingSince, reason, waitingRows } = health();
    if (failingSince === null) return;
    const since = new Date(failingSince).toISOString();
    throw new Error(`the metric store has taken no points since ${since}: ${waitingRows} wait (${reason ?? ''})`);
  };
}

/** Figures only: reasons may name hosts, and go to the log. */
export function metricsNote(health: MetricsHealth): Readonly<Record<string, number | string | null>> {
  const { failingSince, waitingRows, lostRows, refusedRows, lastRefusal } = health;
  const time = (at: number | undefined | null): string | null => (at ? new Date(at).toISOString() : null);
  return { failingSince: time(failingSince), waitingRows, lostRows, refusedRows, lastRefusal: time(lastRefusal?.at) };
}
