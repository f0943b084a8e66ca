import type { Kysely } from 'kysely';
import type { Logger } from 'pino';
import type { Database } from '../../database/tables.ts';
import type { Clock } from '../../domain/clock.ts';
import type { LongLived } from '../../domain/lifecycle.ts';

export interface AlertingRetentionOptions {
  readonly db: Kysely<Database>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Incidents that are over are kept for so many days, with their log. */
  readonly incidentDays: number;
  /** Photos, what was sent, and to which address, are kept for so many days. */
  readonly messageDays: number;
  readonly everyMs?: number;
}

const dayMs = 86_400_000;

/**
 * Removes what must not be kept for ever: people's photos, addresses and messages first (UU PDP 27/2022), then whole
 * incidents. What is not over is kept, however old.
 */
export class AlertingRetention implements LongLived {
  readonly name = 'alerting retention';
  readonly #options: AlertingRetentionOptions;
  #timer: NodeJS.Timeout | null = null;
  #sweeping: Promise<void> = Promise.resolve();

  constructor(options: AlertingRetentionOptions) {
    this.#options = options;
  }

  async start(): Promise<void> {
    this.#timer = setInterval(() => {
      this.#sweeping = this.sweep().catch((error: unknown) => {
        this.#options.logger.warn({ err: error }, 'old incidents and messages could not be removed; tried again later');
      });
    }, this.#options.everyMs ?? 3_600_000);
  }

  async stop(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer);
    await this.#sweeping;
  }

  /** Removes now what is too old; runs by itself, tests call it. */
  async sweep(): Promise<void> {
    const { db, clock, incidentDays, messageDays } = this.#options;
    const messagesBefore = new Date(clock.now() - messageDays * dayMs);
    const incidentsBefore = new Date(clock.now() - incidentDays * dayMs);
    const over = db.selectFrom('incidents').select('id').where('ended_at', 'is not', null);
    await db.deleteFrom('incident_photos').where('at', '<', messagesBefore).where('incident_id', 'in', over).execute();
    await db
      .updateTable('notices')
      .set({ sent_text: null, address: '', error: null, problem: null })
      .where('decided_at', '<', messagesBefore)
      .where('state', 'in', ['sent', 'delivered', 'read', 'failed', 'cancelled'])
      .where((eb) => eb.or([eb('sent_text', 'is not', null), eb('address', '!=', '')]))
      .where((eb) => eb.or([eb('incident_id', 'is', null), eb('incident_id', 'in', over)]))
      .execute();
    await db.deleteFrom('notices').where('incident_id', 'is', null).where('decided_at', '<', messagesBefore).execute();
    await db
      .deleteFrom('incidents')
      .where('merged_into', 'is not', null)
      .where('ended_at', '<', incidentsBefore)
      .execute();
    await db
      .deleteFrom('incidents')
      .where('ended_at', '<', incidentsBefore)
      // One that another was merged into goes when that one has gone.
      .where(({ not, exists, selectFrom }) =>
        not(
          exists(
            selectFrom('incidents as other').select('other.id').whereRef('other.merged_into', '=', 'incidents.id'),
          ),
        ),
      )
      .execute();
  }
}
