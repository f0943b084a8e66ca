import * as fc from 'fast-check';
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../tests/support/database.ts';
import { availabilityGroups, type AvailabilityGroup, type Spent } from '../domain/availability.ts';
import { newId, type DeviceId, type EventId, type RegionId, type ServiceId, type SiteId } from '../domain/ids.ts';
import type { Reachability } from '../domain/reachability.ts';
import { HistoryBatch, type OpenInterval } from '../status/history-batch.ts';
import { AvailabilityReports } from './availability.ts';

/** Seconds since this; the period of the reports is [0, periodS). */
const start = Date.UTC(2026, 9, 1);
const periodS = 400;
const at = (second: number): Date => new Date(start + second * 1000);
const villages = ['73.08.01.2001', '73.08.01.2002', '73.08.02.2001', '73.08.03.1001'] as const;

interface Step {
  /** After the step before; negative when the clock was set back. */
  readonly afterS: number;
  readonly to: Reachability;
  readonly cause: number | null;
}
interface Life {
  readonly fromS: number;
  readonly forS: number;
  readonly place: number;
}
interface Thing {
  readonly lives: readonly Life[];
  readonly steps: readonly Step[];
}
interface Window {
  readonly over: 'device' | 'site' | 'region';
  readonly which: number;
  readonly fromS: number;
  readonly forS: number;
}
interface World {
  readonly sites: readonly Thing[];
  readonly devices: readonly Thing[];
  /** Their `unreachable` is `degraded`, which is a way of being up. */
  readonly services: readonly Thing[];
  readonly windows: readonly Window[];
  readonly gaps: readonly (readonly [number, number])[];
}

const steps = fc.array(
  fc.record({
    afterS: fc.oneof({ weight: 9, arbitrary: fc.integer({ min: 0, max: 160 }) }, fc.integer({ min: -300, max: -1 })),
    to: fc.constantFrom<Reachability>('up', 'down', 'unreachable', 'unknown', 'maintenance', 'up', 'down'),
    cause: fc.option(fc.nat(), { nil: null }),
  }),
  { maxLength: 9 },
);
const lives = fc.array(
  fc.record({
    fromS: fc.integer({ min: 0, max: 250 }),
    forS: fc.oneof(fc.integer({ min: 1, max: 500 }), fc.constant(100_000)),
    place: fc.nat(),
  }),
  { minLength: 1, maxLength: 3 },
);
const thing = fc.record({ lives, steps });
const worldOf = (sites: number, devices: number, services: number): fc.Arbitrary<World> =>
  fc.record({
    sites: fc.array(thing, { minLength: sites, maxLength: sites }),
    devices: fc.array(thing, { minLength: devices, maxLength: devices }),
    services: fc.array(thing, { minLength: services, maxLength: services }),
    windows: fc.array(
      fc.record({
        over: fc.constantFrom('device', 'site', 'region'),
        which: fc.nat(),
        fromS: fc.integer({ min: -200, max: 500 }),
        forS: fc.integer({ min: 1, max: 120 }),
      }),
      { maxLength: 14 },
    ),
    gaps: fc.array(fc.tuple(fc.integer({ min: -100, max: 450 }), fc.integer({ min: 1, max: 60 })), { maxLength: 3 }),
  });

/** The lives of one thing follow each other, the first from 150 s before the period at the earliest. */
function placed(lives: readonly Life[]): { from: number; to: number; place: number }[] {
  let clock = -150;
  return lives.map((life) => {
    const from = clock + life.fromS;
    clock = from + life.forS;
    return { from, to: clock, place: life.place };
  });
}

const kinds = ['site', 'device', 'service'] as const;
type Kind = (typeof kinds)[number];
const serviceStateOf = (state: Reachability) => (state === 'unreachable' ? 'degraded' : state);

type Told = { from: number; to: number; state: Reachability | 'degraded'; cause: number | null };

/** What was said of one thing, by the steps alone: the clock says when a state begins, never before the one it ends. */
function tellings(steps: readonly Step[]): Told[] {
  const found: Told[] = [];
  let clock = -180;
  let last: { since: number; state: Reachability; cause: number | null } | null = null;
  for (const step of steps) {
    clock += step.afterS;
    if (last !== null && last.state === step.to) {
      last.cause = step.cause;
      continue;
    }
    const since: number = last === null ? clock : Math.max(clock, last.since);
    if (last !== null) found.push({ from: last.since, to: since, state: last.state, cause: last.cause });
    last = step.to === 'up' ? null : { since, state: step.to, cause: step.cause };
  }
  if (last !== null) found.push({ from: last.since, to: Infinity, state: last.state, cause: last.cause });
  return found;
}

