import type { ValueKind } from './values.ts';

export interface Property {
  readonly kind: ValueKind;
  /** What it is where nobody set it; without one it is absent. */
  readonly default?: string;
  /** An entry cannot be added without it. */
  readonly required?: true;
}

/**
 * A menu: what its entries, or its one set of settings, hold. What a device works out itself (`running`, `network`,
 * `actual-interface`) is not here but in `facts.ts`.
 */
export interface MenuKind {
  readonly path: string;
  readonly properties: Readonly<Record<string, Property>>;
  /** Settings, not a list. */
  readonly single?: true;
  /** The order counts: `place-before`, `move`. */
  readonly ordered?: true;
  /** Entries are the device's own: they can be changed, not added or removed. */
  readonly fixed?: true;
  /** Nothing can be changed. */
  readonly readOnly?: true;
  /** No two entries have these alike; and what is said then. */
  readonly unique?: { readonly by: readonly string[]; readonly says: string };
}
