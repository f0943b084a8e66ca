import { Type, type Static } from 'typebox';
import { DutyDraft, NamedDuty, type Duties } from '../alerting/people/duties.ts';
import { Rotation } from '../alerting/people/rotation.ts';
import { getRoute, listRoute, writeRoutes } from './collection-routes.ts';
import { PageQuery, WriteQuery } from './inventory-schemas.ts';
import type { App, RouteGroup } from './routes.ts';

const words = {
  path: '/duties',
  tag: 'duties',
  noun: 'duty',
  keyIs: 'id',
  read: 'people.read',
  write: 'alerting.write',
} as const;
const id = '01939f2e-0000-7000-8000-000000000001';
const query = Type.Object({
  ...PageQuery,
  from: Type.Optional(Type.String({ format: 'date-time', description: 'Only what is not over before.' })),
  to: Type.Optional(Type.String({ format: 'date-time', description: 'Only what begins before.' })),
  person: Type.Optional(Type.String({ maxLength: 36, description: 'Id of a person.' })),
});
// An example has made-up ids; the schema's brands are for the program.
const rotationExample = {
  personIds: [id],
  from: '2026-11-30',
  weeks: 12,
  periodDays: 7,
  handOverAt: '08:00',
  timeZone: 'Asia/Makassar',
};

/** Who is on duty when, and plans in which people take turns. */
export function dutyRoutes(duties: Duties): RouteGroup {
  const toView = (duty: NamedDuty) => duty;
  return (app) => {
    rotationRoutes(app, duties);
    listRoute(app, words, {
      view: NamedDuty,
      query,
      list: (access, { from, to, person, ...page }: Static<typeof query>) =>
        duties.list(access, { from, to, person, page }),
    });
    getRoute(app, words, { view: NamedDuty, collection: duties, toView });
    writeRoutes(app, words, {
      view: NamedDuty,
      draft: DutyDraft,
      collection: duties,
      toView,
      example: { personId: id, from: '2026-11-30T00:00:00Z', to: '2026-12-07T00:00:00Z' } as never,
    });
  };
}

function rotationRoutes(app: App, duties: Duties): void {
  const config = { permission: 'alerting.write' } as const;
  const body = { ...Rotation, examples: [rotationExample] };
  const Planned = Type.Object({ ...Type.Omit(NamedDuty, ['id']).properties });
  app.post(
    '/duties/rotation/preview',
    {
      config,
      schema: {
        tags: [words.tag],
        summary: 'See the turns of a rotation',
        description: 'Nothing is written.',
        body,
        response: { 200: Type.Object({ items: Type.Array(Planned), next: Type.Null() }) },
      },
    },
    async (request) => ({ items: [...(await duties.preview(request.access, request.body))], next: null }),
  );
  app.post(
    '/duties/rotation',
    {
      config,
      schema: {
        tags: [words.tag],
        summary: 'Plan a rotation',
        description: 'Makes a duty for each turn, all or none. A day on which the clocks change is as long as it is.',
        querystring: WriteQuery,
        body,
        response: { 201: Type.Object({ items: Type.Array(NamedDuty), next: Type.Null() }) },
      },
    },
    async (request, reply) => {
      const made = await duties.rotate(request.access, request.body, request.query);
      return reply.code(201).send({ items: [...made], next: null });
    },
  );
}
