import { currentCause, type Alert, type AlertCause, type Incident } from '../../domain/alert.ts';
import type { Clock } from '../../domain/clock.ts';
import type { IncidentId } from '../../domain/ids.ts';
import type { NoticeKind } from '../../domain/notice.ts';
import type { PeopleBook } from '../../domain/people-book.ts';
import type { StatusChange } from '../../domain/status-change.ts';
import type { Topology } from '../../domain/topology.ts';
import { alertsNow } from '../desk/alerts-now.ts';
import { decide, defaultNoticeRules } from '../desk/decisions.ts';
import {
  noProgress,
  type DecidedNotice,
  type KeptIncident,
  type NoticeDraft,
  type Progress,
} from '../desk/kept-incident.ts';
import { PeopleOfDesk } from '../desk/people-now.ts';
import { lookAt, type RoundResult } from '../desk/round.ts';
import { noServices, type Readings } from '../desk/surroundings.ts';
import type { Risk } from '../incidents/grouping.ts';
import { IncidentBook } from '../incidents/incident-book.ts';
import type { MeasuredStates } from '../state-alerts.ts';

/** A message that would have been sent. Times in milliseconds since the epoch. */
export interface SentNotice {
  readonly at: number;
  readonly kind: NoticeKind;
  readonly incidentId: IncidentId;
  /** Name of the person. */
  readonly to: string;
  readonly why: string;
  readonly cause: AlertCause;
  /** Sites that the message says are dark. */
  readonly sites: number;
}

export interface DeskOptions {
  readonly states: MeasuredStates;
  readonly topology: Topology;
  readonly risks: readonly Risk[];
  readonly people: PeopleBook;
  readonly clock: Clock;
}

/** The alert desk without its database: the same rounds and decisions, kept in memory; what is due is sent at once. */
export class Desk {
  readonly notices: SentNotice[] = [];
  /** Every incident that ever was, as it was last. */
  readonly incidents = new Map<IncidentId, Incident>();
  readonly #options: DeskOptions;
  readonly #people: PeopleOfDesk;
  readonly #book = new IncidentBook();
  readonly #progress = new Map<IncidentId, Progress>();
  readonly #restarted = new Map<string, number>();
  readonly #readings: Readings;
  #kept: ReadonlyMap<IncidentId, KeptIncident> = new Map();
  #numbers = 0;
  /** Milliseconds from the last look until the next one is wanted though nothing changes; Infinity for never. */
  nextInMs = Number.POSITIVE_INFINITY;

  constructor(options: DeskOptions) {
    this.#options = options;
    this.#people = new PeopleOfDesk({
      current: () => options.people,
      silences: () => [],
      onChange: () => () => undefined,
    });
    this.#readings = {
      stateOf: (kind, id) => options.states.stateOf(kind, id),
      portOf: () => null,
      opticalOf: () => null,
      voltageOf: () => null,
    };
  }

  /** Those that are not over. */
  get open(): readonly Incident[] {
    return [...this.#kept.values()].map(({ incident }) => incident);
  }

  /** Devices that began anew say so of what they were dark in. */
  note({ events }: Pick<StatusChange, 'events'>): void {
    for (const { event } of events) {
      const { uptimeS, explainsSilence } = event.arguments;
      if (event.key !== 'device.restarted' || explainsSilence !== true || typeof uptimeS !== 'number') continue;
      if (event.entityId !== null) this.#restarted.set(event.entityId, uptimeS);
    }
  }

  /** One round. `ruleAlerts`: what rules say, beside the states. */
  look(ruleAlerts: readonly Alert[]): void {
    const { states, topology, risks, clock } = this.#options;
    const now = clock.now();
    const people = this.#people.now();
    const alerts = alertsNow({
      states,
      topology,
      services: noServices,
      rules: ruleAlerts,
      foreign: [],
      faults: [],
      blindness: null,
      ownAgentId: null,
      held: [...this.#kept.values()].flatMap((kept) => kept.alerts),
      now,
    });
    const round = lookAt(this.#kept, {
      alerts,
      surroundings: { topology, risks, notes: new Map(), deviceTags: new Map() },
      services: noServices,
      readings: this.#readings,
      people,
      restarted: new Map(this.#restarted),
      now,
      wall: now,
      monotonic: clock.monotonic(),
    });
    this.#restarted.clear();
    for (const { incident } of [...round.incidents.values(), ...round.ended]) this.incidents.set(incident.id, incident);
    this.#joinProgress(round);
    const decided = decide(round, {
      progress: this.#progress,
      people,
      topology,
      rules: defaultNoticeRules,
      now,
      wall: now,
      monotonic: clock.monotonic(),
      isFlapping: ({ incident }) => this.#book.isFlapping(incident, now),
    });
    for (const { incidentId, kinds } of decided.cancelled) this.#cancel(incidentId, kinds);
    for (const draft of decided.notices) this.#send(draft, now);
    const isNew = [...round.incidents.values()].some(({ number }) => number === null);
    this.#kept = new Map(
      [...round.incidents].map(([id, kept]) => [id, { ...kept, number: kept.number ?? ++this.#numbers }]),
    );
    // What is new has its number now, and can be told of.
    this.nextInMs = isNew ? 0 : Math.max(0, Math.min(round.nextAt - now, decided.nextAt - clock.monotonic()));
  }

  /** What was told of an incident was told of the one that it was merged into. */
  #joinProgress({ changes }: RoundResult): void {
    for (const change of changes) {
      if (change.kind !== 'merged') continue;
      const { notices } = this.#progress.get(change.incident.id) ?? noProgress;
      const into = this.#progress.get(change.into.id) ?? noProgress;
      const all = [...into.notices, ...notices].sort((a, b) => a.decidedAt - b.decidedAt);
      this.#progress.set(change.into.id, { ...into, notices: all });
    }
  }

  #cancel(id: IncidentId, kinds: 'all' | 'escalations'): void {
    const progress = this.#progress.get(id) ?? noProgress;
    const notices = progress.notices.map((notice): DecidedNotice => {
      const isMeant = notice.state === 'scheduled' && (kinds === 'all' || notice.kind === 'escalated');
      return isMeant ? { ...notice, state: 'cancelled' } : notice;
    });
    this.#progress.set(id, { ...progress, notices });
  }

  #send(draft: NoticeDraft, now: number): void {
    const { incidentId, kind, personId, personName, channelId, address, why, content } = draft;
    const isSent = draft.state === 'due';
    const progress = this.#progress.get(incidentId) ?? noProgress;
    const decided: DecidedNotice = {
      kind,
      state: isSent ? 'sent' : draft.state,
      personId,
      personName,
      channelId,
      address,
      why,
      severity: content.severity,
      cause: content.cause,
      decidedAt: now,
    };
    this.#progress.set(incidentId, { ...progress, notices: [...progress.notices, decided] });
    if (!isSent) return;
    const incident = this.incidents.get(incidentId);
    const cause = incident === undefined ? content.cause : currentCause(incident);
    const sites = content.impact.siteIds.length;
    this.notices.push({ at: now, kind, incidentId, to: personName, why, cause, sites });
  }
}