/** The same reports, second by second. */
class ByHand {
  readonly #world: World;
  readonly #lives: Record<Kind, ReturnType<typeof placed>[]>;
  readonly #told: Record<Kind, Told[][]>;

  constructor(world: World) {
    this.#world = world;
    this.#lives = {
      site: world.sites.map((site) => placed(site.lives)),
      device: world.devices.map((device) => placed(device.lives)),
      service: world.services.map((service) => placed(service.lives)),
    };
    this.#told = {
      site: world.sites.map((site) => tellings(site.steps)),
      device: world.devices.map((device) => tellings(device.steps)),
      service: world.services.map((service) =>
        tellings(service.steps).map((told) => ({ ...told, state: serviceStateOf(told.state as Reachability) })),
      ),
    };
  }

  of(by: AvailabilityGroup, region = ''): Map<string, Omit<Spent, 'percent'> & { entities: number }> {
    const kind = by === 'district' ? 'site' : by;
    const rows = new Map<string, Omit<Spent, 'percent'> & { entities: number }>();
    for (const index of this.#world[`${kind}s`].keys()) {
      const seconds = new Map<string, string[]>();
      for (let second = 0; second < periodS; second++) {
        const village = this.#villageOf(kind, index, second);
        if (village === null || !village.startsWith(region)) continue;
        const key = by === 'district' ? village.slice(0, 8) : String(index);
        const line = seconds.get(key) ?? Array.from({ length: periodS }, () => 'none');
        seconds.set(key, line);
        line[second] = this.#stateAt(kind, index, second, village);
      }
      for (const [key, line] of seconds) {
        const row = rows.get(key) ?? {
          upS: 0,
          downS: 0,
          unreachableS: 0,
          unknownS: 0,
          plannedS: 0,
          outages: 0,
          longestOutageS: 0,
          entities: 0,
        };
        rows.set(key, add(row, line));
      }
    }
    return rows;
  }

  #siteOf(kind: Kind, index: number, second: number): number | null {
    if (kind === 'site') return index;
    const life = this.#lives[kind][index]?.find((one) => one.from <= second && second < one.to);
    return life === undefined ? null : life.place % this.#world.sites.length;
  }

  #villageOf(kind: Kind, index: number, second: number): string | null {
    const site = this.#siteOf(kind, index, second);
    if (site === null) return null;
    const life = this.#lives.site[site]?.find((one) => one.from <= second && second < one.to);
    if (life === undefined) return null;
    if (kind === 'site' && !this.#world.devices.some((_, device) => this.#siteOf('device', device, second) === site))
      return null;
    return villages[life.place % villages.length] ?? null;
  }

  #stateAt(kind: Kind, index: number, second: number, village: string): string {
    const told = (this.#told[kind][index] ?? []).filter((one) => one.from <= second && second < one.to);
    const isDark = (one: Told): boolean => one.state === 'down' || one.state === 'unreachable';
    const causePlanned = told.some(
      (one) => isDark(one) && one.cause !== null && this.#devicePlanned(one.cause, second),
    );
    const states = new Set(told.map((one) => one.state));
    if (states.has('maintenance') || this.#windowOver(kind, index, second, village) || causePlanned) return 'planned';
    const gap = this.#world.gaps.some(([from, length]) => from <= second && second < from + length);
    if (gap || states.has('unknown')) return 'unknown';
    if (states.has('down')) return 'down';
    return states.has('unreachable') ? 'unreachable' : 'up';
  }

  #devicePlanned(cause: number, second: number): boolean {
    const device = cause % this.#world.devices.length;
    if (this.#told.device[device]?.some((one) => one.state === 'maintenance' && one.from <= second && second < one.to))
      return true;
    const village = this.#villageOf('device', device, second);
    return village !== null && this.#windowOver('device', device, second, village);
  }

  #windowOver(kind: Kind, index: number, second: number, village: string): boolean {
    const site = this.#siteOf(kind, index, second);
    return this.#world.windows.some(({ over, which, fromS, forS }) => {
      if (second < fromS || second >= fromS + forS) return false;
      if (over === 'region') return village.startsWith(districtOf(which));
      if (over === 'site') return which % this.#world.sites.length === site;
      return kind === 'device' && which % this.#world.devices.length === index;
    });
  }
}

