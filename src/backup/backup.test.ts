import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import * as fc from 'fast-check';
import { sql, type Kysely } from 'kysely';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../tests/support/database.ts';
import type { Database } from '../database/tables.ts';
import { systemClock } from '../domain/clock.ts';
import { readMembers, verifyArchive } from './archive-reader.ts';
import { writeBackup } from './backup.ts';
import { copyMetricsFile } from './metrics-copy.ts';
import { restoreDatabase } from './restore-database.ts';

const hostile = 'tab\t newline\n backslash \\ \\N quote " \' null-ish \\. é 👷 ‮';

/** Every table as text, in an order of its own. */
async function contentOf(db: Kysely<Database>): Promise<Record<string, string[]>> {
  const { rows: tables } = await sql<{ name: string }>`
    select relname as name from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r'
      and relname not in ('kysely_migration', 'kysely_migration_lock', 'arung_restores') order by 1`.execute(db);
  const content: Record<string, string[]> = {};
  for (const { name } of tables) {
    const { rows } = await sql<{ text: string }>`select t::text as text from ${sql.table(name)} t order by 1`.execute(
      db,
    );
    content[name] = rows.map((row) => row.text);
  }
  return content;
}

async function fillSome(db: Kysely<Database>, mark: string): Promise<void> {
  await sql`insert into regions (id, code, name, level) values
    ('01890000-0000-7000-8000-000000000001', '73.08', ${mark}, 'regency')`.execute(db);
  await sql`insert into sites (id, code, name, kind, network, rollout_status, region_id, tags) values
    ('01890000-0000-7000-8000-000000000002', 'kec-uji', ${mark}, 'district', 'smart-city', 'active',
     '01890000-0000-7000-8000-000000000001', ${sql.val([mark, '', '{}'])})`.execute(db);
  await sql`insert into credentials (id, name, kind, secret) values
    ('01890000-0000-7000-8000-000000000003', ${mark}, 'snmp-v2c', decode('00ff5c0a', 'hex'))`.execute(db);
  await sql`insert into events (id, at, key, entity_kind, entity_name, arguments)
    select gen_random_uuid(), timestamptz '2026-11-24 01:02:03.456789+08' + n * interval '1 second', 'device.down', 'device',
      ${mark} || n, jsonb_build_object('n', n) from generate_series(1, 5000) n`.execute(db);
  await sql`insert into status_intervals (id, entity_kind, entity_id, state, since, topology_version) values
    (gen_random_uuid(), 'site', gen_random_uuid(), 'down', '2026-11-24T00:00:00Z', 1)`.execute(db);
}

