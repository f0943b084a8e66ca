import { chmodSync, copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql, type Kysely } from 'kysely';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AuditLog } from '../src/audit/audit-log.ts';
import { verifyArchive } from '../src/backup/archive-reader.ts';
import { writeBackup } from '../src/backup/backup.ts';
import { openDatabase } from '../src/database/connection.ts';
import { ExternalPostgres } from '../src/database/external-postgres.ts';
import { knownMigrations, migrate } from '../src/database/migrate.ts';
import { migrations } from '../src/database/migrations/index.ts';
import { systemClock } from '../src/domain/clock.ts';
import { sealedColumns } from '../src/inventory/inventory.ts';
import { Vault } from '../src/vault/vault.ts';
import { createTestDatabase, type TestDatabase } from './support/database.ts';
import { contentOf, fixtures, loadBackup, releases } from './support/releases.ts';

const logger = pino({ level: 'silent' });
describe.each(fixtures)('a database of release %s', (fixture) => {
  let test: TestDatabase;
  let folder: string;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'arung-upgrade-'));
    test = await createTestDatabase();
    await loadBackup(join(releases, fixture), test.url);
  });
  afterEach(async () => {
    await test.drop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('is brought up to date after a backup of what it was, and keeps what it held', async () => {
    const before = await contentOf(test.db);
    const saved = join(folder, 'before.arung');
    const pending: string[][] = [];
    const database = openDatabase({
      url: test.url,
      logger,
      as: { controllerOf: folder },
      beforeMigration: async (url, names) => {
        pending.push([...names]);
        expect(await contentOf(test.db)).toEqual(before);
        await writeBackup({
          file: saved,
          url,
          dataDir: folder,
          release: 'test',
          clock: systemClock,
          metrics: () => Promise.resolve(null),
          waitingPoints: false,
          settings: '',
        });
      },
    });
    await database.start();
    const { db } = database;
    try {
      const manifest = await verifyArchive(saved);
      expect(pending).toEqual([knownMigrations.filter((name) => !manifest.database.migrations.includes(name))]);
      expect(await db.selectFrom('devices').select('name').orderBy('name').execute()).toEqual([
        { name: 'rtr-kahu-01' },
        { name: 'rtr-palattae-01' },
      ]);
      const site = await db.selectFrom('sites').select('tags').where('code', '=', 'kec-kahu').executeTakeFirstOrThrow();
      expect(site.tags).toEqual(['uji\t"aneh" \\N']);
      const users = await db.selectFrom('users').select('name').orderBy('name').execute();
      expect(users.map((user) => user.name)).toEqual(['siti']);
      expect((await new AuditLog({ db, logger }).verify()).ok).toBe(true);
      const keyFile = join(folder, 'key');
      copyFileSync(join(releases, fixture.replace(/arung$/, 'key')), keyFile);
      chmodSync(keyFile, 0o600);
      const vault = new Vault({ db, keyFile, columns: sealedColumns, logger });
      await vault.start();
      const credential = await db.selectFrom('credentials').select(['id', 'secret']).executeTakeFirstOrThrow();
      expect(vault.open(credential.secret ?? Buffer.alloc(0), credential.id)).toContain('"community":"komunitas-bone"');
      await vault.stop();
    } finally {
      await database.stop();
    }
  });

  it('is left as it was, whole, when a migration fails or its connection is cut in the middle', async () => {
    const before = await contentOf(test.db);
    const failing = {
      ...migrations,
      '998-half': {
        up: async (db: Kysely<unknown>) => {
          await sql`create table half_done (n int)`.execute(db);
          await sql`delete from events`.execute(db);
          await sql`alter table sites drop column tags`.execute(db);
        },
      },
    };
    const broken = {
      ...failing,
      '999-broken': { up: async (db: Kysely<unknown>) => void (await sql`select 1 / 0`.execute(db)) },
    };
    await expect(migrate(test.db, broken)).rejects.toMatchObject({ code: 'database.migration-failed' });
    expect(await contentOf(test.db)).toEqual(before);
    const cut = {
      ...failing,
      '999-cut': {
        up: async (db: Kysely<unknown>) => void (await sql`select pg_terminate_backend(pg_backend_pid())`.execute(db)),
      },
    };
    await expect(migrate(test.db, cut)).rejects.toThrow();
    expect(await contentOf(test.db)).toEqual(before);
    // and the release's own migrations still run
    expect(await migrate(test.db)).toEqual(knownMigrations.filter((name) => name > '003-status'));
  });

  it('is not changed when the backup before it cannot be made, nor by a command beside a controller', async () => {
    const before = await contentOf(test.db);
    const database = openDatabase({
      url: test.url,
      logger,
      as: { controllerOf: folder },
      beforeMigration: () => Promise.reject(new Error('disk full')),
    });
    await expect(database.start()).rejects.toThrow('disk full');
    await database.stop();
    const guest = openDatabase({ url: test.url, logger, as: 'guest' });
    await expect(guest.start()).rejects.toMatchObject({ code: 'database.older' });
    await guest.stop();
    expect(await contentOf(test.db)).toEqual(before);
  });
});

describe('an external database', () => {
  it('has one controller at a time, and lets the next one in when the first is gone', async () => {
    const test = await createTestDatabase();
    const folders = [mkdtempSync(join(tmpdir(), 'arung-one-')), mkdtempSync(join(tmpdir(), 'arung-two-'))] as const;
    const first = new ExternalPostgres({ url: test.url, dataDir: folders[0], logger });
    const second = new ExternalPostgres({ url: test.url, dataDir: folders[1], logger, patienceMs: 100 });
    const third = new ExternalPostgres({ url: test.url, dataDir: folders[1], logger });
    try {
      await first.start();
      await expect(second.start()).rejects.toMatchObject({ code: 'database.in-use' });
      await first.stop();
      await third.start();
    } finally {
      await first.stop();
      await third.stop();
      await test.drop();
      for (const folder of folders) rmSync(folder, { recursive: true, force: true });
    }
  });
});
