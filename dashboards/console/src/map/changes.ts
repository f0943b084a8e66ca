import type { EventView } from '../../../../src/live/messages.ts';

const together = 90_000;

/**
 * The last events, one for each thing that happened: a cut that darkens twenty sites is one line, not sixty. Devices
 * speak through their site, sites through the link or device that explains them.
 */
export function whatChanged(events: readonly EventView[]): EventView[] {
  const causes = events.filter((event) => event.entityKind === 'link');
  const kept: EventView[] = [];
  for (const event of events) {
    const reachability = /\.(up|down|unreachable|unknown)$/.test(event.key);
    if (reachability && (event.entityKind === 'device' || event.key.startsWith('interface.'))) continue;
    if (reachability && event.entityKind === 'site') {
      const explained = causes.some((cause) => Math.abs(cause.at - event.at) < together);
      const repeated = kept.some((other) => other.key === event.key && Math.abs(other.at - event.at) < together);
      if (explained || repeated) continue;
    }
    kept.push(event);
  }
  return kept;
}

/** Moments at which something broke, for the signs over the time slider. */
export function breaksOf(events: readonly EventView[]): { at: number; severity: 'critical' | 'warning' }[] {
  return events.flatMap((event) =>
    event.key === 'link.down' || event.key === 'site.down'
      ? [{ at: event.at, severity: event.key === 'link.down' ? ('critical' as const) : ('warning' as const) }]
      : [],
  );
}
