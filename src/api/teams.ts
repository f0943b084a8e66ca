import { Type, type Static } from 'typebox';
import { TeamDraft, type Teams } from '../alerting/people/teams.ts';
import { Team } from '../domain/person.ts';
import { getRoute, listRoute, writeRoutes } from './collection-routes.ts';
import { PageQuery, Text } from './inventory-schemas.ts';
import type { RouteGroup } from './routes.ts';

const words = {
  path: '/teams',
  tag: 'teams',
  noun: 'team',
  keyIs: 'id or name',
  read: 'people.read',
  write: 'alerting.write',
} as const;
const query = Type.Object({ ...PageQuery, q: Text });

/** How long a team waits before the next level is told. */
export function teamRoutes(teams: Teams): RouteGroup {
  const toView = (team: Team) => team;
  return (app) => {
    listRoute(app, words, {
      view: Team,
      query,
      list: (access, { q, ...page }: Static<typeof query>) => teams.list(access, { q, page }),
    });
    getRoute(app, words, { view: Team, collection: teams, toView });
    writeRoutes(app, words, {
      view: Team,
      draft: TeamDraft,
      collection: teams,
      toView,
      example: { name: 'Tim Jaringan Bone', escalateAfterS: 600 },
    });
  };
}
