import { Type, type Static } from 'typebox';
import { severities, type Severity } from '../domain/alert.ts';
import { IncidentCauseView, IncidentView } from '../domain/incident-view.ts';
import { noticeKinds, noticeStates, type NoticeKind, type NoticeState } from '../domain/notice.ts';

const orNull = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) => Type.Union([schema, Type.Null()]);
const At = Type.String({ format: 'date-time' });

/** Shapes of `incidents.ts`. */
export const IncidentDetailView = Type.Object({
  ...IncidentView.properties,
  causes: Type.Array(Type.Object({ at: At, cause: IncidentCauseView }), {
    description: 'What was said to be the cause, the last one holds.',
  }),
  alerts: Type.Array(
    Type.Object({
      key: Type.String(),
      rule: Type.String(),
      subject: Type.Object({ kind: Type.String(), id: Type.String(), name: Type.String() }),
      severity: Type.Unsafe<Severity>(Type.Enum([...severities])),
      since: At,
    }),
    { description: 'Those that hold now, of your regions.' },
  ),
  notices: Type.Array(
    Type.Object({
      id: Type.String(),
      person: Type.Object({ id: orNull(Type.String()), name: Type.String() }),
      why: Type.String(),
      channel: orNull(Type.Object({ id: Type.String(), name: Type.String(), kind: Type.String() })),
      kind: Type.Unsafe<NoticeKind>(Type.Enum([...noticeKinds])),
      state: Type.Unsafe<NoticeState>(Type.Enum([...noticeStates])),
      decidedAt: At,
      dueAt: At,
      sentAt: orNull(At),
      deliveredAt: orNull(At),
      readAt: orNull(At),
      attempts: Type.Integer(),
      error: orNull(Type.String({ description: 'Why it failed; null for who may not write alerting there.' })),
      errorCode: orNull(Type.String({ description: 'Stable name of that sentence.' })),
      errorArguments: orNull(Type.Record(Type.String(), Type.Union([Type.String(), Type.Number()]))),
      maybeTwice: Type.Boolean(),
    }),
    { description: 'For those who may read people.' },
  ),
  entries: Type.Array(
    Type.Object({
      id: Type.String(),
      at: At,
      key: Type.String(),
      arguments: Type.Record(Type.String(), Type.Union([Type.String(), Type.Number(), Type.Boolean(), Type.Null()])),
      person: orNull(Type.Object({ id: Type.String(), name: Type.String() })),
      actor: Type.String(),
      via: Type.String(),
      text: Type.String(),
      photoId: orNull(Type.String()),
    }),
  ),
});

export type IncidentDetailView = Static<typeof IncidentDetailView>;

/** How fast people take and mend, by district. */
export const IncidentStatistics = Type.Object({
  items: Type.Array(
    Type.Object({
      regionCode: Type.String({ examples: ['73.08.02'] }),
      name: Type.String({ examples: ['Kahu'] }),
      incidents: Type.Integer(),
      taken: Type.Integer(),
      mttaS: Type.Union([Type.Number(), Type.Null()], {
        description: 'Mean seconds until somebody took it; null where nobody did.',
      }),
      mttrS: Type.Union([Type.Number(), Type.Null()], {
        description: 'Mean seconds from the first sign until it was mended.',
      }),
    }),
  ),
  next: Type.Null(),
});
export type IncidentStatistics = Static<typeof IncidentStatistics>;

export const incidentExample = {
  id: '019ad0f0-6c1d-7cc3-98c4-dc0c0c07398f',
  number: 1287,
  name: 'INS-1287',
  state: 'open',
  severity: 'critical',
  since: '2026-11-29T18:10:11.000Z',
  openedAt: '2026-11-29T18:10:14.000Z',
  clearedAt: null,
  endedAt: null,
  mergedInto: null,
  cause: {
    name: 'palattae--kahu',
    since: '2026-11-29T18:10:11.000Z',
    kind: 'link',
    id: '019351f0-7a02-7d11-8a40-3c1f0f8e22b1',
    reason: 'failed',
    certainty: 0.97,
  },
  rule: null,
  place: {
    name: 'POP Palattae',
    latitude: -4.861,
    longitude: 120.084,
    at: 'rtr-palattae-01 sfp3',
    accessNotes: 'Kunci di kantor camat.',
  },
  evidence: [
    {
      key: 'link.no-light',
      arguments: { device: 'rtr-palattae-01', interface: 'sfp3', sinceAt: 1_795_976_211_000 },
    },
    { key: 'certainty', arguments: { percent: 97 } },
  ],
  impact: {
    sites: { village: 19, district: 1, agency: 0, pop: 0 },
    devices: 61,
    terminals: 20,
    services: [{ id: '019351f0-7a02-7d11-8a40-3c1f0f8e22c2', name: 'e-Planning', sites: 20 }],
    siteIds: ['019351f0-7a02-7d11-8a40-3c1f0f8e22d3'],
  },
  regionCodes: ['73.08.02', '73.08.02.1001'],
  stage: 'taken',
  takenBy: { id: '019351f0-7a02-7d11-8a40-3c1f0f8e22e4', name: 'Andi Baso', userId: null },
  takenAt: '2026-11-29T18:12:40.000Z',
  told: { people: 1, messages: 1 },
  suppressed: 81,
  flaps: 0,
  silence: null,
  revision: 4,
};
