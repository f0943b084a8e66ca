import { Type, type Static } from 'typebox';
import type { PeopleDirectory, ToldPerson } from '../alerting/people/directory.ts';
import { PersonDraft } from '../alerting/people/people.ts';
import { severities } from '../domain/alert.ts';
import { Person } from '../domain/person.ts';
import { regionCodePattern } from '../domain/region.ts';
import { getRoute, listRoute, writeRoutes } from './collection-routes.ts';
import { PageQuery, Text } from './inventory-schemas.ts';
import type { RouteGroup } from './routes.ts';

const words = {
  path: '/people',
  tag: 'people',
  noun: 'person',
  keyIs: 'id or name',
  read: 'people.read',
  write: 'alerting.write',
  hasOwner: true,
} as const;
const query = Type.Object({
  ...PageQuery,
  q: Text,
  team: Type.Optional(Type.String({ maxLength: 36, description: 'Id of a team.' })),
});
const Told = Type.Object({
  person: Type.Union([Type.Object({ id: Type.String(), name: Type.String() }), Type.Null()], {
    description: 'Null: somebody outside of your regions.',
  }),
  why: Type.Enum(['duty', 'area', 'level', 'fallback']),
  level: Type.Integer(),
  at: Type.String({ format: 'date-time', description: 'Not told before.' }),
});

/** Who is told of incidents, and who would be now. */
export function personRoutes(directory: PeopleDirectory): RouteGroup {
  const { people } = directory;
  const toView = (person: Person) => person;
  return (app) => {
    app.get(
      '/people/on-duty',
      {
        config: { permission: 'people.read' },
        schema: {
          tags: [words.tag],
          summary: 'Who would be told',
          description:
            'The first is told at once or when they may be; the others when nobody took it before. Of an own fault of Arung when no region is given.',
          querystring: Type.Object({
            region: Type.Optional(Type.String({ pattern: regionCodePattern, examples: ['73.08.02'] })),
            severity: Type.Optional(Type.Enum([...severities], { description: '`critical` when not given.' })),
            at: Type.Optional(Type.String({ format: 'date-time', description: 'Now when not given.' })),
          }),
          response: { 200: Type.Object({ items: Type.Array(Told), next: Type.Null() }) },
        },
      },
      async (request) => {
        const { region, severity = 'critical', at } = request.query;
        const moment = at === undefined ? undefined : Date.parse(at);
        const told = await directory.whoIsTold(request.access, { region, severity, at: moment });
        return { items: told.map(toldView), next: null };
      },
    );
    listRoute(app, words, {
      view: Person,
      query,
      description: 'An address that you may not know is empty.',
      list: (access, { q, team, ...page }: Static<typeof query>) => people.list(access, { q, team, page }),
    });
    getRoute(app, words, { view: Person, collection: people, toView });
    writeRoutes(app, words, {
      view: Person,
      draft: PersonDraft,
      collection: people,
      toView,
      example: {
        name: 'Andi Baso',
        regionCodes: ['73.08.02'],
        workingHours: [{ weekdays: [1, 2, 3, 4, 5], from: '08:00', to: '16:00', timeZone: 'Asia/Makassar' }],
        quietHours: { weekdays: [1, 2, 3, 4, 5, 6, 7], from: '22:00', to: '06:00', timeZone: 'Asia/Makassar' },
      },
    });
  };
}

function toldView({ person, why, level, dueAt }: ToldPerson) {
  return { person, why, level, at: new Date(dueAt).toISOString() };
}
