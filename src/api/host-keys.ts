import { Type } from 'typebox';
import { reasonOf } from '../domain/reason.ts';
import type { HostKey, HostKeyStore } from '../provisioning/host-keys/host-key-store.ts';
import { KeyParameter, PageOf, PageQuery } from './inventory-schemas.ts';
import type { RouteGroup } from './routes.ts';

const read = { permission: 'provisioning.read' } as const;
const write = { permission: 'provisioning.write' } as const;
const tags = ['device host keys'];

const Fingerprint = Type.String({
  pattern: '^SHA256:[A-Za-z0-9+/]{43}$',
  description: 'As OpenSSH shows it: `ssh-keygen -lf` of the device’s public key.',
  examples: ['SHA256:jdwqrDmZ2HhxWNwI8SAr7ZEYBHkk3gHcxAmUG0FMLp4'],
});

const HostKeyView = Type.Object({
  deviceId: Type.String(),
  device: Type.String({ examples: ['sw-kahu-01'] }),
  fingerprint: Fingerprint,
  pinned: Type.Boolean({ description: 'A person said so; otherwise it is the one that was met first.' }),
  since: Type.String({ format: 'date-time' }),
  offered: Type.Union(
    [Type.Object({ fingerprint: Fingerprint, at: Type.String({ format: 'date-time' }) }), Type.Null()],
    {
      description: 'Another key that it has shown last: nothing was sent to it. Null where it shows the known one.',
    },
  ),
});

/** `/api/v1/device-host-keys` and `/api/v1/devices/{key}/host-key`: the SSH keys that devices are known by. */
export function hostKeyRoutes(store: HostKeyStore): RouteGroup {
  return (app) => {
    app.get(
      '/device-host-keys',
      {
        config: read,
        schema: {
          tags,
          summary: 'List the SSH host keys of devices',
          querystring: Type.Object({
            ...PageQuery,
            changed: Type.Optional(Type.Boolean({ description: 'Those of devices that show another key now.' })),
          }),
          response: { 200: PageOf(HostKeyView) },
        },
      },
      async (request) => {
        const { changed, ...page } = request.query;
        const { items, next } = await store.list(request.access, { changed, page });
        return { items: items.map(viewOf), next };
      },
    );
    app.post(
      '/devices/:key/host-key/accept',
      {
        config: { permission: 'credential.manage' },
        schema: {
          tags,
          summary: 'Take the key that a device has shown last as its own',
          description:
            'It was replaced, or its key was made anew, and somebody has made sure of that. Audited with the reason.',
          params: KeyParameter,
          body: Type.Object(
            {
              fingerprint: Fingerprint,
              reason: Type.String({
                minLength: 5,
                maxLength: 400,
                pattern: '^[^\\u0000]*$',
                examples: ['Sakelar diganti'],
              }),
            },
            { additionalProperties: false },
          ),
          response: { 200: HostKeyView },
        },
      },
      async (request) => {
        const { fingerprint, reason } = request.body;
        const said = { fingerprint, reason: reasonOf(reason, 'reason') };
        return viewOf(await store.accept(request.access, request.params.key, said));
      },
    );
    app.get(
      '/devices/:key/host-key',
      {
        config: read,
        schema: {
          tags,
          summary: 'Read the SSH host key of a device',
          description: 'The one that is compared at every session. 404 while the device was never met over SSH.',
          params: KeyParameter,
          response: { 200: HostKeyView },
        },
      },
      async (request) => viewOf(await store.get(request.access, request.params.key)),
    );
    app.put(
      '/devices/:key/host-key',
      {
        config: write,
        schema: {
          tags,
          summary: 'Pin the SSH host key of a device',
          description: 'Before it is met first; in the place of another that is known, for who may manage credentials.',
          params: KeyParameter,
          body: Type.Object({ fingerprint: Fingerprint }, { additionalProperties: false }),
          response: { 200: HostKeyView },
        },
      },
      async (request) => viewOf(await store.pin(request.access, request.params.key, request.body.fingerprint)),
    );
    app.delete(
      '/devices/:key/host-key',
      {
        config: write,
        schema: {
          tags,
          summary: 'Forget the SSH host key of a device',
          description: 'It was replaced: the key that is met next is trusted. For who may manage credentials.',
          params: KeyParameter,
          response: { 204: Type.Null() },
        },
      },
      async (request, reply) => {
        await store.forget(request.access, request.params.key);
        return reply.code(204).send(null);
      },
    );
  };
}

function viewOf({ since, offered, ...key }: HostKey) {
  return {
    ...key,
    since: new Date(since).toISOString(),
    offered: offered === null ? null : { ...offered, at: new Date(offered.at).toISOString() },
  };
}
