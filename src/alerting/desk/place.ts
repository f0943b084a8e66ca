import type { Alert, AlertCause } from '../../domain/alert.ts';
import { causeRegionCodes, commonRegionCode } from '../../domain/cause-regions.ts';
import type { DeviceId, LinkId, SiteId } from '../../domain/ids.ts';
import type { Hurt } from '../../domain/incident.ts';
import type { Place } from '../../domain/notice.ts';
import type { TopologySite } from '../../domain/topology.ts';
import { endsOf, rootAlert } from './evidence.ts';
import type { Locator, Readings, Surroundings } from './surroundings.ts';

export interface Whereabouts {
  /** Where somebody has to go; null where that is nowhere (Arung itself) or nobody knows. */
  readonly place: Place | null;
  /** Of all that the cause is; who may read all of them may know more of it than its name and time. */
  readonly causeRegions: readonly string[];
  /** Of the cause, the smallest that holds it all; null for what lies nowhere. */
  readonly regionCode: string | null;
  /** Of the cause, then of all that is hurt. */
  readonly regionCodes: readonly string[];
}

export interface PlaceSources {
  readonly surroundings: Surroundings;
  readonly readings: Readings;
  readonly locator: Locator;
}

/** Where a cause lies: for a technician, and for who may read of it. */
export function whereabouts(
  { cause, alerts, hurt }: { cause: AlertCause; alerts: readonly Alert[]; hurt: Hurt },
  sources: PlaceSources,
): Whereabouts {
  const root = rootAlert(cause, alerts);
  const causeRegions = regionsOf(cause, root, sources);
  const [first, ...rest] = causeRegions;
  const regionCode = first === undefined ? null : rest.reduce<string | null>(commonOf, first);
  const hurtRegions = hurt.sites.map((site) => site.regionCode).sort();
  const alertRegions = alerts
    .flatMap((alert) => sources.locator.sitesOf(alert.subject, alert))
    .map((site) => site.regionCode);
  return {
    place: placeOf(cause, root, alerts, sources),
    causeRegions,
    regionCode,
    regionCodes: [...new Set([...causeRegions, ...hurtRegions, ...alertRegions.sort()])],
  };
}

/** Where one alert lies, the smallest region that holds it all; null for what lies nowhere. */
export function regionOfAlert(alert: Alert, locator: Locator): string | null {
  const [first, ...rest] = locator.sitesOf(alert.subject, alert).map((site) => site.regionCode);
  return first === undefined ? null : rest.reduce<string | null>(commonOf, first);
}

function commonOf(one: string | null, other: string): string | null {
  return one === null ? null : commonRegionCode(one, other);
}

function regionsOf(cause: AlertCause, root: Alert | null, { surroundings, locator }: PlaceSources): readonly string[] {
  const { topology } = surroundings;
  if (cause.kind === 'shared-risk') {
    const risk = surroundings.risks.find(({ id }) => (id as string) === cause.id);
    const links = risk?.linkIds.flatMap((id) => locator.sitesOf({ kind: 'link', id })) ?? [];
    const sites = risk?.siteIds.flatMap((id) => topology.sites.get(id) ?? []) ?? [];
    return [...new Set([...links, ...sites].map((site) => site.regionCode))].sort();
  }
  if (cause.kind === 'site') return locator.sitesOf(cause).map((site) => site.regionCode);
  if (root !== null && cause.reason === 'rule') {
    return [...new Set(locator.sitesOf(root.subject, root).map((site) => site.regionCode))];
  }
  if (cause.kind === 'service') return locator.sitesOf(cause).map((site) => site.regionCode);
  if (cause.kind === 'device' || cause.kind === 'link') {
    return [...new Set(causeRegionCodes({ ...cause, kind: cause.kind }, topology))];
  }
  // An agent, or Arung itself: who may read everywhere.
  return [];
}

function placeOf(cause: AlertCause, root: Alert | null, alerts: readonly Alert[], sources: PlaceSources): Place | null {
  const { topology, risks } = sources.surroundings;
  const at = (site: TopologySite | undefined, what: string): Place | null =>
    site === undefined ? null : sitePlace(site, what, sources.surroundings);
  if (cause.kind === 'link') return linkPlace(cause.id as LinkId, sources);
  if (cause.kind === 'site') return at(topology.sites.get(cause.id as SiteId), '');
  if (cause.kind === 'shared-risk') {
    const risk = risks.find(({ id }) => (id as string) === cause.id);
    const isHit = (id: string): boolean => alerts.some(({ subject }) => subject.id === id);
    const link = risk?.linkIds.find(isHit);
    const where = link === undefined ? null : linkPlace(link, sources);
    return where ?? at(topology.sites.get(risk?.siteIds.find(isHit) ?? ('' as SiteId)), '');
  }
  const subject = root?.subject ?? cause;
  const [site] = sources.locator.sitesOf(subject, root ?? undefined);
  const device = topology.devices.get(sources.locator.deviceOf(subject, root ?? undefined) ?? ('' as DeviceId));
  const isPort = subject.kind === 'interface';
  return at(site, isPort ? `${device?.name ?? ''} ${subject.name}`.trim() : (device?.name ?? subject.name));
}

function linkPlace(id: LinkId, { surroundings, readings }: PlaceSources): Place | null {
  const link = surroundings.topology.links.get(id);
  if (link === undefined) return null;
  const [near] = endsOf(link, readings);
  const site = surroundings.topology.sites.get(near.siteId);
  const device = surroundings.topology.devices.get(near.deviceId)?.name ?? '';
  return site === undefined ? null : sitePlace(site, `${device} ${near.interfaceName}`, surroundings);
}

function sitePlace(site: TopologySite, at: string, { notes }: Surroundings): Place {
  return {
    name: site.name,
    latitude: site.latitude,
    longitude: site.longitude,
    at,
    accessNotes: notes.get(site.id)?.accessNotes ?? '',
    siteId: site.id,
  };
}
