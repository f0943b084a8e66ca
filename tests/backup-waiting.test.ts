import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { verifyArchive } from '../src/backup/archive-reader.ts';
import { writeBackup } from '../src/backup/backup.ts';
import { restoreBackup } from '../src/backup/restore.ts';
import { systemClock } from '../src/domain/clock.ts';
import { ArungError } from '../src/domain/errors.ts';
import { seriesOf, type PointBatch } from '../src/domain/point.ts';
import { Journal } from '../src/metrics/journal/journal.ts';
import { batchOf } from '../src/metrics/testing/contract-rows.ts';
import { createTestDatabase, type TestDatabase } from './support/database.ts';

const logger = pino({ level: 'silent' });
const series = seriesOf('reachability', { device: '01890000-0000-7000-8000-000000000001' });
/** Points of the last hours: older ones are dropped by their age. */
const firstS = Math.floor(Date.now() / 1000) - 7_200;
const point = (n: number) => batchOf('reachability', [{ series, time: firstS + n, rtt_ms: n }]);

/** Takes points until it is away. */
class Store {
  away = false;
  readonly times = new Set<number>();
  write(batches: readonly PointBatch[]): Promise<void> {
    if (this.away) return Promise.reject(new ArungError('unavailable', 'It is away.', { code: 'metrics.influx-away' }));
    for (const { times } of batches) for (const time of times) this.times.add(time - firstS);
    return Promise.resolve();
  }
}

describe('points that wait for a metric store on another machine', () => {
  let folder: string;
  let dataDir: string;
  let database: TestDatabase;
  const journals: Journal[] = [];
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'arung-waiting-'));
    dataDir = join(folder, 'data');
    mkdirSync(dataDir);
    database = await createTestDatabase();
  });
  afterEach(async () => {
    for (const journal of journals.splice(0)) await journal.stop();
    await database.drop();
    rmSync(folder, { recursive: true, force: true });
  });

  async function journalIn(data: string, store: Store): Promise<Journal> {
    const journal = new Journal({
      store,
      clock: systemClock,
      logger,
      folder: join(data, 'metrics', 'journal'),
      segmentBytes: 4_000,
      partRows: 50,
    });
    await journal.start();
    journals.push(journal);
    return journal;
  }

  const backup = (waitingPoints = true) =>
    writeBackup({
      file: join(folder, 'a.arung'),
      url: database.url,
      dataDir,
      release: 'test',
      clock: systemClock,
      metrics: () => Promise.resolve(null),
      waitingPoints,
      settings: '',
    });

  async function restored(): Promise<string> {
    const into = join(folder, 'restored');
    await restoreBackup({
      file: join(folder, 'a.arung'),
      dataDir: into,
      databaseUrl: database.url,
      replace: true,
      clock: systemClock,
      logger,
      saveDatabase: () => Promise.resolve(),
    });
    return into;
  }

  it('are in a backup that is made while more come, and are sent after a restore, each', async () => {
    const before = new Store();
    const journal = await journalIn(dataDir, before);
    for (let n = 0; n < 200; n++) await journal.write([point(n)]);
    await journal.drained();
    expect(before.times.size).toBe(200);
    before.away = true;
    for (let n = 200; n < 800; n++) await journal.write([point(n)]);
    let more = 800;
    const work = new AbortController();
    const writing = (async () => {
      while (!work.signal.aborted) await journal.write([point(more++)]);
    })();
    const { waiting } = await backup();
    work.abort();
    await writing;
    expect(waiting.included).toBe(true);
    expect(waiting.bytes).toBeGreaterThan(600 * 20);

    const after = new Store();
    const restoredJournal = await journalIn(await restored(), after);
    await restoredJournal.drained();
    for (let n = 200; n < 800; n++) expect(after.times.has(n), String(n)).toBe(true);
    // Not all that was sent before: the cursor came along.
    expect(after.times.has(0)).toBe(false);
    expect(restoredJournal.statistics()).toMatchObject({ queuedRows: 0, lostRows: 0, refusedRows: 0 });
  });

  it('are read as far as they are whole', async () => {
    const store = new Store();
    store.away = true;
    const journal = await journalIn(dataDir, store);
    for (let n = 0; n < 20; n++) await journal.write([point(n)]);
    await journal.stop();
    const kept = join(dataDir, 'metrics', 'journal');
    const last = join(
      kept,
      readdirSync(kept)
        .filter((name) => name.endsWith('.journal'))
        .at(-1) ?? '',
    );
    truncateSync(last, statSync(last).size - 5);
    await backup();
    const after = new Store();
    const journalAfter = await journalIn(await restored(), after);
    await journalAfter.drained();
    expect([...after.times]).toEqual(Array.from({ length: 19 }, (_, n) => n));
  });

  it('are left out where that was asked, and it is said how much', async () => {
    const store = new Store();
    store.away = true;
    const journal = await journalIn(dataDir, store);
    await journal.write([point(1)]);
    writeFileSync(join(dataDir, 'metrics', 'journal', 'not-ours'), 'x');
    const { waiting } = await backup(false);
    expect(waiting.included).toBe(false);
    expect(waiting.bytes).toBeGreaterThan(0);
    expect((await verifyArchive(join(folder, 'a.arung'))).files).toEqual([]);
    await backup();
    const names = (await verifyArchive(join(folder, 'a.arung'))).files.map(({ name }) => name);
    expect(names).toEqual(['metrics/journal/0000000001.journal']);
  });
});
