import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../domain/clock.ts';
import { ArungError } from '../domain/errors.ts';
import type { AgentId } from '../domain/ids.ts';
import { seriesOf, type Measurement, type PointBatch } from '../domain/point.ts';
import { BufferedStore } from './queue.ts';

function batch(time: number, measurement: Measurement = 'sensor'): PointBatch {
  return {
    agent: 'local' as AgentId,
    measurement,
    series: [seriesOf(measurement, { device: 'd', sensor: 's' })],
    times: Float64Array.of(time),
    values: Float64Array.of(1, 1, 1),
  };
}

/** A store that can be switched off, and keeps the times it was given. */
class SwitchedStore {
  readonly times: number[] = [];
  writes = 0;
  away = false;
  takesMs = 0;
  async write(batches: readonly PointBatch[]): Promise<void> {
    this.writes++;
    const { away } = this;
    if (this.takesMs > 0) await soon(this.takesMs);
    if (away) throw new ArungError('unavailable', 'The disk is full.', { code: 'metrics.disk-full' });
    for (const { times } of batches) this.times.push(...times);
  }
}

function queueFor(store: SwitchedStore, options: { maxRows?: number; flushRows?: number } = {}) {
  const lines: string[] = [];
  const queue = new BufferedStore({
    store,
    clock: systemClock,
    logger: pino({}, { write: (line: string) => void lines.push(line) }),
    flushEveryMs: 20,
    maxPauseMs: 40,
    ...options,
  });
  return { queue, lines };
}

const soon = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe('BufferedStore', () => {
  it('writes what came within its time together, and not what no store keeps', async () => {
    const store = new SwitchedStore();
    const { queue } = queueFor(store);
    for (let i = 0; i < 10; i++) queue.accept(batch(i));
    queue.accept(batch(99, 'probe'));
    expect(store.writes).toBe(0);
    await soon(60);
    expect(store.times).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(store.writes).toBe(1);
    await queue.stop();
  });

  it('keeps the order through an outage, says it once, and tries again by itself', async () => {
    const store = new SwitchedStore();
    store.away = true;
    const { queue, lines } = queueFor(store);
    for (let i = 0; i < 5; i++) {
      queue.accept(batch(i));
      await soon(25);
    }
    expect(queue.statistics()).toMatchObject({ queuedRows: 5, writtenRows: 0, lostRows: 0 });
    expect(queue.statistics().failingSince).not.toBeNull();
    expect(queue.statistics().failingCode).toBe('metrics.disk-full');
    store.away = false;
    await soon(120);
    expect(store.times).toEqual([0, 1, 2, 3, 4]);
    expect(queue.statistics()).toMatchObject({ queuedRows: 0, failingSince: null, failingCode: null });
    expect(lines.filter((line) => line.includes('takes no points'))).toHaveLength(1);
    expect(lines.filter((line) => line.includes('takes points again'))).toHaveLength(1);
    await queue.stop();
  });

  it('loses the oldest beyond its bound, and counts them', async () => {
    const store = new SwitchedStore();
    store.away = true;
    const { queue } = queueFor(store, { maxRows: 10 });
    for (let i = 0; i < 25; i++) queue.accept(batch(i));
    expect(queue.statistics()).toMatchObject({ queuedRows: 10, lostRows: 15 });
    store.away = false;
    await queue.flush();
    expect(store.times).toEqual([15, 16, 17, 18, 19, 20, 21, 22, 23, 24]);
    await queue.stop();
  });

  it('writes a backlog in parts', async () => {
    const store = new SwitchedStore();
    const { queue } = queueFor(store, { flushRows: 4 });
    for (let i = 0; i < 10; i++) queue.accept(batch(i));
    await queue.flush();
    expect(store.writes).toBe(3);
    await queue.stop();
  });

  it('lets nobody wait for what comes after', async () => {
    const store = new SwitchedStore();
    store.takesMs = 20;
    const { queue } = queueFor(store);
    let time = 0;
    const others = setInterval(() => queue.accept(batch(time++)), 2);
    await soon(50);
    for (let i = 0; i < 5; i++) {
      const before = store.writes;
      queue.accept(batch(1_000 + i));
      await queue.durable();
      expect(store.times).toContain(1_000 + i);
      // The write that was under way, and the one that has it.
      expect(store.writes - before).toBeLessThanOrEqual(2);
    }
    clearInterval(others);
    await queue.stop();
  });

  it('tells who waits that the store fails, whatever came in between', async () => {
    const store = new SwitchedStore();
    store.takesMs = 20;
    const { queue } = queueFor(store);
    queue.accept(batch(1));
    const first = queue.durable();
    queue.accept(batch(2));
    store.away = true;
    const second = queue.durable();
    await first;
    await expect(second).rejects.toMatchObject({ kind: 'unavailable' });
    expect(queue.statistics()).toMatchObject({ queuedRows: 1, writtenRows: 1 });
    store.away = false;
    await queue.durable();
    expect(store.times).toEqual([1, 2]);
    await queue.stop();
  });

  it('writes what is left when it stops', async () => {
    const store = new SwitchedStore();
    const { queue } = queueFor(store);
    queue.accept(batch(7));
    await queue.stop();
    expect(store.times).toEqual([7]);
    queue.accept(batch(8));
    await soon(40);
    expect(store.times).toEqual([7]);
  });
});
