import { sql, type Kysely } from 'kysely';
import type { Logger } from 'pino';
import { isRefused } from '../database/refusal.ts';
import { withinScope } from '../database/scope.ts';
import type { Database } from '../database/tables.ts';
import type { Access } from '../domain/access.ts';
import { ArungError } from '../domain/errors.ts';
import {
  originKey,
  sourceKey,
  type KnownSource,
  type Origin,
  type SourceDirectory,
  type SourceIdentity,
  type SourceNews,
} from '../domain/external-source.ts';
import { newId, type DeviceId, type RegionId } from '../domain/ids.ts';
import type { LongLived } from '../domain/lifecycle.ts';
import type { Changes } from '../database/collection/changes.ts';
import type { DeviceDraft, DeviceRecord, Devices } from './devices.ts';
import type { Kept, WriteOptions } from '../database/collection/collection.ts';
import { reachOf } from '../database/collection/reach.ts';

/** Beyond it somebody invents names. */
const maxSources = 20_000;

/** A thing that a publisher sees and the inventory does not have yet. */
export interface Proposal {
  readonly id: DeviceId;
  readonly tag: string;
  readonly value: string;
  readonly publisher: string;
  /** The agent that hands it in over MQTT; null where a token does. */
  readonly agentName: string | null;
  /** Region of the token; null for one that is not bound, and for agents. */
  readonly regionCode: string | null;
  readonly ignored: boolean;
  readonly measurements: readonly string[];
  readonly intervalS: number | null;
  readonly firstSeen: Date;
  readonly lastSeen: Date;
}

/**
 * The things that only publishers such as Telegraf see. A new one whose name or address is a device's within reach of its
 * publisher is that device; any other is proposed, and somebody accepts or ignores it.
 */
export class ExternalSources implements SourceDirectory, LongLived {
  readonly name = 'external sources';
  readonly #db: Kysely<Database>;
  readonly #changes: Changes;
  readonly #devices: Devices;
  readonly #logger: Logger;
  #known: ReadonlyMap<string, KnownSource> = new Map();
  #watched: readonly KnownSource[] = [];
  #reading: Promise<void> | null = null;
  #again = false;
  #stopListening: () => void = () => undefined;

  constructor(options: {
    readonly db: Kysely<Database>;
    readonly changes: Changes;
    readonly devices: Devices;
    readonly logger: Logger;
  }) {
    this.#db = options.db;
    this.#changes = options.changes;
    this.#devices = options.devices;
    this.#logger = options.logger;
  }

  async start(): Promise<void> {
    this.#stopListening = this.#changes.onCommit(() => void this.#refresh());
    await this.#refresh();
  }

  async stop(): Promise<void> {
    this.#stopListening();
    await this.#reading;
  }

  watched(): readonly KnownSource[] {
    return this.#watched;
  }

  async resolve(origin: Origin, identities: readonly SourceIdentity[]): Promise<ReadonlyMap<string, KnownSource>> {
    const own = originKey(origin);
    const isNew = (identity: SourceIdentity): boolean => !this.#known.has(`${own} ${sourceKey(identity)}`);
    const unknown = identities.filter(isNew).slice(0, Math.max(0, maxSources - this.#known.size));
    if (unknown.length > 0) {
      await this.#keepOrLater(origin, unknown);
      await this.#refresh();
    }
    const found = new Map<string, KnownSource>();
    for (const identity of identities) {
      const key = sourceKey(identity);
      const known = this.#known.get(`${own} ${key}`);
      if (known !== undefined) found.set(key, known);
    }
    return found;
  }

  async note(news: readonly SourceNews[]): Promise<void> {
    try {
      for (const { id, lastSeen, intervalS, measurements } of news) {
        await this.#db
          .updateTable('external_sources')
          .set({
            last_seen: new Date(lastSeen),
            ...(intervalS === null ? {} : { interval_s: intervalS }),
            measurements: sql<string[]>`(select array_agg(distinct one order by one) from
              unnest(measurements || ${[...measurements]}::text[]) as one)`,
          })
          .where('id', '=', id)
          .execute();
      }
    } catch (error) {
      this.#logger.warn({ err: error }, 'when external sources were seen last could not be kept: tried again');
    }
  }

  /** Sources without a device, within the regions of who asks; those of unbound publishers for who reaches everywhere. */
  async proposals(access: Access, options: { readonly ignored: boolean }): Promise<readonly Proposal[]> {
    return this.#select()
      .where('external_sources.device_id', 'is', null)
      .where('external_sources.ignored', '=', options.ignored)
      .where(withinScope('regions.code', reachOf(access, 'inventory.write').scope))
      .orderBy('external_sources.last_seen', 'desc')
      .orderBy('external_sources.id')
      .limit(1_000)
      .execute();
  }

  /** Makes a device of it, which keeps its id and so what was measured; or says which device it is. */
  async accept(
    access: Access,
    id: string,
    as: { readonly device: DeviceDraft } | { readonly deviceId: string },
    options: WriteOptions = {},
  ): Promise<Kept<DeviceRecord>> {
    const proposal = await this.#proposal(access, id);
    const isMade = 'device' in as;
    const device = isMade
      ? await this.#devices.create(access, as.device, { ...options, id: proposal.id })
      : await this.#devices.update(access, as.deviceId, {}, options);
    await this.#changes.run(access, options.reason, async (change) => {
      await change.trx
        .updateTable('external_sources')
        .set({ device_id: device.entity.id, ignored: false })
        .where('id', '=', proposal.id)
        .execute();
      change.record({
        entityKind: 'proposal',
        entityId: id,
        entityName: `${proposal.tag}=${proposal.value}`,
        regionCode: device.regionCode,
        action: 'accept',
        before: null,
        after: { device: device.name },
      });
    });
    return device;
  }

