import { Type, type Static } from 'typebox';
import { ServiceCheck } from './service-check.ts';
import type { DeviceId, InterfaceId, LinkId, ServiceId, SharedRiskId, SiteId } from './ids.ts';

export const linkMedia = ['fibre', 'radio', 'copper', 'vsat', '4g'] as const;
export type LinkMedium = (typeof linkMedia)[number];

/** A Link joins two Interfaces. Inside a site it is a cable; between sites it is drawn on the map. */
export const Link = Type.Object({
  id: Type.Unsafe<LinkId>(Type.String()),
  /** Unique and a person's: what the CLI and a message call it. */
  name: Type.String({ minLength: 1, maxLength: 120, examples: ['palattae--kahu'] }),
  medium: Type.Unsafe<LinkMedium>(Type.Enum([...linkMedia])),
  capacityBps: Type.Number({ exclusiveMinimum: 0, examples: [1e9] }),
  a: Type.Object({
    interfaceId: Type.Unsafe<InterfaceId>(Type.String()),
    deviceId: Type.Unsafe<DeviceId>(Type.String()),
    siteId: Type.Unsafe<SiteId>(Type.String()),
  }),
  b: Type.Object({
    interfaceId: Type.Unsafe<InterfaceId>(Type.String()),
    deviceId: Type.Unsafe<DeviceId>(Type.String()),
    siteId: Type.Unsafe<SiteId>(Type.String()),
  }),
  /** Part of the backbone between hubs: drawn wider, shown at lower zoom. */
  trunk: Type.Boolean(),
  sharedRiskIds: Type.Array(Type.Unsafe<SharedRiskId>(Type.String())),
  tags: Type.Array(Type.String({ maxLength: 60 })),
  managedBy: Type.String(),
});
export type Link = Static<typeof Link>;

/** What fails together: links in one duct or on one pole, sites on one feeder of the power company. */
export const SharedRisk = Type.Object({
  id: Type.Unsafe<SharedRiskId>(Type.String()),
  name: Type.String({ minLength: 1, maxLength: 120, examples: ['Penyulang Libureng'] }),
  kind: Type.Unsafe<'duct' | 'pole' | 'power-feeder'>(Type.Enum(['duct', 'pole', 'power-feeder'])),
  linkIds: Type.Array(Type.Unsafe<LinkId>(Type.String())),
  siteIds: Type.Array(Type.Unsafe<SiteId>(Type.String())),
});
export type SharedRisk = Static<typeof SharedRisk>;

/** An application that citizens or officials use over the backbone. It is probed from where the Agent stands. */
export const Service = Type.Object({
  id: Type.Unsafe<ServiceId>(Type.String()),
  code: Type.String({ minLength: 1, maxLength: 40, examples: ['e-planning'] }),
  name: Type.String({ minLength: 1, maxLength: 120, examples: ['e-Planning'] }),
  siteId: Type.Unsafe<SiteId>(Type.String()),
  deviceId: Type.Union([Type.Unsafe<DeviceId>(Type.String()), Type.Null()]),
  url: Type.String({ maxLength: 400 }),
  /** How it is looked at; without any, by its address. */
  checks: Type.Array(ServiceCheck, { maxItems: 8 }),
  /** Networks, kinds and codes of the sites that use it; empty: all do. */
  usedBy: Type.Array(Type.String({ maxLength: 60, examples: ['village'] }), { maxItems: 1000 }),
});
export type Service = Static<typeof Service>;
