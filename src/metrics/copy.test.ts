import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { seriesOf, type PointBatch } from '../domain/point.ts';
import { copyMetrics } from './copy.ts';
import { openMetricStore } from './open-store.ts';
import type { MetricStore } from './store.ts';
import { batchOf } from './testing/contract-rows.ts';

const hour = 3_600;
const now = Math.floor(Date.now() / 1_000);

describe('a copy of history that was stopped', () => {
  let folder: string;
  let from: MetricStore;
  let copied: Set<number>;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'arung-copy-'));
    from = openMetricStore({ kind: 'embedded', path: join(folder, 'metrics.sqlite') }, pino({ enabled: false }));
    await from.start();
    const series = seriesOf('sensor', { device: 'd', sensor: 's' });
    const rows = Array.from({ length: 12 }, (_, i) => ({ series, time: now - (12 - i) * hour, value: i }));
    await from.write([batchOf('sensor', rows)]);
    copied = new Set();
  });
  afterEach(async () => {
    await from.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Stops behind so many parts. */
  const copy = (fromTime: number, most = Infinity) => {
    let parts = 0;
    const to = {
      write: async (batches: readonly PointBatch[]) => {
        for (const { times } of batches) for (const time of times) copied.add(time);
      },
    };
    const onProgress = (): void => {
      if (copied.size > 0 && ++parts > most) throw new Error('stopped');
    };
    return copyMetrics({ from, to, fromTime, toTime: now, notePath: join(folder, 'note.json'), onProgress });
  };

  it('goes on where it was', async () => {
    await expect(copy(0, 2)).rejects.toThrow('stopped');
    expect(copied.size).toBeLessThan(12);
    expect((await copy(0)).resumed).toBe(true);
    expect(copied.size).toBe(12);
  });

  it('is begun anew where it had left out what is asked for now', async () => {
    await expect(copy(now - 3 * hour - 60, 2)).rejects.toThrow('stopped');
    expect((await copy(0)).resumed).toBe(false);
    expect(copied.size).toBe(12);
  });
});
