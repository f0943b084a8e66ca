import { Type } from 'typebox';
import { scopeFor } from '../domain/access.ts';
import { ArungError } from '../domain/errors.ts';
import { eventKeys, type EventKey } from '../domain/event.ts';
import { regionCodePattern } from '../domain/region.ts';
import { eventView } from '../live/room.ts';
import { isEventKey, type EventLog } from '../status/event-log.ts';
import { restEvent } from './moments.ts';
import type { RouteGroup } from './routes.ts';
import { CauseSchema, Id, Moment } from './status-schemas.ts';
import type { RestEvent } from './views.ts';

const config = { permission: 'status.read' } as const;
const entityKinds = ['device', 'site', 'link', 'service', 'agent', 'inventory', 'controller', 'incident'] as const;

const EventSchema = Type.Unsafe<RestEvent>(
  Type.Object({
    id: Type.String(),
    at: Type.String({ format: 'date-time' }),
    key: Type.String({ examples: ['link.down'] }),
    entityKind: Type.String(),
    entityId: Type.Union([Type.String(), Type.Null()]),
    entityName: Type.String({ description: 'Its name when it happened.' }),
    siteId: Type.Union([Type.String(), Type.Null()]),
    cause: CauseSchema,
    arguments: Type.Record(Type.String(), Type.Union([Type.String(), Type.Number(), Type.Boolean(), Type.Null()])),
  }),
);

const Events = Type.Unsafe<{ items: RestEvent[]; next: string | null }>(
  Type.Object(
    { items: Type.Array(EventSchema), next: Type.Union([Type.String(), Type.Null()]) },
    {
      examples: [
        {
          items: [
            {
              id: '019ab3f0-6c1d-7cc3-98c4-dc0c0c07398f',
              at: '2026-11-24T02:10:14.000Z',
              key: 'site.unreachable',
              entityKind: 'site',
              entityId: '019351f0-6c1d-7cc3-98c4-dc0c0c07398f',
              entityName: 'Kantor Desa Kahu',
              siteId: '019351f0-6c1d-7cc3-98c4-dc0c0c07398f',
              cause: {
                name: 'palattae--kahu',
                since: '2026-11-24T02:10:11.000Z',
                kind: 'link',
                id: '019351f0-7a02-7d11-8a40-3c1f0f8e22b1',
                certainty: 0.97,
              },
              arguments: { since: '2026-11-24T02:10:11.000Z' },
            },
          ],
          next: null,
        },
      ],
    },
  ),
);

/** `GET /api/v1/events`: what happened, newest first, of the reader's regions. */
export function eventRoutes(log: Pick<EventLog, 'list'>): RouteGroup {
  return (app) => {
    app.get(
      '/events',
      {
        config,
        schema: {
          tags: ['status'],
          summary: 'What happened, newest first',
          description:
            'Of the regions that you may read. An event of a link is shown to those who may read both of its ends.',
          querystring: Type.Object({
            limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, description: '100 when not given.' })),
            cursor: Type.Optional(Type.String({ maxLength: 600, description: '`next` of the page before.' })),
            entity: Type.Optional(Id),
            entityKind: Type.Optional(Type.Enum([...entityKinds])),
            site: Type.Optional(Id),
            region: Type.Optional(
              Type.String({ pattern: regionCodePattern, description: 'A region’s code: it and all below it.' }),
            ),
            key: Type.Optional(
              Type.String({
                maxLength: 400,
                description: `One or several of ${eventKeys.join(', ')}, separated by commas.`,
                examples: ['device.down,device.unreachable'],
              }),
            ),
            q: Type.Optional(
              Type.String({ maxLength: 120, pattern: '^[^\\u0000]*$', description: 'Part of the name.' }),
            ),
            from: Type.Optional(Moment),
            to: Type.Optional(Moment),
          }),
          response: { 200: Events },
        },
      },
      async (request) => {
        const { limit, cursor, entity, entityKind, site, region, key, q, from, to } = request.query;
        const scope = scopeFor(request.access, config.permission);
        const page = await log.list(
          {
            entityId: entity,
            entityKind,
            siteId: site,
            region,
            keys: key === undefined ? undefined : keysOf(key),
            q,
            from: from === undefined ? undefined : new Date(from),
            to: to === undefined ? undefined : new Date(to),
          },
          { limit: limit ?? 100, cursor },
          scope,
        );
        return { items: page.items.map((placed) => restEvent(eventView(placed, scope))), next: page.next };
      },
    );
  };
}

function keysOf(text: string): EventKey[] {
  return text.split(',').map((key) => {
    if (isEventKey(key)) return key;
    throw new ArungError('invalid', `There is no event ${key}: use one or several of ${eventKeys.join(', ')}.`, {
      code: 'event.unknown-key',
      arguments: { key },
      details: [{ message: 'no such event', field: 'key' }],
    });
  });
}
