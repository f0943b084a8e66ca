import type { Alert } from '../../../../src/domain/alert.ts';
import type { IncidentCauseView, IncidentView } from '../../../../src/domain/incident-view.ts';
import type { NoticeKind, NoticeState } from '../../../../src/domain/notice.ts';

/** `GET /api/v1/incidents/{id}`. */
export interface IncidentDetail extends IncidentView {
  readonly causes: readonly { readonly at: string; readonly cause: IncidentCauseView }[];
  readonly alerts: readonly Pick<Alert, 'key' | 'rule' | 'subject' | 'severity'>[];
  readonly notices: readonly NoticeView[];
  readonly entries: readonly EntryView[];
}

export interface NoticeView {
  readonly id: string;
  readonly person: { readonly id: string | null; readonly name: string };
  readonly why: string;
  readonly channel: { readonly id: string; readonly name: string; readonly kind: string } | null;
  readonly kind: NoticeKind;
  readonly state: NoticeState;
  readonly decidedAt: string;
  readonly dueAt: string;
  readonly sentAt: string | null;
  readonly deliveredAt: string | null;
  readonly readAt: string | null;
  readonly attempts: number;
  readonly error: string | null;
  readonly maybeTwice: boolean;
}

export interface EntryView {
  readonly id: string;
  readonly at: string;
  readonly key: string;
  readonly arguments: Readonly<Record<string, string | number | boolean | null>>;
  readonly person: { readonly id: string; readonly name: string } | null;
  readonly actor: string;
  readonly via: string;
  readonly text: string;
  readonly photoId: string | null;
}

/** `GET /api/v1/incidents/statistics`. */
export interface IncidentStatistics {
  readonly items: readonly {
    readonly regionCode: string;
    readonly name: string;
    readonly incidents: number;
    readonly taken: number;
    readonly mttaS: number | null;
    readonly mttrS: number | null;
  }[];
}

/** `GET /api/v1/people/on-duty`. */
export interface OnDuty {
  readonly items: readonly { readonly person: { readonly id: string; readonly name: string }; readonly why: string }[];
}
