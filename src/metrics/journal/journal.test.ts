import { open } from 'node:fs/promises';
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { systemClock } from '../../domain/clock.ts';
import { ArungError } from '../../domain/errors.ts';
import { seriesOf, type PointBatch } from '../../domain/point.ts';
import { batchOf } from '../testing/contract-rows.ts';
import { Journal, type JournalOptions } from './journal.ts';

let folder: string;
const journals: Journal[] = [];
const patience = { timeout: 30_000, interval: 5 };

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'arung-journal-'));
});
afterEach(async () => {
  for (const journal of journals.splice(0)) await journal.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** A store that can be away, refuses some values, and keeps the times it was given in their order. */
class SwitchedStore {
  times: number[] = [];
  away = false;
  refuses = (_value: number): boolean => false;
  requests = 0;
  write(batches: readonly PointBatch[]): Promise<void> {
    this.requests++;
    if (this.away) return Promise.reject(new ArungError('unavailable', 'It is away.', { code: 'metrics.influx-away' }));
    if (batches.some(({ values }) => values.some((value) => this.refuses(value)))) {
      return Promise.reject(
        new ArungError('invalid', 'It refuses the points: wrong type.', { code: 'metrics.refused' }),
      );
    }
    for (const { times } of batches) this.times.push(...times);
    return Promise.resolve();
  }
}

async function started(store: SwitchedStore, options: Partial<JournalOptions> = {}): Promise<Journal> {
  const journal = new Journal({
    store,
    clock: systemClock,
    logger: pino({ enabled: false }),
    folder,
    maxPauseMs: 50,
    ...options,
  });
  await journal.start();
  journals.push(journal);
  return journal;
}

const series = seriesOf('sensor', { device: 'd', sensor: 'a\\b' });
const now = Math.floor(Date.now() / 1_000);
const point = (time: number, value = 1): PointBatch[] => [batchOf('sensor', [{ series, time, value }])];

describe('Journal', () => {
  it('passes on what it is given, in order, and keeps nothing on disk of what the store has', async () => {
    const store = new SwitchedStore();
    const journal = await started(store, { segmentBytes: 1_000 });
    for (let i = 0; i < 50; i++) await journal.write(point(now + i));
    await journal.drained();
    expect(store.times).toEqual(Array.from({ length: 50 }, (_, i) => now + i));
    expect(journal.statistics()).toMatchObject({ queuedRows: 0, writtenRows: 50, lostRows: 0, failingSince: null });
    expect(readdirSync(folder).filter((name) => name.endsWith('.journal')).length).toBeLessThanOrEqual(1);
  });

  it('has a record whole on disk also where the system takes a part of it at a time', async () => {
    const store = new SwitchedStore();
    store.away = true;
    const journal = await started(store);
    const file = await open(join(folder, 'any'), 'w');
    const handle = Object.getPrototypeOf(file) as { write(...given: unknown[]): Promise<unknown> };
    await file.close();
    const { write } = handle;
    const partly = vi.spyOn(handle, 'write').mockImplementation(function (this: unknown, ...given: unknown[]) {
      const [bytes, from, length, at] = given as [Buffer, number, number, number];
      return write.call(this, bytes, from, Math.min(length, 40), at);
    });
    for (let i = 0; i < 3; i++) await journal.write(point(now + i));
    partly.mockRestore();
    await journal.stop();
    store.away = false;
    const next = await started(store);
    await next.drained();
    expect(store.times).toEqual([now, now + 1, now + 2]);
  });

  it('acknowledges while the store is away, says since when and why, and drains in order when it is back', async () => {
    const store = new SwitchedStore();
    store.away = true;
    const journal = await started(store, { segmentBytes: 2_000, partRows: 7 });
    for (let i = 0; i < 100; i++) await journal.write(point(now + i));
    await vi.waitFor(() => expect(journal.statistics().failingSince).not.toBeNull(), patience);
    expect(journal.statistics()).toMatchObject({ queuedRows: 100, writtenRows: 0, reason: 'It is away.' });
    store.away = false;
    await vi.waitFor(() => expect(store.times).toHaveLength(100), patience);
    expect(store.times).toEqual(Array.from({ length: 100 }, (_, i) => now + i));
    await vi.waitFor(() => expect(journal.statistics()).toMatchObject({ queuedRows: 0, failingSince: null }), patience);
  });

  it('goes on after a new start where it stopped', async () => {
    const store = new SwitchedStore();
    store.away = true;
    const first = await started(store, { segmentBytes: 500 });
    for (let i = 0; i < 30; i++) await first.write(point(now + i));
    await journals.pop()?.stop();
    store.away = false;
    const second = await started(store);
    await second.drained();
    expect(store.times).toEqual(Array.from({ length: 30 }, (_, i) => now + i));
    await second.write(point(now + 30));
    await second.drained();
    expect(store.times.at(-1)).toBe(now + 30);
    await journals.pop()?.stop();
    const third = await started(store);
    await third.drained();
    expect(store.times).toHaveLength(31);
  });

  it('keeps what came behind an empty journal, though nothing of it was drained before the next start', async () => {
    const store = new SwitchedStore();
    const first = await started(store, { segmentBytes: 200 });
    for (let i = 0; i < 20; i++) await first.write(point(now + i));
    await first.drained();
    await journals.pop()?.stop();
    const second = await started(store);
    await second.drained();
    await journals.pop()?.stop();
    expect(readdirSync(folder).filter((name) => name.endsWith('.journal'))).toEqual([]);
    store.away = true;
    const third = await started(store);
    for (let i = 20; i < 23; i++) await third.write(point(now + i));
    await journals.pop()?.stop();
    store.away = false;
    const fourth = await started(store);
    await fourth.drained();
    expect(store.times).toEqual(Array.from({ length: 23 }, (_, i) => now + i));
  });

  it('leaves out a record that was cut off, and nothing before or after it', async () => {
    const store = new SwitchedStore();
    store.away = true;
    const first = await started(store);
    for (let i = 0; i < 5; i++) await first.write(point(now + i));
    await journals.pop()?.stop();
    const file = join(folder, readdirSync(folder).find((name) => name.endsWith('.journal')) ?? '');
    truncateSync(file, statSync(file).size - 3);
    const second = await started(store);
    await second.write(point(now + 9));
    store.away = false;
    await second.drained();
    expect(store.times).toEqual([now, now + 1, now + 2, now + 3, now + 9]);
  });

  it('leaves out what the disk damaged', async () => {
    const store = new SwitchedStore();
    store.away = true;
    const first = await started(store);
    await first.write(point(now));
    await journals.pop()?.stop();
    const file = join(folder, readdirSync(folder).find((name) => name.endsWith('.journal')) ?? '');
    appendFileSync(file, Buffer.from([16, 0, 0, 0, 1, 2, 3, 4, ...Array<number>(16).fill(7)]));
    store.away = false;
    const second = await started(store);
    await second.write(point(now + 1));
    await second.drained();
    expect(store.times).toEqual([now, now + 1]);
  });

  it('drops the oldest beyond its bytes, and counts them', async () => {
    const store = new SwitchedStore();
    store.away = true;
    const journal = await started(store, { segmentBytes: 1_000, maxBytes: 5_000 });
    for (let i = 0; i < 80; i++) await journal.write(point(now + i));
    const { queuedRows, queuedBytes, lostRows } = journal.statistics();
    expect(queuedBytes).toBeLessThanOrEqual(6_500);
    expect(lostRows).toBeGreaterThan(0);
    expect(queuedRows + lostRows).toBe(80);
    store.away = false;
    await vi.waitFor(() => expect(store.times).toHaveLength(queuedRows), patience);
    expect(store.times).toEqual(Array.from({ length: queuedRows }, (_, i) => now + lostRows + i));
  });

  it('drops what is too old', async () => {
    const store = new SwitchedStore();
    store.away = true;
    const journal = await started(store, { segmentBytes: 300, maxAgeS: 3_600 });
    for (let i = 0; i < 10; i++) await journal.write(point(now - 7_200 + i));
    for (let i = 0; i < 10; i++) await journal.write(point(now + i));
    store.away = false;
    await vi.waitFor(() => expect(store.times).toContain(now + 9), patience);
    expect(journal.statistics().lostRows).toBeGreaterThan(0);
    expect(store.times.length + journal.statistics().lostRows).toBe(20);
  });

  it('sets aside the rows that the store refuses, with the reason, and passes on all others', async () => {
    const store = new SwitchedStore();
    store.refuses = (value) => value === 666;
    const journal = await started(store);
    const rows = Array.from({ length: 300 }, (_, i) => ({
      series,
      time: now + i,
      value: i === 7 || i === 250 ? 666 : i,
    }));
    await journal.write([batchOf('sensor', rows.slice(0, 100)), batchOf('sensor', rows.slice(100))]);
    await journal.write(point(now + 300));
    await journal.drained();
    expect(new Set(store.times).size).toBe(299);
    expect(journal.statistics()).toMatchObject({ refusedRows: 2, writtenRows: 299, queuedRows: 0, failingSince: null });
    expect(journal.statistics().lastRefusal?.reason).toContain('wrong type');
    const [file = ''] = readdirSync(join(folder, 'refused'));
    const lines = readFileSync(join(folder, 'refused', file), 'utf8')
      .trim()
      .split('\n');
    expect(lines.map((line) => (JSON.parse(line) as { time: number }).time).sort()).toEqual([now + 7, now + 250]);
  });

  it('asks a store that refuses everything only so often', async () => {
    const store = new SwitchedStore();
    store.refuses = () => true;
    const journal = await started(store);
    await journal.write([
      batchOf(
        'sensor',
        Array.from({ length: 5_000 }, (_, i) => ({ series, time: now + i, value: 1 })),
      ),
    ]);
    await journal.drained();
    expect(journal.statistics()).toMatchObject({ refusedRows: 5_000, writtenRows: 0, queuedRows: 0 });
    expect(store.requests).toBeLessThan(500);
  });
});
