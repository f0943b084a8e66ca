import { linkPlaces } from '../../../../src/domain/place-name.ts';
import { places } from '../lib/places.svelte.ts';

/** A place without what another column says already: `Desa Hulo` is Hulo beside its kind. */
export function withoutKind(name: string): string {
  const short = name.replace(/^(desa|kelurahan|kel\.)\s+/i, '');
  return short === '' ? name : short;
}

/** A link as people say it, by the places at its ends: `Palattae–Kahu`. Its own name where an end is not known here. */
export function spokenLink(id: string | null, name: string): string {
  const link = id === null ? undefined : places.linksById.get(id);
  const [a, b] = link ? [places.sitesById.get(link.a), places.sitesById.get(link.b)] : [];
  if (!a || !b) return name;
  return linkPlaces(a.name, b.name);
}