function districtOf(which: number): string {
  return (villages[which % villages.length] ?? '').slice(0, 8);
}

function add<T extends Omit<Spent, 'percent'> & { entities: number }>(row: T, line: readonly string[]): T {
  const count = (state: string): number => line.filter((one) => one === state).length;
  const dark = line
    .map((state) => (state === 'down' || state === 'unreachable' ? 'x' : ' '))
    .join('')
    .split(/ +/)
    .filter((run) => run !== '');
  return {
    ...row,
    upS: row.upS + count('up'),
    downS: row.downS + count('down'),
    unreachableS: row.unreachableS + count('unreachable'),
    unknownS: row.unknownS + count('unknown'),
    plannedS: row.plannedS + count('planned'),
    outages: row.outages + dark.length,
    longestOutageS: Math.max(row.longestOutageS, ...dark.map((run) => run.length)),
    entities: row.entities + 1,
  };
}

describe('availability', () => {
  let database: TestDatabase;
  const regionIds = new Map<string, RegionId>();
  const reports = (): AvailabilityReports =>
    new AvailabilityReports({
      db: database.db,
      clock: { now: () => start + 1_000_000_000, monotonic: () => 0 },
    });
  const period = { from: at(0), to: at(periodS) };

  beforeAll(async () => {
    database = await createTestDatabase();
    // Windows over things that were removed go with them; here they stay, to be reckoned with all the same.
    await sql`alter table maintenance drop constraint maintenance_device_id_fkey,
      drop constraint maintenance_site_id_fkey`.execute(database.db);
    for (const code of [...villages, ...new Set(villages.map((village) => village.slice(0, 8)))]) {
      const id = newId<RegionId>();
      regionIds.set(code, id);
      const level = code.length > 8 ? 'village' : 'district';
      await database.db
        .insertInto('regions')
        .values({ id, code, name: `Wilayah ${code}`, level })
        .execute();
    }
  });
  afterAll(() => database.drop());
  beforeEach(() => clear());

  async function clear(): Promise<void> {
    await sql`truncate lifetimes, status_intervals, controller_gaps, maintenance, devices, sites cascade`.execute(
      database.db,
    );
  }

  /** Writes a world as the controller would have; returns the ids by index. */
  async function write(world: World): Promise<{ site: SiteId[]; device: DeviceId[]; service: ServiceId[] }> {
    const { db } = database;
    const ids = {
      site: world.sites.map(() => newId<SiteId>()),
      device: world.devices.map(() => newId<DeviceId>()),
      service: world.services.map(() => newId<ServiceId>()),
    };
    const rows = kinds.flatMap((kind) =>
      world[`${kind}s`].flatMap((thing, index) =>
        placed(thing.lives).map(({ from, to, place }) => ({
          entity_kind: kind,
          entity_id: ids[kind][index] ?? '',
          code: `${kind}-${index}`,
          name: `${kind} ${index}`,
          site_id: (kind === 'site' ? ids.site[index] : ids.site[place % ids.site.length]) ?? '',
          region_id: kind === 'site' ? (regionIds.get(villages[place % villages.length] ?? '') ?? null) : null,
          valid_from: at(from),
          valid_to: to > 50_000 ? ('infinity' as const) : at(to),
        })),
      ),
    );
    await db.insertInto('lifetimes').values(rows).execute();
    const batch = new HistoryBatch(new Map<string, OpenInterval>(), 0);
    for (const kind of kinds) {
      for (const [index, thing] of world[`${kind}s`].entries()) {
        let clock = -180;
        for (const step of thing.steps) {
          clock += step.afterS;
          const told = transitionOf(ids[kind][index] ?? '', clock, step, ids.device);
          if (kind === 'service') {
            const { transition, causeRegionCodes } = told;
            const to = serviceStateOf(step.to);
            batch.service({ ...transition, to, siteId: ids.site[0] ?? '', regionCode: '', causeRegionCodes });
          } else batch.transition({ ...told, transition: { ...told.transition, kind } });
        }
      }
    }
    await db.transaction().execute((trx) => batch.write(trx));
    for (const { over, which, fromS, forS } of world.windows) {
      await db
        .insertInto('maintenance')
        .values({
          id: newId<EventId>(),
          device_id: over === 'device' ? (ids.device[which % ids.device.length] ?? null) : null,
          site_id: over === 'site' ? (ids.site[which % ids.site.length] ?? null) : null,
          region_id: over === 'region' ? (regionIds.get(districtOf(which)) ?? null) : null,
          starts_at: at(fromS),
          ends_at: at(fromS + forS),
          reason: '',
          created_by: '',
        })
        .execute();
    }
    for (const [from, length] of world.gaps) {
      await db
        .insertInto('controller_gaps')
        .values({ since: at(from), until: at(from + length) })
        .onConflict((conflict) =>
          conflict.column('since').doUpdateSet({ until: sql`greatest(controller_gaps.until, excluded.until)` }),
        )
        .execute();
    }
    return ids;
  }

  function transitionOf(id: string, second: number, step: Step, devices: readonly DeviceId[]) {
    const since = at(second).getTime();
    const causeId = step.cause === null ? undefined : devices[step.cause % devices.length];
    const cause =
      causeId === undefined ? null : { kind: 'device' as const, id: causeId, name: 'x', since, certainty: 1 };
    return {
      transition: { id: id as SiteId, from: 'up', to: step.to, since, at: since, cause, topologyVersion: 1 },
      name: 'x',
      siteId: null,
      regionCode: null,
      otherRegionCode: null,
      causeRegionCodes: [],
    } as const;
  }

  it('is what a count of every second gives, for more than 1,000 random histories', { timeout: 240_000 }, async () => {
    const counted = { device: 0, site: 0, service: 0, district: 0 };
    const seen = { outages: 0, plannedS: 0 };
    await fc.assert(
      fc.asyncProperty(worldOf(20, 24, 20), async (world) => {
        await clear();
        const ids = await write(world);
        const byHand = new ByHand(world);
        const asked = [...availabilityGroups.map((by) => [by, undefined] as const), ['device', '73.08.01'] as const];
        for (const [by, region] of asked) {
          const report = await reports().report({ by, ...period, region }, 'everywhere');
          const got = new Map(
            report.rows.map((row) => {
              const { upS, downS, unreachableS, unknownS, plannedS, outages, longestOutageS, entities } = row;
              const index = by === 'district' ? row.id : String((ids[by] as readonly string[]).indexOf(row.id));
              return [
                index,
                { upS, downS, unreachableS, unknownS, plannedS, outages, longestOutageS, entities },
              ] as const;
            }),
          );
          expect(Object.fromEntries(got)).toEqual(Object.fromEntries(byHand.of(by, region)));
          if (region !== undefined) continue;
          // Of a district those of its sites.
          counted[by] += report.total.entities;
          seen.outages += report.total.outages;
          seen.plannedS += report.total.plannedS;
        }
      }),
      { numRuns: 80, endOnFailure: true },
    );
    for (const by of availabilityGroups) expect(counted[by], by).toBeGreaterThan(1_000);
    expect(seen.outages).toBeGreaterThan(2_000);
    expect(seen.plannedS).toBeGreaterThan(10_000);
  });

  const always: Life = { fromS: 0, forS: 100_000, place: 0 };
  const alone = (steps: readonly Step[], more: Partial<World> = {}): World => ({
    sites: [{ lives: [always], steps: [] }],
    devices: [{ lives: [always], steps }],
    services: [],
    windows: [],
    gaps: [],
    ...more,
  });

  it('tells down, unreachable, unknown and planned apart, and leaves the last two out of the share', async () => {
    await write(
      alone(
        [
          { afterS: 190, to: 'down', cause: null },
          { afterS: 40, to: 'unreachable', cause: null },
          { afterS: 50, to: 'up', cause: null },
          { afterS: 100, to: 'unknown', cause: null },
          { afterS: 20, to: 'up', cause: null },
        ],
        { windows: [{ over: 'site', which: 0, fromS: 300, forS: 60 }] },
      ),
    );
    const { rows, total } = await reports().report({ by: 'device', ...period }, 'everywhere');
    expect(rows).toHaveLength(1);
    expect(rows[0]).toMatchObject({ downS: 40, unreachableS: 50, unknownS: 20, plannedS: 60, upS: 230, outages: 1 });
    expect(rows[0]).toMatchObject({ longestOutageS: 90, districtName: 'Wilayah 73.08.01', siteName: 'site 0' });
    expect(rows[0]?.percent).toBeCloseTo((100 * 230) / 320, 10);
    expect(total).toMatchObject({ entities: 1, upS: 230 });
  });

  it('has no share where nothing is known, rather than 0 or 100 percent', async () => {
    await write(alone([], { gaps: [[-10, 1_000]] }));
    const { rows } = await reports().report({ by: 'site', ...period }, 'everywhere');
    expect(rows[0]).toMatchObject({ unknownS: periodS, upS: 0, percent: null });
  });

  it('knows nothing of what was removed from the history by age', async () => {
    await write(alone([]));
    const forgetful = new AvailabilityReports({
      db: database.db,
      clock: { now: () => start + 86_400_000 + 100_000, monotonic: () => 0 },
      keepDays: 1,
    });
    const { rows } = await forgetful.report({ by: 'device', ...period }, 'everywhere');
    expect(rows[0]).toMatchObject({ unknownS: 100, upS: 300 });
  });

  it('counts nothing that has not been yet', async () => {
    await write(alone([]));
    const early = new AvailabilityReports({
      db: database.db,
      clock: { now: () => start + 50_000, monotonic: () => 0 },
    });
    const report = await early.report({ by: 'device', ...period }, 'everywhere');
    expect(report.to).toEqual(at(50));
    expect(report.rows[0]).toMatchObject({ upS: 50 });
  });

  it('shows a reader what lies in their regions, and a region only what lies in it', async () => {
    await write({
      ...alone([]),
      sites: [0, 1, 2].map((place) => ({ lives: [{ ...always, place }], steps: [] })),
      devices: [0, 1, 2].map((place) => ({ lives: [{ ...always, place }], steps: [] })),
    });
    const scope = { regionCodes: ['73.08.01'] };
    const codes = async (region?: string, limit: 'everywhere' | typeof scope = scope): Promise<string[]> =>
      (await reports().report({ by: 'site', ...period, region }, limit)).rows.map((row) => row.code);
    expect(await codes()).toEqual(['site-0', 'site-1']);
    expect(await codes('73.08.02')).toEqual([]);
    expect(await codes('73.08.02', 'everywhere')).toEqual(['site-2']);
    expect(await codes(undefined, { ...scope, regionCodes: [] })).toEqual([]);
  });

  it('keeps by itself when things were there: made, moved, renamed, out of use and removed', async () => {
    const { db } = database;
    const lives = async (kind: string) =>
      (
        await db
          .selectFrom('lifetimes')
          .select(['name', 'site_id', 'region_code', 'valid_to'])
          .where('entity_kind', '=', kind as 'site')
          .orderBy('id')
          .execute()
      ).map((row) => [row.name, row.region_code, row.valid_to instanceof Date ? 'over' : 'open']);
    const [site, other, device] = [newId<SiteId>(), newId<SiteId>(), newId<DeviceId>()];
    const make = (id: SiteId, code: string, village: string) =>
      db
        .insertInto('sites')
        .values({
          id,
          code,
          name: code,
          kind: 'village',
          network: 'smart-city',
          rollout_status: 'building',
          region_id: regionIds.get(village) ?? newId<RegionId>(),
          address: '',
          access_notes: '',
          tags: [],
          managed_by: 'console',
        } as never)
        .execute();
    await make(site, 'kahu', villages[0]);
    await make(other, 'ponre', villages[2]);
    expect(await lives('site')).toEqual([]);
    await db.updateTable('sites').set({ rollout_status: 'active' }).execute();
    await db
      .updateTable('sites')
      .set({ region_id: regionIds.get(villages[3]) ?? newId<RegionId>() })
      .where('id', '=', other)
      .execute();
    await db.updateTable('sites').set({ name: 'Kahu' }).where('id', '=', site).execute();
    expect(await lives('site')).toEqual([
      ['Kahu', villages[0], 'open'],
      ['ponre', villages[2], 'over'],
      ['ponre', villages[3], 'open'],
    ]);
    const { id: agent_id } = await db.selectFrom('agents').select('id').executeTakeFirstOrThrow();
    await db
      .insertInto('devices')
      .values({ id: device, name: 'r1', site_id: site, role: 'router', protocol: 'snmp', agent_id } as never)
      .execute();
    await db.updateTable('devices').set({ site_id: other }).execute();
    await db.updateTable('devices').set({ name: 'r2', vendor: 'x' }).execute();
    await db.deleteFrom('devices').execute();
    await db.updateTable('sites').set({ rollout_status: 'retired' }).where('id', '=', site).execute();
    await db.deleteFrom('site_regions').execute();
    await db.deleteFrom('sites').where('id', '=', other).execute();
    expect(await lives('device')).toEqual([
      ['r1', '', 'over'],
      ['r2', '', 'over'],
    ]);
    expect((await lives('site')).map((row) => row[2])).toEqual(['over', 'over', 'over']);
  });
});
