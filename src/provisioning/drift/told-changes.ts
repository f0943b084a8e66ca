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
  readonly by: readonly string[];
}

/** Messages of one command come together. */
const defaultGatherMs = 1_000;
/** Of one device at most so often; what it says meanwhile is told then. */
const defaultApartMs = 30_000;
/** Senders that are remembered between two rounds: more of them are a flood. */
const mostSenders = 5_000;
/** Of those who are said to have changed one device, one after the other. */
const mostNamed = 5;

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
  /** By sender, what it said since the last round. */
  readonly #said = new Map<string, Said>();
  /** By device that is to be told: who is named. */
  readonly #waiting = new Map<DeviceId, readonly string[]>();
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
      const key = `${from} ${host ?? ''}`;
      const before = this.#said.get(key);
      if (change === null || (before === undefined && this.#said.size >= mostSenders)) return;
      // Only the first: who says something every moment would else put the round off for ever.
      if (!this.#isDue) this.#rounds.wake(this.#gatherMs);
      this.#isDue = true;
      // Of the messages of one command, not each says who gave it.
      this.#said.set(key, { from, host, by: together(before?.by, change.by === null ? [] : [change.by]) });
    });
  }

  async stop(): Promise<void> {
    this.#stop();
    await this.#rounds.stop();
  }

  async #round(): Promise<void> {
    this.#isDue = false;
    await this.#resolve();
    const nowMs = this.#clock.monotonic();
    for (const [id, ms] of this.#toldMs) if (nowMs - ms >= this.#apartMs) this.#toldMs.delete(id);
    for (const [deviceId, by] of this.#waiting) {
      if (this.#toldMs.has(deviceId)) continue;
      this.#waiting.delete(deviceId);
      this.#toldMs.set(deviceId, nowMs);
      for (const name of by.length === 0 ? [null] : by) {
        for (const listener of this.#listeners) listener(deviceId, name);
      }
    }
  }

  /** From senders to devices: one that speaks under many names is one. */
  async #resolve(): Promise<void> {
    const said = [...this.#said];
    if (said.length === 0) return;
    const devices = await this.#devicesOf(said.map(([, one]) => one));
    for (const [key, one] of said) {
      // What it has said since then counts again.
      if (this.#said.get(key) === one) this.#said.delete(key);
      for (const deviceId of devices.get(one.from) ?? devices.get(`name ${one.host ?? ''}`) ?? [])
        this.#waiting.set(deviceId, together(this.#waiting.get(deviceId), one.by));
    }
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

function together(before: readonly string[] = [], more: readonly string[]): readonly string[] {
  return [...new Set([...before, ...more])].slice(0, mostNamed);
}
