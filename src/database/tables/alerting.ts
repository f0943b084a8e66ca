import type { ColumnType, Generated } from 'kysely';
import type { Alert, IncidentState, PlacedCause, Severity } from '../../domain/alert.ts';
import type { AlertRule } from '../../domain/alert-rule.ts';
import type { ChannelId, DutyId, IncidentId, NoticeId, PersonId, SilenceId, TeamId, UserId } from '../../domain/ids.ts';
import type { Evidence, Hurt, IncidentStage } from '../../domain/incident.ts';
import type { NoticeContent, NoticeKind, NoticeState, Place } from '../../domain/notice.ts';
import type { HoursOfWeek } from '../../domain/person.ts';
import type { Matcher } from '../../domain/silence.ts';
import type { Network } from '../../domain/site.ts';

/** Rules, silences, incidents, people, channels and notices. */
export interface AlertingTables {
  alert_rules: AlertRuleTable;
  rule_memories: RuleMemoryTable;
  silences: SilenceTable;
  leases: LeaseTable;
  channels: ChannelTable;
  teams: TeamTable;
  people: PersonTable;
  person_channels: PersonChannelTable;
  duties: DutyTable;
  incidents: IncidentTable;
  incident_photos: IncidentPhotoTable;
  incident_entries: IncidentEntryTable;
  notices: NoticeTable;
  message_templates: MessageTemplateTable;
  foreign_alerts: ForeignAlertTable;
}

/** Written as JSON text, read as what it means. */
type Json<T> = ColumnType<T, string, string>;
type JsonWithDefault<T> = ColumnType<T, string | undefined, string>;
type JsonOrNull<T> = ColumnType<T | null, string | null | undefined, string | null>;

/** Name and arguments of a sentence; see `ChannelProblem`. */
interface NamedProblem {
  readonly code: string;
  readonly arguments: Readonly<Record<string, string | number>>;
}

/** A rule of an operator or a file, or a built-in one that somebody changed. */
export interface AlertRuleTable {
  key: string;
  definition: Json<AlertRule>;
  managed_by: Generated<string>;
  created_by: Generated<string>;
  version: Generated<number>;
}

/** What one rule remembers of one series; see `alerting/rules/watch.ts`. */
export interface RuleMemoryTable {
  /** Rule and series, as the evaluator names them. */
  key: string;
  phase: number;
  since_s: number;
  base_value: number;
  base_s: number;
  count: number;
}

export interface SilenceTable {
  id: SilenceId;
  matchers: Json<readonly Matcher[]>;
  reason: string;
  created_by: string;
  /** It is within this region whatever its matchers say: what its author may silence. Null: everywhere. */
  region_code: string | null;
  starts_at: Date;
  ends_at: Date;
  version: Generated<number>;
}

/** Who does what only one may do; every write under it names its token. */
export interface LeaseTable {
  name: string;
  holder: string;
  token: ColumnType<string, number | string, number | string>;
  until: Date;
}

export interface ChannelTable {
  id: ChannelId;
  name: string;
  kind: string;
  enabled: Generated<boolean>;
  /** What is no secret, by the kind's schema. */
  settings: JsonWithDefault<Readonly<Record<string, unknown>>>;
  /** Sealed by the vault; its context is the channel's id: JSON, by the kind's schema of secrets. */
  secret: Buffer | null;
  last_sent_at: Date | null;
  /** Nothing is sent before: it failed, or asked to wait. */
  paused_until: Date | null;
  failing_since: Date | null;
  last_error: string | null;
  /** What `last_error` is in every language; null where nothing failed, or an earlier release told it. */
  last_problem: JsonOrNull<NamedProblem>;
  /** At most so many messages a minute; null: as its kind. */
  per_minute: ColumnType<number | null, number | null | undefined, number | null>;
  created_by: Generated<string>;
  version: Generated<number>;
}

/** An alert of another program; its end is kept a while, so that a late repeat begins nothing. */
export interface ForeignAlertTable {
  channel_id: ChannelId;
  fingerprint: string;
  name: string;
  labels: ColumnType<Readonly<Record<string, string>>, string, string>;
  summary: string;
  severity: Severity;
  starts_at: Date;
  ended_at: Date | null;
  /** When it was told last. */
  seen_at: Date;
}

export interface TeamTable {
  id: TeamId;
  name: string;
  /** Nobody took it for so long: the next level is told. */
  escalate_after_s: Generated<number>;
  created_by: Generated<string>;
  version: Generated<number>;
}

