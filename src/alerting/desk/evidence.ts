import { alertKey, type Alert, type AlertCause } from '../../domain/alert.ts';
import type { EvidenceKey, evidenceArguments } from '../../domain/evidence-keys.ts';
import type { DeviceId, LinkId, SiteId } from '../../domain/ids.ts';
import type { Evidence, Hurt } from '../../domain/incident.ts';
import type { TopologyLink, TopologyLinkEnd } from '../../domain/topology.ts';
import { onBattery } from '../incidents/grouping.ts';
import { isDarkness } from '../state-alerts.ts';
import type { Readings, Surroundings } from './surroundings.ts';

type Arguments<Key extends EvidenceKey> = Record<
  (typeof evidenceArguments)[Key][number],
  string | number | boolean | null
>;

function say<Key extends EvidenceKey>(key: Key, given: Arguments<Key>): Evidence {
  return { key, arguments: given };
}

export interface EvidenceSources {
  readonly surroundings: Surroundings;
  readonly readings: Readings;
  /** Devices that had begun anew when they were back, with their uptime then, seconds. */
  readonly restarted: ReadonlyMap<string, number>;
}

export interface Explained {
  readonly cause: AlertCause;
  readonly alerts: readonly Alert[];
  readonly hurt: Hurt;
}

/** What speaks for a cause, the strongest first, and how sure it is at the end. */
export function evidenceFor(explained: Explained, sources: EvidenceSources): readonly Evidence[] {
  const found = [
    ...ownWords(explained),
    ...causeWords(explained, sources),
    ...powerWords(explained, sources),
    ...[restartWord(explained.cause, sources.restarted)].filter((word) => word !== null),
    ...pathWords(explained),
  ];
  return [...found, say('certainty', { percent: Math.round(explained.cause.certainty * 100) })];
}

/** The ends of a link, the near one first: that which is not in the dark. */
export function endsOf(link: TopologyLink, readings: Readings): readonly [TopologyLinkEnd, TopologyLinkEnd] {
  const isLit = (end: TopologyLinkEnd): boolean => readings.stateOf('device', end.deviceId)?.state === 'up';
  return isLit(link.b) && !isLit(link.a) ? [link.b, link.a] : [link.a, link.b];
}

/** What rules, services and Arung's own parts said themselves, of what the incident is about. */
function ownWords({ cause, alerts }: Explained): Evidence[] {
  const isIt = ({ key, subject }: Alert): boolean =>
    cause.id === key || cause.kind === 'controller' || (cause.kind === subject.kind && cause.id === subject.id);
  const said = alerts.filter((alert) => isIt(alert) && !isDarkness(alert)).flatMap((alert) => alert.evidence ?? []);
  // Of a link that is down the light at its near end is told by `linkWords`, with what is usual there.
  const isCut = cause.kind === 'link' && cause.reason === 'failed';
  return isCut ? said.filter(({ key }) => key !== 'rule.value') : said;
}

function causeWords({ cause, alerts }: Explained, sources: EvidenceSources): Evidence[] {
  const { topology } = sources.surroundings;
  if (cause.reason === 'silent') {
    const unseen = [...topology.devices.values()].filter(({ agentId }) => (agentId as string) === cause.id).length;
    return [say('agent.silent', { agent: cause.name, sinceAt: cause.since }), say('agent.unseen', { devices: unseen })];
  }
  if (cause.reason === 'failed' && cause.kind === 'link') {
    const link = topology.links.get(cause.id as LinkId);
    return link === undefined ? [] : linkWords(link, cause.since, sources);
  }
  if (cause.reason === 'failed' && cause.kind === 'device') return deviceWords(cause, sources);
  if (cause.kind === 'shared-risk') return riskWords(cause, alerts, sources);
  return [];
}

function linkWords(link: TopologyLink, since: number, { surroundings, readings }: EvidenceSources): Evidence[] {
  const [near, far] = endsOf(link, readings);
  const nameOf = (end: TopologyLinkEnd): string => surroundings.topology.devices.get(end.deviceId)?.name ?? '';
  const named = { device: nameOf(near), interface: near.interfaceName };
  const port = readings.portOf(near.interfaceId);
  const found: Evidence[] = [];
  if (port?.status === 'down') {
    const key = link.medium === 'fibre' ? 'link.no-light' : 'link.port-down';
    found.push(say(key, { ...named, sinceAt: port.since }));
  } else if (port?.status === 'up') found.push(say('link.near-up', named));
  const optical = readings.opticalOf(near.interfaceId, since);
  if (optical !== null && optical.nowDbm !== null) found.push(say('link.optical-power', { ...named, ...optical }));
  if (readings.stateOf('device', far.deviceId)?.state !== 'up') {
    const site = surroundings.topology.sites.get(far.siteId)?.name ?? '';
    found.push(say('link.dark-end', { device: nameOf(far), site }));
  }
  return found;
}

