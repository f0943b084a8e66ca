import { Type, type Static } from 'typebox';
import type { Access } from '../domain/access.ts';
import { reachabilities, type StatusCounts } from '../domain/reachability.ts';
import { networks, rolloutStatuses, Site, siteKinds } from '../domain/site.ts';
import { SiteDraft, siteSorts, type SiteRecord, type Sites, type SiteSort } from '../inventory/sites.ts';
import { getRoute, listRoute, writeRoutes } from './collection-routes.ts';
import { CountsShape, MaybeText, PageQuery, Sort, StateShape, Text, Words, wordsOf } from './inventory-schemas.ts';
import type { RouteGroup } from './routes.ts';
import type { StateView } from './state-view.ts';
import type { TopologyIndex } from './topology-index.ts';
import type { SiteView } from './views.ts';

export const SiteShape = Type.Object({
  ...Site.properties,
  regionName: Type.String(),
  districtName: MaybeText,
  ...StateShape,
  devices: CountsShape,
  uplinkMedium: MaybeText,
});

const words = { path: '/sites', tag: 'sites', noun: 'site', keyIs: 'id or code', hasOwner: true } as const;
const sorts = [...siteSorts, 'state'] as const;

const query = Type.Object({
  ...PageQuery,
  region: Type.Optional(Type.String({ maxLength: 13, description: 'A region and all below it.', examples: ['73.08'] })),
  kind: Words(siteKinds),
  network: Type.Optional(Type.Enum([...networks])),
  rolloutStatus: Words(rolloutStatuses),
  state: Words(reachabilities),
  tag: Text,
  q: Text,
  sort: Sort(sorts),
});

/** Places with devices, with their state. */
export function siteRoutes(options: {
  readonly sites: Sites;
  readonly states: StateView;
  readonly index: () => TopologyIndex;
}): RouteGroup {
  const { sites, states, index } = options;
  const toView = (site: SiteRecord, access: Access): SiteView => ({
    ...site,
    ...states.fieldsOf(access, 'site', site.id),
    devices: countsOf((index().devicesOf.get(site.id) ?? []).map((id) => states.stateOf('device', id))),
    uplinkMedium: index().uplinks.get(site.id)?.medium ?? null,
  });
  return (app) => {
    listRoute(app, words, {
      view: SiteShape,
      query,
      description: 'Sorted by `state` the worst come first; a filter by state looks at active sites only.',
      list: async (access, asked: Static<typeof query>) => {
        const descending = asked.sort?.startsWith('-') ?? false;
        const sort = asked.sort?.replace('-', '');
        const byState = wordsOf(asked.state, reachabilities);
        const rollout = byState === undefined ? wordsOf(asked.rolloutStatus, rolloutStatuses) : (['active'] as const);
        const page = await sites.list(access, {
          filter: {
            region: asked.region,
            kind: wordsOf(asked.kind, siteKinds),
            network: asked.network,
            rolloutStatus: rollout,
            tag: asked.tag,
            q: asked.q,
            ...states.idsIn('site', byState),
          },
          page: { limit: asked.limit, cursor: asked.cursor },
          ...(sort === 'state'
            ? { ranking: states.ranking('site', descending ? 'best' : 'worst'), sort: 'name' }
            : { sort: siteSorts.find((name): name is SiteSort => name === sort) ?? 'code', descending }),
        });
        return { items: page.items.map((site) => toView(site, access)), next: page.next };
      },
    });
    getRoute(app, words, { view: SiteShape, collection: sites, toView });
    writeRoutes(app, words, {
      view: SiteShape,
      draft: SiteDraft,
      collection: sites,
      toView,
      example: {
        code: 'kec-kahu',
        name: 'Kantor Camat Kahu',
        kind: 'district',
        network: 'smart-city',
        rolloutStatus: 'active',
        region: '73.08.02.1001',
      },
    });
  };
}

export function countsOf(states: Iterable<keyof StatusCounts>): StatusCounts {
  const counts = { up: 0, down: 0, unreachable: 0, unknown: 0, maintenance: 0 };
  for (const state of states) counts[state]++;
  return counts;
}
