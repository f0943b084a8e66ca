import {
  causeKey,
  currentCause,
  type Alert,
  type AlertCause,
  type Incident,
  type PlacedCause,
} from '../../domain/alert.ts';
import type { EntryKey } from '../../domain/evidence-keys.ts';
import type { IncidentId } from '../../domain/ids.ts';
import { impactOf, nobodyHurt } from '../../domain/incident.ts';
import { groupByCause } from '../incidents/grouping.ts';
import { IncidentBook, type CauseGroup, type IncidentChange, type IncidentRules } from '../incidents/incident-book.ts';
import { isDarkness } from '../state-alerts.ts';
import { evidenceFor, restartWord, rootAlert } from './evidence.ts';
import { hurtBy } from './hurt.ts';
import type { KeptIncident } from './kept-incident.ts';
import { regionOfAlert, whereabouts } from './place.ts';
import type { PeopleNow } from './recipients.ts';
import { isPlanned, silenceOfIncident } from './silencing.ts';
import { Locator, type Readings, type ServicesNow, type Surroundings } from './surroundings.ts';
import { severityOf } from './weight.ts';

/** All that is known at a moment. Immutable while a round looks at it. */
export interface Observations {
  /** Everything that holds. */
  readonly alerts: readonly Alert[];
  readonly surroundings: Surroundings;
  readonly services: ServicesNow;
  readonly readings: Readings;
  readonly people: PeopleNow;
  /** Devices that had begun anew when they were back, since the last round: their uptime then, seconds. */
  readonly restarted: ReadonlyMap<string, number>;
  /** Milliseconds since the epoch that only grow: a clock that is set back makes nothing wait. */
  readonly now: number;
  /** Milliseconds since the epoch as people's clocks show it: for hours, duties and silences. */
  readonly wall: number;
  readonly monotonic: number;
}

/** A line for the log of an incident. */
export interface EntryDraft {
  readonly incidentId: IncidentId;
  readonly key: EntryKey;
  readonly arguments: Readonly<Record<string, string | number | boolean | null>>;
}

export interface RoundResult {
  /** Those that are not over. */
  readonly incidents: ReadonlyMap<IncidentId, KeptIncident>;
  /** Those that ended in this round. */
  readonly ended: readonly KeptIncident[];
  /** Which of all of them differ from what was kept. */
  readonly changed: ReadonlySet<IncidentId>;
  readonly changes: readonly IncidentChange[];
  readonly entries: readonly EntryDraft[];
  /** When to look again though nothing changed, milliseconds since the epoch; Infinity when there is no need. */
  readonly nextAt: number;
}

/** So long the rest of a power cut stays with it after the last of it came back; then what is dark fails by itself. */
const comingBackMs = 300_000;

/**
 * One round over what holds: which incidents there are now, and what is known of each. Pure but for the ids of new
 * incidents: what it returns is kept when it was written, and else forgotten and found again.
 */
export function lookAt(
  before: ReadonlyMap<IncidentId, KeptIncident>,
  seen: Observations,
  rules: Partial<IncidentRules> = {},
): RoundResult {
  const locator = new Locator(seen.surroundings.topology, seen.services.watched());
  const book = new IncidentBook(
    [...before.values()].map(({ incident }) => incident),
    rules,
  );
  const groups = groupsOf(before, seen);
  const changes = book.update(groups, seen.now);
  const byCause = new Map(groups.map((group) => [causeKey(group.cause), group]));
  const touched = new Set(changes.filter(({ kind }) => kind !== 'cleared').map(({ incident }) => incident.id));
  const incidents = new Map<IncidentId, KeptIncident>();
  for (const incident of book.incidents) {
    const group = byCause.get(causeKey(currentCause(incident)));
    const known = before.get(incident.id);
    incidents.set(
      incident.id,
      group === undefined || incident.state !== 'open'
        ? resting(known ?? blank(incident, seen), incident, seen)
        : described({ incident, group, known, isTouched: touched.has(incident.id) }, seen, locator),
    );
  }
  const ended = changes.flatMap(({ kind, incident }): KeptIncident[] => {
    const known = before.get(incident.id);
    if (known === undefined || (kind !== 'resolved' && kind !== 'merged')) return [];
    return [{ ...resting(known, incident, seen) }];
  });
  return {
    incidents,
    ended,
    changed: differing(before, [...incidents.values(), ...ended]),
    changes,
    entries: entriesOf(changes, { before, incidents, book, now: seen.now }),
    nextAt: book.nextAt,
  };
}

