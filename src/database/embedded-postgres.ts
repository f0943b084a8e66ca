import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, existsSync, fstatSync, openSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { once } from 'node:events';
import { Client } from 'pg';
import type { Logger } from 'pino';
import { systemClock, type Clock } from '../domain/clock.ts';
import type { LongLived } from '../domain/lifecycle.ts';
import { lockFolder, type FolderLock } from './folder-lock.ts';
import { finishSwap } from './folder-swap.ts';
import { preparePlace, type PostgresPlace } from './postgres-place.ts';
import { readFrom, rotateLog, startError } from './postgres-log.ts';
import { endingWithUs, exitCode } from './postgres-process.ts';
import { isReady, removeStaleLocks, stopOrphan } from './postmaster.ts';

/** Small, since one box carries everything; what matters for safety (fsync, full_page_writes) stays as PostgreSQL has it. */
const settings: Readonly<Record<string, string>> = {
  listen_addresses: '',
  unix_socket_permissions: '0700',
  max_connections: '40',
  shared_buffers: '32MB',
  work_mem: '8MB',
  maintenance_work_mem: '32MB',
  effective_cache_size: '256MB',
  max_wal_size: '256MB',
  min_wal_size: '32MB',
  max_wal_senders: '2',
  max_worker_processes: '2',
  max_parallel_workers: '0',
  max_parallel_workers_per_gather: '0',
  max_logical_replication_workers: '0',
  autovacuum_max_workers: '1',
  io_method: 'sync',
  jit: 'off',
  timezone: 'UTC',
  log_timezone: 'UTC',
  log_line_prefix: '%m [%p] ',
  log_checkpoints: 'off',
  // Statements and their parameters may hold what must not be in a log.
  log_min_error_statement: 'panic',
  log_parameter_max_length_on_error: '0',
};
const superuser = 'arung';
const databaseName = 'arung';

export interface EmbeddedPostgresOptions {
  readonly dataDir: string;
  readonly logger: Logger;
  readonly clock?: Clock;
  /** False only for tests: no fsync, so a crash of the machine may lose the cluster. */
  readonly durable?: boolean;
  /** False only for tests: as on a machine without setpriv, where a killed controller leaves its server running. */
  readonly endWithUs?: boolean;
}

/**
 * A real PostgreSQL 18 as a child process: started, watched, restarted when it dies, stopped. It listens on a unix socket
 * in a folder that only its account may enter. One controller at a time has the data folder.
 */
export class EmbeddedPostgres implements LongLived {
  readonly name = 'PostgreSQL';
  readonly #dataDir: string;
  readonly #logger: Logger;
  readonly #clock: Clock;
  readonly #durable: boolean;
  readonly #endWithUs: boolean;
  #lock: FolderLock | null = null;
  #place: PostgresPlace | null = null;
  #child: ChildProcess | null = null;
  #stopping = false;
  #logTimer: NodeJS.Timeout | null = null;

  constructor(options: EmbeddedPostgresOptions) {
    this.#dataDir = options.dataDir;
    this.#logger = options.logger;
    this.#clock = options.clock ?? systemClock;
    this.#durable = options.durable ?? true;
    this.#endWithUs = options.endWithUs ?? true;
  }

  /** How to connect; known once `start` has resolved. */
  get url(): string {
    return this.urlOf(databaseName);
  }

