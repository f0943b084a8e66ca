import { alertKey, type Alert, type AlertCause, type Severity, type Subject } from '../domain/alert.ts';
import type { DeviceId, LinkId, SiteId } from '../domain/ids.ts';
import type { Cause, EntityKind, EntityState } from '../domain/reachability.ts';
import { linkPlaces } from '../domain/place-name.ts';
import type { Topology } from '../domain/topology.ts';

/** The states that somebody announced: what is not up now, and how it is. */
export interface AnnouncedStates {
  idsNotUp(kind: EntityKind): readonly string[];
  stateOf(kind: EntityKind, id: string): EntityState | null;
}

/** With what was measured beneath planned work that is announced over it. */
export interface MeasuredStates extends AnnouncedStates {
  /** Of a device; null where nothing was measured. */
  measuredOf(deviceId: string): EntityState | null;
}

/**
 * The alerts of reachability: one for each device, site and link that is down or unreachable, with what status says is
 * the cause. Planned work makes none. What an agent that went silent watches is unknown, not down: it is told of the
 * agent once, by `agent.silent`.
 */
export function stateAlerts(states: AnnouncedStates, topology: Topology): readonly Alert[] {
  const alerts = new Map<string, Alert>();
  for (const kind of ['link', 'device', 'site'] as const) {
    for (const id of states.idsNotUp(kind)) {
      const state = states.stateOf(kind, id);
      const subject = subjectOf(kind, id, topology);
      if (state === null || subject === null) continue;
      const alert = alertOf(subject, state, topology);
      if (alert !== null) alerts.set(alert.key, alert);
    }
  }
  return [...alerts.values()];
}

function alertOf(subject: Subject, { state, since, cause }: EntityState, topology: Topology): Alert | null {
  const told = cause === null ? null : withPlaces(causeOf(cause), topology);
  if (state === 'down' || state === 'unreachable') {
    const rule = `${subject.kind}.${state}`;
    // One key for both: whether it is down or cut off is judged anew as evidence comes, and it is the same outage.
    const key = alertKey(`${subject.kind}.dark`, subject);
    // What is down without a cause is its own: the device or link failed.
    const own = withPlaces({ ...subject, reason: 'failed', since, certainty: 1 }, topology);
    return {
      key,
      rule,
      subject,
      severity: severityOf(subject, topology),
      since,
      cause: told ?? own,
    };
  }
  // Of what Arung itself cannot see, its own fault tells.
  if (state !== 'unknown' || told?.reason !== 'silent' || told.kind === 'controller') return null;
  const agent: Subject = { kind: told.kind, id: told.id, name: told.name };
  const rule = `${agent.kind}.silent`;
  return { key: alertKey(rule, agent), rule, subject: agent, severity: 'critical', since: told.since, cause: told };
}

const darkness: ReadonlySet<string> = new Set(
  ['device', 'site', 'link'].flatMap((kind) => [`${kind}.down`, `${kind}.unreachable`]),
);

/** Whether the alert says that something is dark: one of those above. */
export function isDarkness({ rule }: Pick<Alert, 'rule'>): boolean {
  return darkness.has(rule);
}

/** A link is called by the places that it joins. */
function withPlaces(cause: AlertCause, topology: Topology): AlertCause {
  const link = cause.kind === 'link' ? topology.links.get(cause.id as LinkId) : undefined;
  const [a, b] = link ? [topology.sites.get(link.a.siteId), topology.sites.get(link.b.siteId)] : [];
  if (!link || !a || !b || a === b) return cause;
  return { ...cause, link: { places: linkPlaces(a.name, b.name), medium: link.medium } };
}

export function causeOf({ kind, id, name, since, certainty }: Cause): AlertCause {
  const isSilence = kind === 'agent' || kind === 'controller';
  return { kind, id, name, reason: isSilence ? 'silent' : 'failed', since, certainty };
}

function subjectOf(kind: EntityKind, id: string, topology: Topology): Subject | null {
  const found =
    kind === 'device'
      ? topology.devices.get(id as DeviceId)
      : kind === 'site'
        ? topology.sites.get(id as SiteId)
        : topology.links.get(id as LinkId);
  return found === undefined ? null : { kind, id, name: found.name };
}

/** Of the thing alone: what it hurts, and at which hour, is weighed with the incident. */
function severityOf(subject: Subject, topology: Topology): Severity {
  if (subject.kind === 'site')
    return topology.sites.get(subject.id as SiteId)?.kind === 'village' ? 'warning' : 'critical';
  if (subject.kind === 'link') return topology.links.get(subject.id as LinkId)?.trunk === true ? 'critical' : 'warning';
  return 'warning';
}
