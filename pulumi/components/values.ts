import type { Fragment, Values } from '../arung/staged.ts';

/** A fragment in one line. */
export function fragment(key: string, subject: string, values: Values): Fragment {
  return { key, subject, values };
}

/** What of a list is wanted; an empty list where there is none. */
export function each<T>(list: readonly T[] | undefined, make: (one: T, at: number) => readonly Fragment[]): Fragment[] {
  return (list ?? []).flatMap(make);
}

/** Part of a fragment's key made of a name that a person gave: `VLAN Kantor` becomes `vlan-kantor`. */
export function keyOf(name: string): string {
  return name
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, '-')
    .replace(/^[^a-z0-9]+|-+$/g, '')
    .slice(0, 40);
}
