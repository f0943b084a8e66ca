import { Type, type Static } from 'typebox';
import { severities, type AlertCause, type IncidentState, type Severity, type SubjectKind } from './alert.ts';
import type { IncidentId, PersonId, SilenceId, UserId } from './ids.ts';
import { Evidence, Impact, incidentStages, type IncidentStage } from './incident.ts';
import { Place } from './notice.ts';

const orNull = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) => Type.Union([schema, Type.Null()]);
const At = Type.String({ format: 'date-time', examples: ['2026-11-29T18:10:11.000Z'] });
const id = <T extends string>() => Type.Unsafe<T>(Type.String());

/** What broke, as a reader may know it: of a cause outside their regions its name and time, the rest is null. */
export const IncidentCauseView = Type.Object(
  {
    name: Type.String({ examples: ['palattae--kahu'] }),
    since: At,
    kind: orNull(Type.Unsafe<SubjectKind>(Type.String())),
    id: orNull(Type.String()),
    reason: orNull(Type.Unsafe<AlertCause['reason']>(Type.String({ examples: ['failed'] }))),
    certainty: orNull(Type.Number()),
  },
  { description: 'Of a cause outside your regions you get its name and time; the rest is null.' },
);
export type IncidentCauseView = Static<typeof IncidentCauseView>;

/** An incident as readers get it, by REST and in the live stream; of what it hurts only what lies in their regions. */
export const IncidentView = Type.Object({
  id: id<IncidentId>(),
  number: Type.Integer(),
  name: Type.String({ examples: ['INS-1287'] }),
  state: Type.Unsafe<IncidentState>(Type.Enum(['open', 'clearing', 'resolved', 'merged'])),
  severity: Type.Unsafe<Severity>(Type.Enum([...severities])),
  since: At,
  openedAt: At,
  clearedAt: orNull(At),
  endedAt: orNull(At),
  mergedInto: orNull(id<IncidentId>()),
  cause: IncidentCauseView,
  /** The rule that holds, where the cause is no failure of reachability. */
  rule: orNull(Type.String()),
  place: orNull(Place),
  evidence: Type.Array(Evidence),
  impact: Impact,
  regionCodes: Type.Array(Type.String(), { description: 'Where its cause and what it hurts lie, of your regions.' }),
  stage: Type.Unsafe<IncidentStage>(Type.Enum([...incidentStages])),
  takenBy: orNull(
    Type.Object({
      id: id<PersonId>(),
      name: Type.String(),
      userId: orNull(Type.Unsafe<UserId>(Type.String({ description: 'The user of the console who is this person.' }))),
    }),
  ),
  takenAt: orNull(At),
  told: Type.Object({
    people: Type.Integer({ description: 'Who got, or is about to get, a message.' }),
    messages: Type.Integer(),
  }),
  suppressed: Type.Integer({ description: 'Alerts that are part of it and were not told each by itself.' }),
  flaps: Type.Integer({ description: 'How often it went away and came again.' }),
  silence: orNull(Type.Object({ id: id<SilenceId>(), reason: Type.String(), to: At })),
  revision: Type.Integer({ description: 'Grows with every change.' }),
});
export type IncidentView = Static<typeof IncidentView>;
