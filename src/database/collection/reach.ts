import { sql, type Kysely, type RawBuilder, type SqlBool } from 'kysely';
import { withinScope } from '../scope.ts';
import type { Database } from '../tables.ts';
import { scopeFor, type Access, type Permission, type Scope } from '../../domain/access.ts';
import { ArungError } from '../../domain/errors.ts';

/** How far somebody reaches: what a query may return to them, or what they may write. */
export interface Reach {
  readonly scope: Scope;
  readonly writing: boolean;
  /** Who made a thing that lies nowhere yet may go on with it. */
  readonly creator: string;
}

export function reachOf(access: Access, permission: Permission): Reach {
  return {
    scope: scopeFor(access, permission),
    writing: permission === 'inventory.write' || permission === 'alerting.write' || permission === 'credential.manage',
    creator: creatorOf(access),
  };
}

export function creatorOf(access: Access): string {
  return access.id ?? access.name;
}

/** Everything: for the program's own look at a row, never for a reader. */
export const everywhere: Reach = { scope: 'everywhere', writing: false, creator: '' };

/**
 * The condition for things that many sites share (a calendar, a contact, a credential, a duct). They may be read by who
 * may read one of their users, and written only by who may write all of them. `users` is the tail of a query over the
 * users, from `from` on, in which `regions` is joined: `from sites join regions on … where sites.calendar_id = …`.
 */
export function sharedWithin(users: RawBuilder<unknown>, createdBy: string, reach: Reach): RawBuilder<SqlBool> {
  if (reach.scope === 'everywhere') return sql<SqlBool>`true`;
  const inside = withinScope('regions.code', reach.scope);
  const mine = sql<SqlBool>`${sql.ref(createdBy)} = ${reach.creator}`;
  const used = sql<SqlBool>`exists (select 1 ${users} and ${inside})`;
  if (!reach.writing) return sql<SqlBool>`(${used} or ${mine})`;
  const foreign = sql<SqlBool>`exists (select 1 ${users} and not ${inside})`;
  return sql<SqlBool>`((${used} or ${mine}) and not ${foreign})`;
}

/** The condition that a text contains what somebody typed, whatever the case; `%` and `_` are plain characters. */
export function contains(column: string, typed: string): RawBuilder<SqlBool> {
  return sql<SqlBool>`${sql.ref(column)} ilike ${'%' + likeLiteral(typed) + '%'}`;
}

export function likeLiteral(typed: string): string {
  return typed.replaceAll('\0', '').replace(/[\\%_]/g, '\\$&');
}

/** Who uses a calendar, a contact, a credential or a shared risk: the tails that `sharedWithin` asks for. */
export const usersOf = {
  calendars: sql`from sites join regions on regions.id = sites.region_id where sites.calendar_id = calendars.id`,
  contacts: sql`from site_contacts join sites on sites.id = site_contacts.site_id
    join regions on regions.id = sites.region_id where site_contacts.contact_id = contacts.id`,
  credentials: sql`from devices join sites on sites.id = devices.site_id
    join regions on regions.id = sites.region_id where credentials.id in (devices.credential_id, devices.management_credential_id)`,
  shared_risks: sql`from (
      select shared_risk_id, site_id from shared_risk_sites
      union all
      select shared_risk_id, devices.site_id from shared_risk_links
      join link_ends using (link_id) join interfaces on interfaces.id = link_ends.interface_id
      join devices on devices.id = interfaces.device_id
    ) members join sites on sites.id = members.site_id
    join regions on regions.id = sites.region_id where members.shared_risk_id = shared_risks.id`,
} as const;

/** Refuses references to shared things that the writer cannot see: an id of a stranger must not open a way to it. */
export async function requireShared(
  db: Kysely<Database>,
  access: Access,
  references: {
    table: keyof typeof usersOf;
    ids: readonly string[];
    noun: 'calendar' | 'contact' | 'credential' | 'shared risk';
    field: string;
  },
): Promise<void> {
  const { table, ids, noun, field } = references;
  if (ids.length === 0) return;
  const reach: Reach = { ...reachOf(access, 'inventory.write'), writing: false };
  const found = await sql<{ id: string }>`select id::text from ${sql.table(table)}
    where id = any(${[...ids]}::uuid[]) and ${sharedWithin(usersOf[table], `${table}.created_by`, reach)}`.execute(db);
  const missing = ids.find((id) => !found.rows.some((row) => row.id === id));
  if (missing === undefined) return;
  const message = `There is no ${noun} with the id ${missing} in your regions.`;
  const code = `${noun.replaceAll(' ', '-')}.not-found`;
  throw new ArungError('invalid', message, {
    code,
    arguments: { key: missing },
    details: [{ message, code, field, arguments: { key: missing } }],
  });
}
