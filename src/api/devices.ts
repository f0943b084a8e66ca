import { Type, type Static } from 'typebox';
import type { Access } from '../domain/access.ts';
import { Device, deviceRoles, managementProtocols } from '../domain/device.ts';
import { reachabilities } from '../domain/reachability.ts';
import { networks, rolloutStatuses } from '../domain/site.ts';
import { DeviceDraft, deviceSorts, type DeviceRecord, type Devices, type DeviceSort } from '../inventory/devices.ts';
import type { Ranking } from '../inventory/ranking.ts';
import { getRoute, listRoute, writeRoutes } from './collection-routes.ts';
import { MaybeNumber, MaybeText, PageQuery, Sort, StateShape, Text, Words, wordsOf } from './inventory-schemas.ts';
import { loadPercent } from './links.ts';
import type { RouteGroup } from './routes.ts';
import type { StateReader } from './state-reader.ts';
import { numberRanking, type StateView } from './state-view.ts';
import type { TopologyIndex } from './topology-index.ts';
import type { DeviceView } from './views.ts';

export const DeviceShape = Type.Object({
  ...Device.properties,
  siteCode: Type.String(),
  siteName: Type.String(),
  regionCode: Type.String(),
  ...StateShape,
  lastAnswer: MaybeText,
  rttMs: MaybeNumber,
  uptimeS: MaybeNumber,
  cpuPercent: MaybeNumber,
  memoryPercent: MaybeNumber,
  uplinkPercent: MaybeNumber,
  pollMs: MaybeNumber,
});

const words = { path: '/devices', tag: 'devices', noun: 'device', keyIs: 'id or name', hasOwner: true } as const;
/** Orders by what was measured lately, with what makes whole numbers of it. */
const measured = { rtt: 1000, uptime: 1, cpu: 100, memory: 100, load: 100, poll: 1000 } as const;
type Measured = keyof typeof measured;
const measuredSorts = Object.keys(measured) as readonly Measured[];

const query = Type.Object({
  ...PageQuery,
  region: Type.Optional(Type.String({ maxLength: 13, description: 'A region and all below it.', examples: ['73.08'] })),
  site: Type.Optional(Type.String({ maxLength: 40, description: 'Id or code of a site.' })),
  network: Type.Optional(Type.Enum([...networks])),
  rolloutStatus: Words(rolloutStatuses),
  role: Words(deviceRoles),
  protocol: Type.Optional(Type.Enum([...managementProtocols])),
  profile: Text,
  vendor: Text,
  state: Words(reachabilities),
  tag: Text,
  q: Text,
  sort: Sort([...deviceSorts, 'state', ...measuredSorts]),
});

/** Devices, with their state and what was measured lately. */
export function deviceRoutes(options: {
  readonly devices: Devices;
  readonly states: StateView;
  readonly live: StateReader;
  readonly index: () => TopologyIndex;
}): RouteGroup {
  const { devices, states, live, index } = options;

  /** The busiest link of a device, percent of its capacity. */
  const uplinkPercentOf = (id: DeviceRecord['id']): number | null => {
    const loads = (index().linksOf.get(id) ?? []).map((link) => loadPercent(live.linkLoad(link.id), link.capacityBps));
    const known = loads.filter((load) => load !== null);
    return known.length === 0 ? null : Math.max(...known);
  };

  const toView = (device: DeviceRecord, access: Access): DeviceView => {
    const facts = live.deviceFacts(device.id);
    const lastAnswerAt = facts?.lastAnswerAt ?? null;
    return {
      ...device,
      ...states.fieldsOf(access, 'device', device.id),
      lastAnswer: lastAnswerAt === null ? null : new Date(lastAnswerAt).toISOString(),
      rttMs: facts?.rttMs ?? null,
      uptimeS: facts?.uptimeS ?? null,
      cpuPercent: facts?.cpuPercent ?? null,
      memoryPercent: facts?.memoryPercent ?? null,
      uplinkPercent: uplinkPercentOf(device.id),
      pollMs: facts?.pollMs ?? null,
    };
  };

  const valueOf = (id: DeviceRecord['id'], by: Measured): number | null => {
    if (by === 'load') return uplinkPercentOf(id);
    const facts = live.deviceFacts(id);
    const field = {
      rtt: 'rttMs',
      uptime: 'uptimeS',
      cpu: 'cpuPercent',
      memory: 'memoryPercent',
      poll: 'pollMs',
    } as const;
    return facts?.[field[by]] ?? null;
  };

  const rankingOf = (sort: string | undefined, descending: boolean): Ranking | null => {
    if (sort === 'state') return states.ranking('device', descending ? 'best' : 'worst');
    const by = measuredSorts.find((name) => name === sort);
    if (by === undefined) return null;
    const values = [...index().topology.devices.keys()].map((id) => [id, valueOf(id, by)] as const);
    return numberRanking(by, values, descending, measured[by]);
  };

  return (app) => {
    listRoute(app, words, {
      view: DeviceShape,
      query,
      description:
        'Sorted by `state` the worst come first; a filter by state looks at active sites only. ' +
        '`q` looks in name, address, MAC, vendor, model, serial number and site.',
      list: async (access, asked: Static<typeof query>) => {
        const descending = asked.sort?.startsWith('-') ?? false;
        const sort = asked.sort?.replace('-', '');
        const byState = wordsOf(asked.state, reachabilities);
        const rollout = byState === undefined ? wordsOf(asked.rolloutStatus, rolloutStatuses) : (['active'] as const);
        const ranking = rankingOf(sort, descending);
        const page = await devices.list(access, {
          filter: {
            region: asked.region,
            site: asked.site,
            network: asked.network,
            rolloutStatus: rollout,
            role: wordsOf(asked.role, deviceRoles),
            protocol: asked.protocol,
            profile: asked.profile,
            vendor: asked.vendor,
            tag: asked.tag,
            q: asked.q,
            ...states.idsIn('device', byState),
          },
          page: { limit: asked.limit, cursor: asked.cursor },
          ...(ranking === null
            ? { sort: deviceSorts.find((name): name is DeviceSort => name === sort) ?? 'name', descending }
            : { ranking }),
        });
        return { items: page.items.map((device) => toView(device, access)), next: page.next };
      },
    });
    getRoute(app, words, { view: DeviceShape, collection: devices, toView });
    writeRoutes(app, words, {
      view: DeviceShape,
      draft: DeviceDraft,
      collection: devices,
      toView,
      // An example has made-up ids; the schema's brands are for the program.
      example: {
        name: 'rtr-kahu-01',
        siteId: '01939f2e-0000-7000-8000-000000000001',
        role: 'router',
        address: '10.73.2.1',
      } as never,
    });
  };
}
