import { Registry } from 'prom-client';
import { expect, it } from 'vitest';
import { observeMetricStore } from './own-health.ts';

it('shows the state of queue and store in Prometheus’ format, and goes on while the store is away', async () => {
  const registry = new Registry();
  let away = false;
  observeMetricStore(registry, {
    queue: {
      statistics: () => ({
        queuedRows: 7,
        writtenRows: 100,
        lostRows: 3,
        failingSince: away ? 1 : null,
        failingCode: null,
      }),
    },
    journal: null,
    store: {
      statistics: () =>
        away
          ? Promise.reject(new Error('away'))
          : Promise.resolve({ series: 12, rowsWritten: 100, rowsRefused: 0, bytes: 4_096, oldest: {} }),
    },
  });
  const text = await registry.metrics();
  expect(text).toContain('arung_metric_queue_rows 7');
  expect(text).toContain('arung_metric_lost_rows 3');
  expect(text).toContain('arung_metric_store_bytes 4096');
  expect(text).toContain('arung_metric_series 12');
  expect(text).toContain('arung_metric_refused_rows 0');
  away = true;
  expect(await registry.metrics()).toContain('arung_metric_store_failing 1');
});
