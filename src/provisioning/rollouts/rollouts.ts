import { sql, type Kysely, type Transaction } from 'kysely';
import type { Change, Changes } from '../../database/collection/changes.ts';
import type { Page, PageRequest } from '../../database/collection/paging.ts';
import { withinScope } from '../../database/scope.ts';
import type { Database } from '../../database/tables.ts';
import { scopeFor, type Access } from '../../domain/access.ts';
import { ArungError } from '../../domain/errors.ts';
import { newId, type DeviceId, type RolloutId } from '../../domain/ids.ts';
import type { BlastRadius, RolloutCounts, RolloutState, Said } from '../../domain/rollout.ts';
import type { WholeTopologySource } from '../../domain/topology.ts';
import type { ChangePaths } from './paths.ts';
import { blastWithin, deviceWithin, rolloutWithin, type Known, type SeenBlast } from './reach.ts';
import { abortedBy, cutsController, pausedBy } from './reasons.ts';
import type { Rollout, RolloutDevice, RolloutRecord } from './rollout-record.ts';
import { addressesOf, keyOfVersions, type NamedVersion, type RolloutRequest } from './rollout-request.ts';
import type { RolloutStore } from './rollout-store.ts';
import { saidOf } from './said.ts';

export interface PreviewedWave {
  readonly devices: readonly string[];
  readonly worst: SeenBlast;
}

export interface RolloutPreview {
  readonly waves: readonly PreviewedWave[];
  /** Why it would be refused; null when it would not. */
  readonly refusal: Said | null;
}

export type SeenRecord = Omit<RolloutRecord, 'waves'> & { readonly waves: readonly SeenBlast[] | null };
export type SeenRollout = SeenRecord & Pick<Rollout, 'devices'>;

export const rolloutDefaults = { batch: 10, pauseS: 10, rollbackS: 180 } as const;

/** What people and programs ask of rollouts. */
export class Rollouts {
  readonly #db: Kysely<Database>;
  readonly #changes: Changes;
  readonly #store: RolloutStore;
  readonly #paths: ChangePaths;
  readonly #known: Omit<Known, 'scope' | 'topology'> & { readonly topology: WholeTopologySource };
  readonly #wake: () => void;

  constructor(options: {
    readonly db: Kysely<Database>;
    readonly changes: Changes;
    readonly store: RolloutStore;
    readonly paths: ChangePaths;
    readonly topology: WholeTopologySource;
    /** Codes of the services that a reader of a scope may know of. */
    readonly services: Known['services'];
    readonly wake: () => void;
  }) {
    this.#db = options.db;
    this.#changes = options.changes;
    this.#store = options.store;
    this.#paths = options.paths;
    this.#known = { topology: options.topology, services: options.services };
    this.#wake = options.wake;
  }

