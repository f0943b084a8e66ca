import type { Alert, AlertCause } from '../../domain/alert.ts';
import type { IncidentSilence } from '../../database/tables/alerting.ts';
import type { DeviceId, LinkId, SiteId } from '../../domain/ids.ts';
import { incidentName } from '../../domain/incident.ts';
import type { Silence } from '../../domain/silence.ts';
import type { Topology } from '../../domain/topology.ts';
import { rootAlert } from './evidence.ts';
import { regionOfAlert } from './place.ts';
import type { PeopleNow, SilenceFacts } from './recipients.ts';
import type { Locator, Surroundings } from './surroundings.ts';

export interface SilencingSources {
  readonly surroundings: Surroundings;
  readonly locator: Locator;
  readonly people: PeopleNow;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/**
 * The silence that an incident lies in: that of what broke, or, where that is told from many things or is elsewhere, one
 * that fits each of its alerts. While it lasts nobody is told.
 */
export function silenceOfIncident(
  { cause, alerts, number }: { cause: AlertCause; alerts: readonly Alert[]; number: number | null },
  { surroundings, locator, people, now }: SilencingSources,
): IncidentSilence | null {
  const silenceOf = (alert: Alert): Silence | null =>
    people.silenceOf(factsOf(alert, { number, surroundings, locator }), now);
  const root = rootAlert(cause, alerts);
  const ofRoot = root === null ? null : silenceOf(root);
  if (ofRoot !== null) return viewOf(ofRoot);
  let last: Silence | null = null;
  for (const alert of alerts) {
    const silence = silenceOf(alert);
    if (silence === null) return null;
    // The first to end lets the first of its alerts speak.
    if (last === null || Date.parse(silence.to) < Date.parse(last.to)) last = silence;
  }
  return last === null ? null : viewOf(last);
}

function viewOf({ id, reason, to }: Silence): IncidentSilence {
  return { id, reason, to };
}

function factsOf(
  alert: Alert,
  { number, surroundings, locator }: { number: number | null } & Pick<SilencingSources, 'surroundings' | 'locator'>,
): SilenceFacts {
  const { subject, rule, severity } = alert;
  const { topology, notes, deviceTags } = surroundings;
  const [site] = locator.sitesOf(subject, alert);
  const device = topology.devices.get(locator.deviceOf(subject, alert) ?? ('' as DeviceId));
  const tags = [
    ...(device === undefined ? [] : (deviceTags.get(device.id) ?? [])),
    ...(site === undefined ? [] : (notes.get(site.id)?.tags ?? [])),
  ];
  return {
    rule,
    severity,
    regionCode: regionOfAlert(alert, locator),
    siteCode: site?.code ?? null,
    deviceName: device?.name ?? null,
    linkName: subject.kind === 'link' ? subject.name : null,
    role: device?.role ?? null,
    network: site?.network ?? null,
    tags,
    incidentName: number === null ? null : incidentName(number),
  };
}

/** Whether what broke is under planned work: what lies behind it is no news either. */
export function isPlanned(cause: AlertCause, { devices, links }: Topology): boolean {
  const isWorkedOn = (id: DeviceId): boolean => devices.get(id)?.maintenance === true;
  if (cause.kind === 'device') return isWorkedOn(cause.id as DeviceId);
  if (cause.kind === 'link') {
    const link = links.get(cause.id as LinkId);
    return link !== undefined && (isWorkedOn(link.a.deviceId) || isWorkedOn(link.b.deviceId));
  }
  if (cause.kind !== 'site') return false;
  const there = [...devices.values()].filter(({ siteId, gateway }) => siteId === (cause.id as SiteId) && gateway);
  return there.length > 0 && there.every(({ maintenance }) => maintenance);
}
