import { pino } from 'pino';
import { systemClock } from '../../../domain/clock.ts';
import { seriesOf } from '../../../domain/point.ts';
import { openMetricStore, type MetricStoreChoice } from '../../open-store.ts';
import { batchOf } from '../../testing/contract-rows.ts';
import { Journal } from '../journal.ts';

/**
 * A program of its own, to be killed: drains a journal into a store in small parts and goes on writing into it, saying
 * `acknowledged N` when row N is on disk and `drained` once when nothing waits.
 */
const [folder = '', choice = '', first = '0', base = '0'] = process.argv.slice(2);
const logger = pino({ enabled: false });
const store = openMetricStore(JSON.parse(choice) as MetricStoreChoice, logger);
const journal = new Journal({
  store,
  clock: systemClock,
  logger,
  folder,
  partRows: 50,
  segmentBytes: 20_000,
  maxPauseMs: 100,
});
await store.start();
await journal.start();
process.stdout.write('running\n');
let said = false;
const end = Number(first) + 400;
for (let row = Number(first); ; row++) {
  if (row < end) {
    const series = seriesOf('interface', { device: 'd', interface: `p${row % 10}` });
    await journal.write([batchOf('interface', [{ series, time: Number(base) + Math.floor(row / 10), in_bps: row }])]);
    process.stdout.write(`acknowledged ${row}\n`);
  } else {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  if (!said && row >= end && journal.statistics().queuedRows === 0) {
    said = true;
    process.stdout.write('drained\n');
  }
}