function deviceWords(cause: AlertCause, { surroundings, readings }: EvidenceSources): Evidence[] {
  const { topology } = surroundings;
  const found = [say('device.silent', { device: cause.name, sinceAt: cause.since })];
  let gone = 0;
  for (const link of topology.links.values()) {
    if (link.a.deviceId !== cause.id && link.b.deviceId !== cause.id) continue;
    const near = link.a.deviceId === cause.id ? link.b : link.a;
    const neighbour = topology.devices.get(near.deviceId);
    if (neighbour === undefined || readings.stateOf('device', neighbour.id)?.state !== 'up') continue;
    const status = readings.portOf(near.interfaceId)?.status;
    if (status === 'down') gone++;
    const isWire = link.medium === 'fibre' || link.medium === 'copper';
    if (status === 'up' && isWire && !found.some(({ key }) => key === 'device.light-seen')) {
      const named = { device: cause.name, neighbour: neighbour.name, interface: near.interfaceName };
      const region = topology.sites.get(neighbour.siteId)?.regionCode;
      // The neighbour may be another region's: only who reads there, too, gets this sentence.
      found.push({ ...say('device.light-seen', named), ...(region !== undefined && { regionCodes: [region] }) });
    }
  }
  if (gone > 0) found.push(say('device.light-gone', { device: cause.name, neighbours: gone }));
  return found;
}

function riskWords(cause: AlertCause, alerts: readonly Alert[], { surroundings }: EvidenceSources): Evidence[] {
  const risk = surroundings.risks.find(({ id }) => (id as string) === cause.id);
  if (risk === undefined) return [];
  const isFeeder = risk.kind === 'power-feeder';
  const hit = new Set(alerts.map(({ subject }) => subject.id));
  const carried: readonly string[] = isFeeder ? risk.siteIds : risk.linkIds;
  const failed = carried.filter((id) => hit.has(id)).length;
  return [say('risk.covered', { risk: risk.name, failed, all: carried.length })];
}

function powerWords({ cause, alerts }: Explained, { surroundings, readings }: EvidenceSources): Evidence[] {
  if (cause.reason !== 'power') {
    if (cause.reason !== 'failed' || cause.kind !== 'device') return [];
    const voltage = readings.voltageOf(cause.id);
    return voltage === null ? [] : [say('power.voltage', { device: cause.name, ...voltage })];
  }
  const found: Evidence[] = [];
  const [battery] = alerts.filter(({ rule }) => rule === onBattery).sort((a, b) => a.since - b.since);
  if (battery !== undefined) {
    const name = surroundings.topology.sites.get(siteOf(battery, surroundings) ?? ('' as SiteId))?.name;
    found.push(say('power.on-battery', { site: name ?? battery.subject.name, sinceAt: battery.since }));
  }
  const dark = alerts.filter(({ subject }) => subject.kind === 'site');
  if (dark.length > 1) {
    const times = dark.map(({ since }) => since);
    const withinS = Math.round((Math.max(...times) - Math.min(...times)) / 1000);
    found.push(say('power.at-once', { sites: dark.length, withinS }));
  }
  return found;
}

function siteOf({ subject, deviceId }: Alert, { topology }: Surroundings): SiteId | null {
  if (subject.kind === 'site') return subject.id as SiteId;
  return topology.devices.get(deviceId ?? (subject.id as DeviceId))?.siteId ?? null;
}

/** Devices that have come back already and had been off tell of the power; the failed one itself tells that it was it. */
export function restartWord(cause: AlertCause, restarted: ReadonlyMap<string, number>): Evidence | null {
  if (restarted.size === 0) return null;
  if (cause.reason === 'power') return say('power.confirmed', { devices: restarted.size });
  const uptimeS = cause.kind === 'device' ? restarted.get(cause.id) : undefined;
  return uptimeS === undefined ? null : say('device.restarted', { device: cause.name, uptimeS });
}

function pathWords({ cause, alerts, hurt }: Explained): Evidence[] {
  if (cause.reason !== 'failed' || (cause.kind !== 'link' && cause.kind !== 'device')) return [];
  if (hurt.sites.some(({ isDark }) => isDark)) return [say('path.none', {})];
  const isLink = cause.kind === 'link' && alerts.every(({ subject }) => subject.kind === 'link');
  return isLink ? [say('path.redundant', {})] : [];
}

/** The alert that an incident is about: of the cause itself. Null where the cause is told from many (a feeder). */
export function rootAlert(cause: AlertCause, alerts: readonly Alert[]): Alert | null {
  const dark = alertKey(`${cause.kind}.dark`, cause);
  const own = alerts.find(({ key }) => key === cause.id || key === dark);
  return own ?? alerts.find(({ subject }) => subject.kind === cause.kind && subject.id === cause.id) ?? null;
}
