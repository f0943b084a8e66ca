import { EventEmitter } from 'node:events';
import { makeWorkerUtils, Logger as WorkerLogger, run, type Runner, type WorkerUtils } from 'graphile-worker';
import { sql, type Kysely } from 'kysely';
import { Pool } from 'pg';
import type { Logger } from 'pino';
import type { Database } from '../../database/tables.ts';
import type { ChannelId } from '../../domain/ids.ts';
import type { LongLived } from '../../domain/lifecycle.ts';
import { goneOf, type Presence } from './presence.ts';

/** graphile-worker's own tables: made by it at start, no part of a backup (the rows of notices are the truth). */
const schema = 'graphile_worker';
const sendTask = 'send-over-channel';

/** So many sends at a time, all channels together; in each channel one. */
const sendsAtOnce = 10;

export interface JobsOptions {
  readonly db: Kysely<Database>;
  readonly url: () => string;
  readonly presence: Presence;
  readonly logger: Logger;
  /** Sends what is due over a channel, until nothing is. */
  readonly drain: (channelId: ChannelId, signal: AbortSignal) => Promise<void>;
}

/**
 * The queues by which controllers share the work: one for each channel, in which one message is sent at a time, so that a
 * channel that is dead keeps only its own waiting. A job says no more than "look at this channel": what is to be done
 * stands in the rows of notices, so a lost or doubled job does no harm. (A job for each message would wait for the next
 * poll after each: graphile-worker looks for the next job before it has let go of the queue of the last.)
 */
export class Jobs implements LongLived {
  readonly name = 'jobs';
  readonly #options: JobsOptions;
  #pool: Pool | null = null;
  #utils: WorkerUtils | null = null;
  #runner: Runner | null = null;

  constructor(options: JobsOptions) {
    this.#options = options;
  }

  async start(): Promise<void> {
    const { url, logger, presence, drain } = this.#options;
    const pool = new Pool({
      connectionString: url(),
      max: 4,
      application_name: 'arung jobs',
      idleTimeoutMillis: 60_000,
    });
    pool.on('error', (error) => logger.warn(error, 'a connection of the queues broke'));
    pool.on('connect', (client) => client.on('error', (error) => logger.debug(error, 'a connection broke at work')));
    this.#pool = pool;
    const shared = { pgPool: pool, schema, logger: quietLogger(logger) };
    this.#utils = await makeWorkerUtils(shared);
    await this.#utils.migrate();
    await this.unlockDead();
    const events = new EventEmitter();
    const marked: Promise<void>[] = [];
    // What is locked is locked by the pool.
    events.on('pool:create', ({ workerPool }: { workerPool: { id: string } }) => {
      marked.push(presence.hold(workerPool.id));
    });
    this.#runner = await run({
      ...shared,
      concurrency: sendsAtOnce,
      noHandleSignals: true,
      // New jobs wake them at once; this is for one whose waking was lost.
      pollInterval: 10_000,
      parsedCronItems: [],
      events,
      taskList: {
        [sendTask]: async (payload, { abortSignal }) => {
          const { channelId } = payload as { channelId: ChannelId };
          await drain(channelId, abortSignal);
        },
      },
    });
    // It ends by `stop`; anything else is told there.
    this.#runner.promise.catch((error: unknown) => logger.error(error, 'the queues of messages stopped'));
    await Promise.all(marked);
  }

  async stop(): Promise<void> {
    await this.#runner?.stop();
    await this.#utils?.release();
    await this.#pool?.end();
  }

  /** Asks for these channels to be looked at; one that is asked for already is not asked for twice. */
  async add(channels: readonly ChannelId[]): Promise<void> {
    if (channels.length === 0) return;
    await this.#utils?.addJobs(
      channels.map((channelId) => ({
        identifier: sendTask,
        payload: { channelId },
        jobKey: channelId,
        queueName: `channel:${channelId}`,
        maxAttempts: 5,
      })),
    );
  }

  /**
   * Lets go of the queues and jobs that controllers held which are there no more: graphile-worker itself waits four hours.
   */
  async unlockDead(): Promise<void> {
    const { db, logger } = this.#options;
    const { rows } = await sql<{ by: string }>`
      select distinct locked_by as by from (
        select locked_by, locked_at from graphile_worker._private_jobs where locked_by is not null
        union all
        select locked_by, locked_at from graphile_worker._private_job_queues where locked_by is not null
      ) held where locked_at < now() - interval '2 seconds'`.execute(db);
    const gone = await goneOf(
      db,
      rows.map((row) => row.by),
    );
    if (gone.length === 0) return;
    logger.info({ workers: gone.length }, 'queues of a controller that is gone are taken over');
    await this.#utils?.forceUnlockWorkers(gone);
  }

  /**
   * Removes the jobs whose tries are used up, and says so: graphile-worker keeps them for ever. They come of a database that
   * failed each try, and of a controller that was killed at one that had been asked for anew meanwhile. No message is lost
   * with them: what is due is asked for by its row.
   */
  async clearSpent(): Promise<void> {
    const { db, logger } = this.#options;
    const { rows } = await sql<{ error: string | null }>`
      delete from graphile_worker._private_jobs
      where attempts >= max_attempts and locked_at is null returning last_error as error`.execute(db);
    if (rows.length === 0) return;
    const error = rows.find((row) => row.error !== null)?.error ?? null;
    logger.warn({ jobs: rows.length, error: error?.slice(0, 300) ?? null }, 'jobs that were out of tries are removed');
  }
}

/** Its own lines are for those who look for a fault in it; what concerns people stands in notices and channels. */
function quietLogger(logger: Logger): WorkerLogger {
  const child = logger.child({ part: 'jobs' });
  return new WorkerLogger(() => (level, message) => {
    child[level === 'error' || level === 'warning' ? 'warn' : 'trace'](message);
  });
}
