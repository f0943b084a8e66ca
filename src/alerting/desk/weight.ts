import { severities, type Alert, type AlertCause, type Severity } from '../../domain/alert.ts';
import type { DeviceId, SiteId } from '../../domain/ids.ts';
import { impactOf, type Hurt } from '../../domain/incident.ts';
import { isDarkness } from '../state-alerts.ts';
import { attendanceAt } from './attendance.ts';
import type { Surroundings } from './surroundings.ts';

/** So many dark sites are worth waking somebody, whatever kind they are. */
const manySites = 5;

export interface Weighed {
  readonly cause: AlertCause;
  readonly alerts: readonly Alert[];
  readonly hurt: Hurt;
}

/**
 * How much an incident matters, all in all: by whom it hurts and at which hour. What nobody feels (a cable whose traffic
 * goes another way) wakes nobody; an office of a kecamatan, an agency, a POP, many sites or a service does; a terminal
 * does in the hours in which people clock in and out, and waits for the digest on a day on which nobody comes.
 */
export function severityOf({ cause, alerts, hurt }: Weighed, surroundings: Surroundings, at: number): Severity {
  const dark = alerts.filter(isDarkness);
  const words = alerts.filter((alert) => !isDarkness(alert)).map(({ severity }) => severity);
  if (dark.length > 0) words.push(weightOf({ cause, alerts: dark, hurt }, surroundings, at));
  return severities.find((severity) => words.includes(severity)) ?? 'info';
}

function weightOf({ cause, alerts, hurt }: Weighed, surroundings: Surroundings, at: number): Severity {
  const { sites, siteIds } = impactOf(hurt);
  if (sites.agency + sites.district + sites.pop > 0 || siteIds.length >= manySites) return 'critical';
  const hours = terminalSites(alerts, surroundings).map((site) =>
    attendanceAt(surroundings.notes.get(site)?.calendar ?? null, at),
  );
  if (hours.includes('attendance')) return 'critical';
  if (siteIds.length > 0) return 'warning';
  if (cause.kind === 'device') {
    const device = surroundings.topology.devices.get(cause.id as DeviceId);
    if (device?.role === 'terminal') return hours.includes('office-day') ? 'warning' : 'info';
  }
  return 'warning';
}

/** Where a terminal is dark. */
function terminalSites(alerts: readonly Alert[], { topology }: Surroundings): SiteId[] {
  return alerts.flatMap(({ subject }) => {
    const device = subject.kind === 'device' ? topology.devices.get(subject.id as DeviceId) : undefined;
    return device?.role === 'terminal' ? [device.siteId] : [];
  });
}
