import type { Severity } from '../../domain/alert.ts';
import type { PeopleBook } from '../../domain/people-book.ts';
import type { Person, PersonChannel } from '../../domain/person.ts';
import type { Network } from '../../domain/site.ts';
import { DutyRoster, tellableFrom } from './availability.ts';
import { coverageOf, type Coverage } from './coverage.ts';

/** What of an incident decides who is told of it. */
export interface RoutingFacts {
  readonly severity: Severity;
  /** Where its cause lies, then where it hurts; empty: nowhere. */
  readonly regionCodes: readonly string[];
  /** Of what broke and what is hurt; empty: any. */
  readonly networks: readonly Network[];
  /** Arung itself is impaired. */
  readonly isOwnFault: boolean;
}

/**
 * Why somebody is told. `duty`: on duty then. `area`: it lies in their area. `level`: nobody took it before.
 * `fallback`: nobody's area has it, and theirs is the nearest.
 */
export type RecipientReason = 'duty' | 'area' | 'level' | 'fallback';

export interface Recipient {
  readonly person: Person;
  readonly why: RecipientReason;
  readonly level: number;
  /** Milliseconds since the epoch: not before. Later than `at` for who may not be disturbed yet, and for an escalation. */
  readonly dueAt: number;
  /** In the order in which they are tried; at least one. */
  readonly channels: readonly PersonChannel[];
}

/** How many people one incident reaches when nobody takes it. */
const longestLadder = 5;
/** For who is in no team. Seconds. */
const defaultEscalateAfterS = 600;

interface Candidate {
  readonly person: Person;
  readonly coverage: Coverage;
}

/** One who can be told, and from when on. */
interface Choice extends Candidate {
  readonly at: number;
  readonly onDuty: boolean;
}

/**
 * Who is told of an incident: first one person, the rest when nobody takes it, each so long after the one before as that
 * one's team says. Of those whose area it is: the lowest level; in it who is on duty; of them the smallest area, nearest
 * to the cause; then the name. What is critical goes to who can be told now, of a higher level if need be, or to who is
 * on duty next door; anything else waits until the lowest level works. `info` goes to one person only.
 *
 * Duty counts at the moment at which somebody is to be told. So a hand-over during an incident tells nobody at once: who
 * comes on duty is the next step of the ladder. Empty: nobody is there to be told.
 */
export function recipientsOf(facts: RoutingFacts, people: PeopleBook, at: number): readonly Recipient[] {
  return new Ladder(facts, people).from(at);
}

class Ladder {
  readonly #facts: RoutingFacts;
  readonly #roster: DutyRoster;
  readonly #escalateAfterS: ReadonlyMap<string, number>;
  readonly #own: readonly Candidate[];
  readonly #near: readonly Candidate[];

  constructor(facts: RoutingFacts, book: PeopleBook) {
    this.#facts = facts;
    this.#roster = rosterOf(book);
    this.#escalateAfterS = new Map(book.teams.map((team) => [team.id, team.escalateAfterS]));
    const candidates = candidatesOf(facts, book);
    this.#own = candidates.filter(({ coverage }) => coverage.reach !== 'near');
    this.#near = candidates.filter(({ coverage }) => coverage.reach === 'near');
  }

  from(at: number): readonly Recipient[] {
    let last = this.#first(at);
    if (last === null) return [];
    const steps = [last];
    const told = new Set([last.person.id]);
    while (this.#facts.severity !== 'info' && steps.length < longestLadder) {
      const next = this.#next(last, told);
      if (next === null) break;
      steps.push(next);
      told.add(next.person.id);
      last = next;
    }
    return steps;
  }

