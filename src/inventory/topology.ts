import type { Kysely } from 'kysely';
import type { Logger } from 'pino';
import type { Database } from '../database/tables.ts';
import type { Clock } from '../domain/clock.ts';
import type { Topology, TopologySource, WholeTopologySource } from '../domain/topology.ts';
import type { Changes } from '../database/collection/changes.ts';
import { inventoryVersion, readTopology } from './read-topology.ts';
import { Rest } from './rest.ts';

/** Writes of this process are heard at once; those of another (the CLI, a second controller) by this look. */
const lookEveryMs = 2_000;
/** Many writes in a row make one new topology. */
const gatherMs = 50;
const longestTimerMs = 2_147_000_000;

const empty: Topology = { version: 0, sites: new Map(), devices: new Map(), links: new Map(), agents: new Map() };

/**
 * The inventory as status, live stream and map see it. A reconciler: whoever wakes it carries no data, it compares the
 * version it has with the one in the database and reads the whole anew (about 20 ms for Bone), after a rest of several such
 * times. Who must see its own write calls `refresh`.
 */
export class InventoryTopology implements TopologySource, WholeTopologySource {
  readonly #db: Kysely<Database>;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #changes: Changes;
  readonly #listeners = new Set<() => void>();
  #current = empty;
  #whole = empty;
  #readVersion = -1;
  #stopListening: (() => void) | null = null;
  #look: NodeJS.Timeout | null = null;
  #gather: NodeJS.Timeout | null = null;
  readonly #rest = new Rest();
  #maintenanceTimer: NodeJS.Timeout | null = null;
  /** Reads stand in line, so that an older picture never replaces a newer one. */
  #line: Promise<unknown> = Promise.resolve();
  #waiting = 0;
  #stopped = true;

  constructor(options: {
    readonly db: Kysely<Database>;
    readonly changes: Changes;
    readonly clock: Clock;
    readonly logger: Logger;
  }) {
    this.#db = options.db;
    this.#changes = options.changes;
    this.#clock = options.clock;
    this.#logger = options.logger;
  }

  async start(): Promise<void> {
    this.#stopped = false;
    await this.#read();
    this.#stopListening = this.#changes.onCommit(() => this.#wake());
    this.#look = setInterval(() => void this.#lookForOthers(), lookEveryMs);
    this.#look.unref();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#stopListening?.();
    for (const timer of [this.#look, this.#gather, this.#maintenanceTimer]) if (timer !== null) clearTimeout(timer);
    await this.#line;
  }

  current(): Topology {
    return this.#current;
  }

  /** With the sites that are not active; nobody is woken for what changes of them alone. */
  whole(): Topology {
    return this.#whole;
  }

  onChange(wake: () => void): () => void {
    this.#listeners.add(wake);
    return () => this.#listeners.delete(wake);
  }

  /** Resolves when every write that was committed before the call is in `current()`. */
  async refresh(): Promise<void> {
    await this.#read();
  }

  #wake(): void {
    if (this.#stopped || this.#gather !== null) return;
    this.#gather = setTimeout(
      () => {
        this.#gather = null;
        this.#readSafely();
      },
      Math.max(gatherMs, this.#rest.leftMs(this.#clock.monotonic())),
    );
    this.#gather.unref();
  }

  async #lookForOthers(): Promise<void> {
    if (this.#waiting > 0 || this.#gather !== null) return;
    try {
      const version = await inventoryVersion(this.#db);
      if (version !== this.#readVersion && !this.#stopped) this.#changes.wakeAll();
    } catch (error) {
      this.#logger.warn(error, 'the version of the inventory could not be read');
    }
  }

  #readSafely(): void {
    this.#read().catch((error: unknown) => {
      this.#logger.warn(error, 'the topology could not be read; the last one stays until it can');
    });
  }

  async #read(): Promise<void> {
    this.#waiting++;
    const mine = this.#line.then(() => (this.#stopped ? undefined : this.#readOnce()));
    this.#line = mine
      .catch(() => undefined)
      .finally(() => {
        this.#waiting--;
      });
    await mine;
  }

  async #readOnce(): Promise<void> {
    const now = this.#clock.now();
    const beganMs = this.#clock.monotonic();
    const { topology, whole, version, nextMaintenanceAt } = await readTopology(this.#db, now, this.#current);
    this.#rest.after(beganMs, this.#clock.monotonic());
    this.#readVersion = version;
    this.#watchMaintenance(nextMaintenanceAt, now);
    this.#whole = whole;
    if (topology === this.#current) return;
    this.#current = topology;
    for (const wake of this.#listeners) wake();
  }

  #watchMaintenance(at: number | null, now: number): void {
    if (this.#maintenanceTimer !== null) clearTimeout(this.#maintenanceTimer);
    this.#maintenanceTimer = null;
    if (at === null || this.#stopped) return;
    this.#maintenanceTimer = setTimeout(() => this.#readSafely(), Math.min(at - now + 1, longestTimerMs));
    this.#maintenanceTimer.unref();
  }
}