/** The groups of what holds, each with how much it matters. */
function groupsOf(before: ReadonlyMap<IncidentId, KeptIncident>, seen: Observations): readonly CauseGroup[] {
  const { surroundings, services, now } = seen;
  const groups = groupByCause(seen.alerts, {
    topology: surroundings.topology,
    risks: surroundings.risks,
    before: sharedBefore(before, now),
  });
  return groups.map(({ cause, alerts }) => {
    const hurt = hurtBy(alerts, surroundings.topology, services);
    return { cause, alerts, severity: severityOf({ cause, alerts, hurt }, surroundings, seen.wall) };
  });
}

/** By alert: the shared cause (a feeder that nobody knows among them) of the incident that it is in, as long as that one is coming back. */
function sharedBefore(before: ReadonlyMap<IncidentId, KeptIncident>, now: number): ReadonlyMap<string, AlertCause> {
  const found = new Map<string, AlertCause>();
  for (const { incident, movedAt } of before.values()) {
    const cause = currentCause(incident);
    const isShared = cause.kind === 'shared-risk' || cause.reason === 'power';
    const isComingBack = incident.alerts.size < incident.everAlerts.size;
    if (!isShared || (isComingBack && now - movedAt > comingBackMs)) continue;
    for (const key of incident.alerts) found.set(key, cause);
  }
  return found;
}

function blank(incident: Incident, seen: Observations): KeptIncident {
  return {
    incident,
    number: null,
    causes: incident.causes.map((revision) => ({ ...revision, regionCodes: [] })),
    alerts: [],
    hurt: nobodyHurt,
    evidence: [],
    place: null,
    rule: null,
    silence: null,
    isPlanned: false,
    flaps: 0,
    regionCode: null,
    regionCodes: [],
    settling: { from: seen.monotonic, changedAt: seen.monotonic },
    movedAt: seen.now,
    restarted: new Map(),
  };
}

/** Nothing of it holds: all stays as it was known last, but for devices that tell now why they were silent. */
function resting(known: KeptIncident, incident: Incident, seen: Observations): KeptIncident {
  const moved = known.incident.state === incident.state ? known.movedAt : seen.now;
  return { ...withRestarts(known, incident, seen), incident, alerts: [], movedAt: moved };
}

/** Devices that restarted say so of the incident that they were dark in, also when that is coming back. */
function withRestarts(known: KeptIncident, incident: Incident, seen: Observations): KeptIncident {
  const more = [...seen.restarted].filter(([id]) => incident.everAlerts.has(`device.dark|device:${id}`));
  if (more.length === 0) return known;
  const restarted = new Map([...known.restarted, ...more]);
  const cause = currentCause(incident);
  const word = restartWord(cause, restarted);
  if (word === null) return { ...known, restarted };
  const others = known.evidence.filter(({ key }) => key !== word.key && key !== 'certainty');
  const sure = known.evidence.filter(({ key }) => key === 'certainty');
  return { ...known, restarted, evidence: [...others, word, ...sure] };
}

function described(
  found: { incident: Incident; group: CauseGroup; known: KeptIncident | undefined; isTouched: boolean },
  seen: Observations,
  locator: Locator,
): KeptIncident {
  const { incident, group, isTouched } = found;
  const known = withRestarts(found.known ?? blank(incident, seen), incident, seen);
  const { surroundings, services, readings } = seen;
  const cause = currentCause(incident);
  const alerts = [...group.alerts]
    .map((alert) => ({ ...alert, regionCode: regionOfAlert(alert, locator) }))
    .sort((a, b) => (a.key < b.key ? -1 : 1));
  const hurt = hurtBy(alerts, surroundings.topology, services);
  const explained = { cause, alerts, hurt };
  const where = whereabouts(explained, { surroundings, readings, locator });
  const isRevised = known.number !== null && isNewCause(known, cause);
  // Less of it holds: it is coming back, and what was seen when all of it was there says more.
  const isLess = alerts.length < known.alerts.length && !isRevised;
  const isNews = isTouched && !isLess;
  const evidence =
    isNews || known.evidence.length === 0 || (isSettling(known, seen) && !isLess)
      ? evidenceFor(explained, { surroundings, readings, restarted: known.restarted })
      : known.evidence;
  const root = rootAlert(cause, alerts);
  return {
    ...known,
    incident,
    causes: placedCauses(known.causes, incident, where.causeRegions),
    alerts,
    hurt,
    evidence,
    place: where.place ?? known.place,
    rule: root !== null && !isDarkness(root) ? root.rule : null,
    silence: silenceOfIncident(
      { cause, alerts, number: known.number },
      { surroundings, locator, people: seen.people, now: seen.wall },
    ),
    isPlanned: isPlanned(cause, surroundings.topology),
    flaps: known.flaps + (known.incident.state === 'clearing' ? 1 : 0),
    regionCode: where.regionCode,
    // Who could see it may go on seeing it: what hurt them is part of its story.
    regionCodes: [...new Set([...where.regionCodes, ...known.regionCodes])],
    settling: {
      from: isRevised ? seen.monotonic : known.settling.from,
      changedAt: isNews || isRevised ? seen.monotonic : known.settling.changedAt,
    },
    movedAt: isTouched ? seen.now : known.movedAt,
  };
}

