import { Type, type Static } from 'typebox';
import type { RegionLevel } from './region.ts';

export const variableNamePattern = '^[a-z][a-z0-9_.-]{0,62}$';

/** Where a variable holds. `group`: devices that bear a tag, or whose site does; `role:router` is all devices of a role. */
export const variableScopes = ['network', 'group', 'region', 'site', 'device'] as const;
export type VariableScope = (typeof variableScopes)[number];

/** A place in the order in which one hides another, the nearest first. */
export const variableNearness = [
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
export type VariableNearness = (typeof variableNearness)[number];

const Scope = Type.Unsafe<VariableScope>(Type.Enum([...variableScopes]));

/** Where a variable stands. */
export const VariablePlace = Type.Object({
  scope: Scope,
  key: Type.String({
    description: 'A tag or `role:…`, the code of a region or site, the name of a device; empty for the network.',
    examples: ['73.08.02'],
  }),
  name: Type.String({ description: 'What a person calls it.', examples: ['Kahu'] }),
  level: Type.Unsafe<VariableNearness>(Type.Enum([...variableNearness])),
});
export type VariablePlace = Readonly<Static<typeof VariablePlace>>;

/** A value of a device or site, and where it comes from. */
export interface ResolvedVariable {
  readonly name: string;
  /** Null for a secret, to whoever reads. */
  readonly value: string | null;
  readonly secret: boolean;
  readonly from: VariablePlace;
  /** Places farther away that say something, too, the nearer first. */
  readonly hides: readonly VariablePlace[];
}

export function nearnessOf(scope: VariableScope, key: string, region: RegionLevel | null): VariableNearness {
  if (scope === 'group') return key.startsWith(rolePrefix) ? 'role' : 'tag';
  return scope === 'region' ? (region ?? 'province') : scope;
}

export const rolePrefix = 'role:';

/**
 * Which comes first where several hold: the nearer; of two tags, the one that comes first in the alphabet, so that the same
 * inventory always gives the same value.
 */
export function byNearness(a: VariablePlace, b: VariablePlace): number {
  return variableNearness.indexOf(a.level) - variableNearness.indexOf(b.level) || (a.key < b.key ? -1 : 1);
}
