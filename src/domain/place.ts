import { Type, type Static } from 'typebox';
import type { RegionLevel } from './region.ts';

/**
 * Where something holds for devices (a value of a variable, a template). `group`: devices that bear a tag, or whose site
 * does; `role:router` is all devices of a role.
 */
export const placeScopes = ['network', 'group', 'region', 'site', 'device'] as const;
export type PlaceScope = (typeof placeScopes)[number];

/** A place in the order in which one hides another, the nearest first. */
export const nearnessOrder = [
  'device',
  'site',
  'village',
  'district',
  'regency',
  'province',
  'tag',
  'role',
  'network',
] as const;
export type Nearness = (typeof nearnessOrder)[number];

export const Scope = Type.Unsafe<PlaceScope>(Type.Enum([...placeScopes]));

/** The key of a place, as somebody names it. */
export const PlaceKey = Type.String({
  maxLength: 130,
  pattern: '^[^\\u0000]*$',
  description: 'A tag or `role:router`, the code of a region or site, the name of a device; empty for the network.',
});

/** A place as it is shown. */
export const Place = Type.Object({
  scope: Scope,
  key: Type.String({
    description: 'A tag or `role:…`, the code of a region or site, the name of a device; empty for the network.',
    examples: ['73.08.02'],
  }),
  name: Type.String({ description: 'What a person calls it.', examples: ['Kahu'] }),
  level: Type.Unsafe<Nearness>(Type.Enum([...nearnessOrder])),
});
export type Place = Readonly<Static<typeof Place>>;

export function nearnessOf(scope: PlaceScope, key: string, region: RegionLevel | null): Nearness {
  if (scope === 'group') return key.startsWith(rolePrefix) ? 'role' : 'tag';
  return scope === 'region' ? (region ?? 'province') : scope;
}

export const rolePrefix = 'role:';

/**
 * Which comes first where several hold: the nearer; of two tags, the one that comes first in the alphabet, so that the same
 * inventory always gives the same answer.
 */
export function byNearness(a: Pick<Place, 'level' | 'key'>, b: Pick<Place, 'level' | 'key'>): number {
  const nearer = nearnessOrder.indexOf(a.level) - nearnessOrder.indexOf(b.level);
  if (nearer !== 0) return nearer;
  return a.key === b.key ? 0 : a.key < b.key ? -1 : 1;
}