  urlOf(database: string): string {
    if (this.#place === null) throw new Error('PostgreSQL was not started');
    return `postgresql://${superuser}@/${database}?host=${encodeURIComponent(this.#place.socketFolder)}`;
  }

  /** The postmaster's process; null while it does not run. */
  get pid(): number | null {
    return this.#child?.pid ?? null;
  }

  async start(): Promise<void> {
    this.#lock = lockFolder(this.#dataDir);
    try {
      if (finishSwap(this.#dataDir)) this.#logger.info('a restore that was cut off is finished');
      this.#place = await preparePlace(this.#dataDir, this.#logger);
      await stopOrphan(this.#place.cluster, this.#clock, this.#logger);
      removeStaleLocks(this.#place.cluster, this.#place.socketFolder);
      await this.#initialise(this.#place);
      await this.#launch(this.#place);
      await this.#createDatabase();
    } catch (error) {
      await this.stop();
      throw error;
    }
    this.#logTimer = setInterval(() => this.#rotateLog(), 600_000);
    this.#logTimer.unref();
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    if (this.#logTimer !== null) clearInterval(this.#logTimer);
    const child = this.#child;
    if (child !== null && child.exitCode === null && child.signalCode === null) {
      const exited = once(child, 'exit');
      child.kill('SIGINT');
      const impatient = setTimeout(() => child.kill('SIGQUIT'), 20_000);
      await exited;
      clearTimeout(impatient);
    }
    this.#lock?.release();
    this.#lock = null;
  }

  /** Makes the cluster beside its final place and moves it there whole, so that a start that was killed leaves no half of one. */
  async #initialise(place: PostgresPlace): Promise<void> {
    if (existsSync(join(place.cluster, 'PG_VERSION'))) return;
    const unfinished = `${place.cluster}.unfinished`;
    rmSync(unfinished, { recursive: true, force: true });
    const args = ['-D', unfinished, '-U', superuser, '--auth=trust', '--encoding=UTF8', '--locale=C'];
    args.push('--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--no-instructions');
    // One call for the whole file system instead of one for each of a thousand files.
    args.push(this.#durable ? '--sync-method=syncfs' : '--no-sync');
    const child = spawn(join(place.binaries.bin, 'initdb'), args, {
      ...this.#processOptions(place),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    child.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.stderr?.on('data', (chunk: Buffer) => (output += chunk.toString()));
    const code = await exitCode(child);
    if (code !== 0) {
      rmSync(unfinished, { recursive: true, force: true });
      throw startError(`The database cluster in ${place.cluster} could not be made`, output);
    }
    renameSync(unfinished, place.cluster);
  }

  async #launch(place: PostgresPlace): Promise<void> {
    this.#rotateLog();
    const log = openSync(place.logFile, 'a', 0o640);
    const logStart = fstatSync(log).size;
    const options = { ...settings, unix_socket_directories: place.socketFolder };
    const args = ['-D', place.cluster];
    for (const [key, value] of Object.entries(options)) args.push('-c', `${key}=${value}`);
    if (!this.#durable) args.push('-c', 'fsync=off', '-c', 'full_page_writes=off', '-c', 'synchronous_commit=off');
    const program = join(place.binaries.bin, 'postgres');
    const [command, commandArgs] = this.#endWithUs ? endingWithUs(program, args) : [program, args];
    const child = spawn(command, commandArgs, { ...this.#processOptions(place), stdio: ['ignore', log, log] });
    closeSync(log);
    this.#child = child;
    const failed = exitCode(child);
    const outcome = await Promise.race([this.#answering(child, place.cluster), failed.then(() => 'exited' as const)]);
    if (outcome !== 'answers') {
      await failed;
      this.#child = null;
      throw startError('PostgreSQL did not start', readFrom(place.logFile, logStart));
    }
    this.#logger.info(
      { postmaster: child.pid, version: place.binaries.version, socket: place.socketFolder },
      'PostgreSQL runs',
    );
    failed.then(() => this.#restart(place)).catch((error: unknown) => this.#logger.error(error, 'PostgreSQL is lost'));
  }

  async #restart(place: PostgresPlace): Promise<void> {
    for (let pauseMs = 100; !this.#stopping; pauseMs = Math.min(pauseMs * 2, 10_000)) {
      this.#logger.error({ log: place.logFile, pauseMs }, 'PostgreSQL ended by itself: it is started again');
      await sleep(pauseMs);
      if (this.#stopping) return;
      try {
        await this.#launch(place);
        return;
      } catch (error) {
        this.#logger.error(error, 'PostgreSQL could not be started again');
      }
    }
  }

  /** Resolves when the server answers. A recovery after a crash may take long: we wait as long as it lives. */
  async #answering(child: ChildProcess, cluster: string): Promise<'answers' | 'gone'> {
    while (child.exitCode === null && child.signalCode === null && child.pid !== undefined) {
      await sleep(10);
      if (!isReady(cluster, child.pid)) continue;
      const client = new Client({ connectionString: this.urlOf('postgres') });
      client.on('error', () => undefined);
      try {
        await client.connect();
        await client.end();
        return 'answers';
      } catch (error) {
        this.#logger.debug(error, 'PostgreSQL does not answer yet');
      }
    }
    return 'gone';
  }

  async #createDatabase(): Promise<void> {
    const client = new Client({ connectionString: this.urlOf('postgres') });
    client.on('error', () => undefined); // the query tells
    await client.connect();
    try {
      const found = await client.query('select 1 from pg_database where datname = $1', [databaseName]);
      if (found.rowCount === 0) await client.query(`create database ${databaseName}`);
    } finally {
      await client.end();
    }
  }

  #processOptions(place: PostgresPlace) {
    return {
      cwd: dirname(place.cluster),
      ...(place.account === null ? {} : { uid: place.account.uid, gid: place.account.gid }),
      env: {
        PATH: '/usr/bin:/bin',
        LC_ALL: 'C',
        TZ: 'UTC',
        ...(place.binaries.libraryPath === '' ? {} : { LD_LIBRARY_PATH: place.binaries.libraryPath }),
      },
    };
  }

  #rotateLog(): void {
    if (this.#place !== null) rotateLog(this.#place.logFile);
  }
}
