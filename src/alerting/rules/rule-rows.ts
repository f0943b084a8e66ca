import { sql, type Kysely, type SqlBool, type Transaction } from 'kysely';
import { withinScope } from '../../database/scope.ts';
import type { Database } from '../../database/tables.ts';
import type { Access, Scope } from '../../domain/access.ts';
import type { AlertRule } from '../../domain/alert-rule.ts';
import { builtInRule, builtInRules } from './built-in.ts';

/** `changed`: a built-in one that somebody changed. */
export type RuleOrigin = 'built-in' | 'changed' | 'own';
/** Who owns a rule that a file on the controller's machine provides: nobody else may change it. */
export const managedByFile = 'file';

export interface KnownRule {
  readonly rule: AlertRule;
  readonly origin: RuleOrigin;
  /** `console`, `import`, `file`. */
  readonly managedBy: string;
  /** 0: built in. */
  readonly version: number;
}

export interface RuleChange {
  readonly trx: Transaction<Database>;
  record(entry: {
    readonly action: string;
    readonly entityKind: string;
    readonly entityId: string | null;
    readonly entityName: string;
    readonly before: unknown;
    readonly after: unknown;
    readonly regionCode: string | null;
  }): void;
}

export function builtIn(rule: AlertRule): KnownRule {
  return { rule, origin: 'built-in', managedBy: 'arung', version: 0 };
}

export async function readRules(db: Kysely<Database>, scope: Scope): Promise<readonly KnownRule[]> {
  const rows = await db
    .selectFrom('alert_rules')
    .select(['key', 'definition', 'managed_by', 'version'])
    .where(holdsWithin(scope))
    .execute();
  const kept = new Map(rows.map((row) => [row.key, keptRule(row)]));
  const others = builtInRules.filter(({ key }) => !kept.has(key)).map(builtIn);
  return [...kept.values(), ...others].sort((a, b) => (a.rule.key < b.rule.key ? -1 : 1));
}

/** Of rules that name no region, or one that lies in the scope or around it. */
function holdsWithin(scope: Scope) {
  if (scope === 'everywhere') return sql<SqlBool>`true`;
  const around = scope.regionCodes.map((code) => sql<SqlBool>`${code} like named.code || '.%'`);
  const inside = withinScope(sql.ref('named.code'), scope);
  const regions = sql`definition->'scope'->'regions'`;
  return sql<SqlBool>`(coalesce(jsonb_array_length(${regions}), 0) = 0 or exists (
    select 1 from jsonb_array_elements_text(${regions}) as named(code)
    where ${sql.join([inside, ...around], sql` or `)}))`;
}

interface RuleRow {
  readonly key: string;
  readonly definition: AlertRule;
  readonly managed_by: string;
  readonly version: number;
}

function keptRule({ key, definition, managed_by, version }: RuleRow): KnownRule {
  const origin = builtInRule(key) === null ? 'own' : 'changed';
  return { rule: definition, origin, managedBy: managed_by, version };
}

/** The rule as it is, locked until the end of the transaction; null where there is none. */
export async function lockRule(trx: Transaction<Database>, key: string): Promise<KnownRule | null> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${'rule ' + key}, 0))`.execute(trx);
  const row = await trx
    .selectFrom('alert_rules')
    .select(['key', 'definition', 'managed_by', 'version'])
    .where('key', '=', key)
    .executeTakeFirst();
  if (row !== undefined) return keptRule(row);
  const rule = builtInRule(key);
  return rule === null ? null : builtIn(rule);
}

export async function writeRule(
  change: RuleChange,
  before: KnownRule | null,
  rule: AlertRule,
  managedBy: string,
  access: Access,
): Promise<void> {
  const definition = JSON.stringify(rule);
  await change.trx
    .insertInto('alert_rules')
    .values({ key: rule.key, definition, managed_by: managedBy, created_by: access.id ?? access.name })
    .onConflict((conflict) =>
      conflict.column('key').doUpdateSet({ definition, managed_by: managedBy, version: sql`alert_rules.version + 1` }),
    )
    .execute();
  const entry = { entityKind: 'alert-rule', entityId: null, entityName: rule.key, regionCode: regionOf(rule) };
  change.record({ ...entry, action: before === null ? 'create' : 'update', before: before?.rule ?? null, after: rule });
}

export async function eraseRule(change: RuleChange, { rule }: KnownRule): Promise<void> {
  await change.trx.deleteFrom('alert_rules').where('key', '=', rule.key).execute();
  const entry = { entityKind: 'alert-rule', entityId: null, entityName: rule.key, regionCode: regionOf(rule) };
  change.record({ ...entry, action: 'remove', before: rule, after: builtInRule(rule.key) });
}

/** Where a rule is of one region only, its changes are read by who reads that region. */
function regionOf({ scope }: AlertRule): string | null {
  return scope.regions?.length === 1 ? (scope.regions[0] ?? null) : null;
}
