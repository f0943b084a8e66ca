import { sql, type Kysely } from 'kysely';
import type { Logger } from 'pino';
import type { Database } from '../../database/tables.ts';
import type { Clock } from '../../domain/clock.ts';
import type { LongLived } from '../../domain/lifecycle.ts';

export interface RolloutRetentionOptions {
  readonly db: Kysely<Database>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Rollouts are kept for so many days after their end, and versions of an intent that nothing names any more. */
  readonly days: number;
  readonly everyMs?: number;
}

const dayMs = 86_400_000;
/** Rollouts that go in one transaction: each may have thousands of devices. */
const atOnce = 100;

/** What of a device's run is the last word on it, until the next such. */
const tellsOfDevice = sql`('confirmed', 'unchanged', 'reverted', 'lost')`;

/**
 * Removes rollouts that ended long ago, with what they changed on each device. One that is the last word on any of its
 * devices is kept, however old: from it is known whether the device went back. So is what is staged or confirmed, the
 * newest version of each device, and every version that a rollout names which is kept.
 */
export class RolloutRetention implements LongLived {
  readonly name = 'retention of rollouts';
  readonly #options: RolloutRetentionOptions;
  #timer: NodeJS.Timeout | null = null;
  #sweeping: Promise<void> = Promise.resolve();

  constructor(options: RolloutRetentionOptions) {
    this.#options = options;
  }

  async start(): Promise<void> {
    this.#timer = setInterval(() => {
      this.#sweeping = this.sweep().catch((error: unknown) => {
        this.#options.logger.warn({ err: error }, 'old rollouts could not be removed; tried again later');
      });
    }, this.#options.everyMs ?? 3_600_000);
  }

  async stop(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer);
    await this.#sweeping;
  }

  /** Removes now what is too old; runs by itself, tests call it. */
  async sweep(): Promise<void> {
    const { db, clock, days } = this.#options;
    const before = new Date(clock.now() - days * dayMs);
    for (let removed = atOnce; removed === atOnce;) {
      const { rows } = await sql`delete from rollouts where id in (
        select id from rollouts old where old.state in ('done', 'stopped') and old.ended_at < ${before} and not exists (
          select 1 from rollout_devices mine
          where mine.rollout_id = old.id and mine.state in ${tellsOfDevice} and not exists (
            select 1 from rollout_devices later where later.device_id = mine.device_id
              and later.ended_at > mine.ended_at and later.state in ${tellsOfDevice}))
        limit ${atOnce}) returning id`.execute(db);
      removed = rows.length;
    }
    await sql`delete from intent_versions old where old.created_at < ${before}
      and not exists (select 1 from device_intents kept
        where kept.device_id = old.device_id and old.version in (kept.staged, kept.confirmed))
      and not exists (select 1 from rollout_devices used
        where used.device_id = old.device_id and (used.version = old.version or used.phase_versions ? old.version))
      and exists (select 1 from intent_versions newer
        where newer.device_id = old.device_id and newer.created_at > old.created_at)`.execute(db);
  }
}
