import { sql, type Kysely } from 'kysely';
import type { Logger } from 'pino';
import { Lease } from '../../database/lease.ts';
import type { Database } from '../../database/tables.ts';
import type { Clock } from '../../domain/clock.ts';
import type { ConfigurationStep } from '../../domain/configuration-step.ts';
import type { DeviceId } from '../../domain/ids.ts';
import type { LongLived } from '../../domain/lifecycle.ts';
import { openRolloutStates } from '../../domain/rollout.ts';
import { Rounds } from '../../domain/rounds.ts';
import type { IntentStore } from '../intent/intent-store.ts';
import type { DeviceDoor } from '../rollouts/device-door.ts';
import { saidAndLogged } from '../rollouts/said.ts';

export interface DriftNews {
  readonly deviceId: DeviceId;
  readonly drift: readonly ConfigurationStep[];
  /** Who has changed it, as the device says: hostile text. Null where it does not say. */
  readonly by: string | null;
}

/** The last sign of a change that a device showed. */
interface Sign {
  /** From when on it may be looked at; monotonic milliseconds. */
  readonly fromMs: number;
  /** Who was named since the last look. */
  readonly by: readonly string[];
}

export interface DriftWatchOptions {
  readonly db: Kysely<Database>;
  readonly intents: IntentStore;
  readonly door: Pick<DeviceDoor, 'look' | 'userOf'>;
  /** Hears of every look that found something else than the last one, and of the first that knows who did it. */
  readonly tell: (news: DriftNews) => void;
  /** Hears of devices that showed a sign of a change and have no intent that they could be compared with. */
  readonly withoutIntent?: (deviceId: DeviceId) => void;
  readonly clock: Clock;
  readonly logger: Logger;
  /** How often a device is looked at, milliseconds. */
  readonly everyMs: number;
  /** How often it is seen who is due. */
  readonly roundMs?: number;
  /** Looked at in a round at most: when the power of a regency comes back, everything restarts. */
  readonly mostInRound?: number;
  /** After the last sign of a change it is waited so long: a hand types on, a device that restarts is not there yet. */
  readonly settleMs?: number;
}

/** Devices that are looked at beside each other: in passing, and while somebody waits. A look is mostly waiting. */
const atOnce = { inRound: 4, whenAsked: 48 };
const defaultMostInRound = 40;
const defaultSettleMs = 15_000;
/** Of a round is kept for those that are due: whoever gives signs of many devices without end would else keep all others unseen. */
const shareOfDue = 0.25;
/** Of those who changed a device one after the other. */
const mostNamed = 5;
/** Who is named so much later than what was found has done it: a device is heard every half minute, and looked at after that. */
const namedWithinMs = 90_000;

const isInRollout = sql<boolean>`exists (select 1 from rollout_devices join rollouts on rollouts.id = rollout_devices.rollout_id
  where rollout_devices.device_id = device_intents.device_id and rollouts.state = any(${openRolloutStates}::text[]))`;

/**
 * Compares each managed device with what was confirmed on it, again and again, spread over time; what a hand has changed
 * is kept as drift. What a rollout is changing is none. Of whom there was a sign of a change is looked at soon after it.
 */
export class DriftWatch implements LongLived {
  readonly name = 'drift';
  readonly #options: DriftWatchOptions;
  readonly #lease: Lease;
  readonly #rounds: Rounds;
  readonly #roundMs: number;
  readonly #signs = new Map<DeviceId, Sign>();
  /** Of whom drift was told without who did it, and when; monotonic milliseconds. */
  readonly #unnamed = new Map<DeviceId, number>();

