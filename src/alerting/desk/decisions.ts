import { causeKey, currentCause, type AlertCause } from '../../domain/alert.ts';
import type { IncidentId, PersonId } from '../../domain/ids.ts';
import { impactOf } from '../../domain/incident.ts';
import type { NoticeContent, NoticeKind } from '../../domain/notice.ts';
import type { Network } from '../../domain/site.ts';
import type { Topology } from '../../domain/topology.ts';
import { defaultIncidentRules } from '../incidents/incident-book.ts';
import {
  noProgress,
  type Cancellation,
  type DecidedNotice,
  type KeptIncident,
  type NoticeDraft,
  type Progress,
} from './kept-incident.ts';
import { isOwnCause, type Addressee, type PeopleNow, type RoutingFacts } from './recipients.ts';
import { lastedS, type EntryDraft, type RoundResult } from './round.ts';

/** When somebody is told, milliseconds. */
export interface NoticeRules {
  /** Told when the evidence stood still for so long, at most so long after it began. */
  readonly stillMs: number;
  readonly longestMs: number;
  /**
   * The same where sites went dark by several causes at once: chances are that it is one, a feeder of the power company,
   * and batteries are read every half minute.
   */
  readonly coincident: { readonly withinMs: number; readonly stillMs: number; readonly longestMs: number };
  /** Of the second, third… news of one incident: what is revised over and over waits longer each time. */
  readonly stillAgainMs: readonly number[];
}

export const defaultNoticeRules: NoticeRules = {
  stillMs: 3_000,
  longestMs: 15_000,
  coincident: { withinMs: 12_000, stillMs: 24_000, longestMs: 40_000 },
  stillAgainMs: [3_000, 60_000, 600_000],
};

export interface Decided {
  readonly notices: readonly NoticeDraft[];
  readonly cancelled: readonly Cancellation[];
  readonly entries: readonly EntryDraft[];
  /** When to decide again, monotonic milliseconds; Infinity when nothing waits. */
  readonly nextAt: number;
}

export interface DecisionContext {
  readonly progress: ReadonlyMap<IncidentId, Progress>;
  readonly people: PeopleNow;
  readonly topology: Topology;
  readonly rules: NoticeRules;
  readonly now: number;
  /** Milliseconds since the epoch as people's clocks show it. */
  readonly wall: number;
  readonly monotonic: number;
  readonly isFlapping: (kept: KeptIncident) => boolean;
}

/** What is to be told of a round, and what no more. A repeat with the same progress decides the same. */
export function decide(round: RoundResult, context: DecisionContext): Decided {
  const notices: NoticeDraft[] = [];
  const cancelled: Cancellation[] = [];
  const entries: EntryDraft[] = [];
  let nextAt = Number.POSITIVE_INFINITY;
  // What came last may belong to what came before: nobody is told while news come in, for a while.
  const moved = Math.max(0, ...[...round.incidents.values()].map(({ settling }) => settling.changedAt));
  const starts = startsOfDarkness(round, context.progress);
  for (const kept of round.incidents.values()) {
    const desk = new IncidentDecision(kept, context, { moved, starts });
    desk.decide();
    notices.push(...desk.notices);
    cancelled.push(...desk.cancelled);
    entries.push(...desk.entries);
    nextAt = Math.min(nextAt, desk.nextAt);
  }
  for (const kept of round.ended) {
    const desk = new IncidentDecision(kept, context, { moved, starts });
    desk.end();
    notices.push(...desk.notices);
    cancelled.push(...desk.cancelled);
  }
  return { notices, cancelled, entries, nextAt };
}

/** Of incidents in which a site is dark and of which nobody was told: when they began, monotonic milliseconds. */
function startsOfDarkness(round: RoundResult, progress: DecisionContext['progress']): ReadonlyMap<IncidentId, number> {
  const starts = new Map<IncidentId, number>();
  for (const { incident, alerts, settling } of round.incidents.values()) {
    if (incident.state !== 'open' || !alerts.some(({ subject }) => subject.kind === 'site')) continue;
    if (!(progress.get(incident.id) ?? noProgress).notices.some(hasReached)) starts.set(incident.id, settling.from);
  }
  return starts;
}

/** What was or is being told: a notice that only waits for its time has reached nobody, and can be taken back. */
function hasReached({ state }: DecidedNotice): boolean {
  return state !== 'scheduled' && state !== 'cancelled';
}

class IncidentDecision {
  readonly notices: NoticeDraft[] = [];
  readonly cancelled: Cancellation[] = [];
  readonly entries: EntryDraft[] = [];
  nextAt = Number.POSITIVE_INFINITY;
  readonly #kept: KeptIncident;
  readonly #context: DecisionContext;
  readonly #progress: Progress;
  readonly #cause: AlertCause;
  readonly #moved: number;
  /** When sites went dark of which nobody was told yet, by incident. */
  readonly #starts: ReadonlyMap<IncidentId, number>;

