import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CompiledQuery } from 'kysely';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { connect, openDatabase } from './connection.ts';
import { EmbeddedPostgres } from './embedded-postgres.ts';

const logger = pino({ level: 'silent' });
const here = import.meta.dirname;

function isAlive(pid: number): boolean {
  try {
    // A zombie is gone; only its parent has not asked for it yet.
    return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

async function rows(url: string, text: string): Promise<unknown[]> {
  const db = connect(() => url, logger, 1);
  try {
    return (await db.executeQuery(CompiledQuery.raw(text))).rows;
  } finally {
    await db.destroy();
  }
}

/** A controller of its own process, to be killed: prints the postmaster's pid and the URL. */
async function startElsewhere(
  dataDir: string,
  deathSignal = true,
): Promise<{ pid: number; postmaster: number; url: string }> {
  const program = `
    import { pino } from 'pino';
    import { EmbeddedPostgres } from '${here}/embedded-postgres.ts';
    const postgres = new EmbeddedPostgres({ dataDir: process.argv[1], logger: pino({ level: 'silent' }), durable: false, endWithUs: ${deathSignal} });
    await postgres.start();
    console.log(JSON.stringify({ pid: process.pid, postmaster: postgres.pid, url: postgres.url }));
    setInterval(() => {}, 1000);
  `;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program, dataDir], {
    cwd: join(here, '../..'),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  return JSON.parse(line.toString()) as { pid: number; postmaster: number; url: string };
}

describe('EmbeddedPostgres', () => {
  let folder: string;
  let running: EmbeddedPostgres[] = [];

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'arung-pg-'));
    chmodSync(folder, 0o711);
  });
  afterEach(async () => {
    await Promise.all(running.map((postgres) => postgres.stop()));
    running = [];
    rmSync(folder, { recursive: true, force: true });
  });

  async function start(dataDir = folder): Promise<EmbeddedPostgres> {
    const postgres = new EmbeddedPostgres({ dataDir, logger, durable: false });
    running.push(postgres);
    await postgres.start();
    return postgres;
  }

  it('keeps what was committed over a stop and a start', async () => {
    const first = await start();
    await rows(first.url, 'create table kept (n int); insert into kept values (7)');
    await first.stop();
    expect(await rows((await start()).url, 'select n from kept')).toEqual([{ n: 7 }]);
  });

  it('is UTF-8, UTC, durable by default, and listens on no network', async () => {
    const postgres = new EmbeddedPostgres({ dataDir: folder, logger });
    running.push(postgres);
    await postgres.start();
    const names = [
      'server_encoding',
      'TimeZone',
      'fsync',
      'full_page_writes',
      'synchronous_commit',
      'listen_addresses',
    ];
    const found = await rows(
      postgres.url,
      `select name, setting from pg_settings where name in ('${names.join("','")}')`,
    );
    expect(Object.fromEntries(found.map((row) => Object.values(row as object)))).toEqual({
      server_encoding: 'UTF8',
      TimeZone: 'UTC',
      fsync: 'on',
      full_page_writes: 'on',
      synchronous_commit: 'on',
      listen_addresses: '',
    });
    expect(await rows(postgres.url, `select lower('ÉÀ') as lower`)).toEqual([{ lower: 'éà' }]);
  });

  it('refuses a second start on the same data and names the process', async () => {
    await start();
    const second = new EmbeddedPostgres({ dataDir: folder, logger });
    await expect(second.start()).rejects.toMatchObject({ code: 'database.in-use', arguments: { pid: process.pid } });
  });

  it('dies with its controller, also when that is killed', async () => {
    const other = await startElsewhere(folder);
    await rows(other.url, 'create table kept (n int); insert into kept values (1)');
    process.kill(other.pid, 'SIGKILL');
    await vi.waitFor(() => expect(isAlive(other.postmaster)).toBe(false), { timeout: 10_000 });
    expect(await rows((await start()).url, 'select n from kept')).toEqual([{ n: 1 }]);
  });

  it('stops the server of a controller that was killed, where the kernel does not', async () => {
    const other = await startElsewhere(folder, false);
    await rows(other.url, 'create table kept (n int); insert into kept values (1)');
    process.kill(other.pid, 'SIGKILL');
    await sleep(200);
    expect(isAlive(other.postmaster)).toBe(true);
    const postgres = await start();
    expect(isAlive(other.postmaster)).toBe(false);
    expect(await rows(postgres.url, 'select n from kept')).toEqual([{ n: 1 }]);
  });

  it('leaves a process alone that only has the number of its old server', async () => {
    await (await start()).stop();
    const bystander = spawn('sleep', ['30'], { stdio: 'ignore' });
    const cluster = join(folder, 'postgresql', 'cluster');
    writeFileSync(join(cluster, 'postmaster.pid'), `${bystander.pid}\n${cluster}\n0\n5432\n\n\n\nready   \n`);
    await start();
    expect(isAlive(bystander.pid ?? 0)).toBe(true);
    bystander.kill();
  });

  it('starts the server again when it dies', async () => {
    const postgres = await start();
    const first = postgres.pid ?? 0;
    process.kill(first, 'SIGKILL');
    await vi.waitFor(
      async () => {
        expect(postgres.pid).not.toBe(first);
        expect(await rows(postgres.url, 'select 1 as n')).toEqual([{ n: 1 }]);
      },
      { timeout: 10_000, interval: 50 },
    );
  });

  it.runIf(process.getuid?.() === 0)(
    'runs as an account without rights when root starts it, also below a folder of root’s alone',
    async () => {
      const hidden = join(folder, 'root-only', 'data');
      mkdirSync(hidden, { recursive: true, mode: 0o700 });
      chmodSync(join(folder, 'root-only'), 0o700);
      const postgres = await start(hidden);
      const status = readFileSync(`/proc/${postgres.pid}/status`, 'utf8');
      expect(status).toMatch(/^Uid:\t[1-9]/m);
      const place = readFileSync(join(hidden, 'postgresql.location'), 'utf8').trim();
      await rows(postgres.url, 'create table kept (n int)');
      await postgres.stop();
      await rows((await start(hidden)).url, 'select n from kept');
      expect(statSync(join(folder, 'root-only')).mode & 0o777).toBe(0o700);
      await Promise.all(running.map((one) => one.stop()));
      rmSync(place, { recursive: true });
    },
  );

  it('works in a folder whose name is too long for a socket', async () => {
    const long = join(folder, 'd'.repeat(90));
    const postgres = await start(long);
    expect(await rows(postgres.url, 'select 1 as n')).toEqual([{ n: 1 }]);
  });

  it('says what to do when its cluster was made by another version', async () => {
    await (await start()).stop();
    writeFileSync(join(folder, 'postgresql', 'cluster', 'PG_VERSION'), '11\n');
    await expect(start()).rejects.toMatchObject({ code: 'database.other-version' });
  });

  it('makes the cluster anew when a start was killed while it was made', async () => {
    const half = join(folder, 'postgresql', 'cluster.unfinished');
    await (await start()).stop();
    rmSync(join(folder, 'postgresql', 'cluster'), { recursive: true });
    writeFileSync(half, 'half of one');
    expect(await rows((await start()).url, 'select 1 as n')).toEqual([{ n: 1 }]);
    expect(existsSync(half)).toBe(false);
  });

  it('keeps its log, without statements and what they hold', async () => {
    const postgres = await start();
    await expect(rows(postgres.url, `select 'planted-secret' / 0`)).rejects.toThrow();
    await postgres.stop();
    const log = readFileSync(join(folder, 'postgresql', 'postgres.log'), 'utf8');
    expect(log).toContain('ready to accept connections');
    expect(log).not.toContain('select');
  });
});

