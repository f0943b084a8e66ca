import type { Place } from './place.ts';

export const variableNamePattern = '^[a-z][a-z0-9_.-]{0,62}$';

/** A value of a device or site, and where it comes from. */
export interface ResolvedVariable {
  readonly name: string;
  /** Null for a secret, to whoever reads. */
  readonly value: string | null;
  readonly secret: boolean;
  readonly from: Place;
  /** Places farther away that say something, too, the nearer first. */
  readonly hides: readonly Place[];
}
