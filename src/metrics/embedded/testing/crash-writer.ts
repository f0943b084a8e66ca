import { pino } from 'pino';
import type { AgentId } from '../../../domain/ids.ts';
import { seriesOf } from '../../../domain/point.ts';
import { EmbeddedStore } from '../store.ts';

/** Writes point after point and tells its parent each time that one was acknowledged, until it is killed. */
const path = process.argv[2] ?? '';
const first = Number(process.argv[3]);
const store = new EmbeddedStore({ path, logger: pino({ enabled: false }) });
await store.start();
const series = [0, 1, 2].map((i) => seriesOf('reachability', { device: `d${i}` }));
for (let n = first; ; n++) {
  await store.write([
    {
      agent: 'local' as AgentId,
      measurement: 'reachability',
      series,
      times: new Float64Array(3).fill(n),
      values: Float64Array.of(n % 100, 1, 1, n % 100, 2, 2, n % 100, 3, 3),
    },
  ]);
  process.stdout.write(`${n}\n`);
}
