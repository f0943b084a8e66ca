import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { sql, type Kysely, type SqlBool } from 'kysely';
import type { Logger } from 'pino';
import type { Database } from '../../database/tables.ts';
import type { Clock } from '../../domain/clock.ts';
import type { ComplianceRule, ConfigurationFacts } from '../../domain/compliance.ts';
import { ArungError } from '../../domain/errors.ts';
import type { DeviceId } from '../../domain/ids.ts';
import type { Said } from '../../domain/rollout.ts';
import type { Sealer } from '../intent/intent-parts.ts';
import { saidOf } from '../rollouts/said.ts';
import { judge } from './judge.ts';

/** What a configuration says, by the driver that fetched it; null where it reads none. */
export type FactsOf = (driver: string, text: string) => ConfigurationFacts | null;

interface DueDevice {
  readonly deviceId: DeviceId;
  readonly vendor: string;
  readonly firmware: string;
  readonly backupId: string;
  readonly driver: string;
  readonly masked: string;
  readonly sealed: Buffer;
  /** Names what it is to be judged by. */
  readonly basis: string;
}

/** What could not be read is tried again after so long, milliseconds. */
const retryMs = 3_600_000;

/** Judges devices by their newest configuration, and keeps since when each is right or wrong. */
export class ComplianceStore {
  readonly #db: Kysely<Database>;
  readonly #sealer: Sealer;
  readonly #facts: FactsOf;
  readonly #clock: Clock;
  readonly #logger: Logger;

  constructor(options: {
    readonly db: Kysely<Database>;
    readonly sealer: Sealer;
    readonly facts: FactsOf;
    readonly clock: Clock;
    readonly logger: Logger;
  }) {
    this.#db = options.db;
    this.#sealer = options.sealer;
    this.#facts = options.facts;
    this.#clock = options.clock;
    this.#logger = options.logger;
  }

  /** Judges devices whose configuration, firmware or rules are others than they were judged by; says how many. */
  async judgeDue(most: number): Promise<number> {
    const rules = await this.rules();
    const due = await this.#due(rulesName(rules), most);
    for (const device of due) await this.#judge(device, rules);
    return due.length;
  }

  /** Those that are on. */
  async rules(): Promise<readonly ComplianceRule[]> {
    return this.#db.selectFrom('compliance_rules').selectAll().where('enabled', '=', true).orderBy('id').execute();
  }

  async #due(rules: string, most: number): Promise<readonly DueDevice[]> {
    const basis = sql<string>`device_backups.id::text || ' ' || devices.firmware || ' ' || devices.vendor || ' ' || ${rules}::text`;
    return this.#db
      .selectFrom('device_backups')
      .innerJoin('devices', 'devices.id', 'device_backups.device_id')
      .leftJoin('compliance_checks', 'compliance_checks.device_id', 'devices.id')
      .select([
        'devices.id as deviceId',
        'devices.vendor as vendor',
        'devices.firmware as firmware',
        'device_backups.id as backupId',
        'device_backups.driver as driver',
        'device_backups.masked as masked',
        'device_backups.sealed as sealed',
        basis.as('basis'),
      ])
      .where(
        sql<SqlBool>`not exists (select 1 from device_backups later
          where later.device_id = device_backups.device_id and later.last_at > device_backups.last_at)`,
      )
      .where(
        sql<SqlBool>`(compliance_checks.basis is distinct from ${basis}
          or compliance_checks.reason is not null and checked_at < ${new Date(this.#clock.now() - retryMs)})`,
      )
      .orderBy(sql`checked_at nulls first`)
      .limit(most)
      .execute();
  }

  async #judge(device: DueDevice, rules: readonly ComplianceRule[]): Promise<void> {
    const { deviceId, vendor, firmware, masked } = device;
    const { facts, reason } = this.#read(device);
    const now = new Date(this.#clock.now());
    await this.#db.transaction().execute(async (trx) => {
      const before = await trx.selectFrom('compliance_results').selectAll().where('device_id', '=', deviceId).execute();
      const known = new Map(before.map((row) => [row.rule_id, row]));
      const kept: string[] = [];
      for (const rule of rules) {
        const verdict = judge(rule, { facts, masked, vendor, firmware });
        if (verdict === null) continue;
        kept.push(rule.id);
        const row = known.get(rule.id);
        if (row?.state === verdict.state && isDeepStrictEqual(row.found, verdict.found)) continue;
        const fields = { state: verdict.state, found: JSON.stringify(verdict.found) };
        const since = row?.state === verdict.state ? row.since : now;
        await trx
          .insertInto('compliance_results')
          .values({ device_id: deviceId, rule_id: rule.id, ...fields, since })
          .onConflict((conflict) => conflict.columns(['device_id', 'rule_id']).doUpdateSet({ ...fields, since }))
          .execute();
      }
      // Of rules that are gone, off, or not about it any more.
      const left = trx.deleteFrom('compliance_results').where('device_id', '=', deviceId);
      await (kept.length === 0 ? left : left.where('rule_id', 'not in', kept)).execute();
      const check = { basis: device.basis, checked_at: now, reason: reason === null ? null : JSON.stringify(reason) };
      await trx
        .insertInto('compliance_checks')
        .values({ device_id: deviceId, ...check })
        .onConflict((conflict) => conflict.column('device_id').doUpdateSet(check))
        .execute();
    });
  }

  /** What its configuration says. One that cannot be read says nothing: `reason` tells a person why. */
  #read({ deviceId, driver, sealed, backupId }: DueDevice): {
    readonly facts: ConfigurationFacts | null;
    readonly reason: Said | null;
  } {
    let text;
    try {
      text = this.#sealer.open(sealed, backupId);
      return { facts: this.#facts(driver, text), reason: null };
    } catch (error) {
      const what = 'the configuration of a device could not be read to be judged';
      this.#logger.error({ err: error, device: deviceId, backup: backupId }, what);
      return { facts: null, reason: saidOf(text === undefined ? unopened() : unread()) };
    }
  }
}

function unopened(): ArungError {
  return new ArungError(
    'conflict',
    'The configuration that is kept of it does not open: it was changed where it lies, or sealed with another key. What it says is known again when it is fetched anew.',
    { code: 'compliance.unopened' },
  );
}

function unread(): ArungError {
  return new ArungError('unavailable', 'Arung has failed at reading its configuration: the log of Arung says where.', {
    code: 'compliance.unread',
  });
}

/** Changes when what rules ask changes. */
function rulesName(rules: readonly ComplianceRule[]): string {
  const asked = rules.map(({ id, kind, settings }) => [id, kind, Object.entries(settings).sort()]);
  // What judges has changed when this number has.
  return createHash('sha256')
    .update(JSON.stringify([1, asked]))
    .digest('hex')
    .slice(0, 16);
}