  constructor(
    kept: KeptIncident,
    context: DecisionContext,
    { moved, starts }: { readonly moved: number; readonly starts: ReadonlyMap<IncidentId, number> },
  ) {
    this.#kept = kept;
    this.#context = context;
    this.#progress = context.progress.get(kept.incident.id) ?? noProgress;
    this.#cause = currentCause(kept.incident);
    this.#moved = moved;
    this.#starts = starts;
  }

  /** Of an incident that is not over. */
  decide(): void {
    const { incident, number } = this.#kept;
    if (number === null || incident.state !== 'open') return;
    if (this.#kept.silence !== null || this.#kept.isPlanned) return this.#cancel('all');
    if (incident.severity === 'info') return;
    if (this.#waiting.length > 0 && this.#reached.length === 0) return this.#reconsider();
    if (this.#reached.length === 0) return this.#progress.takenBy === null ? this.#tellFirst() : undefined;
    const [last] = this.#reached.slice(-1);
    if (last !== undefined && causeKey(last.cause) !== causeKey(this.#cause)) this.#tellRevised();
    this.#escalations();
  }

  /** Of one that ended: who was told of it, or of what was merged into it, hears that it is over. */
  end(): void {
    this.#cancel('all');
    const { incident } = this.#kept;
    if (incident.state !== 'resolved' || this.#progress.notices.some(({ kind }) => kind === 'resolved')) return;
    for (const person of this.#toldPeople()) this.#write('resolved', person, { lastedS: lastedS(incident) });
  }

  get #reached(): readonly DecidedNotice[] {
    return this.#progress.notices.filter((notice) => hasReached(notice) && notice.kind !== 'resolved');
  }

  get #waiting(): readonly DecidedNotice[] {
    return this.#progress.notices.filter(({ state }) => state === 'scheduled');
  }

  #tellFirst(): void {
    if (!this.#hasStoodStill(0)) return;
    const recipients = this.#recipients();
    if (recipients.length === 0) {
      this.entries.push({ incidentId: this.#kept.incident.id, key: 'nobody-to-tell', arguments: {} });
      return;
    }
    const flapping = this.#context.isFlapping(this.#kept);
    for (const [index, recipient] of recipients.entries()) {
      if (index > 0 && flapping) break;
      this.#write(index === 0 ? 'opened' : 'escalated', recipient);
    }
  }

  /** Somebody is to be told later, and what was decided then is no longer so: it is decided anew. */
  #reconsider(): void {
    const [first] = this.#waiting;
    if (first === undefined) return;
    const { severity } = this.#kept.incident;
    if (first.severity === severity && causeKey(first.cause) === causeKey(this.#cause)) return;
    if (!this.#hasStoodStill(0)) return;
    this.#cancel('all');
    this.#tellFirst();
  }

  #tellRevised(): void {
    const news = this.#progress.notices.filter(({ kind, state }) => kind === 'revised' && state !== 'cancelled');
    const told = new Set(news.map(({ decidedAt }) => decidedAt)).size;
    if (!this.#hasStoodStill(told)) return;
    const before = this.#reached.at(-1)?.cause ?? null;
    const { takenBy } = this.#progress;
    const taker = takenBy === null ? null : this.#context.people.addresseeOf(takenBy.id);
    if (taker !== null) {
      this.#write('revised', { ...taker, why: 'taken', level: 1, dueAt: this.#context.wall }, { before });
      return;
    }
    const people = new Map(this.#toldPeople().map((person) => [person.person.id, person]));
    const [first] = this.#recipients();
    // Whose area the cause lies in now is the right one to know, also where another was told before.
    if (first !== undefined && !people.has(first.person.id)) people.set(first.person.id, first);
    for (const person of people.values()) this.#write('revised', person, { before });
  }

  /** The steps that wait for nobody taking it: none while it flaps, and again when it no longer does. */
  #escalations(): void {
    const waiting = this.#waiting.filter(({ kind }) => kind === 'escalated');
    if (this.#context.isFlapping(this.#kept)) {
      if (waiting.length > 0) this.#cancel('escalations');
      return;
    }
    const wasCancelled = this.#progress.notices.some(
      ({ kind, state }) => kind === 'escalated' && state === 'cancelled',
    );
    if (this.#progress.takenBy !== null || waiting.length > 0 || !wasCancelled) return;
    const told = new Set(this.#reached.map(({ personId }) => personId));
    for (const recipient of this.#recipients().slice(1)) {
      if (!told.has(recipient.person.id)) this.#write('escalated', recipient);
    }
  }

  #recipients(): readonly Addressee[] {
    return this.#context.people.recipientsOf(routingOf(this.#kept, this.#context.topology), this.#context.wall);
  }

  /** Everybody who got something, each by the way that the last message took. */
  #toldPeople(): readonly Addressee[] {
    const found = new Map<PersonId, Addressee>();
    for (const { personId, personName, channelId, address, why } of this.#reached) {
      if (personId === null) continue;
      const known = this.#context.people.addresseeOf(personId);
      const channels = channelId === null ? (known?.channels ?? []) : [{ channelId, address }];
      const person = { id: personId, name: personName };
      found.set(personId, { person, why, level: 1, dueAt: this.#context.wall, channels });
    }
    return [...found.values()];
  }

  /** `told`: how often something new was told of it already. */
  #hasStoodStill(told: number): boolean {
    const { rules, monotonic } = this.#context;
    const { settling } = this.#kept;
    const first = this.#isCoincident ? rules.coincident : rules;
    const stillMs = told === 0 ? first.stillMs : (rules.stillAgainMs[told] ?? rules.stillAgainMs.at(-1) ?? 0);
    const longestMs = told === 0 ? first.longestMs : Number.POSITIVE_INFINITY;
    const changedAt = told === 0 ? Math.max(settling.changedAt, this.#moved) : settling.changedAt;
    // Nobody is in the dark for a port that went down: there is time to see whether it was the first sign of more.
    const isUrgent = this.#kept.alerts.some(({ subject }) => subject.kind !== 'link');
    const dueAt =
      isUrgent || told > 0 ? Math.min(changedAt + stillMs, settling.from + longestMs) : settling.from + longestMs;
    if (monotonic >= dueAt) return true;
    this.nextAt = Math.min(this.nextAt, dueAt);
    return false;
  }

  /** Another place went dark at about the same time, by a cause of its own as far as is known. */
  get #isCoincident(): boolean {
    const mine = this.#starts.get(this.#kept.incident.id);
    if (mine === undefined || this.#cause.reason !== 'failed') return false;
    for (const [id, start] of this.#starts) {
      if (id === this.#kept.incident.id) continue;
      if (Math.abs(start - mine) <= this.#context.rules.coincident.withinMs) return true;
    }
    return false;
  }

  #cancel(kinds: Cancellation['kinds']): void {
    const waits = this.#waiting.some(({ kind }) => kinds === 'all' || kind === 'escalated');
    if (waits) this.cancelled.push({ incidentId: this.#kept.incident.id, kinds });
  }

  #write(
    kind: NoticeKind,
    { person, why, level, dueAt, channels: [channel] }: Addressee,
    more: Partial<Pick<NoticeContent, 'before' | 'lastedS'>> = {},
  ): void {
    const { incident } = this.#kept;
    const revision = incident.causes.length;
    const isLater = dueAt > this.#context.wall;
    // How many were decided before tells this decision from an earlier one that was taken back.
    const turn = this.#progress.notices.length;
    this.notices.push({
      incidentId: incident.id,
      kind,
      personId: person.id,
      personName: person.name,
      channelId: channel?.channelId ?? null,
      address: channel?.address ?? '',
      why: kind === 'escalated' && why === 'level' ? `level:${level}` : why,
      decision: `${incident.id}/${kind}/${revision}/${turn}/${person.id}`,
      revision,
      state: channel === undefined ? 'failed' : isLater ? 'scheduled' : 'due',
      dueAt: isLater ? dueAt : this.#context.wall,
      content: contentOf(this.#kept, this.#context.isFlapping(this.#kept), more),
    });
  }
}

/** All that a message is made of, as it is now. */
export function contentOf(
  kept: KeptIncident,
  isFlapping: boolean,
  more: Partial<Pick<NoticeContent, 'before' | 'lastedS'>> = {},
): NoticeContent {
  const { incident } = kept;
  const minutes = Math.round(defaultIncidentRules.flapWindowMs / 60_000);
  return {
    incidentId: incident.id,
    incidentNumber: kept.number,
    severity: incident.severity,
    cause: currentCause(incident),
    rule: kept.rule,
    since: incident.since,
    place: kept.place,
    evidence: [...kept.evidence],
    impact: impactOf(kept.hurt),
    before: null,
    lastedS: null,
    flaps: isFlapping ? { times: incident.returns.length, minutes } : null,
    digest: [],
    ...more,
  };
}

/** What of an incident decides who is told. */
export function routingOf(kept: KeptIncident, topology: Topology): RoutingFacts {
  const cause = currentCause(kept.incident);
  const networks = new Set<Network>();
  for (const { id } of kept.hurt.sites) {
    const network = topology.sites.get(id)?.network;
    if (network !== undefined) networks.add(network);
  }
  const causeRegions = kept.causes.at(-1)?.regionCodes ?? [];
  return {
    severity: kept.incident.severity,
    regionCodes: [...new Set([...causeRegions, ...kept.regionCodes])],
    networks: [...networks].sort(),
    isOwnFault: isOwnCause(cause),
  };
}
