import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DatabaseSync } from 'node:sqlite';
import { pino } from 'pino';
import { Client } from 'pg';
import { verifyArchive } from '../../src/backup/archive-reader.ts';
import { connect } from '../../src/database/connection.ts';
import { EmbeddedPostgres } from '../../src/database/embedded-postgres.ts';
import { migrate } from '../../src/database/migrate.ts';
import { KilledCommand } from './killed-command.ts';

const logger = pino({ level: 'silent' });
const eventCount = 20_000;
/** The moves of a change-over and what the command says of it take less. */
const changingMs = 60;

/**
 * Rounds of `./arung backup` and `./arung restore --replace` that are killed with SIGKILL at moments spread over the time
 * that an undisturbed one takes. Each round's outcome is `old` or `new`; anything else throws.
 */
export class BackupKills {
  readonly #folder = mkdtempSync(join(tmpdir(), 'arung-kills-'));
  readonly #dataDir = join(this.#folder, 'data');
  readonly #file = join(this.#folder, 'a.arung');
  readonly #arung: KilledCommand;

  constructor(seed: number) {
    this.#arung = new KilledCommand({ dataDir: this.#dataDir, keyFile: join(this.#folder, 'key'), seed });
  }

  async backups(rounds: number): Promise<Record<'old' | 'new', number>> {
    await this.#fill('a');
    const { tookMs } = await this.#arung.run('backup', this.#file);
    const outcomes = { old: 0, new: 0 };
    for (let round = 0; round < rounds; round++) {
      const before = readFileSync(this.#file);
      await this.#fill(`b${round}`);
      await this.#arung.kill(['backup', this.#file], this.#arung.moment(tookMs, round, rounds));
      await verifyArchive(this.#file); // whole, whichever it is
      outcomes[before.equals(readFileSync(this.#file)) ? 'old' : 'new'] += 1;
      await this.#expectState(`b${round}`); // a backup changes nothing
    }
    await this.#arung.run('backup', this.#file);
    const left = readdirSync(this.#folder).filter((name) => name.includes('unfinished'));
    if (left.length > 0) throw new Error(`left behind: ${left.join(', ')}`);
    return outcomes;
  }

  async restores(rounds: number): Promise<Record<'old' | 'new', number>> {
    await this.#fill('a');
    await this.#arung.run('backup', this.#file);
    await this.#fill('b');
    const { tookMs } = await this.#arung.run('restore', '--replace', this.#file);
    await this.#expectState('a');
    const outcomes = { old: 0, new: 0 };
    for (let round = 0; round < rounds; round++) {
      await this.#fill('b');
      const args = ['restore', '--replace', this.#file];
      // Every third within the change-over itself, however fast or slow the machine is by now.
      if (round % 3 !== 2) await this.#arung.kill(args, this.#arung.moment(tookMs, round, rounds));
      else await this.#arung.kill(args, this.#arung.moment(changingMs, round, rounds), () => this.#changingOver());
      const state = await this.#state();
      if (state !== 'a' && state !== 'b') throw new Error(`neither old nor new after round ${round}: ${state}`);
      outcomes[state === 'b' ? 'old' : 'new'] += 1;
      for (const name of readdirSync(this.#dataDir)) {
        if (name.startsWith('before-restore-')) rmSync(join(this.#dataDir, name), { recursive: true, force: true });
      }
    }
    return outcomes;
  }

  /** Resolves when the folder begins to become the new one. */
  async #changingOver(): Promise<void> {
    const begins = (name: string): boolean => name === 'restore.json' || name.startsWith('before-restore-');
    while (!readdirSync(this.#dataDir).some(begins)) await sleep(1);
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** Marks everything that a backup holds: rows, metrics, a small file. */
  async #fill(mark: string): Promise<void> {
    await this.#onDatabase(async (client) => {
      await client.query('truncate events');
      await client.query(
        `insert into events (id, at, key, entity_kind, entity_name, arguments)
         select gen_random_uuid(), now(), 'device.down', 'device', $1, jsonb_build_object('n', n) from generate_series(1, $2::int) n`,
        [mark, eventCount],
      );
    });
    const metrics = new DatabaseSync(join(this.#dataDir, 'metrics.sqlite'));
    metrics.exec('pragma journal_mode = wal; create table if not exists mark (mark text); delete from mark');
    metrics.prepare('insert into mark values (?)').run(mark);
    metrics.close();
    writeFileSync(join(this.#dataDir, 'counter-baselines'), mark);
  }

  async #expectState(mark: string): Promise<void> {
    const state = await this.#state();
    if (state !== mark) throw new Error(`expected the state ${mark}, found ${state}`);
  }

  /** The one mark of all parts, or what they say when they do not agree. */
  async #state(): Promise<string> {
    const inDatabase = await this.#onDatabase(async (client) => {
      const { rows } = await client.query<{ mark: string; n: number }>(
        'select entity_name as mark, count(*)::int as n from events group by 1',
      );
      return rows.map(({ mark, n }) => (n === eventCount ? mark : `${mark}: ${n} rows`)).join(', ');
    });
    const metrics = new DatabaseSync(join(this.#dataDir, 'metrics.sqlite'));
    const row = metrics.prepare('select mark from mark').get();
    metrics.close();
    const inFile = readFileSync(join(this.#dataDir, 'counter-baselines'), 'utf8');
    const marks = new Set([inDatabase, String(row?.['mark']), inFile]);
    const [only] = marks;
    return marks.size === 1 && only !== undefined ? only : [...marks].join(' / ');
  }

  /** As a controller that starts: it takes the folder's lock, and finishes or drops what was cut off. */
  async #onDatabase<T>(work: (client: Client) => Promise<T>): Promise<T> {
    if (!existsSync(this.#dataDir)) mkdirSync(this.#dataDir);
    const postgres = new EmbeddedPostgres({ dataDir: this.#dataDir, logger });
    await postgres.start();
    try {
      const db = connect(() => postgres.url, logger, 2);
      await migrate(db);
      await db.destroy();
      const client = new Client({ connectionString: postgres.url });
      await client.connect();
      try {
        return await work(client);
      } finally {
        await client.end();
      }
    } finally {
      await postgres.stop();
    }
  }
}
