import { sql, type Kysely, type SqlBool } from 'kysely';
import type { Change, Changes } from '../../database/collection/changes.ts';
import type { Database } from '../../database/tables.ts';
import { scopeFor, type Access } from '../../domain/access.ts';
import type { Clock } from '../../domain/clock.ts';
import type { ComplianceRule, ComplianceSettings } from '../../domain/compliance.ts';
import { ArungError } from '../../domain/errors.ts';
import { isId, newId } from '../../domain/ids.ts';
import { findDevice } from '../intent/managed-device.ts';

export interface RuleChange {
  readonly enabled?: boolean | undefined;
  /** Of rules about lines. */
  readonly name?: string | undefined;
  readonly settings?: ComplianceSettings | undefined;
}

export interface ExceptionDraft {
  readonly device: string;
  readonly rule: string;
  readonly reason: string;
  /** Milliseconds since the epoch. */
  readonly until: number;
}

/** Longer than this nobody remembers why. */
const longestExceptionMs = 366 * 86_400_000;

/** Rules of compliance and exceptions from them, as people keep them. */
export class ComplianceBook {
  readonly #db: Kysely<Database>;
  readonly #changes: Changes;
  readonly #clock: Clock;
  readonly #changed: () => void;

  constructor(options: {
    readonly db: Kysely<Database>;
    readonly changes: Changes;
    readonly clock: Clock;
    /** Hears that devices are to be judged anew. */
    readonly changed: () => void;
  }) {
    this.#db = options.db;
    this.#changes = options.changes;
    this.#clock = options.clock;
    this.#changed = options.changed;
  }

  /** All of them, also those that are off; what is built in first. */
  async rules(): Promise<readonly ComplianceRule[]> {
    return this.#db
      .selectFrom('compliance_rules')
      .selectAll()
      .orderBy(sql`kind = 'line', id`)
      .execute();
  }

