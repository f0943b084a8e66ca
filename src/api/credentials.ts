import { Type, type Static } from 'typebox';
import { Credential, credentialKinds } from '../domain/device.ts';
import { CredentialDraft, type CredentialRecord, type Credentials } from '../inventory/credentials.ts';
import { getRoute, listRoute, writeRoutes } from './collection-routes.ts';
import { PageQuery, Text } from './inventory-schemas.ts';
import type { RouteGroup } from './routes.ts';

const CredentialShape = Type.Object({
  ...Credential.properties,
  hasSecret: Type.Boolean(),
  /** Devices that use it, in the reader's regions. */
  devices: Type.Integer(),
});

const words = {
  path: '/credentials',
  tag: 'credentials',
  noun: 'credential',
  keyIs: 'id or name',
  read: 'inventory.write',
  write: 'credential.manage',
} as const;
const query = Type.Object({ ...PageQuery, q: Text, kind: Type.Optional(Type.Enum([...credentialKinds])) });

/** What opens the devices. A secret is taken and never given. */
export function credentialRoutes(credentials: Credentials): RouteGroup {
  const toView = (credential: CredentialRecord) => credential;
  return (app) => {
    listRoute(app, words, {
      view: CredentialShape,
      query,
      description: 'Names and kinds, for who writes devices; never the secret.',
      list: (access, { q, kind, ...page }: Static<typeof query>) => credentials.list(access, { q, kind, page }),
    });
    getRoute(app, words, { view: CredentialShape, collection: credentials, toView });
    writeRoutes(app, words, {
      view: CredentialShape,
      draft: CredentialDraft,
      collection: credentials,
      toView,
      example: { name: 'snmp-bone', kind: 'snmp-v2c', secret: 'the community' },
    });
  };
}
