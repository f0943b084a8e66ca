import { Type, type Static } from 'typebox';
import {
  severities,
  type AlertCause,
  type IncidentState,
  type Severity,
  type SubjectKind,
} from '../../domain/alert.ts';
import { Evidence, incidentStages, type IncidentStage } from '../../domain/incident.ts';
import { reachabilities, type Reachability } from '../../domain/reachability.ts';

const orNull = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) => Type.Union([schema, Type.Null()]);
const Instant = Type.String({ format: 'date-time' });
const Path = Type.String({ description: 'SVG path data: M, L, Q, Z and whole numbers.' });

/** The picture of where it is, in half pixels of a phone of 390 pixels; made by `miniMap`. */
export const MiniMap = Type.Object({
  width: Type.Integer(),
  height: Type.Integer(),
  /** Closed: what is land. Empty where no territories are known. */
  land: Path,
  /** Lines between villages, and between districts. */
  seams: Path,
  gaps: Path,
  /** Closed, even-odd: the villages that are dark. */
  dark: Path,
  links: Type.Array(
    Type.Object({
      /** x1, y1, x2, y2. */
      line: Type.Array(Type.Integer(), { minItems: 4, maxItems: 4 }),
      trunk: Type.Boolean(),
      wired: Type.Boolean({ description: 'Fibre or copper: a solid line.' }),
      /** `cut`: the cause; `dead`: among what is dark. */
      state: Type.Unsafe<'up' | 'cut' | 'dead'>(Type.Enum(['up', 'cut', 'dead'])),
      /** Step of the load scale, 0 to 5; null where nothing was measured. */
      load: orNull(Type.Integer({ minimum: 0, maximum: 5 })),
    }),
  ),
  sites: Type.Array(
    Type.Object({
      x: Type.Integer(),
      y: Type.Integer(),
      hub: Type.Unsafe<'district' | 'pop' | null>(orNull(Type.Enum(['district', 'pop']))),
      state: Type.Unsafe<Reachability>(Type.Enum([...reachabilities])),
    }),
  ),
  labels: Type.Array(
    Type.Object({
      x: Type.Integer(),
      y: Type.Integer(),
      text: Type.String(),
      end: Type.Boolean(),
      dark: Type.Boolean(),
    }),
  ),
  /** Where it broke, and where the chip with the time has room. */
  mark: orNull(Type.Object({ x: Type.Integer(), y: Type.Integer(), chipX: Type.Integer(), chipY: Type.Integer() })),
});
export type MiniMap = Static<typeof MiniMap>;

/** All that a signed link shows: one incident, as one person sees it. */
export const PhoneView = Type.Object({
  at: Instant,
  timeZone: Type.String(),
  language: Type.Unsafe<'id' | 'en'>(Type.Enum(['id', 'en'])),
  person: Type.Object({ name: Type.String() }),
  incident: Type.Object({
    name: Type.String({ examples: ['INS-1287'] }),
    state: Type.Unsafe<IncidentState>(Type.Enum(['open', 'clearing', 'resolved', 'merged'])),
    severity: Type.Unsafe<Severity>(Type.Enum([...severities])),
    since: Instant,
    clearedAt: orNull(Instant),
    endedAt: orNull(Instant),
    /** Name of the incident that this one turned out to be part of. */
    mergedInto: orNull(Type.String()),
    stage: Type.Unsafe<IncidentStage>(Type.Enum([...incidentStages])),
    takenBy: orNull(Type.Object({ name: Type.String(), isYou: Type.Boolean() })),
    takenAt: orNull(Instant),
    revision: Type.Integer(),
  }),
  /** In words, in the person's language. */
  title: Type.String(),
  sentences: Type.Array(Type.String()),
  /** From here on only while the incident lasts; null after it. */
  facts: orNull(
    Type.Object({
      cause: Type.Object({
        kind: Type.Unsafe<SubjectKind>(Type.String()),
        reason: Type.Unsafe<AlertCause['reason']>(Type.String()),
        name: Type.String(),
        since: Instant,
        certainty: Type.Number({ minimum: 0, maximum: 1 }),
      }),
      evidence: Type.Array(Evidence),
      place: orNull(
        Type.Object({
          name: Type.String(),
          at: Type.String({ description: 'Which end, which device.' }),
          latitude: orNull(Type.Number()),
          longitude: orNull(Type.Number()),
          address: Type.String(),
          accessNotes: Type.String(),
          contacts: Type.Array(Type.Object({ name: Type.String(), role: Type.String(), phone: Type.String() })),
        }),
      ),
      /** Name of the site where this person may begin planned work by a press; null: only the incident can be muted. */
      workAt: orNull(Type.String()),
      /** Names, the nearest to the cause first. */
      villages: Type.Array(Type.String()),
      sites: Type.Integer({ description: 'All sites that are dark.' }),
      terminals: Type.Integer(),
      services: Type.Array(Type.Object({ name: Type.String(), sites: Type.Integer() })),
      /** When people clock in or out next at a place that is dark, within 18 hours. */
      attendanceAt: orNull(Instant),
      log: Type.Array(
        Type.Object({
          at: Instant,
          key: Type.String(),
          arguments: Type.Record(Type.String(), Type.Unknown()),
          actor: Type.String(),
          text: Type.String(),
          photo: Type.Boolean(),
        }),
      ),
      map: orNull(MiniMap),
    }),
  ),
});
export type PhoneView = Static<typeof PhoneView>;

/** What a press does. For `minutes`: `work` is planned work at `workAt`, `mute` has nobody told of the incident. */
export const phoneActions = ['take', 'on-the-way', 'on-site', 'fixed', 'comment', 'hand-back', 'mute', 'work'] as const;
export type PhoneAction = (typeof phoneActions)[number];

export const PhonePress = Type.Object(
  {
    /** Made by the phone, once a press: the same one twice is one press. */
    requestId: Type.String({ format: 'uuid', examples: ['0198c0de-0000-7000-8000-000000000001'] }),
    action: Type.Unsafe<PhoneAction>(Type.Enum([...phoneActions])),
    text: Type.Optional(Type.String({ maxLength: 4000, examples: ['Kabel putus di tiang 14'] })),
    /** Of `mute` and `work`. */
    minutes: Type.Optional(Type.Integer({ minimum: 15, maximum: 480, examples: [120] })),
    /** The phone's time of the press, when it could not be sent at once. */
    at: Type.Optional(Type.String({ format: 'date-time', examples: ['2026-11-24T18:31:00Z'] })),
  },
  {
    additionalProperties: false,
    examples: [{ requestId: '0198c0de-0000-7000-8000-000000000001', action: 'take' }],
  },
);
export type PhonePress = Static<typeof PhonePress>;