export interface PersonTable {
  id: PersonId;
  name: string;
  team_id: TeamId | null;
  user_id: UserId | null;
  language: 'id' | 'en' | null;
  working_hours: JsonWithDefault<readonly HoursOfWeek[]>;
  quiet_hours: ColumnType<HoursOfWeek | null, string | null | undefined, string | null>;
  /** The areas; empty: everywhere. */
  region_codes: Generated<string[]>;
  /** Empty: both. */
  networks: Generated<Network[]>;
  /** 1 is told first, 2 when nobody of 1 takes it, and so on. */
  level: Generated<number>;
  active: Generated<boolean>;
  created_by: Generated<string>;
  version: Generated<number>;
  managed_by: Generated<string>;
}

/** The ways to a person in the order of preference. */
export interface PersonChannelTable {
  person_id: PersonId;
  position: number;
  channel_id: ChannelId;
  address: string;
}

export interface DutyTable {
  id: DutyId;
  person_id: PersonId;
  starts_at: Date;
  ends_at: Date;
  note: Generated<string>;
  created_by: Generated<string>;
  version: Generated<number>;
}

export type PlacedAlert = Alert & { readonly regionCode: string | null };

export interface IncidentSilence {
  readonly id: SilenceId;
  readonly reason: string;
  /** ISO 8601. */
  readonly to: string;
}

export interface IncidentTable {
  id: IncidentId;
  /** What people call it: INS-1287. */
  number: Generated<number>;
  state: IncidentState;
  severity: Severity;
  since: Date;
  opened_at: Date;
  cleared_at: Date | null;
  /** When it was resolved or merged. */
  ended_at: Date | null;
  merged_into: IncidentId | null;
  causes: Json<readonly PlacedCause[]>;
  /** Those that hold now, whole, with where each lies. */
  alerts: Json<readonly PlacedAlert[]>;
  ever_alerts: string[];
  returns: Generated<Date[]>;
  /** While it is over: whom it hurt at last. */
  impact: Json<Hurt>;
  evidence: JsonWithDefault<readonly Evidence[]>;
  place: ColumnType<Place | null, string | null | undefined, string | null>;
  rule: string | null;
  /** Why nobody is told of it now; null while somebody is. */
  silence: ColumnType<IncidentSilence | null, string | null | undefined, string | null>;
  /** How often it went away and came again. */
  flaps: Generated<number>;
  /** Where its cause lies; null for Arung's own and for what lies nowhere. */
  region_code: string | null;
  /** Of its cause and of all that it hurts: who may read one of them may read of the incident what lies there. */
  region_codes: string[];
  taken_by: PersonId | null;
  taken_at: Date | null;
  stage: Generated<IncidentStage>;
  /** Grows with every change. */
  revision: Generated<number>;
}

export interface IncidentPhotoTable {
  id: string;
  incident_id: IncidentId;
  at: Date;
  media_type: string;
  bytes: Buffer;
}

/** The shared log of an incident. */
export interface IncidentEntryTable {
  id: string;
  incident_id: IncidentId;
  at: Date;
  /** What happened; `arguments` go into its sentence. */
  key: string;
  arguments: JsonWithDefault<Readonly<Record<string, string | number | boolean | null>>>;
  person_id: PersonId | null;
  /** Name of who did it when it happened; empty: Arung. */
  actor: Generated<string>;
  /** `console`, `phone`, or the kind of a channel. */
  via: Generated<string>;
  body: Generated<string>;
  photo_id: string | null;
  /** Of a phone that was offline: the same request twice is one entry. */
  request_id: string | null;
}

/** One message to one person: decided once, sent at least once. */
export interface NoticeTable {
  id: NoticeId;
  incident_id: IncidentId | null;
  person_id: PersonId | null;
  person_name: string;
  channel_id: ChannelId | null;
  address: string;
  kind: NoticeKind;
  incident_revision: number;
  /** Incident, person, kind and revision: what keeps the same thing from being decided twice. */
  decision: string;
  /** Why this person: `duty`, `area`, `level`… */
  why: Generated<string>;
  content: Json<NoticeContent>;
  state: NoticeState;
  decided_at: Date;
  /** Not sent before. */
  due_at: Date;
  /** When it is tried again; null before the first try. */
  try_at: Date | null;
  /** Which running controller has it while it is `sending`. */
  claimed_by: string | null;
  attempts: Generated<number>;
  sent_at: Date | null;
  delivered_at: Date | null;
  read_at: Date | null;
  /** As it was sent, but for its signed link. */
  sent_text: string | null;
  /** The channel's own name of the message. */
  external_id: string | null;
  /** The channel may have taken it before its answer was lost. */
  maybe_twice: Generated<boolean>;
  error: string | null;
  /** What `error` is in every language. */
  problem: JsonOrNull<NamedProblem>;
}

/** Words of an operator in place of the built-in ones. */
export interface MessageTemplateTable {
  kind: NoticeKind;
  language: 'id' | 'en';
  body: string;
  created_by: Generated<string>;
  version: Generated<number>;
}
