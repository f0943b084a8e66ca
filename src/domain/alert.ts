import type { DeviceId, IncidentId } from './ids.ts';
import type { Evidence } from './incident.ts';
import type { LinkMedium } from './link.ts';

/** How much it matters: `critical` may wake somebody, `warning` waits for working hours, `info` is for the digest. */
export const severities = ['critical', 'warning', 'info'] as const;
export type Severity = (typeof severities)[number];

/** What an alert is about, or what failed. */
export type SubjectKind = 'device' | 'site' | 'link' | 'interface' | 'service' | 'agent' | 'controller' | 'shared-risk';

export interface Subject {
  readonly kind: SubjectKind;
  readonly id: string;
  /** Its name when it was decided. */
  readonly name: string;
}

/**
 * A rule that holds for one thing. `key` is the same for the same rule and thing for ever: it is how a restarted
 * controller recognises what it had told.
 */
export interface Alert {
  readonly key: string;
  /** Key of the rule, for example `device.down`. */
  readonly rule: string;
  readonly subject: Subject;
  readonly severity: Severity;
  /** Milliseconds since the epoch: when it began to hold. */
  readonly since: number;
  /** What explains it; null when it is its own cause. */
  readonly cause: AlertCause | null;
  /** The device that its subject belongs to, where the subject is none itself (an interface); else not given. */
  readonly deviceId?: DeviceId;
  /** What it was decided from (`domain/evidence-keys.ts`), as it was when it began; else not given. */
  readonly evidence?: readonly Evidence[];
}

/** The alerts of rules that hold now. */
export interface RuleAlerts {
  current(): readonly Alert[];
  /** Calls back after every change, without data (read `current()`); returns the way to stop. */
  onChange(wake: () => void): () => void;
}

/** What broke. `power` of a site or a feeder is told from the evidence of many things at once. */
export interface AlertCause extends Subject {
  readonly reason: 'failed' | 'power' | 'shared-risk' | 'silent' | 'rule';
  /** Milliseconds since the epoch: the first sign of it. */
  readonly since: number;
  /** 0 to 1. */
  readonly certainty: number;
  /** Of a link between sites: the places that it joins (`Palattae–Kahu`), and what it is made of. */
  readonly link?: { readonly places: string; readonly medium: LinkMedium };
}

export function alertKey(rule: string, subject: Pick<Subject, 'kind' | 'id'>): string {
  return `${rule}|${subject.kind}:${subject.id}`;
}

/** The same thing failed for the same reason, however sure it is. */
export function causeKey(cause: Pick<AlertCause, 'kind' | 'id' | 'reason'>): string {
  return `${cause.reason}|${cause.kind}:${cause.id}`;
}

/** A cause as it was seen from a time on; the last one holds. */
export interface CauseRevision {
  readonly at: number;
  readonly cause: AlertCause;
}

/** As it is kept: with where it lies, all of which a reader must be allowed to know more than its name and time. */
export interface PlacedCause extends CauseRevision {
  readonly regionCodes: readonly string[];
}

/**
 * `open`: something holds. `clearing`: nothing holds any more, and it is waited whether it stays so. `resolved`: it
 * stayed so. `merged`: another incident turned out to be the same; nothing more is told of this one.
 */
export type IncidentState = 'open' | 'clearing' | 'resolved' | 'merged';

/** The alerts that share one root cause. Its id does not depend on its cause. */
export interface Incident {
  readonly id: IncidentId;
  readonly state: IncidentState;
  readonly severity: Severity;
  /** Milliseconds since the epoch: of the earliest alert in it. */
  readonly since: number;
  readonly openedAt: number;
  /** When the last alert of it ceased; null while one holds. */
  readonly clearedAt: number | null;
  readonly causes: readonly CauseRevision[];
  /** Keys of the alerts that hold now. */
  readonly alerts: ReadonlySet<string>;
  /** Keys of all that ever held, for who was hurt. */
  readonly everAlerts: ReadonlySet<string>;
  /** When it began again after it had ceased, the newest last; older than the flap window are dropped. */
  readonly returns: readonly number[];
  readonly mergedInto: IncidentId | null;
}

export function currentCause(incident: Pick<Incident, 'causes'>): AlertCause {
  const last = incident.causes.at(-1);
  if (last === undefined) throw new Error('an incident has a cause from its first moment');
  return last.cause;
}