  /** A rule about a line. Throws `compliance.outside-regions`. */
  async add(
    access: Access,
    draft: { readonly name: string; readonly settings: ComplianceSettings },
    reason?: string,
  ): Promise<ComplianceRule> {
    requireEverywhere(access);
    checkLine(draft.settings);
    const rule = { id: newId<never>() as string, kind: 'line', enabled: true, ...draft } as const;
    return this.#write(access, reason, async (change) => {
      await change.trx
        .insertInto('compliance_rules')
        .values({ ...rule, settings: JSON.stringify(rule.settings) })
        .execute();
      recordRule(change, { action: 'create', rule, before: null, after: rule });
      return rule;
    });
  }

  /** Throws `compliance.no-rule`, `compliance.outside-regions`. */
  async change(access: Access, id: string, fields: RuleChange, reason?: string): Promise<ComplianceRule> {
    requireEverywhere(access);
    return this.#write(access, reason, async (change) => {
      const before = await this.#rule(change, id);
      const name = before.kind === 'line' ? (fields.name ?? before.name) : '';
      const after: ComplianceRule = {
        ...before,
        name,
        enabled: fields.enabled ?? before.enabled,
        settings: fields.settings ?? before.settings,
      };
      if (after.kind === 'line') checkLine(after.settings);
      await change.trx
        .updateTable('compliance_rules')
        .set({ name, enabled: after.enabled, settings: JSON.stringify(after.settings) })
        .where('id', '=', id)
        .execute();
      recordRule(change, { action: 'update', rule: after, before, after });
      return after;
    });
  }

  /** What is built in can only be switched off. Throws `compliance.no-rule`, `compliance.built-in`. */
  async remove(access: Access, id: string, reason?: string): Promise<void> {
    requireEverywhere(access);
    await this.#write(access, reason, async (change) => {
      const before = await this.#rule(change, id);
      if (before.kind !== 'line') {
        throw new ArungError('conflict', 'This rule is built in: switch it off instead.', {
          code: 'compliance.built-in',
        });
      }
      await change.trx.deleteFrom('compliance_rules').where('id', '=', id).execute();
      recordRule(change, { action: 'remove', rule: before, before, after: null });
    });
  }

  /**
   * A device may be wrong about a rule until then. Throws `device.not-found`, `inventory.outside-regions`,
   * `compliance.no-rule`, `compliance.until`.
   */
  async except(access: Access, draft: ExceptionDraft): Promise<string> {
    const now = this.#clock.now();
    if (draft.until <= now || draft.until > now + longestExceptionMs) {
      throw new ArungError('invalid', 'An exception ends within a year from now: choose another end.', {
        code: 'compliance.until',
      });
    }
    return this.#changes.run(access, draft.reason, async (change) => {
      const device = await findDevice(change.trx, access, draft.device, 'provisioning.write');
      const rule = await this.#rule(change, draft.rule);
      const fields = {
        reason: draft.reason,
        until: new Date(draft.until),
        created_at: new Date(now),
        created_by: access.name,
      };
      const { id } = await change.trx
        .insertInto('compliance_exceptions')
        .values({ id: newId<never>() as string, device_id: device.id, rule_id: rule.id, ...fields })
        .onConflict((conflict) => conflict.columns(['device_id', 'rule_id']).doUpdateSet(fields))
        .returning('id')
        .executeTakeFirstOrThrow();
      change.record({
        action: 'except',
        entityKind: 'compliance-rule',
        entityId: rule.id,
        entityName: rule.name === '' ? rule.kind : rule.name,
        before: null,
        after: { device: device.name, until: fields.until.toISOString() },
        regionCode: device.regionCode,
      });
      return id;
    });
  }

  /** Throws `compliance.no-exception`, `inventory.outside-regions`. */
  async endException(access: Access, id: string, reason?: string): Promise<void> {
    await this.#changes.run(access, reason, async (change) => {
      const row = isId(id)
        ? await change.trx
            .selectFrom('compliance_exceptions')
            .innerJoin('compliance_rules', 'compliance_rules.id', 'compliance_exceptions.rule_id')
            .select(['compliance_exceptions.device_id', 'compliance_exceptions.rule_id', 'kind', 'name'])
            .where('compliance_exceptions.id', '=', id)
            .executeTakeFirst()
        : undefined;
      if (row === undefined) {
        throw new ArungError('not-found', `There is no exception ${id}.`, {
          code: 'compliance.no-exception',
          arguments: { key: id },
        });
      }
      const device = await findDevice(change.trx, access, row.device_id, 'provisioning.write');
      await change.trx.deleteFrom('compliance_exceptions').where('id', '=', id).execute();
      change.record({
        action: 'end-exception',
        entityKind: 'compliance-rule',
        entityId: row.rule_id,
        entityName: row.name === '' ? row.kind : row.name,
        before: { device: device.name },
        after: null,
        regionCode: device.regionCode,
      });
    });
  }

  async #write<T>(access: Access, reason: string | undefined, work: (change: Change) => Promise<T>): Promise<T> {
    const done = await this.#changes.run(access, reason, work);
    this.#changed();
    return done;
  }

  async #rule({ trx }: Change, id: string): Promise<ComplianceRule> {
    const row = await trx
      .selectFrom('compliance_rules')
      .selectAll()
      .where(sql<SqlBool>`id::text = ${id}`)
      .executeTakeFirst();
    if (row !== undefined) return row;
    throw new ArungError('not-found', `There is no rule ${id}.`, {
      code: 'compliance.no-rule',
      arguments: { key: id },
    });
  }
}

/** A rule is about every device there is. */
function requireEverywhere(access: Access): void {
  if (scopeFor(access, 'provisioning.write') === 'everywhere') return;
  throw new ArungError(
    'forbidden',
    'Rules hold for the whole network: only who may configure all of it changes them.',
    {
      code: 'compliance.outside-regions',
    },
  );
}

function checkLine({ text = '' }: ComplianceSettings): void {
  if (text.replace(/[*?\s]/g, '') !== '') return;
  throw new ArungError('invalid', 'A rule about a line needs a line: write what it looks like.', {
    code: 'compliance.no-line',
  });
}

function recordRule(
  change: Change,
  of: {
    readonly action: string;
    readonly rule: ComplianceRule;
    readonly before: ComplianceRule | null;
    readonly after: ComplianceRule | null;
  },
): void {
  const { action, rule, before, after } = of;
  change.record({
    action,
    entityKind: 'compliance-rule',
    entityId: rule.id,
    entityName: rule.name === '' ? rule.kind : rule.name,
    before,
    after,
    regionCode: null,
  });
}
