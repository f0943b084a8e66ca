import { Gauge, type Registry } from 'prom-client';
import { metricsHealth, type MetricsHealth } from './health.ts';
import type { Journal } from './journal/journal.ts';
import type { BufferedStore } from './queue.ts';
import type { MetricStore } from './store.ts';

/** How the metric store itself is, for `/metrics`: read when somebody asks. */
export function observeMetricStore(
  registry: Registry,
  parts: {
    readonly queue: Pick<BufferedStore, 'statistics'>;
    readonly journal: Pick<Journal, 'statistics'> | null;
    readonly store: Pick<MetricStore, 'statistics'>;
  },
): void {
  const { store } = parts;
  const registers: Registry[] = [];
  const fromHealth = (name: string, help: string, value: (found: MetricsHealth) => number): void => {
    registry.registerMetric(
      new Gauge({
        name,
        help,
        registers,
        collect() {
          this.set(value(metricsHealth(parts)));
        },
      }),
    );
  };
  fromHealth('arung_metric_queue_rows', 'Rows that wait to be written to the metric store', (h) => h.waitingRows);
  fromHealth('arung_metric_journal_bytes', 'Bytes on disk of rows that wait', (h) => h.waitingBytesOnDisk);
  fromHealth('arung_metric_written_rows', 'Rows that the metric store has taken since the start', (h) => h.writtenRows);
  fromHealth('arung_metric_lost_rows', 'Rows lost because the metric store was away for too long', (h) => h.lostRows);
  fromHealth('arung_metric_refused_rows', 'Rows set aside as the store refused their content', (h) => h.refusedRows);
  fromHealth('arung_metric_store_failing', '1 while the metric store takes no points', (h) =>
    h.failingSince === null ? 0 : 1,
  );
  registry.registerMetric(
    new Gauge({
      name: 'arung_metric_store_bytes',
      help: 'Bytes on disk of the metric store',
      registers,
      async collect() {
        // A store that is away has no size; the gauge above says so.
        const found = await store.statistics().catch(() => null);
        if (found !== null) this.set(found.bytes);
      },
    }),
  );
  registry.registerMetric(
    new Gauge({
      name: 'arung_metric_series',
      help: 'Series in the metric store',
      registers,
      async collect() {
        const found = await store.statistics().catch(() => null);
        if (found !== null) this.set(found.series);
      },
    }),
  );
}
