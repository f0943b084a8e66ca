import { Type, type Static } from 'typebox';
import type { Access } from '../domain/access.ts';
import { Link, linkMedia } from '../domain/link.ts';
import { reachabilities, type LinkLoad } from '../domain/reachability.ts';
import { LinkDraft, linkSorts, type LinkRecord, type Links, type LinkSort } from '../inventory/links.ts';
import { getRoute, listRoute, writeRoutes } from './collection-routes.ts';
import { MaybeNumber, PageQuery, Sort, StateShape, Text, Words, wordsOf } from './inventory-schemas.ts';
import type { RouteGroup } from './routes.ts';
import type { StateReader } from './state-reader.ts';
import { numberRanking, type StateView } from './state-view.ts';
import type { TopologyIndex } from './topology-index.ts';
import type { LinkListView } from './views.ts';

export const LinkShape = Type.Object({
  ...Link.properties,
  aName: Type.String({ examples: ['rtr-palattae-01:sfp3'] }),
  bName: Type.String({ examples: ['rtr-kahu-01:sfp1'] }),
  ...StateShape,
  loadPercent: MaybeNumber,
});

const words = { path: '/links', tag: 'links', noun: 'link', keyIs: 'id or name', hasOwner: true } as const;

const query = Type.Object({
  ...PageQuery,
  region: Type.Optional(Type.String({ maxLength: 13, description: 'One end at least lies in it.' })),
  site: Type.Optional(Type.String({ maxLength: 40, description: 'Id or code of a site.' })),
  device: Type.Optional(Type.String({ maxLength: 80, description: 'Id or name of a device.' })),
  medium: Words(linkMedia),
  trunk: Type.Optional(Type.Boolean()),
  between: Type.Optional(
    Type.Enum(['sites', 'inside'], { description: 'Between sites (drawn on the map), or inside one.' }),
  ),
  state: Words(reachabilities),
  tag: Text,
  q: Text,
  sort: Sort([...linkSorts, 'state', 'load']),
});

/** Links whose both ends the reader may see. */
export function linkRoutes(options: {
  readonly links: Links;
  readonly states: StateView;
  readonly live: StateReader;
  readonly index: () => TopologyIndex;
}): RouteGroup {
  const { links, states, live, index } = options;
  const toView = (link: LinkRecord, access: Access): LinkListView => ({
    ...link,
    ...states.fieldsOf(access, 'link', link.id),
    loadPercent: loadPercent(live.linkLoad(link.id), link.capacityBps),
  });
  return (app) => {
    listRoute(app, words, {
      view: LinkShape,
      query,
      description: 'Sorted by `state` the worst come first, by `-load` the busiest.',
      list: async (access, asked: Static<typeof query>) => {
        const descending = asked.sort?.startsWith('-') ?? false;
        const sort = asked.sort?.replace('-', '');
        const loads = () =>
          [...index().topology.links.values()].map(
            (link) => [link.id, loadPercent(live.linkLoad(link.id), link.capacityBps)] as const,
          );
        const page = await links.list(access, {
          filter: {
            region: asked.region,
            site: asked.site,
            device: asked.device,
            medium: wordsOf(asked.medium, linkMedia),
            trunk: asked.trunk,
            between: asked.between,
            tag: asked.tag,
            q: asked.q,
            ...states.idsIn('link', wordsOf(asked.state, reachabilities)),
          },
          page: { limit: asked.limit, cursor: asked.cursor },
          ...(sort === 'state'
            ? { ranking: states.ranking('link', descending ? 'best' : 'worst') }
            : sort === 'load'
              ? { ranking: numberRanking('load', loads(), descending, 100) }
              : { sort: linkSorts.find((name): name is LinkSort => name === sort) ?? 'name', descending }),
        });
        return { items: page.items.map((link) => toView(link, access)), next: page.next };
      },
    });
    getRoute(app, words, { view: LinkShape, collection: links, toView });
    writeRoutes(app, words, {
      view: LinkShape,
      draft: LinkDraft,
      collection: links,
      toView,
      // An example has made-up ids; the schema's brands are for the program.
      example: {
        name: 'palattae--kahu',
        medium: 'fibre',
        capacityBps: 1e9,
        a: { interfaceId: '01939f2e-0000-7000-8000-00000000000a' },
        b: { interfaceId: '01939f2e-0000-7000-8000-00000000000b' },
        trunk: true,
      } as never,
    });
  };
}

/** Of the busier direction, percent of the capacity; null where nothing was measured lately. */
export function loadPercent(load: LinkLoad | null, capacityBps: number): number | null {
  const directions = [load?.abBps ?? null, load?.baBps ?? null].filter((bps) => bps !== null);
  return directions.length === 0 ? null : Math.round((Math.max(...directions) / capacityBps) * 1000) / 10;
}
