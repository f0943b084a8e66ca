import { sql, type Kysely, type Transaction } from 'kysely';
import { readPage, type Page, type PageRequest } from '../../database/collection/paging.ts';
import type { Lease } from '../../database/lease.ts';
import { withinScope } from '../../database/scope.ts';
import type { Database } from '../../database/tables.ts';
import type { Scope } from '../../domain/access.ts';
import type { Clock } from '../../domain/clock.ts';
import type { ConfigurationStep } from '../../domain/configuration-step.ts';
import { isId, type DeviceId, type RolloutId } from '../../domain/ids.ts';
import {
  endedRunStates,
  openRolloutStates,
  rightRunStates,
  type ChangePhase,
  type DeviceRunState,
  type HealthBefore,
  type RolloutCounts,
  type RolloutState,
  type Said,
} from '../../domain/rollout.ts';
import type { RunNews } from './device-run.ts';
import type { Rollout, RolloutRecord } from './rollout-record.ts';
import { placesOf, writePlan, type PlannedWave } from './planned-rows.ts';
import { readDevices, readFallen, recordOf, selectRollouts, type FallenDevice } from './rollout-rows.ts';

const allDevices = sql<number>`(select count(*)::int from rollout_devices where rollout_id = rollouts.id)`;

/** How rollouts are kept. Writes of the runner hold its lease: who lost it writes nothing. */
export class RolloutStore {
  readonly #db: Kysely<Database>;
  readonly #clock: Clock;

  constructor(options: { readonly db: Kysely<Database>; readonly clock: Clock }) {
    this.#db = options.db;
    this.#clock = options.clock;
  }