describe('backup', () => {
  let folder: string;
  let source: TestDatabase;
  let file: string;

  const write = (target: string, url = source.url) =>
    writeBackup({
      file: target,
      url,
      dataDir: folder,
      release: '0.0.0-test',
      clock: systemClock,
      metrics: () => Promise.resolve(null),
      waitingPoints: false,
      settings: 'language = "en"\n',
    });

  const restore = (url: string, beforeCommit: () => Promise<void> = () => Promise.resolve()) =>
    verifyArchive(file).then((manifest) =>
      restoreDatabase({
        url,
        file,
        manifest,
        restoreId: crypto.randomUUID(),
        progress: () => undefined,
        readInto: async (load) => {
          const tables = new Map(manifest.database.tables.map((table) => [table.member.name, table]));
          for await (const { member, content } of readMembers(file, manifest)) {
            const table = tables.get(member.name);
            if (table !== undefined) await load.table(table, content);
            else for await (const _ of content) continue;
          }
          await beforeCommit();
        },
      }),
    );

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'arung-backup-'));
    source = await createTestDatabase();
    await fillSome(source.db, hostile);
    file = join(folder, 'whole.arung');
    await write(file);
  });
  afterAll(async () => {
    await source.drop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('brings every row back as it was, into a database that held something else', async () => {
    const target = await createTestDatabase();
    try {
      await fillSome(target.db, 'old');
      await sql`create view of_somebody as select name from sites`.execute(target.db);
      await restore(target.url);
      expect(await contentOf(target.db)).toEqual(await contentOf(source.db));
      // the schema's own triggers work again
      await sql`update sites set region_id = region_id, name = 'x'`.execute(target.db);
      const { rows } = await sql`select 1 from pg_trigger where tgenabled = 'D'`.execute(target.db);
      expect(rows).toEqual([]);
    } finally {
      await target.drop();
    }
  });

  it('leaves the old database, all of it, when a restore fails before its commit', async () => {
    const target = await createTestDatabase();
    try {
      await fillSome(target.db, 'old');
      const before = await contentOf(target.db);
      await expect(restore(target.url, () => Promise.reject(new Error('cut')))).rejects.toThrow('cut');
      expect(await contentOf(target.db)).toEqual(before);
    } finally {
      await target.drop();
    }
  });

  it('is of one moment, although others write meanwhile', async () => {
    const busy = await createTestDatabase();
    try {
      await fillSome(busy.db, 'a');
      await sql`create table pairs (side text primary key, n int not null)`.execute(busy.db);
      await sql`create table pairs_too (side text primary key, n int not null)`.execute(busy.db);
      await sql`insert into pairs values ('a', 0)`.execute(busy.db);
      await sql`insert into pairs_too values ('b', 0)`.execute(busy.db);
      const writing = { stopped: false };
      const writer = (async () => {
        while (!writing.stopped) {
          await busy.db.transaction().execute(async (trx) => {
            await sql`update pairs set n = n + 1`.execute(trx);
            await sql`update pairs_too set n = n + 1`.execute(trx);
          });
        }
      })();
      const target = join(folder, 'busy.arung');
      await write(target, busy.url);
      writing.stopped = true;
      await writer;
      const manifest = await verifyArchive(target);
      const numbers: string[] = [];
      for await (const { member, content } of readMembers(target, manifest)) {
        const chunks: Buffer[] = [];
        for await (const chunk of content) chunks.push(chunk);
        if (member.name.startsWith('postgresql/pairs'))
          numbers.push(Buffer.concat(chunks).toString().split('\t')[1] ?? '');
      }
      expect(numbers).toHaveLength(2);
      expect(numbers[0]).toBe(numbers[1]);
    } finally {
      await busy.drop();
    }
  });

  it('is refused whichever byte of it is another, and wherever it is cut', async () => {
    const whole = readFileSync(file);
    const damaged = join(folder, 'damaged.arung');
    await fc.assert(
      fc.asyncProperty(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), async (at, change) => {
        const bytes = Buffer.from(whole);
        bytes[at] = (bytes[at] ?? 0) ^ change;
        writeFileSync(damaged, bytes);
        // padding between members and fields of the tar header that nobody reads may change: then nothing else has
        const read = await verifyArchive(damaged).catch(() => null);
        if (read !== null) expect(read).toEqual(await verifyArchive(file));
      }),
      { numRuns: 60 },
    );
    await fc.assert(
      fc.asyncProperty(fc.nat(whole.length - 1100), async (length) => {
        copyFileSync(file, damaged);
        truncateSync(damaged, length);
        await expect(verifyArchive(damaged)).rejects.toMatchObject({ code: 'backup.broken' });
      }),
      { numRuns: 30 },
    );
  });

  it('says what is wrong with a file that is no backup, or not there', async () => {
    const other = join(folder, 'other');
    writeFileSync(other, 'not a backup '.repeat(1000));
    await expect(verifyArchive(other)).rejects.toMatchObject({ code: 'backup.broken' });
    await expect(verifyArchive(join(folder, 'nowhere'))).rejects.toMatchObject({ code: 'backup.unreadable' });
  });

  it('leaves the earlier file and nothing else when it cannot be made', async () => {
    const target = join(folder, 'kept.arung');
    writeFileSync(target, 'earlier');
    const failing = writeBackup({
      file: target,
      url: source.url,
      dataDir: folder,
      release: '0.0.0-test',
      clock: systemClock,
      metrics: () => Promise.reject(new Error('no metrics')),
      waitingPoints: false,
      settings: '',
    });
    await expect(failing).rejects.toThrow('no metrics');
    expect(readFileSync(target, 'utf8')).toBe('earlier');
    await expect(write(join(folder, 'no such', 'folder', 'x.arung'))).rejects.toMatchObject({
      code: 'backup.unwritable',
    });
    expect(readdirSync(folder).filter((name) => name.includes('unfinished'))).toEqual([]);
  });

  it('makes the last folder of its path, for it alone, and no more than that', async () => {
    await write(join(folder, 'backups', 'first.arung'));
    expect(statSync(join(folder, 'backups')).mode & 0o777).toBe(0o700);
    await expect(write(join(folder, 'not', 'there', 'first.arung'))).rejects.toThrow('cannot be written');
  });

  it('holds no session and no key', async () => {
    const manifest = await verifyArchive(file);
    expect(manifest.database.tables.find((table) => table.name === 'sessions')?.rows).toBe(0);
    expect(manifest.keyId).toBeNull();
  });
});

describe('copyMetricsFile', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'arung-metrics-copy-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('copies what a killed store left in its WAL, and refuses one that is open', async () => {
    const from = join(folder, 'metrics.sqlite');
    const store = new DatabaseSync(from);
    store.exec(
      'pragma journal_mode = wal; pragma locking_mode = exclusive; create table t (n); insert into t values (7)',
    );
    await expect(copyMetricsFile(from, join(folder, 'copy'))).rejects.toMatchObject({ code: 'metrics.in-use' });
    store.close();
    expect(await copyMetricsFile(from, join(folder, 'copy'))).toBe(true);
    const copy = new DatabaseSync(join(folder, 'copy'));
    expect(copy.prepare('select n from t').get()).toEqual({ n: 7 });
    copy.close();
    expect(await copyMetricsFile(join(folder, 'none'), join(folder, 'copy2'))).toBe(false);
    expect(existsSync(join(folder, 'copy2'))).toBe(false);
  });
});