  constructor(options: DriftWatchOptions) {
    this.#options = options;
    this.#lease = new Lease({ db: options.db, name: 'drift', ttlMs: 60_000 });
    this.#roundMs = options.roundMs ?? 15_000;
    this.#rounds = new Rounds({
      run: () => this.look(),
      failed: (error) =>
        options.logger.warn({ err: error }, 'devices could not be compared with their intent; tried again'),
      everyMs: this.#roundMs,
    });
  }

  async start(): Promise<void> {
    this.#rounds.start();
  }

  async stop(): Promise<void> {
    await this.#rounds.stop();
    await this.#lease.release().catch(() => undefined);
  }

  /** There was a sign that it may be otherwise than before: it is looked at when no further one has come for a while. */
  soon(deviceId: DeviceId, by: string | null = null): void {
    const { clock, settleMs = defaultSettleMs } = this.#options;
    // Only the first: a sign every few seconds would else put the rounds off for ever.
    if (this.#signs.size === 0) this.#rounds.wake(settleMs);
    const named = new Set([...(this.#signs.get(deviceId)?.by ?? []), ...(by === null ? [] : [by])]);
    this.#signs.set(deviceId, { fromMs: clock.monotonic() + settleMs, by: [...named].slice(0, mostNamed) });
  }

  /** Looks at those that showed a sign of a change, then at those that are due. */
  async look(): Promise<void> {
    const nowMs = this.#options.clock.monotonic();
    for (const [id, toldMs] of this.#unnamed) if (nowMs - toldMs > namedWithinMs) this.#unnamed.delete(id);
    if (!(await this.#lease.take()).isHeld) return;
    const { mostInRound = defaultMostInRound } = this.#options;
    const due = await this.#due(mostInRound);
    const mostSigned = mostInRound - Math.min(due.length, Math.ceil(mostInRound * shareOfDue));
    const by = new Map(await this.#signed(mostSigned));
    const all = [...new Set([...by.keys(), ...due])];
    await this.#lookAtAll(all.slice(0, mostInRound), atOnce.inRound, by);
    this.#wakeForNext();
  }

  /** A sign that came while others waited is looked at in its own time, not with the round after it. */
  #wakeForNext(): void {
    const now = this.#options.clock.monotonic();
    const nextMs = Math.min(...[...this.#signs.values()].map(({ fromMs }) => fromMs).filter((ms) => ms > now));
    if (nextMs - now < this.#roundMs) this.#rounds.wake(nextMs - now);
  }

  /** Looks at these now. What cannot be reached is kept with why. */
  async lookAt(devices: readonly DeviceId[]): Promise<void> {
    await this.#lookAtAll(devices, atOnce.whenAsked);
  }

  async #lookAtAll(
    devices: readonly DeviceId[],
    most: number,
    by: ReadonlyMap<DeviceId, readonly string[]> = new Map(),
  ): Promise<void> {
    const waiting = [...devices];
    const work = async (): Promise<void> => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift())
        await this.#lookAt(next, by.get(next) ?? []);
    };
    await Promise.all(Array.from({ length: Math.min(most, waiting.length) }, work));
  }

  async #lookAt(deviceId: DeviceId, named: readonly string[]): Promise<void> {
    const { intents, door, logger } = this.#options;
    try {
      const confirmed = await intents.lastConfirmed(deviceId);
      if (confirmed === null) return;
      const { version: comparedWith, document } = confirmed;
      const drift = await door.look(deviceId, document, document);
      const by = await this.#handsOf(deviceId, named);
      // The last that may fail: what is kept is told.
      const { changed } = await intents.looked(deviceId, { comparedWith, drift });
      if (changed || (drift.length > 0 && by !== null && this.#unnamed.has(deviceId)))
        this.#tell({ deviceId, drift, by });
    } catch (error) {
      const what = 'a device could not be compared with its intent';
      logger.debug({ err: error, device: deviceId }, what);
      await intents.looked(deviceId, { error: saidAndLogged(error, { logger, device: deviceId, what }) });
    }
  }

  #tell(news: DriftNews): void {
    const { deviceId, drift, by } = news;
    if (drift.length > 0 && by === null) this.#unnamed.set(deviceId, this.#options.clock.monotonic());
    else this.#unnamed.delete(deviceId);
    this.#options.tell(news);
  }

  /** Those of who were named that are not us: a rollout's own changes are told as well. */
  async #handsOf(deviceId: DeviceId, named: readonly string[]): Promise<string | null> {
    if (named.length === 0) return null;
    const own = await this.#options.door.userOf(deviceId);
    return named.filter((name) => name !== own).join(', ') || null;
  }

  /** What a rollout has to do with waits until it is over; what has no intent has no drift. */
  async #signed(most: number): Promise<readonly (readonly [DeviceId, readonly string[]])[]> {
    const now = this.#options.clock.monotonic();
    const settled = [...this.#signs].filter(([, { fromMs }]) => fromMs <= now).map(([id]) => id);
    if (settled.length === 0) return [];
    const managed = await this.#options.db
      .selectFrom('device_intents')
      .select(['device_id as id', isInRollout.as('isInRollout')])
      .where('confirmed', 'is not', null)
      .where('device_id', 'in', settled)
      .execute();
    const waits = new Map(managed.map(({ id, isInRollout }) => [id, isInRollout]));
    for (const id of settled) {
      if (waits.has(id)) continue;
      this.#signs.delete(id);
      this.#options.withoutIntent?.(id);
    }
    // Who gave the first sign comes first.
    const free = settled.filter((id) => waits.get(id) === false).slice(0, most);
    return free.map((id) => {
      const by = this.#signs.get(id)?.by ?? [];
      this.#signs.delete(id);
      return [id, by];
    });
  }

  async #due(most: number): Promise<readonly DeviceId[]> {
    const { db, clock, everyMs } = this.#options;
    const rows = await db
      .selectFrom('device_intents')
      .select('device_id as id')
      .where('confirmed', 'is not', null)
      .where((eb) => eb.or([eb('looked_at', 'is', null), eb('looked_at', '<', new Date(clock.now() - everyMs))]))
      .where(sql<boolean>`not ${isInRollout}`)
      .orderBy(sql`looked_at nulls first`)
      .limit(most)
      .execute();
    return rows.map(({ id }) => id);
  }
}
