import { sql, type Kysely, type RawBuilder, type SqlBool } from 'kysely';
import { readPage, type Page, type PageRequest } from '../../database/collection/paging.ts';
import { withinScope } from '../../database/scope.ts';
import type { Database } from '../../database/tables.ts';
import { scopeFor, type Access } from '../../domain/access.ts';
import type { Clock } from '../../domain/clock.ts';
import type { ComplianceKind, ComplianceState } from '../../domain/compliance.ts';
import type { DeviceId } from '../../domain/ids.ts';
import type { Said } from '../../domain/rollout.ts';

/** A finding that a person accepted for a while. Milliseconds since the epoch. */
export interface ComplianceException {
  readonly id: string;
  readonly reason: string;
  readonly until: number;
  readonly by: string;
}

export interface ComplianceResult {
  readonly deviceId: DeviceId;
  readonly device: string;
  readonly site: string;
  readonly regionCode: string;
  /** Code and name of the kecamatan that it lies in; its own region's where it lies in none. */
  readonly districtCode: string;
  readonly district: string;
  readonly ruleId: string;
  readonly kind: ComplianceKind;
  /** Of the rule; empty for what is built in. */
  readonly rule: string;
  readonly state: ComplianceState;
  readonly found: readonly string[];
  /** Milliseconds since the epoch. */
  readonly since: number;
  /** Of `unknown`: why its configuration could not be read; null where it could, and does not tell. */
  readonly reason: Said | null;
  readonly exception: ComplianceException | null;
}

/** How many devices are what. `accepted`: wrong, and somebody said that it may be so for now. */
export interface ComplianceCounts {
  readonly right: number;
  readonly wrong: number;
  readonly unknown: number;
  readonly accepted: number;
}

export interface ComplianceSummary {
  /** Devices that were judged. */
  readonly devices: number;
  /** Of these, those that nothing is wrong with that nobody accepted. */
  readonly clean: number;
  readonly rules: readonly (ComplianceCounts & { readonly ruleId: string })[];
  readonly districts: readonly {
    readonly code: string;
    readonly name: string;
    readonly devices: number;
    readonly clean: number;
  }[];
}

export interface ResultRequest {
  readonly region?: string | undefined;
  readonly rule?: string | undefined;
  readonly state?: ComplianceState | 'accepted' | undefined;
  readonly device?: string | undefined;
  readonly page?: PageRequest;
}

const read = 'provisioning.read';
/** The code of a kecamatan has eight characters. */
const districtCode = sql<string>`left(regions.code, 8)`;

/** What devices were found to be, for who asks. */
export class ComplianceReader {
  readonly #db: Kysely<Database>;
  readonly #clock: Clock;

  constructor(options: { readonly db: Kysely<Database>; readonly clock: Clock }) {
    this.#db = options.db;
    this.#clock = options.clock;
  }

