import { sql, type Kysely } from 'kysely';
import type { Database } from '../database/tables.ts';
import { inScope, scopeFor, type Access, type Grant } from '../domain/access.ts';
import { ArungError } from '../domain/errors.ts';
import type { RegionId, UserId } from '../domain/ids.ts';

/** A grant as people read it. */
export interface NamedGrant extends Grant {
  readonly regionName: string | null;
}

/** Grants point at the region's id: a code that changes by decree takes nobody's rights. */
export async function grantsOf(db: Kysely<Database>, userIds: readonly UserId[]): Promise<Map<UserId, NamedGrant[]>> {
  const found = new Map<UserId, NamedGrant[]>(userIds.map((id) => [id, []]));
  if (userIds.length === 0) return found;
  const rows = await db
    .selectFrom('user_grants')
    .leftJoin('regions', 'regions.id', 'user_grants.region_id')
    .select(['user_id', 'role', 'region_id', 'regions.code', 'regions.name'])
    .where('user_id', 'in', userIds)
    .orderBy(sql`regions.code nulls first`)
    .execute();
  for (const row of rows) {
    // A region that is gone takes its grants with it; never read a missing code as `everywhere`.
    if (row.region_id !== null && row.code === null) continue;
    found.get(row.user_id)?.push({ role: row.role, regionCode: row.code, regionName: row.name });
  }
  return found;
}

/** What a user may now; null for one who is not there or was turned off. */
export async function accessOfUser(db: Kysely<Database>, id: UserId): Promise<Access | null> {
  const user = await db.selectFrom('users').select(['name', 'disabled']).where('id', '=', id).executeTakeFirst();
  if (user === undefined || user.disabled) return null;
  const grants = (await grantsOf(db, [id])).get(id) ?? [];
  return { kind: 'user', id, name: user.name, grants };
}

/** The region of a grant that someone wants to give: it must lie where the giver may manage users. */
export async function regionToGrant(
  db: Kysely<Database>,
  giver: Access,
  regionCode: string | null,
): Promise<RegionId | null> {
  if (!mayGrantIn(giver, regionCode)) {
    throw new ArungError(
      'forbidden',
      'You may give rights only in the regions where you manage users: choose one of those.',
      { code: 'grant.outside' },
    );
  }
  if (regionCode === null) return null;
  const region = await db.selectFrom('regions').select('id').where('code', '=', regionCode).executeTakeFirst();
  if (region !== undefined) return region.id;
  throw new ArungError(
    'invalid',
    `There is no region with the code ${regionCode}: import its regency first, or mend the code.`,
    {
      code: 'grant.unknown-region',
      arguments: { code: regionCode },
      details: [{ message: `no region ${regionCode}`, field: 'regionCode' }],
    },
  );
}

export function mayGrantIn(giver: Access, regionCode: string | null): boolean {
  const scope = scopeFor(giver, 'user.manage');
  return scope === 'everywhere' || (regionCode !== null && inScope(scope, regionCode));
}
