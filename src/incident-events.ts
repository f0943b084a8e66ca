import type { DeskNews } from './alerting/desk/alert-desk.ts';
import type { LockedIncident } from './alerting/desk/incident-request.ts';
import { lastedS } from './alerting/desk/round.ts';
import type { IncidentChange } from './alerting/incidents/incident-book.ts';
import { currentCause, type AlertCause, type Severity } from './domain/alert.ts';
import type { Clock } from './domain/clock.ts';
import type { EventKey, NetworkEvent } from './domain/event.ts';
import { newId } from './domain/ids.ts';
import { incidentName } from './domain/incident.ts';
import type { Cause } from './domain/reachability.ts';
import type { PlacedEvent } from './domain/status-change.ts';
import type { History } from './status/history.ts';

export interface IncidentEvents {
  /** What the alert desk wrote. */
  written(news: DeskNews): void;
  /** Somebody took an incident, or was given it. Who it was is read with the incident, by who may know people. */
  taken(incident: LockedIncident): void;
}

/** What becomes of incidents, told in the journal of events and on the live stream beside what happens in the network. */
export function incidentEvents(options: {
  readonly history: Pick<History, 'record'>;
  readonly tell: (event: PlacedEvent) => void;
  readonly clock: Clock;
}): IncidentEvents {
  const { history, tell, clock } = options;
  const record = (of: Told): void => {
    const { key, id, number, at, regionCode, cause, severity, more = {} } = of;
    const event: NetworkEvent = {
      id: newId(),
      at,
      key,
      entityKind: 'incident',
      entityId: id,
      entityName: incidentName(number),
      siteId: null,
      regionCode,
      cause: plainCause(cause),
      arguments: { cause: cause.name, severity, ...more },
    };
    history.record(event);
    tell({ event, causeRegionCodes: of.causeRegionCodes });
  };
  return {
    written: ({ changes, incidents, ended }) => {
      const known = new Map([...incidents, ...ended.map((kept) => [kept.incident.id, kept] as const)]);
      for (const change of changes) {
        const told = keyOf(change);
        const kept = known.get(change.incident.id);
        if (told === null || kept === undefined || kept.number === null) continue;
        const { id, severity } = change.incident;
        const into = change.kind === 'merged' ? (known.get(change.into.id)?.number ?? null) : null;
        record({
          ...told,
          id,
          number: kept.number,
          at: clock.now(),
          regionCode: kept.regionCode,
          causeRegionCodes: kept.causes.at(-1)?.regionCodes ?? [],
          cause: currentCause(change.incident),
          severity,
          ...(change.kind === 'merged' && { more: { into: into === null ? null : incidentName(into) } }),
        });
      }
    },
    taken: ({ id, number, regionCode, cause, severity }) => {
      const { regionCodes: causeRegionCodes } = cause;
      record({
        key: 'incident.taken',
        id,
        number,
        at: clock.now(),
        regionCode,
        causeRegionCodes,
        cause: cause.cause,
        severity,
      });
    },
  };
}

interface Told {
  readonly key: EventKey;
  readonly id: string;
  readonly number: number;
  readonly at: number;
  readonly regionCode: string | null;
  readonly causeRegionCodes: readonly string[];
  readonly cause: AlertCause;
  readonly severity: Severity;
  readonly more?: NetworkEvent['arguments'];
}

/** Which changes are events: what spreads, ceases and comes back is in the incident's own log. */
function keyOf(change: IncidentChange): Pick<Told, 'key' | 'more'> | null {
  switch (change.kind) {
    case 'opened':
      return { key: 'incident.opened' };
    case 'revised':
      return { key: 'incident.revised', more: { from: change.from.name } };
    case 'resolved':
      return { key: 'incident.closed', more: { lastedS: lastedS(change.incident) } };
    case 'merged':
      return { key: 'incident.merged' };
    default:
      return null;
  }
}

/** Causes of status go with the event as of any other; what only alerting knows (a feeder, a rule) is named alone. */
function plainCause({ kind, id, name, since, certainty, reason }: AlertCause): Cause | null {
  const isPlain = kind === 'device' || kind === 'link' || kind === 'agent' || kind === 'controller';
  return isPlain && reason !== 'rule' ? { kind, id, name, since, certainty } : null;
}
