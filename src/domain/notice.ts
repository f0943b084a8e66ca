import { Type, type Static } from 'typebox';
import { severities, type AlertCause, type Severity } from './alert.ts';
import type { IncidentId, SiteId } from './ids.ts';
import { Evidence, Impact } from './incident.ts';

/** `digest`: what was low, once a day. `test`: somebody pressed the test button. */
export const noticeKinds = ['opened', 'revised', 'escalated', 'handed-over', 'resolved', 'digest', 'test'] as const;
export type NoticeKind = (typeof noticeKinds)[number];

/** The channel of PostgreSQL on which whoever sends hears that notices were decided, here or by another controller. */
export const noticesChannel = 'arung_notices';

/**
 * `scheduled`: may still be cancelled (an escalation that waits). `due`: to be sent. `sending`: the channel may have it.
 * `sent`: the channel took it. `delivered`, `read`: as the channel tells. `failed`: it will not be tried again.
 */
export const noticeStates = [
  'scheduled',
  'due',
  'sending',
  'sent',
  'delivered',
  'read',
  'failed',
  'cancelled',
] as const;
export type NoticeState = (typeof noticeStates)[number];

/** Where somebody has to go. */
export const Place = Type.Object({
  /** Name of the site. */
  name: Type.String({ examples: ['POP Palattae'] }),
  /** WGS 84 degrees; null where nobody knows. */
  latitude: Type.Union([Type.Number(), Type.Null()]),
  longitude: Type.Union([Type.Number(), Type.Null()]),
  /** Which end of the link, or which device of the site. */
  at: Type.String({ examples: ['rtr-palattae-01 sfp3'] }),
  accessNotes: Type.String(),
  /** Id of the site; not given where it was not yet kept (before 2026-12). */
  siteId: Type.Optional(Type.Unsafe<SiteId>(Type.String())),
});
export type Place = Static<typeof Place>;

/**
 * All that a message is made of, as it was when it was decided: keys and figures, no sentence. What leaves to other
 * companies' servers is the least that a technician needs; a channel takes less of it, never more.
 */
export const NoticeContent = Type.Object({
  incidentId: Type.Union([Type.Unsafe<IncidentId>(Type.String()), Type.Null()]),
  incidentNumber: Type.Union([Type.Integer(), Type.Null()]),
  severity: Type.Unsafe<Severity>(Type.Enum([...severities])),
  cause: Type.Unsafe<AlertCause>(Type.Any()),
  /** The rule that holds, where the cause is no failure of reachability. */
  rule: Type.Union([Type.String(), Type.Null()]),
  /** Milliseconds since the epoch. */
  since: Type.Number(),
  place: Type.Union([Place, Type.Null()]),
  evidence: Type.Array(Evidence),
  impact: Impact,
  /** What was said to be the cause before; null when that is no news. */
  before: Type.Union([Type.Unsafe<AlertCause>(Type.Any()), Type.Null()]),
  /** How long it lasted, seconds; null while it lasts. */
  lastedS: Type.Union([Type.Number(), Type.Null()]),
  /** Times that it went away and came again, and in how many minutes; null when it does not flap. */
  flaps: Type.Union([Type.Object({ times: Type.Integer(), minutes: Type.Integer() }), Type.Null()]),
  /** Of a digest: the incidents in it. */
  digest: Type.Array(
    Type.Object({
      number: Type.Integer(),
      cause: Type.Unsafe<AlertCause>(Type.Any()),
      since: Type.Number(),
      until: Type.Union([Type.Number(), Type.Null()]),
    }),
  ),
});
export type NoticeContent = Static<typeof NoticeContent>;
