import { sql, type Kysely, type SqlBool } from 'kysely';
import { Type, type Static } from 'typebox';
import type { Change } from '../../database/collection/changes.ts';
import { Collection, givenFields, type Kept } from '../../database/collection/collection.ts';
import { readPage, type Page, type PageRequest } from '../../database/collection/paging.ts';
import { contains, creatorOf, reachOf, type Reach } from '../../database/collection/reach.ts';
import type { Database } from '../../database/tables.ts';
import type { Access } from '../../domain/access.ts';
import type { TeamId } from '../../domain/ids.ts';
import { Team } from '../../domain/person.ts';
import { teamsWithin } from './scopes.ts';

export const TeamDraft = Type.Object(
  { name: Team.properties.name, escalateAfterS: Type.Optional(Team.properties.escalateAfterS) },
  { additionalProperties: false },
);
export type TeamDraft = Static<typeof TeamDraft>;

/** People who stand in for each other, and how long they wait before the next level is told. */
export class Teams extends Collection<Team, TeamDraft> {
  protected readonly noun = 'team';
  protected override readonly readPermission = 'people.read';
  protected override readonly writePermission = 'alerting.write';

  async list(access: Access, request: { q?: string | undefined; page?: PageRequest } = {}): Promise<Page<Team>> {
    let query = selectTeams(this.db).where(teamsWithin(reachOf(access, this.readPermission)));
    if (request.q !== undefined) query = query.where(contains('teams.name', request.q));
    const sort = { name: 'name', by: sql`lower(teams.name)`, type: 'text' } as const;
    return readPage(query, { id: sql.ref('teams.id'), sort, page: request.page ?? {} });
  }

  protected async find(db: Kysely<Database>, key: string, reach: Reach): Promise<Kept<Team> | null> {
    const row = await selectTeams(db)
      .select('teams.version')
      .where(sql<SqlBool>`${key} in (teams.id::text, teams.name)`)
      .where(teamsWithin(reach))
      .executeTakeFirst();
    if (row === undefined) return null;
    const { version, ...entity } = row;
    return { entity, name: entity.name, regionCode: null, version };
  }

  protected async lock(change: Change, id: TeamId): Promise<void> {
    await change.trx.selectFrom('teams').select('id').where('id', '=', id).forUpdate().execute();
  }

  protected async insert(change: Change, id: TeamId, draft: TeamDraft): Promise<void> {
    await change.trx
      .insertInto('teams')
      .values({
        id,
        name: draft.name,
        ...(draft.escalateAfterS !== undefined && { escalate_after_s: draft.escalateAfterS }),
        created_by: creatorOf(change.access),
      })
      .execute();
  }

  protected async write(change: Change, before: Team, patch: Partial<TeamDraft>): Promise<void> {
    const fields = givenFields({ name: patch.name, escalate_after_s: patch.escalateAfterS });
    await change.trx
      .updateTable('teams')
      .set({ ...fields, version: sql`version + 1` })
      .where('id', '=', before.id)
      .execute();
  }

  protected async erase(change: Change, entity: Team): Promise<void> {
    await change.trx.deleteFrom('teams').where('id', '=', entity.id).execute();
  }
}

function selectTeams(db: Kysely<Database>) {
  return db
    .selectFrom('teams')
    .select(['teams.id as id', 'teams.name as name', 'teams.escalate_after_s as escalateAfterS']);
}
