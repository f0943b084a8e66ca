import { Type } from 'typebox';
import { ChannelDraft, ChannelRecord, type ChannelRepository } from '../alerting/channels/channel-repository.ts';
import { requireAddress } from '../alerting/channels/addresses.ts';
import { channelKinds } from '../alerting/channels/channels.ts';
import type { TestResult } from '../alerting/delivery/test-message.ts';
import { scopeFor, type Access } from '../domain/access.ts';
import { ArungError } from '../domain/errors.ts';
import type { ChannelId } from '../domain/ids.ts';
import { getRoute, listRoute, writeRoutes, type WritableCollection } from './collection-routes.ts';
import { KeyParameter } from './inventory-schemas.ts';
import type { RouteGroup } from './routes.ts';

const words = {
  path: '/channels',
  tag: 'channels',
  noun: 'channel',
  keyIs: 'id or name',
  read: 'people.read',
  write: 'channel.manage',
} as const;

const KindView = Type.Object({
  kind: Type.String({ examples: ['telegram'] }),
  settings: Type.Unknown({ description: 'JSON Schema.' }),
  secrets: Type.Unknown({ description: 'JSON Schema.' }),
  address: Type.Object({ pattern: Type.String(), example: Type.String() }),
  perMinute: Type.Integer({ description: 'Of a channel without a rate of its own.' }),
  audience: Type.Enum(['person', 'program']),
  inbound: Type.Boolean({ description: 'Its server calls `/channels/{key}/inbound`.' }),
});

/** What became of a test message. */
export const testResult = Type.Object({
  ok: Type.Boolean(),
  problem: Type.Union([Type.String(), Type.Null()], { description: 'What is wrong and what to do; null: it went.' }),
  problemCode: Type.Union([Type.String(), Type.Null()], { description: 'Stable name of that sentence.' }),
  problemArguments: Type.Union([Type.Record(Type.String(), Type.Union([Type.String(), Type.Number()])), Type.Null()], {
    description: 'What the sentence names, to say it in another language.',
  }),
  tookMs: Type.Integer(),
  externalId: Type.Union([Type.String(), Type.Null()]),
});

export interface ChannelTester {
  test(request: { channelId: ChannelId; address: string; name: string; language: 'id' | 'en' }): Promise<TestResult>;
}

const called: readonly string[] = ['whatsapp', 'alertmanager'];

/** The ways by which people and programs are told. Their secrets are taken and never given. */
export function channelRoutes({
  channels,
  tester,
}: {
  channels: ChannelRepository;
  tester: ChannelTester;
}): RouteGroup {
  const toView = (channel: ChannelRecord, access: Access) => viewFor(access, channel);
  const guarded: WritableCollection<ChannelRecord, ChannelDraft> = {
    get: (access, key) => channels.get(access, key),
    create: (access, draft, options) => channels.create(everywhere(access), draft, options),
    update: (access, key, patch, options) => channels.update(everywhere(access), key, patch, options),
    remove: (access, key, options) => channels.remove(everywhere(access), key, options),
  };
  return (app) => {
    listRoute(app, words, {
      view: ChannelRecord,
      query: Type.Object({}),
      description: 'Names and kinds for who writes people; settings and faults for who manages channels.',
      list: async (access) => {
        const { items, next } = await channels.list();
        return { items: items.map((channel) => viewFor(access, channel)), next };
      },
    });
    getRoute(app, words, { view: ChannelRecord, collection: guarded, toView });
    writeRoutes(app, words, {
      view: ChannelRecord,
      draft: ChannelDraft,
      collection: guarded,
      toView,
      example: {
        name: 'Telegram jaringan',
        kind: 'telegram',
        secrets: { token: '110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw' },
      },
    });

    app.get(
      '/channel-kinds',
      {
        config: { permission: 'people.read' },
        schema: {
          tags: ['channels'],
          summary: 'Kinds of channels',
          description: 'What each needs, as JSON Schema, and what an address looks like.',
          response: { 200: Type.Object({ items: Type.Array(KindView), next: Type.Null() }) },
        },
      },
      async () => ({
        items: channelKinds.map(({ kind, settings, secrets, address, perMinute, audience }) => ({
          kind,
          settings,
          secrets,
          address,
          perMinute,
          audience,
          inbound: called.includes(kind),
        })),
        next: null,
      }),
    );

    app.post(
      '/channels/:key/test',
      {
        config: { permission: 'channel.manage', rateLimit: { max: 30, timeWindow: 60_000 } },
        schema: {
          tags: ['channels'],
          summary: 'Send a test message',
          description: 'A real one, at once. `ok: false` with a sentence when it did not go.',
          params: KeyParameter,
          body: Type.Object(
            {
              address: Type.String({ maxLength: 2000, examples: ['123456789'] }),
              language: Type.Optional(Type.Enum(['id', 'en'])),
            },
            { additionalProperties: false },
          ),
          response: {
            200: testResult,
          },
        },
      },
      async (request) => {
        const { entity } = await channels.get(everywhere(request.access), request.params.key);
        const { address, language = 'id' } = request.body;
        requireAddress(entity.kind, address);
        return tester.test({ channelId: entity.id, address, name: request.access.name, language });
      },
    );
  };
}

/** A channel serves all regions: who manages channels of one region alone manages none. */
function everywhere(access: Access): Access {
  if (scopeFor(access, 'channel.manage') === 'everywhere') return access;
  throw new ArungError('forbidden', 'Channels serve all regions: only an administrator of everything changes them.', {
    code: 'channel.outside',
  });
}

function viewFor(access: Access, channel: ChannelRecord): ChannelRecord {
  if (scopeFor(access, 'channel.manage') === 'everywhere') return channel;
  return { ...channel, settings: {}, secretsSet: [], lastError: null, lastErrorCode: null, lastErrorArguments: null };
}
