import { inScope, type Scope } from './access.ts';
import type { DeviceId, LinkId, SiteId } from './ids.ts';
import type { Cause } from './reachability.ts';
import { parentOfCode, isWithin } from './region.ts';
import type { Topology } from './topology.ts';

/**
 * Where a cause lies: the regions of its device, or of both ends of its link. Empty for an agent, the controller, or
 * what the inventory no longer has: nobody but who may read everywhere sees more of it than its name and time.
 */
export function causeRegionCodes(cause: Cause, topology: Topology): readonly string[] {
  const regionOf = (siteId: SiteId): string | undefined => topology.sites.get(siteId)?.regionCode;
  if (cause.kind === 'device') {
    const device = topology.devices.get(cause.id as DeviceId);
    const region = device && regionOf(device.siteId);
    return region === undefined ? [] : [region];
  }
  if (cause.kind === 'link') {
    const link = topology.links.get(cause.id as LinkId);
    const a = link && regionOf(link.a.siteId);
    const b = link && regionOf(link.b.siteId);
    return a === undefined || b === undefined ? [] : [a, b];
  }
  return [];
}

/** Whether a reader of this scope may know more of a cause than its name and time. */
export function seesCause(scope: Scope, regionCodes: readonly string[]): boolean {
  return scope === 'everywhere' || (regionCodes.length > 0 && regionCodes.every((code) => inScope(scope, code)));
}

/** The smallest region that holds both; null when they share not even a province. */
export function commonRegionCode(a: string, b: string): string | null {
  for (let code: string | null = a; code !== null; code = parentOfCode(code)) if (isWithin(b, code)) return code;
  return null;
}