  /** In which waves these devices would change, and what each could cut at worst. Reads no device. */
  async preview(
    access: Access,
    devices: readonly string[],
    batch: number = rolloutDefaults.batch,
  ): Promise<RolloutPreview> {
    const found = await this.#devices(this.#db, access, devices, 'provisioning.read');
    const names = new Map(found.map(({ id, name }) => [id, name]));
    const waves = this.#paths.waves([...names.keys()], batch).map((wave) => ({
      devices: wave.devices.flatMap((id) => names.get(id) ?? []),
      worst: this.#blastFor(access, wave.worst),
    }));
    const cuts = waves.find(({ worst }) => worst.cutsController);
    return { waves, refusal: cuts === undefined ? null : saidOf(cutsController(cuts.devices)) };
  }

  /**
   * Starts a rollout of exactly these versions, or joins the one that goes on for them. Throws `rollout.empty`,
   * `device.not-found`, `intent.no-version`, `rollout.cuts-controller`.
   */
  async start(
    access: Access,
    request: RolloutRequest,
  ): Promise<{ readonly rollout: SeenRollout; readonly joined: boolean }> {
    const keys = Object.keys(request.versions);
    if (keys.length === 0) {
      throw new ArungError('invalid', 'A rollout needs at least one device: list its version.', {
        code: 'rollout.empty',
      });
    }
    const started = await this.#changes.run(access, request.forcedReason, async (change) => {
      // Two that ask for the same at once: the second finds what the first has made.
      await sql`select pg_advisory_xact_lock(hashtext('arung rollouts'))`.execute(change.trx);
      const versions = await this.#versions(change.trx, access, request.versions);
      const addresses = addressesOf(versions, request.managementAddresses ?? {});
      const versionsKey = keyOfVersions(versions, addresses);
      const there = await this.#store.openByKey(change.trx, versionsKey);
      if (there !== null) return { id: there, joined: true };
      this.#guard(versions, request);
      const id = newId<RolloutId>();
      await this.#store.insert(change.trx, {
        id,
        versionsKey,
        versions: new Map(versions.map((one) => [one.id, one.version])),
        addresses,
        batch: request.batch ?? rolloutDefaults.batch,
        pauseS: request.pauseS ?? rolloutDefaults.pauseS,
        rollbackS: request.rollbackS ?? rolloutDefaults.rollbackS,
        onlyInMaintenance: request.onlyInMaintenance ?? false,
        forcedReason: request.forcedReason ?? null,
        requestedBy: access.name,
      });
      record(change, 'start', id, {
        devices: versions.length,
        versions: Object.fromEntries(versions.map(({ name, version }) => [name, version])),
        ...(addresses.size === 0 ? {} : { managementAddresses: request.managementAddresses }),
        ...(request.forcedReason === undefined ? {} : { forced: true }),
      });
      return { id, joined: false };
    });
    this.#wake();
    return { rollout: await this.get(access, started.id), joined: started.joined };
  }

  /** Those that touch the reader's regions, the newest first. */
  async list(
    access: Access,
    request: { readonly open?: boolean | undefined; readonly page?: PageRequest },
  ): Promise<Page<SeenRecord & RolloutCounts>> {
    const page = await this.#store.list(scopeFor(access, 'provisioning.read'), request);
    return {
      items: page.items.map(({ isWhole, ...rollout }) => this.#seenBy(access, rollout, isWhole)),
      next: page.next,
    };
  }

  /**
   * With the devices that the reader may see, and what is changed on each unless that is not asked for. Throws
   * `rollout.not-found`.
   */
  async get(access: Access, key: string, { steps = true }: { readonly steps?: boolean } = {}): Promise<SeenRollout> {
    const scope = scopeFor(access, 'provisioning.read');
    const found = await this.#store.find(key, scope, { steps });
    if (found !== null) {
      const devices = found.rollout.devices.map((device) => deviceWithin(device, scope));
      return this.#seenBy(access, { ...found.rollout, devices }, found.isWhole);
    }
    throw new ArungError('not-found', `There is no rollout ${key} in your regions.`, {
      code: 'rollout.not-found',
      arguments: { key },
    });
  }

  /** One of its devices, by name or id, with what is changed on it. Throws `rollout.not-found`. */
  async device(access: Access, key: string, device: string): Promise<RolloutDevice> {
    const scope = scopeFor(access, 'provisioning.read');
    const found = await this.#store.find(key, scope, { steps: true, device });
    const [one] = found?.rollout.devices ?? [];
    if (one !== undefined) return deviceWithin(one, scope);
    throw new ArungError('not-found', `There is no device ${device} in rollout ${key}, or none in your regions.`, {
      code: 'rollout.no-device',
      arguments: { key, device },
    });
  }

  /** How often it has changed: says whether to read it anew. */
  revisionOf(id: RolloutId): Promise<number> {
    return this.#store.revisionOf(id);
  }

  #seenBy<Some extends RolloutRecord>(access: Access, rollout: Some, isWhole: boolean) {
    const waves = rollout.waves === null ? null : rollout.waves.map((blast) => this.#blastFor(access, blast));
    return { ...rolloutWithin(rollout, isWhole), waves };
  }

  #blastFor(access: Access, blast: BlastRadius): SeenBlast {
    const { topology, services } = this.#known;
    const scope = scopeFor(access, 'provisioning.read');
    return blastWithin(blast, { scope, topology: topology.whole(), services });
  }

  pause(access: Access, key: string, reason: string | undefined): Promise<SeenRollout> {
    return this.#ask(access, key, { action: 'pause', to: 'paused', from: ['running', 'queued'], reason });
  }

  resume(access: Access, key: string, reason: string | undefined): Promise<SeenRollout> {
    // Queued: what could touch the same path has the right of way again.
    return this.#ask(access, key, { action: 'resume', to: 'queued', from: ['paused'], reason });
  }

  /** Begins no further device; those under way end as they would. */
  abort(access: Access, key: string, reason: string | undefined): Promise<SeenRollout> {
    return this.#ask(access, key, { action: 'abort', to: 'stopping', from: ['queued', 'running', 'paused'], reason });
  }

  async #ask(
    access: Access,
    key: string,
    asked: {
      readonly action: 'pause' | 'resume' | 'abort';
      readonly to: RolloutState;
      readonly from: readonly RolloutState[];
      readonly reason: string | undefined;
    },
  ): Promise<SeenRollout> {
    const rollout = await this.get(access, key);
    await this.#changes.run(access, asked.reason, async (change) => {
      const mine = await this.#store.find(rollout.id, scopeFor(access, 'provisioning.write'));
      if (mine?.isWhole !== true) {
        throw new ArungError('forbidden', `You may not steer rollout ${rollout.number}: some of its devices lie outside the regions in which you may.`, {
          code: 'rollout.outside-regions',
          arguments: { number: rollout.number },
        }); // prettier-ignore
      }
      const reason: Said | null =
        asked.action === 'resume'
          ? null
          : saidOf(asked.action === 'pause' ? pausedBy(access.name) : abortedBy(access.name));
      if (!(await this.#store.ask(change.trx, rollout.id, asked.to, asked.from, reason))) {
        throw new ArungError('conflict', `Rollout ${rollout.number} is ${rollout.state}: it cannot be asked to ${asked.action}.`, {
          code: 'rollout.wrong-state',
          arguments: { number: rollout.number, state: rollout.state },
        }); // prettier-ignore
      }
      record(change, asked.action, rollout.id, {});
    });
    this.#wake();
    return this.get(access, rollout.id);
  }

  #guard(versions: readonly NamedVersion[], request: RolloutRequest): void {
    if (request.forcedReason !== undefined) return;
    const names = new Map(versions.filter(({ differs }) => differs).map(({ id, name }) => [id, name]));
    const cuts = this.#paths
      .waves([...names.keys()], request.batch ?? rolloutDefaults.batch)
      .find(({ worst }) => worst.cutsController);
    if (cuts === undefined) return;
    throw cutsController(cuts.devices.flatMap((id) => names.get(id) ?? []));
  }

  async #versions(
    trx: Transaction<Database>,
    access: Access,
    versions: Readonly<Record<string, string>>,
  ): Promise<readonly NamedVersion[]> {
    const found = await this.#devices(trx, access, Object.keys(versions), 'provisioning.write');
    const kept = await trx
      .selectFrom('intent_versions')
      .leftJoin('device_intents', 'device_intents.device_id', 'intent_versions.device_id')
      .select([
        'intent_versions.device_id as id',
        'intent_versions.version as version',
        sql<boolean>`device_intents.confirmed is distinct from intent_versions.version
          or device_intents.drift <> '[]'::jsonb`.as('differs'),
      ])
      .where(
        'intent_versions.device_id',
        'in',
        found.map(({ id }) => id),
      )
      .where('intent_versions.version', 'in', [...new Set(Object.values(versions))])
      .execute();
    return found.map(({ id, name, key }) => {
      const version = versions[key] ?? '';
      const row = kept.find((one) => one.id === id && one.version === version);
      if (row !== undefined) return { id, name, key, version, differs: row.differs };
      throw new ArungError('invalid', `There is no version ${version} of the intent of ${name}: stage it first.`, {
        code: 'intent.no-version',
        arguments: { name, version },
      });
    });
  }

  /** By names or ids, each once. Throws `device.not-found` for the first that is not within reach. */
  async #devices(
    db: Kysely<Database>,
    access: Access,
    keys: readonly string[],
    permission: 'provisioning.read' | 'provisioning.write',
  ): Promise<readonly { readonly id: DeviceId; readonly name: string; readonly key: string }[]> {
    if (keys.length === 0) return [];
    const rows = await db
      .selectFrom('devices')
      .innerJoin('sites', 'sites.id', 'devices.site_id')
      .innerJoin('regions', 'regions.id', 'sites.region_id')
      .select(['devices.id', 'devices.name'])
      .where(sql<boolean>`(devices.id::text = any(${[...keys]}::text[]) or devices.name = any(${[...keys]}::text[]))`)
      .where(withinScope('regions.code', scopeFor(access, permission)))
      .execute();
    const known = new Map(rows.flatMap((row) => [[row.id as string, row] as const, [row.name, row] as const]));
    const seen = new Set<DeviceId>();
    return keys.map((key) => {
      const device = known.get(key);
      if (device === undefined) {
        throw new ArungError('invalid', `There is no device ${key} in the regions in which you may do this.`, {
          code: 'device.not-found',
          arguments: { key },
        });
      }
      if (seen.has(device.id)) {
        throw new ArungError('invalid', `The device ${device.name} is listed twice, by its name and by its id.`, {
          code: 'rollout.device-twice',
          arguments: { name: device.name },
        });
      }
      seen.add(device.id);
      return { ...device, key };
    });
  }
}

function record(change: Change, action: string, id: RolloutId, after: Readonly<Record<string, unknown>>): void {
  change.record({ action, entityKind: 'rollout', entityId: id, entityName: id, before: null, after, regionCode: null });
}