  #first(at: number): Recipient | null {
    const own = this.#lowest(this.#own, at);
    const isCritical = this.#facts.severity === 'critical';
    if (own !== null && (own.at === at || !isCritical)) return recipientOf(own);
    const nextDoor = isCritical ? this.#near.filter(({ person }) => this.#roster.isOnDuty(person, at)) : [];
    const awake = this.#lowest(nextDoor, at) ?? own ?? this.#lowest(this.#near, at);
    return awake === null ? null : recipientOf(awake);
  }

  /** Who is told when nobody took it for so long after `last` was. */
  #next(last: Recipient, told: ReadonlySet<string>): Recipient | null {
    const afterS = this.#escalateAfterS.get(last.person.teamId ?? '') ?? defaultEscalateAfterS;
    const at = last.dueAt + afterS * 1000;
    const all = this.#own.length > 0 ? this.#own : this.#near;
    const rest = all.filter(({ person }) => !told.has(person.id));
    const peers = rest.filter(({ person }) => person.level === last.level);
    if (last.why === 'duty' && !this.#roster.isOnDuty(last.person, at)) {
      const successor = this.#lowest(
        peers.filter(({ person }) => this.#roster.isOnDuty(person, at)),
        at,
      );
      if (successor?.at === at) return recipientOf(successor);
    }
    const above = this.#lowest(
      rest.filter(({ person }) => person.level > last.level),
      at,
    );
    if (above !== null) return { ...recipientOf(above), why: 'level' };
    // Where there is but one level, its others are the next.
    const isOnlyLevel = all.every(({ person }) => person.level === last.level);
    const peer = isOnlyLevel ? this.#lowest(peers, at) : null;
    return peer === null ? null : recipientOf(peer);
  }

  /** The best of the lowest level: for what is critical the lowest that can be told now, else the lowest at all. */
  #lowest(candidates: readonly Candidate[], at: number): Choice | null {
    const choices = candidates.map((one) => this.#choice(one, at)).filter((choice) => choice !== null);
    const now = choices.filter((choice) => choice.at === at);
    const eligible = this.#facts.severity === 'critical' && now.length > 0 ? now : choices;
    const level = Math.min(...eligible.map(({ person }) => person.level));
    const ofLevel = eligible.filter(({ person }) => person.level === level);
    const first = Math.min(...ofLevel.map((choice) => choice.at));
    return ofLevel.filter((choice) => choice.at === first).sort(byPreference)[0] ?? null;
  }

  #choice(candidate: Candidate, at: number): Choice | null {
    const { person } = candidate;
    const from = tellableFrom(person, { severity: this.#facts.severity, at, roster: this.#roster });
    return from === null ? null : { ...candidate, at: from, onDuty: this.#roster.isOnDuty(person, from) };
  }
}

function candidatesOf(facts: RoutingFacts, { people }: PeopleBook): readonly Candidate[] {
  const candidates: Candidate[] = [];
  for (const person of people) {
    if (!person.active || person.channels.length === 0) continue;
    const coverage = coverageOf(person, facts);
    if (coverage !== null) candidates.push({ person, coverage });
  }
  return candidates;
}

function recipientOf({ person, coverage, at, onDuty }: Choice): Recipient {
  const why = onDuty ? 'duty' : coverage.reach === 'near' ? 'fallback' : 'area';
  return { person, why, level: person.level, dueAt: at, channels: person.channels };
}

const reachOrder = { cause: 0, hurt: 1, near: 2 } as const;

function byPreference(a: Choice, b: Choice): number {
  return (
    Number(b.onDuty) - Number(a.onDuty) ||
    reachOrder[a.coverage.reach] - reachOrder[b.coverage.reach] ||
    b.coverage.rank - a.coverage.rank ||
    byText(a.person.name, b.person.name) ||
    byText(a.person.id, b.person.id)
  );
}

function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

const rosters = new WeakMap<PeopleBook, DutyRoster>();

/** A book is asked of many incidents: its duties are read once. */
function rosterOf(book: PeopleBook): DutyRoster {
  const known = rosters.get(book) ?? new DutyRoster(book.duties);
  rosters.set(book, known);
  return known;
}
