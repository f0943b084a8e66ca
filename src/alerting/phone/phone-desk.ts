import type { Kysely, Selectable } from 'kysely';
import type { Database } from '../../database/tables.ts';
import type { IncidentTable } from '../../database/tables/alerting.ts';
import type { AlertCause } from '../../domain/alert.ts';
import type { Clock } from '../../domain/clock.ts';
import { ArungError } from '../../domain/errors.ts';
import type { IncidentId, PersonId, SiteId } from '../../domain/ids.ts';
import { impactOf, incidentName, type Evidence } from '../../domain/incident.ts';
import type { Place } from '../../domain/notice.ts';
import type { TopologySource } from '../../domain/topology.ts';
import type { SignedLinks } from '../signed-links.ts';
import { nextAttendance } from './attendance.ts';
import { placeName } from './map-labels.ts';
import { endsOf, miniMap, type Ground, type LiveStates } from './mini-map.ts';
import type { PhonePress, PhoneView } from './phone-view.ts';
import { calendarsOf, darkNames, placeFacts } from './site-facts.ts';

export type Language = 'id' | 'en';

/** What a message says of the same incident; the page says the same. */
export interface PhoneWords {
  title(cause: AlertCause, rule: string | null, language: Language): string;
  evidence(evidence: readonly Evidence[], language: Language): readonly string[];
}

/** Who pressed, from where. */
export interface PhoneActor {
  readonly personId: PersonId;
  readonly userId: null;
  readonly name: string;
  readonly via: 'phone';
}

/** What people do about an incident. Each is done once a request, whatever repeats it. */
export interface PhoneActions {
  press(incidentId: IncidentId, actor: PhoneActor, press: PhonePress): Promise<void>;
  photo(
    incidentId: IncidentId,
    actor: PhoneActor,
    photo: {
      readonly requestId: string;
      readonly mediaType: string;
      readonly bytes: Buffer;
      readonly at: string | null;
    },
  ): Promise<void>;
}

/** After its end an incident is shown as ended, without its facts, so long; then its link is refused. */
export const shownAfterEndMs = 24 * 3_600_000;
const attendanceWithinMs = 18 * 3_600_000;
const logLength = 30;
const villagesLength = 200;

interface Person {
  readonly id: PersonId;
  readonly name: string;
  readonly language: Language;
}

type Row = Selectable<IncidentTable>;

export interface PhoneDeskParts {
  readonly db: Kysely<Database>;
  readonly links: SignedLinks;
  readonly topology: TopologySource;
  readonly states: LiveStates;
  readonly ground: () => Ground | null;
  readonly words: PhoneWords;
  readonly actions: PhoneActions;
  /** Where a person may begin planned work of an incident; null: nowhere. */
  readonly workSite: (incidentId: IncidentId, personId: PersonId) => Promise<{ readonly name: string } | null>;
  readonly clock: Clock;
  readonly timeZone: string;
  readonly language: Language;
}

/**
 * One incident for one person, by a signed link. It ends with the incident: from then on nothing can be done by it, and
 * its page says that it is over for a day; where it was, keys and telephone numbers are gone at once.
 */
export class PhoneDesk {
  readonly #parts: PhoneDeskParts;

  constructor(parts: PhoneDeskParts) {
    this.#parts = parts;
  }

  /** `wanted`: the language that the reader chose on the page. Changes nothing. */
  async view(token: string, wanted: Language | null): Promise<PhoneView> {
    const { incident, person } = await this.#read(token);
    const { clock, words, timeZone } = this.#parts;
    const now = clock.now();
    if (incident.ended_at !== null && now - incident.ended_at.getTime() > shownAfterEndMs) throw linkEnded();
    const language = wanted ?? person.language;
    const cause = causeOf(incident);
    return {
      at: new Date(now).toISOString(),
      timeZone,
      language,
      person: { name: person.name },
      incident: await this.#summary(incident, person),
      title: words.title(this.#named(cause), incident.rule, language),
      sentences: isOpen(incident) ? [...words.evidence(incident.evidence.filter(isSaid), language)] : [],
      facts: isOpen(incident) ? await this.#facts(incident, person, cause, now) : null,
    };
  }

  async act(token: string, press: PhonePress): Promise<void> {
    const { incident, actor } = await this.#forActing(token);
    await this.#parts.actions.press(incident.id, actor, press);
  }

  async photo(
    token: string,
    given: { requestId: string; mediaType: string; bytes: Buffer; at: string | null },
  ): Promise<void> {
    const { incident, actor } = await this.#forActing(token);
    await this.#parts.actions.photo(incident.id, actor, given);
  }

  async #forActing(token: string): Promise<{ incident: Row; actor: PhoneActor }> {
    const { incident, person } = await this.#read(token);
    if (!isOpen(incident)) throw linkEnded();
    return { incident, actor: { personId: person.id, userId: null, name: person.name, via: 'phone' } };
  }

