import type { Alert } from '../../domain/alert.ts';
import type { DeviceId, SiteId } from '../../domain/ids.ts';
import type { Hurt, HurtSite } from '../../domain/incident.ts';
import type { Topology } from '../../domain/topology.ts';
import { isDarkness } from '../state-alerts.ts';
import type { ServicesNow } from './surroundings.ts';

/**
 * Whom these alerts hurt: the sites that are dark, the devices at each, and the services that sites lost, because they are
 * dark themselves or because what darkens the service is among the alerts.
 */
export function hurtBy(alerts: readonly Alert[], topology: Topology, services: ServicesNow): Hurt {
  const sites = new Map<SiteId, { isDark: boolean; devices: number; terminals: number; services: number[] }>();
  const siteOf = (id: SiteId) => {
    const known = sites.get(id);
    if (known !== undefined) return known;
    const made = { isDark: false, devices: 0, terminals: 0, services: [] as number[] };
    sites.set(id, made);
    return made;
  };
  for (const { subject } of alerts.filter(isDarkness)) {
    if (subject.kind === 'site') siteOf(subject.id as SiteId).isDark = true;
    if (subject.kind !== 'device') continue;
    const device = topology.devices.get(subject.id as DeviceId);
    if (device === undefined) continue;
    const site = siteOf(device.siteId);
    site.devices++;
    if (device.role === 'terminal') site.terminals++;
  }
  const named = lostServices(alerts, services, (id) => sites.get(id)?.isDark === true);
  for (const [index, { lost }] of named.entries()) for (const id of lost) siteOf(id).services.push(index);
  return {
    services: named.map(({ id, name }) => ({ id, name })),
    sites: [...sites].flatMap(([id, hurt]): HurtSite[] => {
      const site = topology.sites.get(id);
      return site === undefined ? [] : [{ id, kind: site.kind, regionCode: site.regionCode, ...hurt }];
    }),
  };
}

function lostServices(alerts: readonly Alert[], services: ServicesNow, isDark: (id: SiteId) => boolean) {
  const causes = new Set(alerts.map(({ cause }) => cause?.id));
  const failed = new Set(alerts.filter(({ subject }) => subject.kind === 'service').map(({ subject }) => subject.id));
  return services.watched().flatMap((service) => {
    const lost = services
      .outlookOf(service)
      .lost.filter(({ siteId, state, cause }) => {
        if (isDark(siteId as SiteId) && state !== 'unknown') return true;
        if (state === 'down') return failed.has(service.id);
        return cause !== null && causes.has(cause.id);
      })
      .map(({ siteId }) => siteId as SiteId);
    return lost.length === 0 ? [] : [{ id: service.id, name: service.name, lost }];
  });
}
