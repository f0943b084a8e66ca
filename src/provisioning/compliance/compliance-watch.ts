import type { Kysely } from 'kysely';
import type { Logger } from 'pino';
import { Lease } from '../../database/lease.ts';
import type { Database } from '../../database/tables.ts';
import type { LongLived } from '../../domain/lifecycle.ts';
import { Rounds } from '../../domain/rounds.ts';
import type { ComplianceStore } from './compliance-store.ts';

const atOnce = 50;

/** Judges every device again whose configuration, firmware or rules have changed. */
export class ComplianceWatch implements LongLived {
  readonly name = 'compliance of devices';
  readonly #store: ComplianceStore;
  readonly #lease: Lease;
  readonly #rounds: Rounds;

  constructor(options: {
    readonly db: Kysely<Database>;
    readonly store: ComplianceStore;
    readonly logger: Logger;
    readonly everyMs?: number;
  }) {
    this.#store = options.store;
    this.#lease = new Lease({ db: options.db, name: 'compliance', ttlMs: 120_000 });
    this.#rounds = new Rounds({
      run: () => this.look(),
      failed: (error) => options.logger.warn({ err: error }, 'devices could not be judged by their rules; tried again'),
      everyMs: options.everyMs ?? 15_000,
    });
  }

  async start(): Promise<void> {
    this.#rounds.start(0);
  }

  async stop(): Promise<void> {
    await this.#rounds.stop();
    await this.#lease.release().catch(() => undefined);
  }

  /** Something that devices are judged by has changed. */
  wake(): void {
    this.#rounds.wake(0);
  }

  async look(): Promise<void> {
    if (!(await this.#lease.take()).isHeld) return;
    while ((await this.#store.judgeDue(atOnce)) === atOnce && this.#rounds.isRunning) {
      if (!(await this.#lease.take()).isHeld) return;
    }
  }
}
