import { sql, type Kysely, type SqlBool } from 'kysely';
import { Type, type Static } from 'typebox';
import { withinScope } from '../database/scope.ts';
import type { Database } from '../database/tables.ts';
import type { Access, Permission } from '../domain/access.ts';
import { Credential, type CredentialKind } from '../domain/device.ts';
import type { CredentialId } from '../domain/ids.ts';
import type { Change, Changes } from '../database/collection/changes.ts';
import { Collection, givenFields, type Kept } from '../database/collection/collection.ts';
import type { SecretSealer } from './collaborators.ts';
import { readPage, type Page, type PageRequest } from '../database/collection/paging.ts';
import { contains, creatorOf, reachOf, sharedWithin, usersOf, type Reach } from '../database/collection/reach.ts';
import { CredentialSecretInput, secretFrom } from './secrets.ts';

/** A credential without its secret, and whether it has one. */
export interface CredentialRecord extends Credential {
  readonly hasSecret: boolean;
  /** How many devices use it, in the reader's regions. */
  readonly devices: number;
}

export const CredentialDraft = Type.Object(
  {
    name: Credential.properties.name,
    kind: Credential.properties.kind,
    user: Type.Optional(Credential.properties.user),
    secret: Type.Optional(CredentialSecretInput),
  },
  { additionalProperties: false },
);
export type CredentialDraft = Static<typeof CredentialDraft>;

/** What opens the devices. Secrets go in and never come out but to a socket of the polling engine. */
export class Credentials extends Collection<CredentialRecord, CredentialDraft> {
  protected readonly noun = 'credential';
  /** Whoever writes devices must be able to choose among them; names and kinds are no secret to them. */
  protected override readonly readPermission: Permission = 'inventory.write';
  protected override readonly writePermission: Permission = 'credential.manage';
  readonly #sealer: SecretSealer;

  constructor(options: { readonly db: Kysely<Database>; readonly changes: Changes; readonly sealer: SecretSealer }) {
    super(options);
    this.#sealer = options.sealer;
  }

  async list(
    access: Access,
    request: { q?: string | undefined; kind?: CredentialKind | undefined; page?: PageRequest } = {},
  ): Promise<Page<CredentialRecord>> {
    const reach = asReader(reachOf(access, this.readPermission));
    let query = selectCredentials(this.db, reach).where(within(reach));
    if (request.q !== undefined) query = query.where(contains('credentials.name', request.q));
    if (request.kind !== undefined) query = query.where('credentials.kind', '=', request.kind);
    const sort = { name: 'name', by: sql`lower(credentials.name)`, type: 'text' } as const;
    return readPage(query, { id: sql.ref('credentials.id'), sort, page: request.page ?? {} });
  }

  override async get(access: Access, key: string): Promise<Kept<CredentialRecord>> {
    const kept = await this.find(this.db, key, asReader(reachOf(access, this.readPermission)));
    if (kept === null) throw this.notFound(key);
    return kept;
  }

  protected async find(db: Kysely<Database>, key: string, reach: Reach): Promise<Kept<CredentialRecord> | null> {
    const row = await selectCredentials(db, reach)
      .select('credentials.version')
      .where(sql<SqlBool>`${key} in (credentials.id::text, credentials.name)`)
      .where(within(reach))
      .executeTakeFirst();
    if (row === undefined) return null;
    const { version, ...entity } = row;
    return { entity, name: entity.name, regionCode: null, version };
  }

  protected async lock(change: Change, id: CredentialId): Promise<void> {
    await change.trx.selectFrom('credentials').select('id').where('id', '=', id).forUpdate().execute();
  }

  protected async insert(change: Change, id: CredentialId, draft: CredentialDraft): Promise<void> {
    await change.trx
      .insertInto('credentials')
      .values({
        id,
        name: draft.name,
        kind: draft.kind,
        user: draft.user ?? '',
        secret: this.#sealed(id, draft.kind, draft.user ?? '', draft.secret),
        created_by: creatorOf(change.access),
      })
      .execute();
  }

  protected async write(change: Change, before: CredentialRecord, patch: Partial<CredentialDraft>): Promise<void> {
    const kind = patch.kind ?? before.kind;
    const user = patch.user ?? before.user;
    const secret = this.#sealed(before.id, kind, user, patch.secret);
    // A secret of one kind is none of another.
    const kindChanged = kind !== before.kind && secret === null;
    const fields = givenFields({
      name: patch.name,
      kind: patch.kind,
      user: patch.user,
      secret: secret ?? (kindChanged ? null : undefined),
    });
    await change.trx
      .updateTable('credentials')
      .set({ ...fields, version: sql`version + 1` })
      .where('id', '=', before.id)
      .execute();
    if (secret !== null) {
      change.record({
        action: 'replace-secret',
        entityKind: 'credential',
        entityId: before.id,
        entityName: patch.name ?? before.name,
        before: null,
        after: null,
        regionCode: null,
      });
    }
  }

  protected async erase(change: Change, entity: CredentialRecord): Promise<void> {
    await change.trx.deleteFrom('credentials').where('id', '=', entity.id).execute();
  }

  #sealed(id: CredentialId, kind: CredentialKind, user: string, input: CredentialSecretInput | undefined) {
    if (input === undefined) return null;
    return this.#sealer.seal(JSON.stringify(secretFrom(kind, user, input)), id);
  }
}

function asReader(reach: Reach): Reach {
  return { ...reach, writing: false };
}

function within(reach: Reach) {
  return sharedWithin(usersOf.credentials, 'credentials.created_by', reach);
}

function selectCredentials(db: Kysely<Database>, reach: Reach) {
  return db
    .selectFrom('credentials')
    .select([
      'credentials.id as id',
      'credentials.name as name',
      'credentials.kind as kind',
      'credentials.user as user',
      sql<boolean>`credentials.secret is not null`.as('hasSecret'),
      sql<number>`(select count(*)::int ${usersOf.credentials} and ${withinScope('regions.code', reach.scope)})`.as(
        'devices',
      ),
    ]);
}
