import { Type, type Static } from 'typebox';
import type { CalendarId, ContactId, RegionId, SiteId } from './ids.ts';

export const siteKinds = ['agency', 'district', 'village', 'pop'] as const;
export type SiteKind = (typeof siteKinds)[number];
export const networks = ['smart-office', 'smart-city'] as const;
export type Network = (typeof networks)[number];
/** How far a site is built; only `active` sites count in states and reports. */
export const rolloutStatuses = ['planned', 'building', 'active', 'retired'] as const;
export type RolloutStatus = (typeof rolloutStatuses)[number];

/** A place with devices. Its `code` is unique and its own; its region is a reference (a POP shares its village). */
export const Site = Type.Object({
  id: Type.Unsafe<SiteId>(Type.String()),
  code: Type.String({ minLength: 1, maxLength: 40, pattern: '^[A-Za-z0-9][A-Za-z0-9._-]*$', examples: ['kec-kahu'] }),
  name: Type.String({ minLength: 1, maxLength: 120, examples: ['Kantor Camat Kahu'] }),
  kind: Type.Unsafe<SiteKind>(Type.Enum([...siteKinds])),
  network: Type.Unsafe<Network>(Type.Enum([...networks])),
  rolloutStatus: Type.Unsafe<RolloutStatus>(Type.Enum([...rolloutStatuses])),
  regionId: Type.Unsafe<RegionId>(Type.String()),
  regionCode: Type.String({ examples: ['73.08.02.1001'] }),
  /** WGS 84, degrees. Null: drawn at its region's point. */
  latitude: Type.Union([Type.Number({ minimum: -90, maximum: 90 }), Type.Null()]),
  longitude: Type.Union([Type.Number({ minimum: -180, maximum: 180 }), Type.Null()]),
  address: Type.String({ maxLength: 400 }),
  /** What a technician must know to get in: key, guard, dog, boat. */
  accessNotes: Type.String({ maxLength: 2000 }),
  calendarId: Type.Union([Type.Unsafe<CalendarId>(Type.String()), Type.Null()]),
  contactIds: Type.Array(Type.Unsafe<ContactId>(Type.String())),
  tags: Type.Array(Type.String({ maxLength: 60 })),
  /** Who owns the record: `console`, `import`, `pulumi PROJECT/STACK NAME`. */
  managedBy: Type.String(),
});
export type Site = Static<typeof Site>;

/** When people are there: office hours, and the windows in which they clock in and out. Times are local to `timeZone`. */
export const Calendar = Type.Object({
  id: Type.Unsafe<CalendarId>(Type.String()),
  name: Type.String({ minLength: 1, maxLength: 80, examples: ['Jam kantor Pemkab Bone'] }),
  timeZone: Type.String({ examples: ['Asia/Makassar'] }),
  windows: Type.Array(
    Type.Object({
      purpose: Type.Unsafe<'office' | 'attendance'>(Type.Enum(['office', 'attendance'])),
      /** ISO 8601 weekdays, Monday 1. */
      weekdays: Type.Array(Type.Integer({ minimum: 1, maximum: 7 })),
      from: Type.String({ pattern: '^([01]\\d|2[0-3]):[0-5]\\d$', examples: ['07:30'] }),
      to: Type.String({ pattern: '^([01]\\d|2[0-3]):[0-5]\\d$', examples: ['08:15'] }),
    }),
  ),
  /** Days without office, `YYYY-MM-DD`. */
  holidays: Type.Array(Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}$' })),
});
export type Calendar = Static<typeof Calendar>;

export const Contact = Type.Object({
  id: Type.Unsafe<ContactId>(Type.String()),
  name: Type.String({ minLength: 1, maxLength: 120 }),
  role: Type.String({ maxLength: 80, examples: ['Operator desa'] }),
  phone: Type.String({ maxLength: 40 }),
  email: Type.String({ maxLength: 120 }),
});
export type Contact = Static<typeof Contact>;
