import { v7 } from 'uuid';

/**
 * Every entity has an immutable UUIDv7 (RFC 9562, section 5.7). Codes, names and addresses are attributes that change;
 * ids are what history, series and grants point at. The brands keep a site's id from being passed for a device's.
 */
declare const brand: unique symbol;
type Id<Name extends string> = string & { readonly [brand]: Name };

export type RegionId = Id<'region'>;
export type SiteId = Id<'site'>;
export type DeviceId = Id<'device'>;
export type InterfaceId = Id<'interface'>;
export type LinkId = Id<'link'>;
export type SharedRiskId = Id<'sharedRisk'>;
export type CalendarId = Id<'calendar'>;
export type ContactId = Id<'contact'>;
export type CredentialId = Id<'credential'>;
export type ServiceId = Id<'service'>;
export type AgentId = Id<'agent'>;
export type UserId = Id<'user'>;
export type EventId = Id<'event'>;
export type IncidentId = Id<'incident'>;
export type NoticeId = Id<'notice'>;
export type SilenceId = Id<'silence'>;
export type PersonId = Id<'person'>;
export type TeamId = Id<'team'>;
export type DutyId = Id<'duty'>;
export type ChannelId = Id<'channel'>;
export type RolloutId = Id<'rollout'>;

/** A new id; ids made later sort later, so a primary key on them grows at its right end. */
export function newId<T extends Id<string>>(): T {
  return v7() as T;
}

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Whether a text from outside has the form of an id (lower-case RFC 9562 text form). */
export function isId(text: string): boolean {
  return uuid.test(text);
}