  async setIgnored(access: Access, id: string, ignored: boolean, options: WriteOptions = {}): Promise<void> {
    const proposal = await this.#proposal(access, id);
    await this.#changes.run(access, options.reason, async (change) => {
      await change.trx.updateTable('external_sources').set({ ignored }).where('id', '=', proposal.id).execute();
      change.record({
        entityKind: 'proposal',
        entityId: id,
        entityName: `${proposal.tag}=${proposal.value}`,
        regionCode: proposal.regionCode,
        action: 'update',
        before: { ignored: proposal.ignored },
        after: { ignored },
      });
    });
  }

  async #proposal(access: Access, id: string): Promise<Proposal> {
    const row = await this.#select()
      .where('external_sources.id', '=', id as DeviceId)
      .where('external_sources.device_id', 'is', null)
      .where(withinScope('regions.code', reachOf(access, 'inventory.write').scope))
      .executeTakeFirst();
    if (row !== undefined) return row;
    throw new ArungError('not-found', 'There is no such proposal in your regions: it may have been accepted already.', {
      code: 'proposal.not-found',
    });
  }

  #select() {
    return this.#db
      .selectFrom('external_sources')
      .leftJoin('agents', 'agents.id', 'external_sources.agent_id')
      .leftJoin('regions', 'regions.id', 'external_sources.region_id')
      .select([
        'external_sources.id',
        'tag',
        'value',
        'publisher',
        'agents.name as agentName',
        'regions.code as regionCode',
        'ignored',
        'measurements',
        'interval_s as intervalS',
        'first_seen as firstSeen',
        'last_seen as lastSeen',
      ]);
  }

  async #keepOrLater(origin: Origin, identities: readonly SourceIdentity[]): Promise<void> {
    try {
      await this.#keep(origin, identities);
    } catch (cause) {
      if (isRefused(cause)) throw cause;
      throw new ArungError(
        'unavailable',
        'New sources cannot be kept, since the database does not answer: send the points again in a while.',
        { code: 'database.unreachable', cause, retryAfterS: 10 },
      );
    }
  }

  async #keep(origin: Origin, identities: readonly SourceIdentity[]): Promise<void> {
    const agentId = origin.kind === 'agent' ? origin.agentId : null;
    const regionId = origin.kind === 'token' ? await this.#regionOf(origin.regionCode) : null;
    for (const identity of identities) {
      const now = new Date();
      await this.#db
        .insertInto('external_sources')
        .values({
          id: newId<DeviceId>(),
          agent_id: agentId,
          region_id: regionId,
          ...identity,
          device_id: await this.#deviceOf(origin, identity),
          interval_s: null,
          first_seen: now,
          last_seen: now,
        })
        .onConflict((conflict) => conflict.constraint('external_sources_identity_key').doNothing())
        .execute();
    }
  }

  async #regionOf(code: string | null): Promise<RegionId | null> {
    if (code === null) return null;
    return (await this.#db.selectFrom('regions').select('id').where('code', '=', code).executeTakeFirstOrThrow()).id;
  }

  /** The device that bears the name or address, among those that the publisher may speak of; null where it is unclear. */
  async #deviceOf(origin: Origin, { value }: SourceIdentity): Promise<DeviceId | null> {
    let query = this.#db
      .selectFrom('devices')
      .innerJoin('sites', 'sites.id', 'devices.site_id')
      .innerJoin('regions', 'regions.id', 'sites.region_id')
      .select('devices.id')
      .where((where) => where.or([where('devices.name', '=', value), where('devices.address', '=', value)]))
      .limit(2);
    if (origin.kind === 'agent') query = query.where('devices.agent_id', '=', origin.agentId);
    else if (origin.regionCode !== null) {
      query = query.where(withinScope('regions.code', { regionCodes: [origin.regionCode] }));
    }
    const found = await query.execute();
    return found.length === 1 ? (found[0]?.id ?? null) : null;
  }

  /** Reads all of them; changes that come meanwhile are taken in by one more reading. */
  #refresh(): Promise<void> {
    if (this.#reading !== null) {
      this.#again = true;
      return this.#reading;
    }
    this.#reading = (async () => {
      do {
        this.#again = false;
        await this.#read();
      } while (this.#again);
    })().finally(() => {
      this.#reading = null;
    });
    return this.#reading;
  }

  async #read(): Promise<void> {
    try {
      const rows = await this.#select()
        .leftJoin('devices', 'devices.id', 'external_sources.device_id')
        .select(['external_sources.agent_id', 'external_sources.device_id', 'devices.protocol'])
        .execute();
      const known = new Map<string, KnownSource>();
      for (const row of rows) {
        const identity: SourceIdentity = { tag: row.tag, value: row.value, publisher: row.publisher };
        const origin = row.agent_id === null ? `region ${row.regionCode ?? ''}` : `agent ${row.agent_id}`;
        known.set(`${origin} ${sourceKey(identity)}`, {
          id: row.id,
          state: row.device_id !== null ? 'accepted' : row.ignored ? 'ignored' : 'proposed',
          deviceId: row.device_id ?? row.id,
          watched: row.protocol === 'none',
          intervalS: row.intervalS,
          identity,
          origin,
        });
      }
      this.#known = known;
      this.#watched = [...known.values()].filter(({ watched }) => watched);
    } catch (error) {
      this.#logger.error({ err: error }, 'the external sources could not be read; the last ones stay');
    }
  }
}
