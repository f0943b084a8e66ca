import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql, type Kysely } from 'kysely';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { writeBackup } from '../src/backup/backup.ts';
import { connect, openDatabase } from '../src/database/connection.ts';
import { knownMigrations, migrate } from '../src/database/migrate.ts';
import { migrations } from '../src/database/migrations/index.ts';
import type { Database } from '../src/database/tables.ts';
import { systemClock } from '../src/domain/clock.ts';
import { createTestDatabase, type TestDatabase } from './support/database.ts';
import { contentOf, loadBackup, releases, schemaOf, sumOf } from './support/releases.ts';

const logger = pino({ level: 'silent' });
const entries = Object.entries(migrations);
const lastOfFixture = '003-status';

/** Tables of the fixture that its later two migrations made. */
const laterTables: Readonly<Record<string, readonly string[]>> = {
  '002-access': ['users', 'user_grants', 'sessions', 'api_tokens', 'audit_log', 'audit_head', 'vault_key'],
  '003-status': ['status_intervals', 'events', 'controller_heartbeat', 'controller_gaps'],
};

/** What a controller would have written between one migration and the next: rows of every kind that came with it. */
const written: Readonly<Record<string, string>> = {
  '003-status': `
    insert into status_intervals (id, entity_kind, entity_id, state, since, until, topology_version, region_code)
      select gen_random_uuid(), 'device', id, state, at, at + interval '9 s', 7, '73.08.13'
      from devices, unnest(array['down', 'unreachable', 'unknown', 'maintenance']) state, generate_series(now() - interval '1 day', now(), '1 h') at;
    insert into controller_gaps values (now() - interval '2 days', now() - interval '1 day')`,
  '004-lifetimes': `
    insert into sites (id, code, name, kind, network, rollout_status, region_id)
      select gen_random_uuid(), 'desa-uji', 'Desa Uji', 'village', 'smart-city', 'active', region_id from sites where code = 'kec-kahu';
    update devices set site_id = (select id from sites where code = 'desa-uji') where name = 'rtr-kahu-01';
    insert into services (id, code, name, site_id) select gen_random_uuid(), 'e-uji', 'Layanan Uji', id from sites where code = 'desa-uji'`,
  '005-services': `
    update services set checks = '[{"kind": "tcp"}]', used_by = '{kecamatan}';
    insert into status_intervals (id, entity_kind, entity_id, state, since, topology_version)
      select gen_random_uuid(), 'service', id, 'degraded', now() - interval '1 h', 8 from services`,
  '006-second-factor': `
    insert into user_second_factor (user_id, secret, made_at, last_step) select id, 'rahasia', now(), 12 from users;
    insert into user_recovery_codes (user_id, code_hash) select id, sha256(n::text::bytea) from users, generate_series(1, 8) n`,
  '007-agent-credentials': `
    insert into agents (id, name, credential_id) select gen_random_uuid(), 'agen-kahu', id from credentials limit 1`,
};

/** The fixture as far as a schema of its own migrations goes. */
async function loadAsOf(level: string, url: string): Promise<void> {
  const until = knownMigrations.slice(0, knownMigrations.indexOf(level) + 1);
  await loadBackup(join(releases, '0.1.0.arung'), url, (manifest) => {
    const { database } = manifest;
    const later = Object.entries(laterTables).flatMap(([migration, names]) => (until.includes(migration) ? [] : names));
    return {
      ...manifest,
      database: {
        ...database,
        migrations: database.migrations.filter((name) => until.includes(name)),
        tables: database.tables.filter((table) => !later.includes(table.name)),
      },
    };
  });
}

/** A database that grows from one migration to the next, each with the rows that its time added; it is copied for every test. */
class GrownDatabase {
  #grown: TestDatabase | null = null;
  #level = '';

  async copyAsOf(level: string): Promise<TestDatabase> {
    this.#grown ??= await createTestDatabase();
    const { url, name: grownName } = this.#grown;
    const db = connect(() => url, logger, 1);
    try {
      for (const name of knownMigrations.filter((known) => known > this.#level && known <= level)) {
        if (name <= lastOfFixture) await loadAsOf(name, url);
        else await migrate(db, Object.fromEntries(entries.filter(([known]) => known <= name)));
        const rows = written[name];
        if (rows !== undefined) await sql.raw(rows).execute(db);
        this.#level = name;
      }
    } finally {
      await db.destroy();
    }
    return createTestDatabase(grownName);
  }

  async drop(): Promise<void> {
    await this.#grown?.drop();
  }
}

async function columnsOf(db: Kysely<Database>): Promise<Map<string, string[]>> {
  const tables = await db.introspection.getTables();
  return new Map(tables.map((table) => [table.name, table.columns.map((column) => column.name)]));
}

async function rowsOf(db: Kysely<Database>, tables: ReadonlyMap<string, string[]>): Promise<Record<string, string>> {
  const sums: Record<string, string> = {};
  for (const [table, columns] of tables) {
    if (table !== 'arung_restores') sums[table] = await sumOf(db, table, columns);
  }
  return sums;
}

const grown = new GrownDatabase();
/** The schema of a new database. */
let wanted: readonly string[] = [];
beforeAll(async () => {
  const fresh = await createTestDatabase();
  wanted = await schemaOf(fresh.db);
  await fresh.drop();
});
afterAll(() => grown.drop());

describe.each(knownMigrations.slice(0, -1))(
  'a database that was made as of migration %s',
  { timeout: 120_000 },
  (level) => {
    let test: TestDatabase;
    let folder: string;
    beforeEach(async () => {
      folder = mkdtempSync(join(tmpdir(), 'arung-earlier-'));
      test = await grown.copyAsOf(level);
    });
    afterEach(async () => {
      await test.drop();
      rmSync(folder, { recursive: true, force: true });
    });

    it('gets the schema of a new one and keeps every row; the backup before it brings it back', async () => {
      const before = { schema: await schemaOf(test.db), content: await contentOf(test.db) };
      expect(before.schema).not.toEqual(wanted);
      const tables = await columnsOf(test.db);
      const rows = await rowsOf(test.db, tables);
      const file = join(folder, 'before.arung');
      const database = openDatabase({
        url: test.url,
        logger,
        beforeMigration: async (url) => {
          await writeBackup({
            file,
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
      await database.stop();
      expect(await schemaOf(test.db)).toEqual(wanted);
      expect(await rowsOf(test.db, tables)).toEqual(rows);
      const { rows: lives } = await sql<{ n: number }>`
      select count(*)::int as n from devices
      where not exists (select from lifetimes where entity_id = devices.id and valid_to = 'infinity')`.execute(test.db);
      expect(lives).toEqual([{ n: 0 }]);

      await loadBackup(file, test.url);
      expect({ schema: await schemaOf(test.db), content: await contentOf(test.db) }).toEqual(before);
    });
  },
);
