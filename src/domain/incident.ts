import { Type, type Static } from 'typebox';
import type { ServiceId, SiteId } from './ids.ts';
import type { SiteKind } from './site.ts';

/** How far the work on it is; people say so, nothing else does. */
export const incidentStages = ['new', 'taken', 'on-the-way', 'on-site', 'fixed'] as const;
export type IncidentStage = (typeof incidentStages)[number];

/** Whom an incident hurts, counted over the alerts that hold. */
export const Impact = Type.Object({
  /** Sites that are dark, by kind. */
  sites: Type.Object({
    village: Type.Integer(),
    district: Type.Integer(),
    agency: Type.Integer(),
    pop: Type.Integer(),
  } satisfies Record<SiteKind, unknown>),
  devices: Type.Integer(),
  /** Attendance terminals among the devices. */
  terminals: Type.Integer(),
  /** Services that sites lost because of it, the most hurt first. */
  services: Type.Array(
    Type.Object({
      id: Type.Unsafe<ServiceId>(Type.String()),
      name: Type.String(),
      /** Sites that should have it and have not. */
      sites: Type.Integer(),
    }),
  ),
  /** All that are dark. */
  siteIds: Type.Array(Type.Unsafe<SiteId>(Type.String())),
});
export type Impact = Static<typeof Impact>;

/**
 * One thing that was observed and speaks for the cause: a sentence's key and what goes into it, made in the reader's
 * language (`alerting/words`).
 */
export const Evidence = Type.Object({
  key: Type.String({ examples: ['link.no-light'] }),
  arguments: Type.Record(Type.String(), Type.Union([Type.String(), Type.Number(), Type.Boolean(), Type.Null()])),
});
export type Evidence = Static<typeof Evidence>;

/** What people call an incident. */
export function incidentName(number: number): string {
  return `INS-${number}`;
}