  /** Those that touch a scope, the newest first. */
  async list(
    scope: Scope,
    request: { readonly open?: boolean | undefined; readonly page?: PageRequest } = {},
  ): Promise<Page<RolloutRecord & RolloutCounts & { readonly isWhole: boolean }>> {
    const touches = this.#db
      .selectFrom('rollout_devices')
      .innerJoin('devices', 'devices.id', 'rollout_devices.device_id')
      .innerJoin('sites', 'sites.id', 'devices.site_id')
      .innerJoin('regions', 'regions.id', 'sites.region_id')
      .where(sql<boolean>`rollout_devices.rollout_id = rollouts.id`)
      .where(withinScope('regions.code', scope));
    const countOf = (states: readonly DeviceRunState[]) =>
      sql<number>`(${touches.where('rollout_devices.state', 'in', [...states]).select(sql`count(*)::int`.as('n'))})`;
    let query = selectRollouts(this.#db)
      .select([
        sql<number>`(${touches.select(sql`count(*)::int`.as('n'))})`.as('devices'),
        allDevices.as('all'),
        countOf([...endedRunStates]).as('ended'),
        countOf([...rightRunStates]).as('right'),
        countOf(['unreachable']).as('unreachable'),
        countOf(['skipped']).as('skipped'),
      ])
      .where(({ exists }) => exists(touches.select('rollout_devices.device_id')));
    if (request.open === true) query = query.where('rollouts.state', 'in', openRolloutStates);
    const sort = {
      name: 'created',
      by: sql.ref('rollouts.created_at'),
      type: 'timestamptz',
      descending: true,
    } as const;
    const page = await readPage(query, { id: sql.ref('rollouts.id'), sort, page: request.page ?? {} });
    return {
      items: page.items.map(({ devices, ended, right, unreachable, skipped, all, ...row }) => ({
        ...recordOf(row),
        devices,
        ended,
        right,
        unreachable,
        skipped,
        isWhole: devices === all,
      })),
      next: page.next,
    };
  }

  /** By its id or number, with the devices of it that lie in the scope, and whether these are all; null when there are none. */
  async find(
    key: string,
    scope: Scope,
    options: { readonly steps: boolean; readonly device?: string } = { steps: false },
  ): Promise<{ readonly rollout: Rollout; readonly isWhole: boolean } | null> {
    const isNumber = /^[1-9]\d{0,15}$/.test(key);
    if (!isNumber && !isId(key)) return null;
    const row = await selectRollouts(this.#db)
      .select(allDevices.as('all'))
      .where((eb) => (isNumber ? eb('rollouts.number', '=', key) : eb('rollouts.id', '=', key as RolloutId)))
      .executeTakeFirst();
    if (row === undefined) return null;
    const devices = await readDevices(this.#db, row.id, scope, options);
    if (devices.length === 0) return null;
    return {
      rollout: { ...recordOf(row), devices },
      isWhole: options.device === undefined && devices.length === row.all,
    };
  }

  /** 0 for one that there is not. */
  async revisionOf(id: RolloutId): Promise<number> {
    const row = await this.#db.selectFrom('rollouts').select('revision').where('id', '=', id).executeTakeFirst();
    return Number(row?.revision ?? 0);
  }

  /** All that are not over, the oldest first; without what is changed on each device. */
  async open(): Promise<readonly Rollout[]> {
    const rows = await selectRollouts(this.#db)
      .where('rollouts.state', 'in', openRolloutStates)
      .orderBy('rollouts.number')
      .execute();
    const all: Rollout[] = [];
    for (const row of rows)
      all.push({ ...recordOf(row), devices: await readDevices(this.#db, row.id, 'everywhere', { steps: false }) });
    return all;
  }

  /** The one that goes on for exactly this set of versions. */
  async openByKey(trx: Transaction<Database>, versionsKey: string): Promise<RolloutId | null> {
    const row = await trx
      .selectFrom('rollouts')
      .select('id')
      .where('versions_key', '=', versionsKey)
      .where('state', 'in', openRolloutStates)
      .executeTakeFirst();
    return row?.id ?? null;
  }

  async insert(
    trx: Transaction<Database>,
    rollout: {
      readonly id: RolloutId;
      readonly versionsKey: string;
      readonly versions: ReadonlyMap<DeviceId, string>;
      /** Where devices are managed afterwards, as it was asked for. */
      readonly addresses: ReadonlyMap<DeviceId, string>;
      readonly batch: number;
      readonly pauseS: number;
      readonly rollbackS: number;
      readonly onlyInMaintenance: boolean;
      readonly forcedReason: string | null;
      readonly requestedBy: string;
    },
  ): Promise<void> {
    await trx
      .insertInto('rollouts')
      .values({
        id: rollout.id,
        versions_key: rollout.versionsKey,
        state: 'queued',
        batch: rollout.batch,
        pause_s: rollout.pauseS,
        rollback_s: rollout.rollbackS,
        only_in_maintenance: rollout.onlyInMaintenance,
        forced_reason: rollout.forcedReason,
        requested_by: rollout.requestedBy,
        created_at: new Date(this.#clock.now()),
      })
      .execute();
    const devices = [...rollout.versions].map(([device_id, version]) => {
      return { device_id, version, address: rollout.addresses.get(device_id) ?? null };
    });
    await sql`insert into rollout_devices (rollout_id, device_id, version, management_address, state)
      select ${rollout.id}::uuid, device_id, version, address, 'waiting'
      from jsonb_to_recordset(${JSON.stringify(devices)}::jsonb) as r(device_id uuid, version text, address text)`.execute(
      trx,
    );
  }

  /** Changes the state as a person asks; false when it is in none of the states that this may follow. */
  async ask(
    trx: Transaction<Database>,
    id: RolloutId,
    to: RolloutState,
    from: readonly RolloutState[],
    reason: Said | null,
  ): Promise<boolean> {
    const row = await trx
      .updateTable('rollouts')
      .set({ state: to, reason: reason === null ? null : JSON.stringify(reason), revision: sql`revision + 1` })
      .where('id', '=', id)
      .where('state', 'in', [...from])
      .returning('id')
      .executeTakeFirst();
    return row !== undefined;
  }

  /** The runner's own move from one state to the next; false when somebody asked for another meanwhile. */
  async move(
    lease: Lease,
    id: RolloutId,
    from: RolloutState,
    fields: {
      readonly state?: RolloutState;
      readonly reason?: Said | null;
      readonly started?: HealthBefore;
      readonly ended?: true;
    },
  ): Promise<boolean> {
    const now = new Date(this.#clock.now());
    return this.#db.transaction().execute(async (trx) => {
      await lease.hold(trx);
      const row = await trx
        .updateTable('rollouts')
        .set({
          ...(fields.state === undefined ? {} : { state: fields.state }),
          ...(fields.reason === undefined
            ? {}
            : { reason: fields.reason === null ? null : JSON.stringify(fields.reason) }),
          ...(fields.started === undefined ? {} : { started_at: now, before: JSON.stringify(fields.started) }),
          ...(fields.ended === undefined ? {} : { ended_at: now }),
          revision: sql`revision + 1`,
        })
        .where('id', '=', id)
        .where('state', '=', from)
        .returning('id')
        .executeTakeFirst();
      if (row !== undefined && fields.ended === true) {
        await trx
          .updateTable('rollout_devices')
          .set({ state: 'skipped', ended_at: now })
          .where('rollout_id', '=', id)
          .where('state', 'in', ['waiting', 'checking'])
          .execute();
      }
      return row !== undefined;
    });
  }

  /**
   * What differs is parted into waves.
   * @param versionsWithin keeps the versions of the phases, in the same transaction, and names those of each device.
   */
  async planned(
    lease: Lease,
    id: RolloutId,
    plan: {
      readonly waves: readonly PlannedWave[];
      readonly phases: readonly ChangePhase[];
      readonly moves: ReadonlyMap<DeviceId, string>;
    },
    versionsWithin: (trx: Transaction<Database>) => Promise<ReadonlyMap<DeviceId, readonly (string | null)[]>>,
  ): Promise<void> {
    const { waves, phases, moves } = plan;
    await this.#db.transaction().execute(async (trx) => {
      await lease.hold(trx);
      await writePlan(trx, id, { places: placesOf(waves, 0), versions: await versionsWithin(trx), moves });
      await trx
        .updateTable('rollouts')
        .set({
          waves: JSON.stringify(waves.map(({ worst }) => worst)),
          phases: JSON.stringify(phases),
          revision: sql`revision + 1`,
        })
        .where('id', '=', id)
        .execute();
    });
  }

  /** The phase before is over: its waves are followed by those of the next, whose devices begin anew. */
  async nextPhase(
    lease: Lease,
    rollout: Pick<Rollout, 'id' | 'phase' | 'waves'>,
    waves: readonly PlannedWave[],
  ): Promise<void> {
    const earlier = rollout.waves ?? [];
    await this.#db.transaction().execute(async (trx) => {
      await lease.hold(trx);
      const row = await trx
        .updateTable('rollouts')
        .set({
          phase: rollout.phase + 1,
          waves: JSON.stringify([...earlier, ...waves.map(({ worst }) => worst)]),
          reason: null,
          revision: sql`revision + 1`,
        })
        .where('id', '=', rollout.id)
        .where('state', '=', 'running')
        .where('phase', '=', rollout.phase)
        .returning('id')
        .executeTakeFirst();
      if (row === undefined) return;
      await sql`update rollout_devices set wave = r.wave, state = 'checking', ended_at = null
        from jsonb_to_recordset(${JSON.stringify(placesOf(waves, earlier.length))}::jsonb) as r(device_id uuid, wave int)
        where rollout_id = ${rollout.id} and rollout_devices.device_id = r.device_id`.execute(trx);
    });
  }

  /** Whether a device may begin still: its rollout was neither paused nor stopped meanwhile. */
  mayBegin(lease: Lease, id: RolloutId): Promise<boolean> {
    return this.#db.transaction().execute(async (trx) => {
      await lease.hold(trx);
      const running = await trx
        .selectFrom('rollouts')
        .select('id')
        .where('id', '=', id)
        .where('state', '=', 'running')
        .forUpdate()
        .executeTakeFirst();
      return running !== undefined;
    });
  }

  /** Keeps where one device is; `within` runs in the same transaction. */
  async device(
    lease: Lease,
    id: RolloutId,
    deviceId: DeviceId,
    news: RunNews & { readonly maintenanceId?: string | null },
    within: (trx: Transaction<Database>) => Promise<void> = async () => {},
  ): Promise<void> {
    const now = new Date(this.#clock.now());
    const { state, steps, armedUntil, error, maintenanceId } = news;
    const hasEnded = endedRunStates.has(state);
    await this.#db.transaction().execute(async (trx) => {
      await lease.hold(trx);
      await trx
        .updateTable('rollout_devices')
        .set({
          state,
          ...(steps === undefined ? {} : { steps: JSON.stringify(steps) }),
          ...(error === undefined ? {} : { error: JSON.stringify(error) }),
          ...(maintenanceId === undefined ? {} : { maintenance_id: maintenanceId }),
          armed_until: hasEnded ? null : armedUntil === undefined ? sql`armed_until` : new Date(armedUntil),
          started_at: sql`coalesce(started_at, ${now})`,
          ended_at: hasEnded ? now : null,
        })
        .where('rollout_id', '=', id)
        .where('device_id', '=', deviceId)
        .execute();
      await trx
        .updateTable('rollouts')
        .set({ revision: sql`revision + 1` })
        .where('id', '=', id)
        .execute();
      await within(trx);
    });
  }

  /** What is, or was to be, changed on one device. */
  async stepsOf(id: RolloutId, deviceId: DeviceId): Promise<readonly ConfigurationStep[]> {
    const row = await this.#db
      .selectFrom('rollout_devices')
      .select('steps')
      .where('rollout_id', '=', id)
      .where('device_id', '=', deviceId)
      .executeTakeFirst();
    return row?.steps ?? [];
  }

  /** Planned work that a device's change had announced. */
  async maintenanceOf(id: RolloutId, deviceId: DeviceId): Promise<string | null> {
    const row = await this.#db
      .selectFrom('rollout_devices')
      .select('maintenance_id')
      .where('rollout_id', '=', id)
      .where('device_id', '=', deviceId)
      .executeTakeFirst();
    return row?.maintenance_id ?? null;
  }

  /** Devices whose last change went back, or was lost, and that were not configured since. */
  fallen(): Promise<readonly FallenDevice[]> {
    return readFallen(this.#db);
  }
}
