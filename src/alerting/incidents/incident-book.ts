import {
  causeKey,
  currentCause,
  severities,
  type Alert,
  type AlertCause,
  type Incident,
  type Severity,
} from '../../domain/alert.ts';
import { newId, type IncidentId } from '../../domain/ids.ts';

/** Alerts that hold now and share one root cause. No alert is in two groups, no cause has two groups. */
export interface CauseGroup {
  readonly cause: AlertCause;
  readonly alerts: readonly Alert[];
  /** How much it matters all in all; the worst of its alerts when not given. */
  readonly severity?: Severity;
}

/** What became of an incident; `incident` is as it is afterwards. */
export type IncidentChange =
  | { readonly kind: 'opened' | 'returned' | 'cleared' | 'resolved' | 'spread'; readonly incident: Incident }
  | { readonly kind: 'revised'; readonly incident: Incident; readonly from: AlertCause }
  | { readonly kind: 'merged'; readonly incident: Incident; readonly into: Incident };

/** Times in milliseconds. */
export interface IncidentRules {
  /** So long nothing may hold before an incident is over. */
  readonly clearMs: number;
  /** So often within the window, and it flaps: then it must be quiet for longer. */
  readonly flapReturns: number;
  readonly flapWindowMs: number;
  readonly flapClearMs: number;
}

export const defaultIncidentRules: IncidentRules = {
  clearMs: 60_000,
  flapReturns: 2,
  flapWindowMs: 1_800_000,
  flapClearMs: 900_000,
};

/**
 * Of all that an incident ever was, so much must hold for another cause to be that of the same incident. What is left of
 * it after the rest was mended is broken by itself, and news.
 */
const leastShare = 0.5;

/**
 * The incidents that are not over. Compares the groups that hold now with what was told before: a group goes on as the
 * incident of its cause, or, where its cause is new, as the one that it has most alerts in common with, whose cause is
 * then revised. What nothing goes on in waits a while before it is resolved. The same groups in any order give the same.
 */
export class IncidentBook {
  readonly #rules: IncidentRules;
  readonly #incidents = new Map<IncidentId, Incident>();

  /** `restored`: the incidents that were open or clearing when the last controller stopped. */
  constructor(restored: Iterable<Incident> = [], rules: Partial<IncidentRules> = {}) {
    this.#rules = { ...defaultIncidentRules, ...rules };
    for (const incident of restored) this.#incidents.set(incident.id, incident);
  }

