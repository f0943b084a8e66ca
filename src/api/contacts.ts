import { Type, type Static } from 'typebox';
import { Contact } from '../domain/site.ts';
import { ContactDraft, type Contacts } from '../inventory/contacts.ts';
import { getRoute, listRoute, writeRoutes } from './collection-routes.ts';
import { PageQuery, Text } from './inventory-schemas.ts';
import type { RouteGroup } from './routes.ts';

const words = { path: '/contacts', tag: 'contacts', noun: 'contact', keyIs: 'id or name' } as const;
const query = Type.Object({
  ...PageQuery,
  q: Text,
  site: Type.Optional(Type.String({ maxLength: 36, description: 'Id of a site.' })),
});

/** People at the sites. */
export function contactRoutes(contacts: Contacts): RouteGroup {
  const toView = (contact: Contact) => contact;
  return (app) => {
    listRoute(app, words, {
      view: Contact,
      query,
      list: (access, { q, site, ...page }: Static<typeof query>) => contacts.list(access, { q, site, page }),
    });
    getRoute(app, words, { view: Contact, collection: contacts, toView });
    writeRoutes(app, words, {
      view: Contact,
      draft: ContactDraft,
      collection: contacts,
      toView,
      example: { name: 'Andi Tenri', role: 'Operator desa', phone: '+62 811 000 000' },
    });
  };
}
