import { Type } from 'typebox';
import type { HostKey, HostKeyStore } from '../provisioning/host-keys/host-key-store.ts';
import { KeyParameter } from './inventory-schemas.ts';
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
});

/** `/api/v1/devices/{key}/host-key`: the SSH key that a device is known by. */
export function hostKeyRoutes(store: HostKeyStore): RouteGroup {
  return (app) => {
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
          description: 'Before it is met first, or when it was replaced and its new key is known.',
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
          description: 'It was replaced: the key that is met next is trusted.',
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

function viewOf({ since, ...key }: HostKey) {
  return { ...key, since: new Date(since).toISOString() };
}