  /** By device, then rule. */
  async results(access: Access, request: ResultRequest): Promise<Page<ComplianceResult>> {
    const { region, rule, state, device, page } = request;
    let query = this.#select(access, region);
    if (rule !== undefined) query = query.where(sql<SqlBool>`compliance_results.rule_id::text = ${rule}`);
    if (device !== undefined) {
      query = query.where(sql<SqlBool>`(devices.name = ${device} or devices.id::text = ${device})`);
    }
    if (state === 'accepted') query = query.where(this.#isAccepted());
    else if (state === 'wrong')
      query = query.where(sql<SqlBool>`compliance_results.state = 'wrong' and not ${this.#isAccepted()}`);
    else if (state !== undefined) query = query.where('compliance_results.state', '=', state);
    const sort = {
      name: 'device',
      by: sql`devices.name || ' ' || compliance_results.rule_id::text`,
      type: 'text',
    } as const;
    const found = await readPage(query, { id: sql.ref('devices.id'), sort, page: page ?? {} });
    return { items: found.items.map((row) => resultOf(row, this.#clock.now())), next: found.next };
  }

  async summary(access: Access, region?: string): Promise<ComplianceSummary> {
    const rows = await this.#select(access, region)
      .clearSelect()
      .select([
        'devices.id as deviceId',
        'compliance_results.rule_id as ruleId',
        'compliance_results.state as state',
        this.#isAccepted().as('accepted'),
        districtCode.as('code'),
        sql<string>`coalesce(district.name, regions.name)`.as('name'),
      ])
      .execute();
    const rules = Map.groupBy(rows, ({ ruleId }) => ruleId);
    const districts = Map.groupBy(rows, ({ code }) => code);
    const devicesOf = (some: typeof rows) => {
      const byDevice = Map.groupBy(some, ({ deviceId }) => deviceId);
      const clean = [...byDevice.values()].filter((own) => own.every(({ state, accepted }) => state !== 'wrong' || accepted)); // prettier-ignore
      return { devices: byDevice.size, clean: clean.length };
    };
    return {
      ...devicesOf(rows),
      rules: [...rules].map(([ruleId, some]) => ({ ruleId, ...countsOf(some) })),
      districts: [...districts]
        .map(([code, some]) => ({ code, name: some[0]?.name ?? code, ...devicesOf(some) }))
        .sort((a, b) => a.clean - a.devices - (b.clean - b.devices) || (a.name < b.name ? -1 : 1)),
    };
  }

  #isAccepted(): RawBuilder<SqlBool> {
    return sql<SqlBool>`(compliance_results.state = 'wrong' and compliance_exceptions.until is not null
      and compliance_exceptions.until > ${new Date(this.#clock.now())})`;
  }

  #select(access: Access, region: string | undefined) {
    const query = this.#db
      .selectFrom('compliance_results')
      .innerJoin('compliance_rules', 'compliance_rules.id', 'compliance_results.rule_id')
      .innerJoin('devices', 'devices.id', 'compliance_results.device_id')
      .innerJoin('sites', 'sites.id', 'devices.site_id')
      .innerJoin('regions', 'regions.id', 'sites.region_id')
      .leftJoin('compliance_checks', 'compliance_checks.device_id', 'compliance_results.device_id')
      .leftJoin('regions as district', (join) => join.on(sql<SqlBool>`district.code = ${districtCode}`))
      .leftJoin('compliance_exceptions', (join) =>
        join
          .onRef('compliance_exceptions.device_id', '=', 'compliance_results.device_id')
          .onRef('compliance_exceptions.rule_id', '=', 'compliance_results.rule_id'),
      )
      .select([
        'devices.id as id',
        'devices.name as device',
        'sites.name as site',
        'regions.code as regionCode',
        districtCode.as('districtCode'),
        sql<string>`coalesce(district.name, regions.name)`.as('district'),
        'compliance_rules.id as ruleId',
        'compliance_rules.kind as kind',
        'compliance_rules.name as rule',
        'compliance_results.state as state',
        'compliance_results.found as found',
        'compliance_results.since as since',
        'compliance_exceptions.id as exceptionId',
        'compliance_checks.reason as unreadReason',
        'compliance_exceptions.reason as reason',
        'compliance_exceptions.until as until',
        'compliance_exceptions.created_by as by',
      ])
      .where(withinScope('regions.code', scopeFor(access, read)));
    return region === undefined ? query : query.where(withinScope('regions.code', { regionCodes: [region] }));
  }
}

interface ResultRow extends Omit<ComplianceResult, 'deviceId' | 'since' | 'reason' | 'exception'> {
  readonly id: DeviceId;
  readonly since: Date;
  readonly unreadReason: Said | null;
  readonly exceptionId: string | null;
  readonly reason: string | null;
  readonly until: Date | null;
  readonly by: string | null;
}

function resultOf(row: ResultRow, now: number): ComplianceResult {
  const { id, since, unreadReason, exceptionId, reason, until, by, ...rest } = row;
  const isInForce = exceptionId !== null && until !== null && until.getTime() > now;
  return {
    ...rest,
    deviceId: id,
    since: since.getTime(),
    // Rules about lines and firmware are judged without it.
    reason: rest.state === 'unknown' ? unreadReason : null,
    exception: isInForce ? { id: exceptionId, reason: reason ?? '', until: until.getTime(), by: by ?? '' } : null,
  };
}

function countsOf(rows: readonly { readonly state: ComplianceState; readonly accepted: SqlBool }[]): ComplianceCounts {
  const counts = { right: 0, wrong: 0, unknown: 0, accepted: 0 };
  for (const { state, accepted } of rows) counts[state === 'wrong' && accepted ? 'accepted' : state] += 1;
  return counts;
}
