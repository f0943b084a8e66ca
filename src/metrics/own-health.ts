import { Gauge, type Registry } from 'prom-client';
import type { BufferedStore } from './queue.ts';
import type { MetricStore } from './store.ts';

/** How the metric store itself is, for `/metrics`: read when somebody asks. */
export function observeMetricStore(
  registry: Registry,
  parts: { readonly queue: Pick<BufferedStore, 'statistics'>; readonly store: Pick<MetricStore, 'statistics'> },
): void {
  const { queue, store } = parts;
  const registers: Registry[] = [];
  const fromQueue = (
    name: string,
    help: string,
    value: (found: ReturnType<typeof queue.statistics>) => number,
  ): void => {
    registry.registerMetric(
      new Gauge({
        name,
        help,
        registers,
        collect() {
          this.set(value(queue.statistics()));
        },
      }),
    );
  };
  fromQueue('arung_metric_queue_rows', 'Rows that wait to be written to the metric store', (q) => q.queuedRows);
  fromQueue('arung_metric_written_rows', 'Rows that the metric store has taken since the start', (q) => q.writtenRows);
  fromQueue('arung_metric_lost_rows', 'Rows lost because the metric store was away for too long', (q) => q.lostRows);
  fromQueue('arung_metric_store_failing', '1 while the metric store takes no points', (q) =>
    q.failingSince === null ? 0 : 1,
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