  async #read(token: string): Promise<{ incident: Row; person: Person }> {
    const { db, links, language } = this.#parts;
    const holder = await links.read(token);
    if (holder === null) throw linkInvalid();
    const [incident, person] = await Promise.all([
      db.selectFrom('incidents').selectAll().where('id', '=', holder.incidentId).executeTakeFirst(),
      db.selectFrom('people').select(['id', 'name', 'language']).where('id', '=', holder.personId).executeTakeFirst(),
    ]);
    if (incident === undefined || person === undefined) throw linkInvalid();
    return { incident, person: { ...person, language: person.language ?? language } };
  }

  /** A link is called by its ends, as people and the map call it. */
  #named(cause: AlertCause): AlertCause {
    const [a, b] = endsOf(cause, this.#parts.topology.current());
    if (cause.kind !== 'link' || a === undefined || b === undefined || a === b) return cause;
    return { ...cause, name: `${placeName(a.name)}–${placeName(b.name)}` };
  }

  async #summary(incident: Row, person: Person): Promise<PhoneView['incident']> {
    const { db } = this.#parts;
    const taker =
      incident.taken_by === null
        ? undefined
        : await db.selectFrom('people').select(['id', 'name']).where('id', '=', incident.taken_by).executeTakeFirst();
    const merged =
      incident.merged_into === null
        ? undefined
        : await db.selectFrom('incidents').select('number').where('id', '=', incident.merged_into).executeTakeFirst();
    return {
      name: incidentName(incident.number),
      state: incident.state,
      severity: incident.severity,
      since: incident.since.toISOString(),
      clearedAt: incident.cleared_at?.toISOString() ?? null,
      endedAt: incident.ended_at?.toISOString() ?? null,
      mergedInto: merged === undefined ? null : incidentName(merged.number),
      stage: incident.stage,
      takenBy: taker === undefined ? null : { name: taker.name, isYou: taker.id === person.id },
      takenAt: incident.taken_at?.toISOString() ?? null,
      revision: incident.revision,
    };
  }

  async #facts(incident: Row, person: Person, cause: AlertCause, now: number): Promise<PhoneView['facts']> {
    const { db, topology: source, states, ground, workSite } = this.#parts;
    const impact = impactOf(incident.impact);
    const topology = source.current();
    const dark = await darkNames(db, impact.siteIds);
    const villages = dark.filter((site) => site.kind === 'village').map((site) => site.name);
    const calendars = impact.terminals === 0 ? [] : await calendarsOf(db, impact.siteIds);
    const attendanceAt = nextAttendance(calendars, now, attendanceWithinMs);
    return {
      cause: {
        kind: cause.kind,
        reason: cause.reason,
        name: cause.name,
        since: new Date(cause.since).toISOString(),
        certainty: cause.certainty,
      },
      evidence: [...incident.evidence],
      place: await this.#place(cause, incident.place),
      workAt: (await workSite(incident.id, person.id))?.name ?? null,
      villages: villages.toSorted((a, b) => a.localeCompare(b, 'id')).slice(0, villagesLength),
      sites: impact.siteIds.length,
      terminals: impact.terminals,
      services: impact.services.slice(0, 20).map(({ name, sites }) => ({ name, sites })),
      attendanceAt: attendanceAt === null ? null : new Date(attendanceAt).toISOString(),
      log: await this.#log(incident.id),
      map: miniMap({ cause, hurt: new Set(impact.siteIds), topology, states, ground: ground() }),
    };
  }

  /** Where to go: as the message says; without that, the end of the cause that still lives. */
  async #place(cause: AlertCause, told: Place | null): Promise<NonNullable<PhoneView['facts']>['place']> {
    const { db, topology: source, states } = this.#parts;
    const topology = source.current();
    const ends = endsOf(cause, topology);
    const site =
      (told?.siteId === undefined ? undefined : topology.sites.get(told.siteId)) ??
      ends.find((end) => end.name === told?.name) ??
      ends.find((end) => states.stateOf('site', end.id)?.state === 'up') ??
      ends[0];
    const facts = site === undefined ? null : await placeFacts(db, site.id as SiteId);
    if (told === null && (site === undefined || facts === null)) return null;
    const link = cause.kind === 'link' ? topology.links.get(cause.id as never) : undefined;
    const end = link === undefined ? undefined : [link.a, link.b].find((one) => one.siteId === site?.id);
    return {
      name: told?.name ?? site?.name ?? '',
      at: told?.at ?? end?.interfaceName ?? (cause.kind === 'device' ? cause.name : ''),
      latitude: told?.latitude ?? site?.latitude ?? null,
      longitude: told?.longitude ?? site?.longitude ?? null,
      address: facts?.address ?? '',
      accessNotes: facts?.accessNotes ?? told?.accessNotes ?? '',
      contacts: facts === null ? [] : facts.contacts.map((contact) => ({ ...contact })),
    };
  }

  async #log(incidentId: IncidentId): Promise<NonNullable<PhoneView['facts']>['log']> {
    const rows = await this.#parts.db
      .selectFrom('incident_entries')
      .select(['at', 'key', 'arguments', 'actor', 'body', 'photo_id'])
      .where('incident_id', '=', incidentId)
      .orderBy('at', 'desc')
      .orderBy('id', 'desc')
      .limit(logLength)
      .execute();
    return rows.map((row) => ({
      at: row.at.toISOString(),
      key: row.key,
      arguments: { ...row.arguments },
      actor: row.actor,
      text: row.body,
      photo: row.photo_id !== null,
    }));
  }
}

/** Figures that the page shows by themselves are not said in a sentence too. */
function isSaid({ key }: Evidence): boolean {
  return key !== 'link.optical-power' && key !== 'power.voltage' && key !== 'certainty';
}

function isOpen(incident: Row): boolean {
  return incident.state === 'open' || incident.state === 'clearing';
}

function causeOf(incident: Row): AlertCause {
  const last = incident.causes.at(-1);
  if (last === undefined) throw new Error('an incident has a cause from its first moment');
  return last.cause;
}

/** What is forged, what is of somebody who is gone, and what never was answer alike. */
function linkInvalid(): ArungError {
  return new ArungError('not-found', 'This link is not valid: open the newest message, or ask who sent it.', {
    code: 'link.invalid',
  });
}

function linkEnded(): ArungError {
  return new ArungError('forbidden', 'The incident is over, and this link ended with it.', { code: 'link.ended' });
}
