import { Type } from 'typebox';
import type { PushDevices } from '../alerting/people/push-devices.ts';
import type { ChannelId } from '../domain/ids.ts';
import { testResult, type ChannelTester } from './channels.ts';
import type { RouteGroup } from './routes.ts';

const Device = Type.Object({
  id: Type.String({ description: 'Beginning of the SHA-256 of its endpoint, base64url.' }),
  channelId: Type.Unsafe<ChannelId>(Type.String()),
  service: Type.String({ description: 'Whose push service it is.', examples: ['fcm.googleapis.com'] }),
});
const Named = { id: Type.String(), name: Type.String() };
const orNull = <T extends ReturnType<typeof Type.Object>>(type: T) => Type.Union([type, Type.Null()]);
const Desk = Type.Object({
  person: orNull(Type.Object(Named, { description: 'The person that the signed-in user is.' })),
  channel: orNull(
    Type.Object({ ...Named, publicKey: Type.String() }, { description: 'Browsers subscribe with its `publicKey`.' }),
  ),
  devices: Type.Array(Device),
});
const Key = Type.Object({ id: Type.String({ minLength: 1, maxLength: 64 }) });

/** Browsers of the signed-in user that take push messages. */
export function pushDeviceRoutes(parts: { readonly devices: PushDevices; readonly tester: ChannelTester }): RouteGroup {
  const { devices, tester } = parts;
  const tags = ['push devices'];
  const config = { permission: 'signed-in' } as const;
  return (app) => {
    app.get(
      '/push-devices',
      {
        config,
        schema: {
          tags,
          summary: 'Your browsers that take push messages',
          description: 'And what a browser needs to subscribe. Endpoints are never given.',
          response: { 200: Desk },
        },
      },
      async (request) => devices.list(request.access),
    );

    app.post(
      '/push-devices',
      {
        config,
        schema: {
          tags,
          summary: 'Have your messages come to a browser',
          description: 'Its subscription (Push API, RFC 8291). It becomes the first of your ways.',
          body: Type.Object(
            {
              endpoint: Type.String({
                pattern: '^https://',
                maxLength: 1000,
                examples: ['https://fcm.googleapis.com/fcm/send/abc'],
              }),
              keys: Type.Object(
                {
                  p256dh: Type.String({ pattern: '^[A-Za-z0-9_-]{87}$', examples: [`B${'A'.repeat(86)}`] }),
                  auth: Type.String({ pattern: '^[A-Za-z0-9_-]{22}$', examples: ['A'.repeat(22)] }),
                },
                { additionalProperties: false },
              ),
            },
            { additionalProperties: false },
          ),
          response: { 201: Device },
        },
      },
      async (request, reply) => reply.code(201).send(await devices.add(request.access, request.body)),
    );

    app.delete(
      '/push-devices/:id',
      {
        config,
        schema: { tags, summary: 'Send nothing there any more', params: Key, response: { 204: Type.Null() } },
      },
      async (request, reply) => {
        await devices.remove(request.access, request.params.id);
        return reply.code(204).send(null);
      },
    );

    app.post(
      '/push-devices/:id/test',
      {
        config: { ...config, rateLimit: { max: 10, timeWindow: 60_000 } },
        schema: {
          tags,
          summary: 'Send a test message to one of your browsers',
          description: 'A real one, at once. `ok: false` with a sentence when it did not go.',
          params: Key,
          body: Type.Object({ language: Type.Optional(Type.Enum(['id', 'en'])) }, { additionalProperties: false }),
          response: { 200: testResult },
        },
      },
      async (request) => {
        const { channelId, address } = await devices.wayOf(request.access, request.params.id);
        const { language = 'id' } = request.body;
        return tester.test({ channelId, address, name: request.access.name, language });
      },
    );
  };
}
