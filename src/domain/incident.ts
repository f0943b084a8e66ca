import { Type, type Static } from 'typebox';
import type { ServiceId, SiteId } from './ids.ts';
import { siteKinds, type SiteKind } from './site.ts';

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

/** What of one site an incident hurts. Kept with it, so that each reader's share can be counted. */
export interface HurtSite {
  readonly id: SiteId;
  readonly kind: SiteKind;
  readonly regionCode: string;
  /** Nothing of it answers. */
  readonly isDark: boolean;
  readonly devices: number;
  readonly terminals: number;
  /** Services that it lost: places in `Hurt.services`. */
  readonly services: readonly number[];
}

export interface Hurt {
  readonly services: readonly { readonly id: ServiceId; readonly name: string }[];
  readonly sites: readonly HurtSite[];
}

export const nobodyHurt: Hurt = { services: [], sites: [] };

/** Counts over all sites that are given: those of a reader's regions, for what that reader may know. */
export function impactOf({ services, sites }: Hurt): Impact {
  const dark = sites.filter(({ isDark }) => isDark);
  const kinds = siteKinds.map((kind) => [kind, dark.filter((site) => site.kind === kind).length]);
  return {
    sites: Object.fromEntries(kinds) as Impact['sites'],
    devices: sites.reduce((sum, { devices }) => sum + devices, 0),
    terminals: sites.reduce((sum, { terminals }) => sum + terminals, 0),
    services: services
      .map((service, index) => ({
        id: service.id,
        name: service.name,
        sites: sites.filter((site) => site.services.includes(index)).length,
      }))
      .filter((service) => service.sites > 0)
      .sort((a, b) => b.sites - a.sites || a.name.localeCompare(b.name)),
    siteIds: dark.map(({ id }) => id),
  };
}

/**
 * One thing that was observed and speaks for the cause: a sentence's key and what goes into it, made in the reader's
 * language (`alerting/words`).
 */
export const Evidence = Type.Object({
  key: Type.String({ examples: ['link.no-light'] }),
  arguments: Type.Record(Type.String(), Type.Union([Type.String(), Type.Number(), Type.Boolean(), Type.Null()])),
  regionCodes: Type.Optional(
    Type.Array(Type.String(), { description: 'Where what it names lies beside the cause, if that is elsewhere.' }),
  ),
});
export type Evidence = Static<typeof Evidence>;

/** What people call an incident. */
export function incidentName(number: number): string {
  return `INS-${number}`;
}
