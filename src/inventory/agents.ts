import { sql, type Kysely, type SqlBool } from 'kysely';
import { Type, type Static } from 'typebox';
import { withinScope } from '../database/scope.ts';
import type { Database } from '../database/tables.ts';
import type { Access } from '../domain/access.ts';
import { ArungError } from '../domain/errors.ts';
import { isId, type AgentId, type CredentialId, type DeviceId } from '../domain/ids.ts';
import type { Change } from '../database/collection/changes.ts';
import { Collection, type Kept } from '../database/collection/collection.ts';
import { readPage, type Page, type PageRequest } from '../database/collection/paging.ts';
import { everywhere, reachOf, type Reach } from '../database/collection/reach.ts';

/** The process that talks to devices: `local` is inside the controller. */
export const AgentRecord = Type.Object({
  id: Type.Unsafe<AgentId>(Type.String()),
  name: Type.String({ minLength: 1, maxLength: 60, pattern: '^[A-Za-z0-9][A-Za-z0-9._-]*$', examples: ['local'] }),
  /** The devices it is plugged into: reachability starts there. */
  attachedTo: Type.Array(Type.Unsafe<DeviceId>(Type.String())),
  /** Of kind mqtt: what it signs in with at the broker. */
  credentialId: Type.Union([Type.Unsafe<CredentialId>(Type.String()), Type.Null()]),
  /** How many devices it reads, in the reader's regions. */
  devices: Type.Integer(),
});
export type AgentRecord = Static<typeof AgentRecord>;

export const AgentDraft = Type.Object(
  {
    name: AgentRecord.properties.name,
    attachedTo: Type.Optional(AgentRecord.properties.attachedTo),
    credentialId: Type.Optional(AgentRecord.properties.credentialId),
  },
  { additionalProperties: false },
);
export type AgentDraft = Static<typeof AgentDraft>;

/** Agents belong to no region: who may write everywhere writes them; a reader sees those of their own devices. */
export class Agents extends Collection<AgentRecord, AgentDraft> {
  protected readonly noun = 'agent';

  async list(access: Access, request: { page?: PageRequest } = {}): Promise<Page<AgentRecord>> {
    const reach = reachOf(access, this.readPermission);
    const query = selectAgents(this.db, reach).where(within(reach));
    const sort = { name: 'name', by: sql.ref('agents.name'), type: 'text' } as const;
    return readPage(query, { id: sql.ref('agents.id'), sort, page: request.page ?? {} });
  }

  protected async find(db: Kysely<Database>, key: string, reach: Reach): Promise<Kept<AgentRecord> | null> {
    const row = await selectAgents(db, reach)
      .select('agents.version')
      .where(sql<SqlBool>`${key} in (agents.id::text, agents.name)`)
      .where(within(reach))
      .executeTakeFirst();
    if (row === undefined) return null;
    const { version, ...entity } = row;
    return { entity, name: entity.name, regionCode: null, version };
  }

  protected async lock(change: Change, id: AgentId): Promise<void> {
    await change.trx.selectFrom('agents').select('id').where('id', '=', id).forUpdate().execute();
  }

  protected async insert(change: Change, id: AgentId, draft: AgentDraft): Promise<void> {
    const credentialId = await mqttCredential(change, draft.credentialId);
    await change.trx
      .insertInto('agents')
      .values({ id, name: draft.name, credential_id: credentialId ?? null })
      .execute();
    await writeAttachments(change, id, draft.attachedTo);
  }

  protected async write(change: Change, before: AgentRecord, patch: Partial<AgentDraft>): Promise<void> {
    if (before.name === 'local' && patch.name !== undefined && patch.name !== 'local') throw localStays();
    const name = patch.name ?? before.name;
    const credentialId = await mqttCredential(change, patch.credentialId);
    await change.trx
      .updateTable('agents')
      .set({ name, ...(credentialId === undefined ? {} : { credential_id: credentialId }), version: sql`version + 1` })
      .where('id', '=', before.id)
      .execute();
    await writeAttachments(change, before.id, patch.attachedTo);
  }

  protected async erase(change: Change, entity: AgentRecord): Promise<void> {
    if (entity.name === 'local') throw localStays();
    await change.trx.deleteFrom('agents').where('id', '=', entity.id).execute();
  }
}

function localStays(): ArungError {
  return new ArungError('conflict', 'The agent local is part of the controller: it keeps its name and stays.', {
    code: 'agent.local-stays',
  });
}

/** The credential as it was given; only one of kind mqtt opens the broker. */
async function mqttCredential(change: Change, id: CredentialId | null | undefined) {
  if (id === null || id === undefined) return id;
  const isThere = isId(id)
    ? await change.trx
        .selectFrom('credentials')
        .select('id')
        .where('id', '=', id)
        .where('kind', '=', 'mqtt')
        .executeTakeFirst()
    : undefined;
  if (isThere !== undefined) return id;
  const message = 'There is no credential of kind mqtt with this id: make one for this agent first.';
  throw new ArungError('invalid', message, {
    code: 'agent.no-such-credential',
    details: [{ message, field: 'credentialId' }],
  });
}

async function writeAttachments(change: Change, id: AgentId, deviceIds: readonly DeviceId[] | undefined) {
  if (deviceIds === undefined) return;
  await change.trx.deleteFrom('agent_attachments').where('agent_id', '=', id).execute();
  const rows = [...new Set(deviceIds)].map((deviceId) => ({ agent_id: id, device_id: deviceId }));
  if (rows.length > 0) await change.trx.insertInto('agent_attachments').values(rows).execute();
}

function within(reach: Reach) {
  if (reach.scope === 'everywhere' || reach === everywhere) return sql<SqlBool>`true`;
  if (reach.writing) return sql<SqlBool>`false`;
  return sql<SqlBool>`exists (select 1 from devices join sites on sites.id = devices.site_id
    join regions on regions.id = sites.region_id
    where devices.agent_id = agents.id and ${withinScope('regions.code', reach.scope)})`;
}

function selectAgents(db: Kysely<Database>, reach: Reach) {
  return db.selectFrom('agents').select([
    'agents.id as id',
    'agents.name as name',
    'agents.credential_id as credentialId',
    sql<DeviceId[]>`array(select device_id::text from agent_attachments
        join devices on devices.id = device_id join sites on sites.id = devices.site_id
        join regions on regions.id = sites.region_id
        where agent_attachments.agent_id = agents.id and ${withinScope('regions.code', reach.scope)}
        order by device_id)`.as('attachedTo'),
    sql<number>`(select count(*)::int from devices join sites on sites.id = devices.site_id
        join regions on regions.id = sites.region_id
        where devices.agent_id = agents.id and ${withinScope('regions.code', reach.scope)})`.as('devices'),
  ]);
}
