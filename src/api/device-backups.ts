import { Type } from 'typebox';
import type { BackupStore, BackupVersion } from '../provisioning/backups/backup-store.ts';
import { KeyParameter, PageOf, PageQuery, Text } from './inventory-schemas.ts';
import type { RouteGroup } from './routes.ts';

const read = { permission: 'provisioning.read' } as const;
const tags = ['device backups'];
const Moment = Type.String({ format: 'date-time' });
const fields = {
  id: Type.String(),
  deviceId: Type.String(),
  device: Type.String({ examples: ['rtr-kahu-01'] }),
  version: Type.String(),
  firstAt: Moment,
  lastAt: Moment,
};

/** `/api/v1/device-backups`: configurations as devices export them, without their secrets. */
export function deviceBackupRoutes(store: BackupStore): RouteGroup {
  return (app) => {
    app.get(
      '/device-backups',
      {
        config: read,
        schema: {
          tags,
          summary: 'List the configurations of devices',
          description: 'Each different one of a device once, the newest first. `q` finds what a configuration shows.',
          querystring: Type.Object({ ...PageQuery, device: Type.Optional(KeyParameter.properties.key), q: Text }),
          response: { 200: PageOf(Type.Object(fields)) },
        },
      },
      async (request) => {
        const { device, q, ...page } = request.query;
        const found = await store.list(request.access, { device, q, page });
        return { items: found.items.map(viewOf), next: found.next };
      },
    );
    app.get(
      '/device-backups/:key',
      {
        config: read,
        schema: {
          tags,
          summary: 'Read a configuration',
          description: 'Secrets are masked.',
          params: KeyParameter,
          response: { 200: Type.Object({ ...fields, text: Type.String() }) },
        },
      },
      async (request) => {
        const { text, ...version } = await store.masked(request.access, request.params.key);
        return { ...viewOf(version), text };
      },
    );
  };
}

function viewOf({ firstAt, lastAt, ...version }: BackupVersion) {
  return { ...version, firstAt: new Date(firstAt).toISOString(), lastAt: new Date(lastAt).toISOString() };
}
