import { Type, type Static } from 'typebox';
import type { ChannelId, DutyId, PersonId, TeamId, UserId } from './ids.ts';
import { networks, type Network } from './site.ts';

const time = (example: string) => Type.String({ pattern: '^([01]\\d|2[0-3]):[0-5]\\d$', examples: [example] });
const name = Type.String({ minLength: 1, maxLength: 120, examples: ['Andi Baso'] });
const instant = (example: string) => Type.String({ format: 'date-time', examples: [example] });

/** Hours on some days of the week, local to `timeZone`; `to` before `from` reaches into the next day. */
export const HoursOfWeek = Type.Object(
  {
    /** ISO 8601 weekdays, Monday 1. */
    weekdays: Type.Array(Type.Integer({ minimum: 1, maximum: 7 }), { uniqueItems: true, maxItems: 7 }),
    from: time('22:00'),
    to: time('06:00'),
    /** IANA name; a day of 23 or 25 hours is as long as it is there. */
    timeZone: Type.String({ maxLength: 60, examples: ['Asia/Makassar'] }),
  },
  { additionalProperties: false },
);
export type HoursOfWeek = Static<typeof HoursOfWeek>;

/** A way to a person. */
export const PersonChannel = Type.Object(
  {
    channelId: Type.Unsafe<ChannelId>(Type.String()),
    /** As the channel names people: a phone number, a chat, an address of e-mail. */
    address: Type.String({ maxLength: 2000, examples: ['+62 811 000 000'] }),
  },
  { additionalProperties: false },
);
export type PersonChannel = Static<typeof PersonChannel>;

/** Somebody who is told of incidents. Not a contact of a site, and not always a user of the console. */
export const Person = Type.Object({
  id: Type.Unsafe<PersonId>(Type.String()),
  name,
  teamId: Type.Union([Type.Unsafe<TeamId>(Type.String()), Type.Null()]),
  /** The user who may act for this person in the console; null when none. */
  userId: Type.Union([Type.Unsafe<UserId>(Type.String()), Type.Null()]),
  /** Null: Arung's own. */
  language: Type.Union([Type.Unsafe<'id' | 'en'>(Type.Enum(['id', 'en'])), Type.Null()]),
  /** The regions that this person answers for, by code; empty: all. */
  regionCodes: Type.Array(Type.String({ maxLength: 13, examples: ['73.08.02'] }), { maxItems: 500 }),
  /** Empty: both. */
  networks: Type.Array(Type.Unsafe<Network>(Type.Enum([...networks])), { maxItems: 2 }),
  /** 1 is told first; 2 when nobody of 1 takes it in time; and so on. */
  level: Type.Integer({ minimum: 1, maximum: 9 }),
  /** When this person works; empty: at any hour. Outside of them only what is critical is told, and only on duty. */
  workingHours: Type.Array(HoursOfWeek, { maxItems: 14 }),
  /** Nothing but what is critical is told then; null: none. */
  quietHours: Type.Union([HoursOfWeek, Type.Null()]),
  /** The first one is tried first. */
  channels: Type.Array(PersonChannel, { maxItems: 10 }),
  /** Nobody tells a person who is not. */
  active: Type.Boolean(),
  /** Who owns the record: `console`, `pulumi PROJECT/STACK NAME`. */
  managedBy: Type.String(),
});
export type Person = Static<typeof Person>;

export const Team = Type.Object({
  id: Type.Unsafe<TeamId>(Type.String()),
  name,
  /** Nobody took it for so long: the next level is told. Seconds. */
  escalateAfterS: Type.Integer({ minimum: 30, maximum: 86_400, examples: [600] }),
});
export type Team = Static<typeof Team>;

/** A span in which a person is on duty. Spans may overlap: then each of them is. */
export const Duty = Type.Object({
  id: Type.Unsafe<DutyId>(Type.String()),
  personId: Type.Unsafe<PersonId>(Type.String()),
  from: instant('2026-11-30T00:00:00Z'),
  to: instant('2026-12-07T00:00:00Z'),
  note: Type.String({ maxLength: 400 }),
});
export type Duty = Static<typeof Duty>;