/** Shortly after it changed: words of neighbours may still come. */
function isSettling({ settling }: KeptIncident, { monotonic }: Observations): boolean {
  return monotonic - settling.changedAt < 20_000;
}

function isNewCause(known: KeptIncident, cause: AlertCause): boolean {
  return causeKey(currentCause(known.incident)) !== causeKey(cause);
}

function placedCauses(
  known: readonly PlacedCause[],
  { causes }: Incident,
  regionCodes: readonly string[],
): readonly PlacedCause[] {
  return causes.map((revision, index) => ({
    ...revision,
    regionCodes: index === causes.length - 1 ? regionCodes : (known[index]?.regionCodes ?? []),
  }));
}

/** Those that differ in what is written of them. */
function differing(
  before: ReadonlyMap<IncidentId, KeptIncident>,
  after: readonly KeptIncident[],
): ReadonlySet<IncidentId> {
  const found = new Set<IncidentId>();
  for (const kept of after) {
    const known = before.get(kept.incident.id);
    if (known === undefined || written(known) !== written(kept)) found.add(kept.incident.id);
  }
  return found;
}

/** Most incidents are as they were in the last round: what is written of one is made once. */
const texts = new WeakMap<KeptIncident, string>();

function written(kept: KeptIncident): string {
  const known = texts.get(kept);
  if (known !== undefined) return known;
  const { incident, causes, alerts, hurt, evidence, place, rule, silence, flaps, regionCodes } = kept;
  const { state, severity, since, clearedAt, everAlerts, returns, mergedInto } = incident;
  const text = JSON.stringify([
    [state, severity, since, clearedAt, everAlerts.size, returns, mergedInto],
    [causes, alerts, hurt, evidence, place, rule, silence, flaps, regionCodes],
  ]);
  texts.set(kept, text);
  return text;
}

function entriesOf(
  changes: readonly IncidentChange[],
  context: {
    before: ReadonlyMap<IncidentId, KeptIncident>;
    incidents: ReadonlyMap<IncidentId, KeptIncident>;
    book: IncidentBook;
    now: number;
  },
): readonly EntryDraft[] {
  const { before, incidents, book, now } = context;
  const found: EntryDraft[] = [];
  for (const change of changes) {
    const { incident } = change;
    const add = (key: EntryKey, given: EntryDraft['arguments'] = {}): void => {
      found.push({ incidentId: incident.id, key, arguments: given });
    };
    const cause = currentCause(incident).name;
    // What flaps would fill the log with nothing but that.
    const isQuiet = book.isFlapping(incident, now);
    if (change.kind === 'opened') add('opened', { cause });
    else if (change.kind === 'revised') add('revised', { from: change.from.name, to: cause });
    else if (change.kind === 'cleared' && !isQuiet) add('cleared');
    else if (change.kind === 'returned' && !isQuiet) add('returned', { times: incident.returns.length });
    else if (change.kind === 'resolved') add('resolved', { lastedS: lastedS(incident) });
    else if (change.kind === 'merged') {
      const number = incidents.get(change.into.id)?.number;
      add('merged', { into: number === null || number === undefined ? null : number });
    } else if (change.kind === 'spread') {
      const was = impactOf(before.get(incident.id)?.hurt ?? nobodyHurt);
      const is = impactOf(incidents.get(incident.id)?.hurt ?? nobodyHurt);
      if (is.siteIds.length > was.siteIds.length) add('spread', { sites: is.siteIds.length, devices: is.devices });
    }
  }
  for (const [id, kept] of incidents) {
    const known = before.get(id);
    const is = kept.silence?.reason ?? (kept.isPlanned ? 'maintenance' : null);
    const was = known?.silence?.reason ?? (known?.isPlanned === true ? 'maintenance' : null);
    if (is !== null && was === null) found.push({ incidentId: id, key: 'silenced', arguments: { reason: is } });
    if (is === null && was !== null && kept.incident.state === 'open')
      found.push({ incidentId: id, key: 'silence-ended', arguments: {} });
  }
  return found;
}

/** Seconds from its first sign until it ceased. */
export function lastedS({ since, clearedAt }: Incident): number | null {
  return clearedAt === null ? null : Math.max(0, Math.round((clearedAt - since) / 1000));
}
