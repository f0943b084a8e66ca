import { sql, type Kysely, type SqlBool } from 'kysely';
import { Type, type Static } from 'typebox';
import type { Database } from '../database/tables.ts';
import type { Access } from '../domain/access.ts';
import type { ContactId } from '../domain/ids.ts';
import { Contact } from '../domain/site.ts';
import type { Change } from '../database/collection/changes.ts';
import { Collection, givenFields, type Kept } from '../database/collection/collection.ts';
import { readPage, type Page, type PageRequest } from '../database/collection/paging.ts';
import { contains, creatorOf, reachOf, sharedWithin, usersOf, type Reach } from '../database/collection/reach.ts';

export const ContactDraft = Type.Object(
  {
    name: Contact.properties.name,
    role: Type.Optional(Contact.properties.role),
    phone: Type.Optional(Contact.properties.phone),
    email: Type.Optional(Contact.properties.email),
  },
  { additionalProperties: false },
);
export type ContactDraft = Static<typeof ContactDraft>;

/** People at the sites. */
export class Contacts extends Collection<Contact, ContactDraft> {
  protected readonly noun = 'contact';

  async list(
    access: Access,
    request: { q?: string | undefined; site?: string | undefined; page?: PageRequest } = {},
  ): Promise<Page<Contact>> {
    let query = selectContacts(this.db).where(within(reachOf(access, this.readPermission)));
    if (request.q !== undefined) {
      const { q } = request;
      query = query.where(
        sql<SqlBool>`(${contains('contacts.name', q)} or ${contains('contacts.phone', q)} or ${contains('contacts.role', q)})`,
      );
    }
    if (request.site !== undefined) {
      query = query.where(
        sql<SqlBool>`contacts.id in (select contact_id from site_contacts where site_id::text = ${request.site})`,
      );
    }
    const sort = { name: 'name', by: sql`lower(contacts.name)`, type: 'text' } as const;
    return readPage(query, { id: sql.ref('contacts.id'), sort, page: request.page ?? {} });
  }

  protected async find(db: Kysely<Database>, key: string, reach: Reach): Promise<Kept<Contact> | null> {
    const row = await selectContacts(db)
      .select('contacts.version')
      .where(sql<SqlBool>`${key} in (contacts.id::text, contacts.name)`)
      .where(within(reach))
      .executeTakeFirst();
    if (row === undefined) return null;
    const { version, ...entity } = row;
    return { entity, name: entity.name, regionCode: null, version };
  }

  protected async lock(change: Change, id: ContactId): Promise<void> {
    await change.trx.selectFrom('contacts').select('id').where('id', '=', id).forUpdate().execute();
  }

  protected async insert(change: Change, id: ContactId, draft: ContactDraft): Promise<void> {
    await change.trx
      .insertInto('contacts')
      .values({
        id,
        name: draft.name,
        role: draft.role ?? '',
        phone: draft.phone ?? '',
        email: draft.email ?? '',
        created_by: creatorOf(change.access),
      })
      .execute();
  }

  protected async write(change: Change, before: Contact, patch: Partial<ContactDraft>): Promise<void> {
    await change.trx
      .updateTable('contacts')
      .set({ ...givenFields(patch), version: sql`version + 1` })
      .where('id', '=', before.id)
      .execute();
  }

  protected async erase(change: Change, entity: Contact): Promise<void> {
    await change.trx.deleteFrom('contacts').where('id', '=', entity.id).execute();
  }
}

function within(reach: Reach) {
  return sharedWithin(usersOf.contacts, 'contacts.created_by', reach);
}

function selectContacts(db: Kysely<Database>) {
  return db
    .selectFrom('contacts')
    .select([
      'contacts.id as id',
      'contacts.name as name',
      'contacts.role as role',
      'contacts.phone as phone',
      'contacts.email as email',
    ]);
}
