import { setTimeout as pause } from 'node:timers/promises';
import type { Kysely } from 'kysely';
import type { Logger } from 'pino';
import type { Database } from '../database/tables.ts';
import { systemAccess } from '../domain/access.ts';
import { ArungError } from '../domain/errors.ts';
import type { DeviceId, SiteId } from '../domain/ids.ts';
import type { DeviceFacts, FactsSink, PollTarget } from '../domain/plan.ts';
import type { Changes } from '../database/collection/changes.ts';
import { writeFacts, type WrittenFacts } from './facts-writer.ts';
import { Gathered } from './gathered.ts';
import type { Targets } from './targets.ts';

/** What identification changed of a device, for the journal of events. */
export interface FactsChange {
  readonly key: 'device.identified' | 'device.changed';
  readonly deviceId: DeviceId;
  readonly deviceName: string;
  readonly siteId: SiteId;
  readonly regionCode: string;
  readonly at: number;
  /** For `device.identified`: profile, model, firmware. For `device.changed`: attribute, from, to. */
  readonly arguments: Readonly<Record<string, string>>;
}

const discovery = systemAccess('discovery');
const mostAtOnce = 64;
/** A device that somebody else is writing (an import takes seconds) is tried again so often. */
const busyPauseMs = 250;
const busyTries = 120;

type Recorded = { readonly written: WrittenFacts; readonly target: PollTarget } | 'busy' | 'gone';

/**
 * Keeps what devices say of themselves. Words of a person win: a field that somebody filled in with something else than
 * the device last said stays as it is. Facts are observations, not changes that somebody made: they become events, and
 * stay out of the audit log. Facts that come while others are being written are written together by the next
 * transaction: a start identifies every device.
 */
export class FactsStore implements FactsSink {
  readonly #db: Kysely<Database>;
  readonly #changes: Changes;
  readonly #targets: Targets;
  readonly #logger: Logger;
  readonly #listeners = new Set<(change: FactsChange) => void>();
  readonly #otherwise = new Set<(deviceId: DeviceId) => void>();
  readonly #records = new Gathered<DeviceFacts, Recorded>({
    run: (all) => this.#keep(all),
    keyOf: (facts) => facts.deviceId,
    most: mostAtOnce,
  });
  readonly #reads = new Gathered<DeviceId, DeviceFacts | null>({
    run: (ids) => this.#readLast(ids),
    keyOf: (id) => id,
    most: mostAtOnce,
  });

  constructor(options: {
    readonly db: Kysely<Database>;
    readonly changes: Changes;
    readonly targets: Targets;
    readonly logger: Logger;
  }) {
    this.#db = options.db;
    this.#changes = options.changes;
    this.#targets = options.targets;
    this.#logger = options.logger;
  }

  onFactsChanged(listener: (change: FactsChange) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Hears of each device that was identified anew and is, or has interfaces, otherwise than before. */
  onFoundOtherwise(listener: (deviceId: DeviceId) => void): () => void {
    this.#otherwise.add(listener);
    return () => this.#otherwise.delete(listener);
  }

  /** What a device said last; null before its first identification. */
  lastFacts(deviceId: DeviceId): Promise<DeviceFacts | null> {
    return this.#reads.ask(deviceId);
  }

  async record(facts: DeviceFacts): Promise<PollTarget> {
    let recorded = await this.#records.ask(facts);
    for (let tries = 1; recorded === 'busy' && tries < busyTries; tries++) {
      await pause(busyPauseMs);
      recorded = await this.#records.ask(facts);
    }
    if (recorded === 'busy') {
      throw new ArungError('conflict', `Somebody else is changing the device ${facts.deviceId}: it is tried again.`, {
        code: 'inventory.concurrent',
      });
    }
    if (recorded === 'gone') {
      throw new ArungError(
        'not-found',
        `The device ${facts.deviceId} is no longer in the inventory, or nothing reads it.`,
        {
          code: 'device.not-found',
          arguments: { key: facts.deviceId },
        },
      );
    }
    this.#tell(facts, recorded.written);
    return recorded.target;
  }

  async #keep(all: readonly DeviceFacts[]): Promise<readonly Recorded[]> {
    const { writing, targets } = await this.#changes.run(discovery, undefined, async ({ trx }) => ({
      writing: await writeFacts(trx, all),
      targets: await this.#targets.ofDevices(
        all.map((facts) => facts.deviceId),
        trx,
      ),
    }));
    if (writing.renamed) await this.#tellTopology();
    return all.map(({ deviceId }) => {
      const written = writing.written.get(deviceId);
      const target = targets.get(deviceId);
      if (writing.busy.has(deviceId)) return 'busy';
      return written === undefined || target === undefined ? 'gone' : { written, target };
    });
  }

  /** Apart from the facts: who waits for the version of the inventory, as for the end of an import, must hold no device. */
  async #tellTopology(): Promise<void> {
    try {
      await this.#changes.run(discovery, undefined, async (change) => change.touch());
    } catch (error) {
      this.#logger.warn({ err: error }, 'new names of interfaces show on links only after the next change');
    }
  }

  async #readLast(ids: readonly DeviceId[]): Promise<readonly (DeviceFacts | null)[]> {
    const rows = await this.#db
      .selectFrom('device_facts')
      .select(['device_id', 'facts'])
      .where('device_id', 'in', ids)
      .execute();
    const facts = new Map(rows.map((row) => [row.device_id, row.facts]));
    return ids.map((id) => facts.get(id) ?? null);
  }

  #tell(facts: DeviceFacts, written: WrittenFacts): void {
    const about = {
      deviceId: facts.deviceId,
      deviceName: written.name,
      siteId: written.siteId,
      regionCode: written.regionCode,
      at: facts.at,
    };
    const changes: FactsChange[] = written.first
      ? [
          {
            ...about,
            key: 'device.identified',
            arguments: { profile: facts.profile, model: facts.model, firmware: facts.firmware },
          },
        ]
      : written.changed.map((changed) => ({ ...about, key: 'device.changed', arguments: changed }));
    for (const change of changes) this.#tellEach(this.#listeners, change);
    const isOtherwise = !written.first && (written.changed.length > 0 || written.tableChanged);
    if (isOtherwise) this.#tellEach(this.#otherwise, facts.deviceId);
  }

  #tellEach<T>(listeners: ReadonlySet<(of: T) => void>, of: T): void {
    for (const listener of listeners) {
      try {
        listener(of);
      } catch (error) {
        this.#logger.error(error, 'a listener to facts failed');
      }
    }
  }
}
