import { Type } from 'typebox';
import type { InboxReader } from '../alerting/delivery/inbox-reader.ts';
import { mayAnywhere } from '../domain/access.ts';
import type { NoticeId, PersonId } from '../domain/ids.ts';
import { noticeKinds, type NoticeKind } from '../domain/notice.ts';
import { Moment } from './access-schemas.ts';
import { notAllowed } from './guard.ts';
import { MaybeText, PageOf } from './inventory-schemas.ts';
import type { RouteGroup } from './routes.ts';

const uuid = '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$';
const Message = Type.Object({
  id: Type.Unsafe<NoticeId>(Type.String()),
  kind: Type.Unsafe<NoticeKind>(Type.Enum([...noticeKinds])),
  personId: Type.Unsafe<PersonId>(Type.String()),
  personName: Type.String(),
  title: Type.String({ examples: ['Sambungan palattae–kahu putus'] }),
  text: Type.String(),
  severity: Type.String(),
  sentAt: Moment,
  readAt: Type.Union([Moment, Type.Null()]),
  incident: Type.Union([Type.Object({ id: Type.String(), name: Type.String() }), Type.Null()]),
  link: MaybeText,
  mapLink: MaybeText,
});

/** The inbox in the console. */
export function inboxRoutes(inbox: InboxReader): RouteGroup {
  return (app) => {
    app.get(
      '/inbox',
      {
        config: { permission: 'signed-in' },
        schema: {
          tags: ['inbox'],
          summary: 'Messages, the newest first',
          description: 'To the person that the signed-in user is; with the right people.read also to another.',
          querystring: Type.Object({
            person: Type.Optional(Type.String({ pattern: uuid, description: 'Id of a person.' })),
            limit: Type.Integer({ minimum: 1, maximum: 200, default: 50 }),
            cursor: Type.Optional(Type.String({ format: 'date-time', description: '`next` of the page before.' })),
          }),
          response: { 200: PageOf(Message) },
        },
      },
      async (request) => {
        const { person, limit, cursor } = request.query;
        if (person !== undefined && !mayAnywhere(request.access, 'people.read')) throw notAllowed('people.read');
        return inbox.list(request.access, { personId: person as PersonId | undefined, before: cursor, limit });
      },
    );

    app.post(
      '/inbox/:id/read',
      {
        config: { permission: 'signed-in' },
        schema: {
          tags: ['inbox'],
          summary: 'Mark a message as read',
          params: Type.Object({ id: Type.String({ pattern: uuid }) }),
          response: { 204: Type.Null() },
        },
      },
      async (request, reply) => {
        await inbox.markRead(request.access, request.params.id as NoticeId);
        return reply.code(204).send(null);
      },
    );
  };
}
