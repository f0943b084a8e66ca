import { Type, type Static } from 'typebox';
import { SilenceDraft, type Silences } from '../alerting/people/silence-collection.ts';
import { Silence } from '../domain/silence.ts';
import { getRoute, listRoute, writeRoutes } from './collection-routes.ts';
import { PageQuery } from './inventory-schemas.ts';
import type { RouteGroup } from './routes.ts';

const words = {
  path: '/silences',
  tag: 'silences',
  noun: 'silence',
  keyIs: 'id',
  read: 'status.read',
  write: 'alerting.write',
} as const;
const query = Type.Object({
  ...PageQuery,
  current: Type.Optional(Type.Boolean({ description: 'Leaves out what is over.' })),
});

/** What nobody is told of for a while. To end one early, change its `to`. */
export function silenceRoutes(silences: Silences): RouteGroup {
  const toView = (silence: Silence) => silence;
  return (app) => {
    listRoute(app, words, {
      view: Silence,
      query,
      list: (access, { current, ...page }: Static<typeof query>) => silences.list(access, { current, page }),
    });
    getRoute(app, words, { view: Silence, collection: silences, toView });
    writeRoutes(app, words, {
      view: Silence,
      draft: SilenceDraft,
      collection: silences,
      toView,
      example: {
        matchers: [{ field: 'region', values: ['73.08.02'] }],
        reason: 'Kerja serat Palattae, 2 jam',
        from: '2026-11-30T01:00:00Z',
        to: '2026-11-30T03:00:00Z',
      },
    });
  };
}
