import type { EventView } from '../../../../src/live/messages.ts';
import type { Network } from './network.ts';

const together = 90_000;

/**
 * The last events, one for each thing that happened: a cut that darkens twenty sites is one line, not sixty. Devices
 * speak through their site, sites through the link or device that explains them; a cable inside a site is not drawn and
 * stands in the table of events. Incidents have a list of their own.
 */
export function whatChanged(events: readonly EventView[], network: Network): EventView[] {
  const isDrawn = (event: EventView) => event.entityId !== null && network.linkById.has(event.entityId);
  const causes = events.filter((event) => event.entityKind === 'link' && isDrawn(event));
  const kept: EventView[] = [];
  for (const event of events) {
    if (event.entityKind === 'incident') continue;
    const reachability = /\.(up|down|unreachable|unknown)$/.test(event.key);
    if (reachability && (event.entityKind === 'device' || event.key.startsWith('interface.'))) continue;
    const near = (other: EventView) => Math.abs(other.at - event.at) < together;
    if (reachability && event.entityKind === 'site' && causes.some(near)) continue;
    // Two links that fall are two things; forty devices that restart at once are one.
    if (event.entityKind !== 'link' && kept.some((other) => other.key === event.key && near(other))) continue;
    if (event.entityKind === 'link' && !isDrawn(event)) continue;
    kept.push(event);
  }
  return kept;
}

/** Moments at which something broke, for the signs over the time slider; what broke in one moment is one sign. */
export function breaksOf(events: readonly EventView[]): { at: number; severity: 'critical' | 'warning' }[] {
  const worst = new Map<number, 'critical' | 'warning'>();
  for (const { key, at } of events) {
    if (key === 'link.down') worst.set(at, 'critical');
    else if (key === 'site.down' && !worst.has(at)) worst.set(at, 'warning');
  }
  return [...worst].map(([at, severity]) => ({ at, severity }));
}
