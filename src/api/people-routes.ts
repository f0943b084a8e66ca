import type { PeopleDirectory } from '../alerting/people/directory.ts';
import { dutyRoutes } from './duties.ts';
import { personRoutes } from './people.ts';
import type { RouteGroup } from './routes.ts';
import { silenceRoutes } from './silences.ts';
import { teamRoutes } from './teams.ts';

/** Who is told of what, and when nobody is. */
export function peopleRoutes(directory: PeopleDirectory): readonly RouteGroup[] {
  return [
    personRoutes(directory),
    teamRoutes(directory.teams),
    dutyRoutes(directory.duties),
    silenceRoutes(directory.silences),
  ];
}