  /** Open and clearing ones. */
  get incidents(): readonly Incident[] {
    return [...this.#incidents.values()];
  }

  isFlapping(incident: Incident, now: number): boolean {
    const recent = incident.returns.filter((at) => now - at <= this.#rules.flapWindowMs);
    return recent.length >= this.#rules.flapReturns;
  }

  /** When `update` should be called again though nothing changed; Infinity when there is no need. */
  get nextAt(): number {
    let next = Number.POSITIVE_INFINITY;
    for (const incident of this.#incidents.values()) {
      if (incident.clearedAt !== null) next = Math.min(next, incident.clearedAt + this.#clearMs(incident));
    }
    return next;
  }

  /** `now`: milliseconds since the epoch. */
  update(groups: readonly CauseGroup[], now: number): readonly IncidentChange[] {
    const changes: IncidentChange[] = [];
    const heirs = this.#heirs(groups);
    const taken = new Map<IncidentId, Incident>();
    for (const group of groups) {
      const before = heirs.get(group);
      const after = before === undefined ? opened(group, now) : this.#goneOn(before, group, now);
      if (before === after) {
        taken.set(after.id, after);
        continue;
      }
      this.#incidents.set(after.id, after);
      taken.set(after.id, after);
      changes.push(...changesBetween(before, after));
    }
    const holds = homesOf(groups, heirs, taken);
    for (const incident of this.incidents) {
      if (taken.has(incident.id)) continue;
      const into = mostOf(incident, holds);
      if (into !== null) {
        const merged: Incident = {
          ...incident,
          state: 'merged',
          alerts: new Set(),
          clearedAt: now,
          mergedInto: into.id,
        };
        this.#incidents.delete(incident.id);
        changes.push({ kind: 'merged', incident: merged, into });
      } else if (incident.state === 'open') {
        const cleared: Incident = { ...incident, state: 'clearing', alerts: new Set(), clearedAt: now };
        this.#incidents.set(incident.id, cleared);
        changes.push({ kind: 'cleared', incident: cleared });
      } else if (now >= (incident.clearedAt ?? now) + this.#clearMs(incident)) {
        this.#incidents.delete(incident.id);
        changes.push({ kind: 'resolved', incident: { ...incident, state: 'resolved' } });
      }
    }
    return changes;
  }

  #clearMs(incident: Incident): number {
    const { clearMs, flapClearMs } = this.#rules;
    return this.isFlapping(incident, incident.clearedAt ?? 0) ? flapClearMs : clearMs;
  }

  /** The incident that each group goes on as; none for a new one. */
  #heirs(groups: readonly CauseGroup[]): ReadonlyMap<CauseGroup, Incident> {
    const heirs = new Map<CauseGroup, Incident>();
    const free = new Map(this.#incidents);
    const take = (group: CauseGroup, incident: Incident): void => {
      heirs.set(group, incident);
      free.delete(incident.id);
    };
    const byCause = new Map<string, Incident>();
    for (const incident of [...free.values()].sort(oldestFirst)) {
      const key = causeKey(currentCause(incident));
      if (!byCause.has(key)) byCause.set(key, incident);
    }
    for (const group of groups) {
      const incident = byCause.get(causeKey(group.cause));
      if (incident !== undefined) take(group, incident);
    }
    // Only what holds now can have another cause than was said: what cleared was what it was.
    const overlaps = groups
      .filter((group) => !heirs.has(group))
      .flatMap((group) =>
        [...free.values()].map((incident) => ({
          group,
          incident,
          common: group.alerts.filter(({ key }) => incident.alerts.has(key)).length,
        })),
      )
      .filter(({ common, incident }) => common >= incident.everAlerts.size * leastShare)
      .sort(
        (a, b) =>
          b.common - a.common ||
          oldestFirst(a.incident, b.incident) ||
          causeKey(a.group.cause).localeCompare(causeKey(b.group.cause)),
      );
    for (const { group, incident } of overlaps) {
      if (!heirs.has(group) && free.has(incident.id)) take(group, incident);
    }
    return heirs;
  }

  #goneOn(before: Incident, group: CauseGroup, now: number): Incident {
    const alerts = new Set(group.alerts.map(({ key }) => key));
    const said = currentCause(before);
    const isRevised = causeKey(said) !== causeKey(group.cause);
    const severity = worst([before.severity, severityOf(group)]);
    const isSame =
      before.state === 'open' && !isRevised && severity === before.severity && isSameSet(alerts, before.alerts);
    if (isSame && Math.abs(said.certainty - group.cause.certainty) < 0.05) return before;
    const window = now - this.#rules.flapWindowMs;
    const returns = before.state === 'clearing' ? [...before.returns, now] : before.returns;
    return {
      ...before,
      state: 'open',
      severity,
      since: Math.min(before.since, ...group.alerts.map(({ since }) => since)),
      clearedAt: null,
      causes: isRevised
        ? [...before.causes, { at: now, cause: group.cause }]
        : [...before.causes.slice(0, -1), { at: before.causes.at(-1)?.at ?? now, cause: group.cause }],
      alerts,
      everAlerts: new Set([...before.everAlerts, ...alerts]),
      returns: returns.filter((at) => at > window),
    };
  }
}

function opened(group: CauseGroup, now: number): Incident {
  const alerts = new Set(group.alerts.map(({ key }) => key));
  return {
    id: newId<IncidentId>(),
    state: 'open',
    severity: severityOf(group),
    since: Math.min(...group.alerts.map(({ since }) => since)),
    openedAt: now,
    clearedAt: null,
    causes: [{ at: now, cause: group.cause }],
    alerts,
    everAlerts: alerts,
    returns: [],
    mergedInto: null,
  };
}

function severityOf({ severity, alerts }: CauseGroup): Severity {
  return severity ?? worst(alerts.map((alert) => alert.severity));
}

function changesBetween(before: Incident | undefined, after: Incident): IncidentChange[] {
  if (before === undefined) return [{ kind: 'opened', incident: after }];
  const changes: IncidentChange[] = [];
  if (before.state === 'clearing') changes.push({ kind: 'returned', incident: after });
  const from = currentCause(before);
  if (causeKey(from) !== causeKey(currentCause(after))) changes.push({ kind: 'revised', incident: after, from });
  if (changes.length === 0) changes.push({ kind: 'spread', incident: after });
  return changes;
}

/** By alert: the incident that it is in now. */
function homesOf(
  groups: readonly CauseGroup[],
  heirs: ReadonlyMap<CauseGroup, Incident>,
  taken: ReadonlyMap<IncidentId, Incident>,
): ReadonlyMap<string, Incident> {
  const homes = new Map<string, Incident>();
  const byCause = new Map([...taken.values()].map((incident) => [causeKey(currentCause(incident)), incident]));
  for (const group of groups) {
    const heir = heirs.get(group);
    const home = (heir === undefined ? undefined : taken.get(heir.id)) ?? byCause.get(causeKey(group.cause));
    if (home !== undefined) for (const { key } of group.alerts) homes.set(key, home);
  }
  return homes;
}

/** The incident that has most of what this one ever was; null when less than half of that holds. */
function mostOf({ alerts, everAlerts }: Incident, homes: ReadonlyMap<string, Incident>): Incident | null {
  const counts = new Map<Incident, number>();
  for (const key of alerts) {
    const home = homes.get(key);
    if (home !== undefined) counts.set(home, (counts.get(home) ?? 0) + 1);
  }
  const [most] = [...counts].sort(([a, countA], [b, countB]) => countB - countA || oldestFirst(a, b));
  return most !== undefined && most[1] >= everAlerts.size * leastShare ? most[0] : null;
}

/** Ties go by the first cause: ids of one millisecond are in no order. */
function oldestFirst(a: Incident, b: Incident): number {
  return a.openedAt - b.openedAt || firstCause(a).localeCompare(firstCause(b)) || a.id.localeCompare(b.id);
}

function firstCause({ causes: [first] }: Incident): string {
  return first === undefined ? '' : causeKey(first.cause);
}

function worst(all: readonly Severity[]): Severity {
  return severities.find((severity) => all.includes(severity)) ?? 'info';
}

function isSameSet(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  return a.size === b.size && [...a].every((key) => b.has(key));
}
