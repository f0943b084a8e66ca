import { inScope, scopeFor, type Access, type Scope } from '../../domain/access.ts';
import { ArungError } from '../../domain/errors.ts';
import { isWithin } from '../../domain/region.ts';
import type { NamedPlace } from '../places/named-places.ts';

type Placed = Pick<NamedPlace, 'scope' | 'key' | 'regionCode'>;

/**
 * Places of a template that somebody may know of: those of the network, of groups, of their regions and of what these lie
 * in.
 */
export function readablePlaces<Place extends Placed>(places: readonly Place[], access: Access): readonly Place[] {
  const scope = scopeFor(access, 'provisioning.read');
  return places.filter((place) => isReadable(place, scope));
}

/** A template that holds nowhere is one of the network. */
export function isReadableTemplate(places: readonly Placed[], access: Access): boolean {
  return places.length === 0 || readablePlaces(places, access).length > 0;
}

/** Throws `template.outside-regions` unless all places at which the template holds are the writer's. */
export function requireWritable(name: string, places: readonly Placed[], access: Access): void {
  const scope = scopeFor(access, 'provisioning.write');
  if (scope === 'everywhere') return;
  const mine = places.length > 0 && places.every(({ regionCode }) => regionCode !== null && inScope(scope, regionCode));
  if (mine) return;
  throw new ArungError('forbidden', `The template ${name} is not yours to change: it holds beyond the regions in which you may.`, {
    code: 'template.outside-regions',
    arguments: { scope: 'network', key: name },
  }); // prettier-ignore
}

function isReadable({ scope: kind, key, regionCode }: Placed, scope: Scope): boolean {
  if (scope === 'everywhere' || kind === 'network' || kind === 'group') return true;
  if (regionCode !== null && inScope(scope, regionCode)) return true;
  // What a region lies in decides of its devices, too.
  return kind === 'region' && scope.regionCodes.some((own) => isWithin(own, key));
}
