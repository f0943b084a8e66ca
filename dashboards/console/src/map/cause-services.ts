import type { ServiceSitesView } from '../../../../src/api/views.ts';

export interface LostServices {
  /** Names, those that as many of the sites lost together. */
  readonly names: readonly string[];
  readonly sites: number;
  readonly state: 'down' | 'unreachable' | 'unknown';
}

/** What these sites have lost, most first. */
export function lostServices(view: ServiceSitesView, siteIds: ReadonlySet<string>): readonly LostServices[] {
  const counts = new Map<string, number>();
  for (const site of view.sites) {
    if (!siteIds.has(site.id)) continue;
    for (const { serviceId, state } of site.lost) {
      const key = `${serviceId} ${state}`;
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
  }
  const lines = new Map<string, { names: string[]; sites: number; state: LostServices['state'] }>();
  for (const { id, name } of view.services) {
    for (const state of ['down', 'unreachable', 'unknown'] as const) {
      const sites = counts.get(`${id} ${state}`);
      if (sites === undefined) continue;
      const line = lines.get(`${sites} ${state}`);
      if (line === undefined) lines.set(`${sites} ${state}`, { names: [name], sites, state });
      else line.names.push(name);
    }
  }
  return [...lines.values()].sort((one, other) => other.sites - one.sites);
}
