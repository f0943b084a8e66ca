import type { EventView } from '../../../../src/live/messages.ts';
import type { MapLink, MapSite } from '../../../../src/api/views.ts';
import { linkPlaces, placeName as nameOfPlace } from '../../../../src/domain/place-name.ts';
import { eventSubject } from '../parts/event-text.ts';
import type { Network } from './network.ts';

/** The place alone, as the map calls it. */
export function placeName(site: Pick<MapSite, 'name'>): string {
  return nameOfPlace(site.name);
}

/** A link between sites by its ends: `Palattae–Kahu`; by its own name where an end lies outside the reader's regions. */
export function linkName(link: Pick<MapLink, 'a' | 'b' | 'name'>, network: Network): string {
  const [a, b] = [network.siteById.get(link.a), network.siteById.get(link.b)];
  if (!a || !b) return link.name;
  return linkPlaces(a.name, b.name);
}

/** Of the thing that an event is about, as the map calls it. */
export function eventName(event: Pick<EventView, 'entityKind' | 'entityId' | 'entityName'>, network: Network): string {
  const link =
    event.entityKind === 'link' && event.entityId !== null ? network.linkById.get(event.entityId) : undefined;
  return link ? linkName(link, network) : eventSubject(event);
}
