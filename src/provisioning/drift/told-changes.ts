import { sql, type Kysely } from 'kysely';
import type { Logger } from 'pino';
import type { Database } from '../../database/tables.ts';
import type { Clock } from '../../domain/clock.ts';
import type { DeviceId } from '../../domain/ids.ts';
import type { LongLived } from '../../domain/lifecycle.ts';
import { Rounds } from '../../domain/rounds.ts';
import { saidChange } from './said-change.ts';

/** Who hears what devices say of themselves. */
export interface DeviceTalk {
  onMessage(listener: (heard: { readonly from: string; readonly host: string | null; readonly text: string }) => void): () => void; // prettier-ignore
}

/** A device has said that it was configured; `by`, as far as it tells, is hostile text. */
export type ToldChange = (deviceId: DeviceId, by: string | null) => void;

interface Said {
  readonly from: string;
  readonly host: string | null;
  readonly by: string | null;
}

/** Messages of one command come together. */
const defaultGatherMs = 1_000;
/** Of one device at most so often; what it says meanwhile is told then. */
const defaultApartMs = 30_000;
/** Senders that are remembered between two rounds: more of them are a flood. */
const mostSenders = 5_000;

/**
 * Finds out which devices say that somebody has configured them: by the address from which they say it, else by the name that
 * they give themselves. Whoever can send a datagram can say so, so that it is never more than a reason to look.
 */
export class ToldChanges implements LongLived {
  readonly name = 'changes that devices tell';
  readonly #db: Kysely<Database>;
  readonly #clock: Clock;
  readonly #talk: DeviceTalk;
  readonly #rounds: Rounds;
  readonly #gatherMs: number;
  readonly #apartMs: number;
  readonly #listeners = new Set<ToldChange>();
  /** By sender, the last that it said. */
  readonly #said = new Map<string, Said>();
  /** A round comes in a moment. */
  #isDue = false;
  readonly #toldMs = new Map<DeviceId, number>();
  #stop: () => void = () => undefined;

  constructor(options: {
    readonly db: Kysely<Database>;
    readonly talk: DeviceTalk;
    readonly clock: Clock;
    readonly logger: Logger;
    readonly gatherMs?: number;
    readonly apartMs?: number;
  }) {
    this.#db = options.db;
    this.#clock = options.clock;
    this.#talk = options.talk;
    this.#gatherMs = options.gatherMs ?? defaultGatherMs;
    this.#apartMs = options.apartMs ?? defaultApartMs;
    this.#rounds = new Rounds({
      run: () => this.#round(),
      failed: (error) => options.logger.warn({ err: error }, 'what devices say of changes waits for the database'),
      everyMs: this.#apartMs,
    });
  }

  /** Listening ends with what it returns. */
  onTold(listener: ToldChange): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async start(): Promise<void> {
    this.#rounds.start();
    this.#stop = this.#talk.onMessage(({ from, host, text }) => {
      const change = saidChange(text);
      if (change === null || this.#said.size >= mostSenders) return;
      // Only the first: who says something every moment would else put the round off for ever.
      if (!this.#isDue) this.#rounds.wake(this.#gatherMs);
      this.#isDue = true;
      this.#said.set(`${from} ${host ?? ''}`, { from, host, by: change.by });
    });
  }

  async stop(): Promise<void> {
    this.#stop();
    await this.#rounds.stop();
  }

  async #round(): Promise<void> {
    this.#isDue = false;
    const said = [...this.#said];
    if (said.length === 0) return;
    const devices = await this.#devicesOf(said.map(([, one]) => one));
    const nowMs = this.#clock.monotonic();
    for (const [id, ms] of this.#toldMs) if (nowMs - ms >= this.#apartMs) this.#toldMs.delete(id);
    const now = new Set<DeviceId>();
    const later = new Map<string, Said>();
    for (const [key, one] of said) {
      // What it has said since then counts again.
      if (this.#said.get(key) === one) this.#said.delete(key);
      for (const deviceId of devices.get(one.from) ?? devices.get(`name ${one.host ?? ''}`) ?? []) {
        // Under two names of its own, told once.
        if (now.has(deviceId)) continue;
        if (this.#toldMs.has(deviceId)) later.set(key, one);
        else {
          now.add(deviceId);
          this.#toldMs.set(deviceId, nowMs);
          for (const listener of this.#listeners) listener(deviceId, one.by);
        }
      }
    }
    for (const [key, one] of later) if (!this.#said.has(key)) this.#said.set(key, one);
  }

  /** By address, and by `name NAME`. */
  async #devicesOf(said: readonly Said[]): Promise<ReadonlyMap<string, readonly DeviceId[]>> {
    const hosts = said.flatMap(({ host }) => host ?? []);
    const rows = await this.#db
      .selectFrom('devices')
      .select(['id', 'name', 'address'])
      .where(sql<boolean>`address = any(${said.map(({ from }) => from)}::text[]) or name = any(${hosts}::text[])`)
      .execute();
    const found = new Map<string, DeviceId[]>();
    const put = (key: string, id: DeviceId): void => void found.set(key, [...(found.get(key) ?? []), id]);
    for (const { id, name, address } of rows) {
      put(address, id);
      put(`name ${name}`, id);
    }
    return found;
  }
}
