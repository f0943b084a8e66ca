import type { Journal } from './journal/journal.ts';
import type { BufferedStore } from './queue.ts';

/** How the way into the metric store is: what waits, what was lost or refused, and since when the store takes nothing. */
export interface MetricsHealth {
  /** Milliseconds since the epoch; null while the store takes points. */
  readonly failingSince: number | null;
  readonly reason: string | null;
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
    waitingRows: queue.queuedRows + (journal?.queuedRows ?? 0),
    waitingBytesOnDisk: journal?.queuedBytes ?? 0,
    writtenRows: journal?.writtenRows ?? queue.writtenRows,
    lostRows: queue.lostRows + (journal?.lostRows ?? 0),
    refusedRows: journal?.refusedRows ?? 0,
    lastRefusal: journal?.lastRefusal ?? null,
  };
}
