import type { Kysely } from 'kysely';
import type { Logger } from 'pino';
import { Lease } from '../../database/lease.ts';
import type { Database } from '../../database/tables.ts';
import type { Clock } from '../../domain/clock.ts';
import { ArungError } from '../../domain/errors.ts';
import type { DeviceId } from '../../domain/ids.ts';
import type { LongLived } from '../../domain/lifecycle.ts';
import { Rounds } from '../../domain/rounds.ts';
import { isLoss } from '../drivers/device-errors.ts';
import type { ConfigurationBackup, ConfigurationSession } from '../drivers/driver.ts';
import type { IntentReader } from '../intent/intent-reader.ts';
import type { DeviceDoor } from '../rollouts/device-door.ts';
import type { KeptConfigurations } from '../rollouts/rollout-surroundings.ts';
import { saidAndLogged } from '../rollouts/said.ts';
import type { BackupStore } from './backup-store.ts';

export interface BackupWatchOptions {
  readonly db: Kysely<Database>;
  readonly store: BackupStore;
  readonly door: DeviceDoor;
  /** Knows what else is secret of a device than its driver does. */
  readonly intents: Pick<IntentReader, 'namedSecrets'>;
  /** Hears of every configuration that is another than the last one of its device. */
  readonly tell: (deviceId: DeviceId) => void;
  /** Hears that one was fetched, another or not. */
  readonly kept?: () => void;
  readonly clock: Clock;
  readonly logger: Logger;
  /** How often a device is asked, milliseconds. */
  readonly everyMs: number;
  /** How often it is seen who is due. */
  readonly roundMs?: number;
}

const mostInRound = 20;
/** A device that was changed may be changed once more at once, milliseconds. */
const soonMs = 3_000;
/** Before a change a device is asked again where it was not seen for so long, milliseconds. */
const seenMs = 900_000;
/** Who could not be asked is asked again after so long, milliseconds. */
const retryMs = 3_600_000;

/**
 * Fetches the configuration of every device that can be configured, once a day and soon after a change, one device at a
 * time: it is nobody's hurry, and the links of villages are thin.
 */
export class BackupWatch implements LongLived, KeptConfigurations {
  readonly name = 'backups of devices';
  readonly #options: BackupWatchOptions;
  readonly #lease: Lease;
  readonly #rounds: Rounds;
  readonly #soon = new Set<DeviceId>();

  constructor(options: BackupWatchOptions) {
    this.#options = options;
    this.#lease = new Lease({ db: options.db, name: 'backups', ttlMs: 120_000 });
    this.#rounds = new Rounds({
      run: () => this.look(),
      failed: (error) =>
        options.logger.warn({ err: error }, 'configurations of devices could not be fetched; tried again'),
      everyMs: options.roundMs ?? 60_000,
    });
  }

  async start(): Promise<void> {
    this.#rounds.start();
  }

  async stop(): Promise<void> {
    await this.#rounds.stop();
    await this.#lease.release().catch(() => undefined);
  }

  /** It was changed: its new configuration is fetched a moment later. */
  soon(deviceId: DeviceId): void {
    // Only the first: changes every moment would else put the round off for ever.
    if (this.#soon.size === 0) this.#rounds.wake(soonMs);
    this.#soon.add(deviceId);
  }

  /** Fetches what is due. */
  async look(): Promise<void> {
    if (!(await this.#lease.take()).isHeld) return;
    const { store, door, clock, everyMs } = this.#options;
    const now = clock.now();
    const usual = await store.due({
      before: now - everyMs,
      failedBefore: now - Math.min(retryMs, everyMs),
      most: mostInRound,
      kinds: door.credentials,
    });
    const changed = [...this.#soon];
    this.#soon.clear();
    const due = new Set([...(await store.configurable(changed, door.credentials)), ...usual]);
    for (const deviceId of due) {
      if (!this.#rounds.isRunning) return;
      await this.fetch(deviceId);
      // Another goes on with the others.
      if (!(await this.#lease.take()).isHeld) return;
    }
  }

  /** Fetches and keeps one device's configuration now; what fails is kept with why. */
  async fetch(deviceId: DeviceId): Promise<void> {
    const { store, door, logger } = this.#options;
    try {
      const target = await door.managementOf(deviceId);
      const driver = door.driverFor(target);
      const session = await driver.open(door.targetOf(target, { driver: driver.kind }));
      try {
        await this.#keep(deviceId, session, driver.kind);
      } finally {
        session.close();
      }
    } catch (error) {
      const what = 'the configuration of a device could not be fetched';
      logger.debug({ err: error, device: deviceId }, what);
      await store.failed(deviceId, saidAndLogged(error, { logger, device: deviceId, what }));
    }
  }

  async before(deviceId: DeviceId, session: ConfigurationSession, driver: string): Promise<void> {
    const { store, clock, logger } = this.#options;
    if (await store.wasSeen(deviceId, clock.now() - seenMs)) return;
    try {
      await this.#keep(deviceId, session, driver);
    } catch (error) {
      if (isLoss(error)) throw error;
      const what = 'what a device was before its change could not be kept; it is changed all the same';
      logger.warn({ err: error, device: deviceId }, what);
    }
  }

  async #keep(deviceId: DeviceId, session: ConfigurationSession, driver: string): Promise<void> {
    const { store, tell, kept } = this.#options;
    const { changed } = await store.keep(deviceId, await this.#sureOf(deviceId, session), driver);
    if (changed) tell(deviceId);
    kept?.();
  }

  /** What is not what was kept last is fetched a second time: it was cut, or is being changed, when the two differ. */
  async #sureOf(deviceId: DeviceId, session: ConfigurationSession): Promise<ConfigurationBackup> {
    const named = await this.#options.intents.namedSecrets(deviceId);
    const first = await session.backup(named);
    if (await this.#options.store.isNewest(deviceId, first)) return first;
    const second = await session.backup(named);
    if (first.text === second.text) return second;
    throw new ArungError('unavailable', 'Two exports, one after the other, differ: neither is kept.', {
      code: 'backup.unsteady',
    });
  }
}
