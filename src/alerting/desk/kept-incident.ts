import type { AlertCause, Incident, PlacedCause } from '../../domain/alert.ts';
import type { IncidentSilence, PlacedAlert } from '../../database/tables/alerting.ts';
import type { ChannelId, IncidentId, PersonId } from '../../domain/ids.ts';
import type { Evidence, Hurt, IncidentStage } from '../../domain/incident.ts';
import type { NoticeContent, NoticeKind, NoticeState, Place } from '../../domain/notice.ts';

/** An incident with all that is kept of it, and how long its evidence has stood still. */
export interface KeptIncident {
  readonly incident: Incident;
  /** What people call it; null before it was written for the first time. */
  readonly number: number | null;
  readonly causes: readonly PlacedCause[];
  /** Those that hold now. */
  readonly alerts: readonly PlacedAlert[];
  readonly hurt: Hurt;
  readonly evidence: readonly Evidence[];
  readonly place: Place | null;
  readonly rule: string | null;
  readonly silence: IncidentSilence | null;
  /** Planned work covers what broke: nobody is told. */
  readonly isPlanned: boolean;
  readonly flaps: number;
  readonly regionCode: string | null;
  readonly regionCodes: readonly string[];
  /** Monotonic milliseconds: since when something about its cause is news, and when it changed last. */
  readonly settling: { readonly from: number; readonly changedAt: number };
  /** Milliseconds since the epoch: when what holds of it changed last. */
  readonly movedAt: number;
  /** Devices of it that had begun anew when they were back: their uptime then, seconds. */
  readonly restarted: ReadonlyMap<string, number>;
}

/** A notice that was decided before. */
export interface DecidedNotice {
  readonly kind: NoticeKind;
  readonly state: NoticeState;
  readonly personId: PersonId | null;
  readonly personName: string;
  readonly channelId: ChannelId | null;
  readonly address: string;
  readonly why: string;
  readonly severity: NoticeContent['severity'];
  readonly cause: AlertCause;
  /** Milliseconds since the epoch. */
  readonly decidedAt: number;
}

/** What people did about an incident, and what was decided to tell of it and of those that were merged into it. */
export interface Progress {
  readonly takenBy: { readonly id: PersonId; readonly name: string } | null;
  readonly stage: IncidentStage;
  readonly notices: readonly DecidedNotice[];
}

export const noProgress: Progress = { takenBy: null, stage: 'new', notices: [] };

/** A message that is to be sent, or scheduled. */
export interface NoticeDraft {
  readonly incidentId: IncidentId;
  readonly kind: NoticeKind;
  readonly personId: PersonId;
  readonly personName: string;
  /** The way that is tried first; null where the person has none. */
  readonly channelId: ChannelId | null;
  readonly address: string;
  readonly why: string;
  /** Keeps it from being decided twice. */
  readonly decision: string;
  readonly revision: number;
  readonly state: 'scheduled' | 'due' | 'failed';
  /** Milliseconds since the epoch. */
  readonly dueAt: number;
  readonly content: NoticeContent;
}

/** Notices of an incident that are not to be sent any more; only those that still wait for their time. */
export interface Cancellation {
  readonly incidentId: IncidentId;
  readonly kinds: 'all' | 'escalations';
}
