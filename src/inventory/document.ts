import { Type, type Static } from 'typebox';
import { credentialKinds, deviceRoles, managementProtocols } from '../domain/device.ts';
import { linkMedia } from '../domain/link.ts';
import { ServiceCheck } from '../domain/service-check.ts';
import { networks, rolloutStatuses, siteKinds } from '../domain/site.ts';

/**
 * The inventory as a file: what import reads and export writes, as JSON (this document) or as one CSV per list with the
 * same column names (a list within a cell is separated by `;`). Things are named by what a person calls them: a site by
 * its code, a device by its name, an interface by `device:interface`. Lists may be left out: what is not named is not
 * touched. Importing the same document twice changes nothing.
 */
const optional = Type.Optional;
const text = (maxLength: number) => Type.String({ maxLength });
const endpoint = Type.String({ pattern: '^[^:]+:.+$', examples: ['rtr-kahu-01:sfp1'] });

export const DocumentSite = Type.Object({
  code: Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$' }),
  name: Type.String({ minLength: 1, maxLength: 120 }),
  kind: Type.Enum([...siteKinds]),
  network: Type.Enum([...networks]),
  rolloutStatus: optional(Type.Enum([...rolloutStatuses])),
  /** Region code. */
  region: Type.String(),
  latitude: optional(Type.Union([Type.Number({ minimum: -90, maximum: 90 }), Type.Null()])),
  longitude: optional(Type.Union([Type.Number({ minimum: -180, maximum: 180 }), Type.Null()])),
  address: optional(text(400)),
  accessNotes: optional(text(2000)),
  calendar: optional(text(80)),
  contacts: optional(Type.Array(text(120))),
  tags: optional(Type.Array(text(60))),
});

export const DocumentDevice = Type.Object({
  name: Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9._-]{0,79}$' }),
  site: Type.String(),
  role: Type.Enum([...deviceRoles]),
  gateway: optional(Type.Boolean()),
  protocol: optional(Type.Enum([...managementProtocols])),
  address: optional(text(45)),
  port: optional(Type.Integer({ minimum: 0, maximum: 65535 })),
  /** Name of a credential. */
  credential: optional(text(80)),
  /** Name of the credential that opens it to be configured. */
  managementCredential: optional(text(80)),
  managementPort: optional(Type.Integer({ minimum: 0, maximum: 65535 })),
  vendor: optional(text(80)),
  model: optional(text(120)),
  serial: optional(text(80)),
  tags: optional(Type.Array(text(60))),
});

export const DocumentInterface = Type.Object({
  device: Type.String(),
  name: Type.String({ minLength: 1, maxLength: 120 }),
  description: optional(text(255)),
  mac: optional(Type.String({ pattern: '^([0-9a-f]{2}(:[0-9a-f]{2}){5})?$' })),
  speedBps: optional(Type.Number({ exclusiveMinimum: 0 })),
});

export const DocumentLink = Type.Object({
  name: Type.String({ minLength: 1, maxLength: 120 }),
  medium: Type.Enum([...linkMedia]),
  capacityBps: Type.Number({ exclusiveMinimum: 0 }),
  a: endpoint,
  b: endpoint,
  trunk: optional(Type.Boolean()),
  sharedRisks: optional(Type.Array(text(120))),
  tags: optional(Type.Array(text(60))),
});

export const DocumentSharedRisk = Type.Object({
  name: Type.String({ minLength: 1, maxLength: 120 }),
  kind: Type.Enum(['duct', 'pole', 'power-feeder']),
  /** Codes of the sites on it (a feeder); links name it themselves. */
  sites: optional(Type.Array(Type.String())),
});

export const DocumentCalendar = Type.Object({
  name: Type.String({ minLength: 1, maxLength: 80 }),
  timeZone: Type.String(),
  windows: Type.Array(
    Type.Object({
      purpose: Type.Enum(['office', 'attendance']),
      weekdays: Type.Array(Type.Integer({ minimum: 1, maximum: 7 })),
      from: Type.String({ pattern: '^([01]\\d|2[0-3]):[0-5]\\d$' }),
      to: Type.String({ pattern: '^([01]\\d|2[0-3]):[0-5]\\d$' }),
    }),
  ),
  holidays: optional(Type.Array(Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}$' }))),
});

export const DocumentContact = Type.Object({
  name: Type.String({ minLength: 1, maxLength: 120 }),
  role: optional(text(80)),
  phone: optional(text(40)),
  email: optional(text(120)),
});

export const DocumentCredential = Type.Object({
  name: Type.String({ minLength: 1, maxLength: 80 }),
  kind: Type.Enum([...credentialKinds]),
  user: optional(text(120)),
  /** Read on import, never written on export: community, password, comm key; for SNMPv3 an object. */
  secret: optional(Type.Union([text(400), Type.Record(Type.String(), Type.Union([Type.String(), Type.Number()]))])),
});

export const DocumentService = Type.Object({
  code: Type.String({ minLength: 1, maxLength: 40 }),
  name: Type.String({ minLength: 1, maxLength: 120 }),
  site: Type.String(),
  device: optional(Type.String()),
  url: optional(text(400)),
  checks: optional(Type.Array(ServiceCheck, { maxItems: 8 })),
  usedBy: optional(Type.Array(text(60), { maxItems: 1000 })),
});

/** A place of a region: gives or corrects its point (WGS 84). */
export const DocumentRegion = Type.Object({
  code: Type.String(),
  name: optional(text(120)),
  latitude: Type.Number({ minimum: -90, maximum: 90 }),
  longitude: Type.Number({ minimum: -180, maximum: 180 }),
});

export const InventoryDocument = Type.Object({
  format: Type.Literal('arung-inventory/1'),
  regions: optional(Type.Array(DocumentRegion)),
  calendars: optional(Type.Array(DocumentCalendar)),
  contacts: optional(Type.Array(DocumentContact)),
  credentials: optional(Type.Array(DocumentCredential)),
  sharedRisks: optional(Type.Array(DocumentSharedRisk)),
  sites: optional(Type.Array(DocumentSite)),
  devices: optional(Type.Array(DocumentDevice)),
  interfaces: optional(Type.Array(DocumentInterface)),
  links: optional(Type.Array(DocumentLink)),
  services: optional(Type.Array(DocumentService)),
  /** Where the embedded agent is plugged in: names of devices (the data centre's routers). */
  agents: optional(Type.Array(Type.Object({ name: Type.String(), attachedTo: Type.Array(Type.String()) }))),
});
export type InventoryDocument = Static<typeof InventoryDocument>;