describe('openDatabase', () => {
  it('refuses a database that a newer version made, and changes nothing', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'arung-newer-'));
    const postgres = new EmbeddedPostgres({ dataDir: folder, logger, durable: false });
    await postgres.start();
    const first = openDatabase({ url: postgres.url, logger });
    await first.start();
    await first.ping();
    await first.db.executeQuery(
      CompiledQuery.raw(`insert into kysely_migration (name, timestamp) values ('999-future', '')`),
    );
    await first.stop();
    const second = openDatabase({ url: postgres.url, logger });
    await expect(second.start()).rejects.toMatchObject({ code: 'database.newer' });
    await second.stop();
    await postgres.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('migrates once when two start at once on one server', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'arung-two-'));
    const postgres = new EmbeddedPostgres({ dataDir: folder, logger, durable: false });
    await postgres.start();
    const both = [1, 2].map(() => openDatabase({ url: postgres.url, logger }));
    await Promise.all(both.map((database) => database.start()));
    await Promise.all(both.map((database) => database.stop()));
    await postgres.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('outlives a server that dies under its queries, and goes on with the next one', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'arung-dies-'));
    const postgres = new EmbeddedPostgres({ dataDir: folder, logger, durable: false });
    await postgres.start();
    const database = openDatabase({ url: postgres.url, logger });
    await database.start();
    const first = postgres.pid ?? 0;
    const atWork = Array.from({ length: 5 }, () => database.db.executeQuery(CompiledQuery.raw('select pg_sleep(30)')));
    const told = Promise.allSettled(atWork);
    await sleep(100);
    process.kill(first, 'SIGQUIT');
    expect((await told).map((one) => one.status)).toEqual(Array(5).fill('rejected'));
    await vi.waitFor(() => database.ping(), { timeout: 15_000, interval: 100 });
    await database.stop();
    await postgres.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('says what to do when the server of DATABASE_URL does not answer', async () => {
    const database = openDatabase({ url: 'postgresql://arung@127.0.0.1:1/arung', logger });
    await expect(database.start()).rejects.toMatchObject({ code: 'database.unreachable' });
    await database.stop();
  });
});
