import type { Reachability } from '../../../../src/domain/reachability.ts';
import type { LinkView, StateView } from '../../../../src/live/messages.ts';
import type { MapLink, MapSite } from '../../../../src/api/views.ts';
import type { Network } from './network.ts';

/** One row of what needs attention: a cause with all that it darkened, never one row per symptom. */
export interface OpenCause {
  /** Stable while the cause is: what the address and the selection hold. */
  readonly key: string;
  readonly kind: 'link' | 'device' | 'agent' | 'controller' | 'hidden' | 'unknown' | 'maintenance' | 'devices' | 'load';
  /** Id of the link, device or agent; null where there is none to name. */
  readonly id: string | null;
  readonly name: string;
  readonly since: number | null;
  readonly certainty: number | null;
  readonly link: MapLink | null;
  /** The site that is itself down by it. */
  readonly site: MapSite | null;
  readonly sites: readonly MapSite[];
  readonly severity: 'critical' | 'warning' | Extract<Reachability, 'unknown' | 'maintenance'>;
  /** Percent, for a link that is nearly full. */
  readonly load: number | null;
  /** Devices that do not answer though their sites do. */
  readonly devices: number;
}

export interface PictureOfStates {
  readonly sites: ReadonlyMap<string, StateView>;
  readonly devices: ReadonlyMap<string, StateView>;
  readonly links: ReadonlyMap<string, LinkView>;
}

const busyFrom = 85;
/** So many dark sites, or a trunk that darkens any, are critical. */
const criticalFrom = 5;

/** Whether a cause concerns a region: a site that it darkens, or an end of its link, lies there. */
export function touches(cause: OpenCause, region: string, network: Network): boolean {
  const lies = (site: MapSite | undefined) =>
    site !== undefined && (site.regionCode === region || site.regionCode.startsWith(region + '.'));
  if (cause.sites.some(lies)) return true;
  return cause.link !== null && [cause.link.a, cause.link.b].some((id) => lies(network.siteById.get(id)));
}

interface Draft {
  kind: OpenCause['kind'];
  id: string | null;
  name: string;
  since: number | null;
  certainty: number | null;
  sites: MapSite[];
  site: MapSite | null;
}

export function openCauses(picture: PictureOfStates, network: Network): OpenCause[] {
  const drafts = new Map<string, Draft>();
  for (const view of picture.sites.values()) {
    const site = network.siteById.get(view.id);
    if (!site || view.state === 'up') continue;
    const { key, ...identity } = identityOf(view);
    const draft = drafts.get(key) ?? { ...identity, sites: [], site: null };
    drafts.set(key, draft);
    draft.sites.push(site);
    if (view.state === 'down') draft.site = site;
    if (draft.since === null || view.since < draft.since) draft.since = view.since;
  }
  // Links that are down and darken nothing: a ring goes on, and is a ring no more.
  for (const view of picture.links.values()) {
    const key = `link:${view.id}`;
    if (view.state !== 'down' || drafts.has(key) || !network.linkById.has(view.id)) continue;
    // A port of a device that is itself down says nothing about the link.
    if (view.cause?.kind === 'device') continue;
    drafts.set(key, {
      kind: 'link',
      id: view.id,
      name: view.cause?.name ?? '',
      since: view.since,
      certainty: view.cause?.certainty ?? null,
      sites: [],
      site: null,
    });
  }
  const causes = [...drafts].map(([key, draft]) => finished(key, draft, network));
  return [...causes, ...lonelyDevices(picture), ...busyLinks(picture, network)].sort(compare);
}

function identityOf(view: StateView): Omit<Draft, 'sites' | 'site'> & { key: string } {
  const { cause, state } = view;
  if (state === 'maintenance') return plain('maintenance', view.since);
  if (!cause)
    return state === 'unknown'
      ? plain('unknown', view.since)
      : { ...plain('device', view.since), key: `site:${view.id}` };
  if (cause.kind === null) {
    return { ...plain('hidden', cause.since), key: `hidden:${cause.name}:${cause.since}`, name: cause.name };
  }
  return {
    key: `${cause.kind}:${cause.id ?? cause.name}`,
    kind: cause.kind,
    id: cause.id,
    name: cause.name,
    since: cause.since,
    certainty: cause.certainty,
  };
}

function plain(kind: OpenCause['kind'], since: number): Omit<Draft, 'sites' | 'site'> & { key: string } {
  return { key: kind, kind, id: null, name: '', since, certainty: null };
}

function finished(key: string, draft: Draft, network: Network): OpenCause {
  const link = draft.kind === 'link' && draft.id !== null ? (network.linkById.get(draft.id) ?? null) : null;
  const quiet =
    draft.kind === 'maintenance'
      ? 'maintenance'
      : draft.kind === 'unknown' || draft.kind === 'agent' || draft.kind === 'controller'
        ? 'unknown'
        : null;
  const many = draft.sites.length >= criticalFrom || (link?.trunk === true && draft.sites.length > 0);
  return {
    key,
    kind: draft.kind,
    id: draft.id,
    name: draft.name,
    since: draft.since,
    certainty: draft.certainty,
    link,
    site: draft.site,
    sites: draft.sites,
    severity: quiet ?? (many ? 'critical' : 'warning'),
    load: null,
    devices: 0,
  };
}

/** Devices that do not answer at sites that do: one row for all, their table has them one by one. */
function lonelyDevices(picture: PictureOfStates): OpenCause[] {
  const explained = new Set(
    [...picture.sites.values()].flatMap((view) => (view.cause ? [`${view.cause.kind}:${view.cause.id}`] : [])),
  );
  const views = [...picture.devices.values()].filter(
    (view) =>
      view.state === 'down' &&
      !explained.has(`device:${view.id}`) &&
      !(view.cause && explained.has(`${view.cause.kind}:${view.cause.id}`)),
  );
  if (views.length === 0) return [];
  return [
    {
      ...empty,
      key: 'devices',
      kind: 'devices',
      since: Math.min(...views.map((view) => view.since)),
      severity: 'warning',
      devices: views.length,
    },
  ];
}

function busyLinks(picture: PictureOfStates, network: Network): OpenCause[] {
  return [...picture.links.values()].flatMap((view) => {
    const link = network.linkById.get(view.id);
    if (!link || view.loadPercent === null || view.loadPercent < busyFrom || view.state !== 'up') return [];
    return [
      {
        ...empty,
        key: `load:${view.id}`,
        kind: 'load',
        id: view.id,
        name: link.name,
        link,
        severity: 'warning',
        load: view.loadPercent,
      },
    ];
  });
}

const empty: OpenCause = {
  key: '',
  kind: 'devices',
  id: null,
  name: '',
  since: null,
  certainty: null,
  link: null,
  site: null,
  sites: [],
  severity: 'warning',
  load: null,
  devices: 0,
};

const severities: readonly OpenCause['severity'][] = ['critical', 'warning', 'unknown', 'maintenance'];

function compare(a: OpenCause, b: OpenCause): number {
  return (
    severities.indexOf(a.severity) - severities.indexOf(b.severity) ||
    b.sites.length - a.sites.length ||
    (b.since ?? 0) - (a.since ?? 0) ||
    (b.load ?? 0) - (a.load ?? 0) ||
    (a.key < b.key ? -1 : 1)
  );
}
