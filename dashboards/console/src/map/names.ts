import type { EventView } from '../../../../src/live/messages.ts';
import type { MapLink, MapSite } from '../../../../src/api/views.ts';
import type { Network } from './network.ts';

const prefixes =
  /^(kantor (camat|desa|kelurahan|lurah)|kecamatan|kec\.|kelurahan|kel\.|desa|pusat data|data cent(er|re)|pop)\s+/i;

/** The place alone: `Kantor Camat Kahu` is Kahu on the map, `POP Palattae` Palattae, the data centre its town. */
export function placeName(site: Pick<MapSite, 'name'>): string {
  const short = site.name.replace(prefixes, '');
  return short === '' ? site.name : short;
}

/** A link between sites by its ends: `Palattae–Kahu`; by its own name where an end lies outside the reader's regions. */
export function linkName(link: Pick<MapLink, 'a' | 'b' | 'name'>, network: Network): string {
  const [a, b] = [network.siteById.get(link.a), network.siteById.get(link.b)];
  if (!a || !b) return link.name;
  const [from, to] = [placeName(a), placeName(b)];
  return from === to ? `${a.name}–${b.name}` : `${from}–${to}`;
}

/** Of the thing that an event is about, as the map calls it. */
export function eventName(event: Pick<EventView, 'entityKind' | 'entityId' | 'entityName'>, network: Network): string {
  const link =
    event.entityKind === 'link' && event.entityId !== null ? network.linkById.get(event.entityId) : undefined;
  return link ? linkName(link, network) : event.entityName;
}
