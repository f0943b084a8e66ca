import { execFile } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { sql, type Kysely } from 'kysely';
import { pino } from 'pino';
import { verifyArchive } from '../../src/backup/archive-reader.ts';
import { connect } from '../../src/database/connection.ts';
import { EmbeddedPostgres } from '../../src/database/embedded-postgres.ts';
import { migrate } from '../../src/database/migrate.ts';
import type { Database } from '../../src/database/tables.ts';
import { KilledCommand } from './killed-command.ts';
import { contentOf, loadBackup, releases, schemaOf } from './releases.ts';

const run = promisify(execFile);
const logger = pino({ level: 'silent' });
const release = '0.1.0';
/** A command that needs the state and changes nothing of it: all that it does to an older database is the upgrade. */
const command = ['user', 'list'];

/**
 * Rounds of the upgrade of an earlier release's database, killed with SIGKILL: most of them between the backup that it
 * makes first and its end, the rest at any moment from its start. Each round's outcome is `old` or `new`; anything
 * between them throws, as does a backup that is not whole.
 */
export class UpgradeKills {
  readonly #folder = mkdtempSync(join(tmpdir(), 'arung-upgrades-'));
  readonly #dataDir = join(this.#folder, 'data');
  readonly #kept = join(this.#folder, 'kept');
  readonly #arung: KilledCommand;
  readonly #devices: number;

  /** The more devices, the longer the migrations take, and the more moments there are within them. */
  constructor({ seed, devices }: { readonly seed: number; readonly devices: number }) {
    this.#devices = devices;
    // PostgreSQL's account enters by it.
    chmodSync(this.#folder, 0o711);
    const keyFile = join(this.#folder, 'key');
    copyFileSync(join(releases, `${release}.key`), keyFile);
    chmodSync(keyFile, 0o600);
    this.#arung = new KilledCommand({ dataDir: this.#dataDir, keyFile, seed });
  }

  async upgrades(rounds: number): Promise<Record<'old' | 'new', number>> {
    mkdirSync(this.#dataDir);
    await this.#onDatabase((db, url) => this.#fill(db, url));
    await run('cp', ['-a', this.#dataDir, this.#kept]);
    const before = await this.#state();
    const started = performance.now();
    await this.#onDatabase((db) => migrate(db));
    const migratingMs = performance.now() - started;
    const after = await this.#state();
    await this.#putBack();
    const { tookMs } = await this.#arung.run(...command);
    await this.#putBack();

    const outcomes = { old: 0, new: 0 };
    for (let round = 0; round < rounds; round++) {
      if (round % 4 === 3) await this.#arung.kill(command, this.#arung.moment(tookMs, round, rounds));
      else {
        const made = this.#backups().length;
        const begun = async () => {
          while (this.#backups().length === made) await sleep(2);
        };
        await this.#arung.kill(command, this.#arung.moment(migratingMs, round, rounds), begun);
      }
      const state = await this.#state();
      if (state !== before && state !== after) throw new Error(`neither old nor new after round ${round}: ${state}`);
      outcomes[state === before ? 'old' : 'new'] += 1;
      await this.#expectBackups(state === after);
      if (state === after) await this.#putBack();
    }
    await this.#expectEnd(before, after);
    return outcomes;
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** After all kills: the upgrade comes to its end, leaves nothing behind, and its backup brings the old state back. */
  async #expectEnd(before: string, after: string): Promise<void> {
    const { output } = await this.#arung.run(...command);
    if (!output.includes('siti')) throw new Error(`the user of before is not there: ${output}`);
    if ((await this.#state()) !== after) throw new Error('the upgrade after all kills did not give the new state');
    const left = readdirSync(join(this.#dataDir, 'backups')).filter((name) => name.includes('unfinished'));
    if (left.length > 0) throw new Error(`left behind: ${left.join(', ')}`);
    await this.#arung.run('restore', '--replace', join(this.#dataDir, 'backups', this.#backups().at(-1) ?? ''));
    if ((await this.#state()) !== before) throw new Error('the backup before the upgrade is not the old state');
  }

  /** Whole, each of them, and of what was there before; one at least where the schema is the new one. */
  async #expectBackups(upgraded: boolean): Promise<void> {
    if (upgraded && this.#backups().length === 0) throw new Error('the schema is new, and there is no backup');
    for (const name of this.#backups()) {
      const { database } = await verifyArchive(join(this.#dataDir, 'backups', name));
      if (database.migrations.at(-1) !== '003-status') throw new Error(`${name} is no backup of before`);
      const intervals = database.tables.find((table) => table.name === 'status_intervals');
      if ((intervals?.rows ?? 0) < this.#intervals) throw new Error(`${name} lacks rows`);
    }
  }

  get #intervals(): number {
    return this.#devices * 10;
  }

  #backups(): string[] {
    const folder = join(this.#dataDir, 'backups');
    if (!existsSync(folder)) return [];
    return readdirSync(folder).filter((name) => name.startsWith('before-upgrade-'));
  }

  async #putBack(): Promise<void> {
    rmSync(this.#dataDir, { recursive: true });
    await run('cp', ['-a', this.#kept, this.#dataDir]);
  }

  async #fill(db: Kysely<Database>, url: string): Promise<void> {
    await loadBackup(join(releases, `${release}.arung`), url);
    await sql`
      insert into devices (id, name, site_id, role, protocol, agent_id)
      select gen_random_uuid(), 'uji-' || n, sites.id, 'switch', 'none', agents.id
      from generate_series(1, ${this.#devices}::int) n, (select id from sites order by code limit 1) sites, agents
      where agents.name = 'local'`.execute(db);
    await sql`
      insert into status_intervals (id, entity_kind, entity_id, state, since, until, topology_version)
      select gen_random_uuid(), 'device', gen_random_uuid(), 'down', now() - n * interval '1 minute', now() - n * interval '1 minute' + interval '30 s', 1
      from generate_series(1, ${this.#intervals}::int) n`.execute(db);
  }

  /** Schema and rows; what the migration makes has its own clock, so of that the number of rows. */
  #state(): Promise<string> {
    return this.#onDatabase(async (db) => {
      const content = await contentOf(db);
      const lifetimes = content['lifetimes']?.replace(/[0-9a-f]{32}$/, '');
      return JSON.stringify({ schema: await schemaOf(db), content: { ...content, lifetimes } });
    });
  }

  /** As the next start does: it stops what was left running, and PostgreSQL recovers. */
  async #onDatabase<T>(work: (db: Kysely<Database>, url: string) => Promise<T>): Promise<T> {
    const postgres = new EmbeddedPostgres({ dataDir: this.#dataDir, logger });
    await postgres.start();
    const db = connect(() => postgres.url, logger, 2);
    try {
      return await work(db, postgres.url);
    } finally {
      await db.destroy();
      await postgres.stop();
    }
  }
}
