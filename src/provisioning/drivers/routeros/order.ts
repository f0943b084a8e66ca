import { longestRising } from '../../../domain/longest-rising.ts';

/** Where something that is added goes, or where what is there moves to: in front of another, or at the end (null). */
export interface Placement<T> {
  readonly item: T;
  readonly before: T | null;
}

/**
 * How a list is brought into an order with as few moves as can be.
 * @param present what is there, in its order.
 * @param wanted everything in the order in which it shall be; what is not present is added.
 * @returns adds, then moves, each to be done in the order given.
 */
export function arrange<T>(
  present: readonly T[],
  wanted: readonly T[],
): { readonly adds: readonly Placement<T>[]; readonly moves: readonly Placement<T>[] } {
  const list = [...present];
  const adds: Placement<T>[] = [];
  wanted.forEach((item, at) => {
    if (list.includes(item)) return;
    const before = wanted.slice(at + 1).find((next) => list.includes(next)) ?? null;
    adds.push({ item, before });
    list.splice(before === null ? list.length : list.indexOf(before), 0, item);
  });
  const place = new Map(wanted.map((item, at) => [item, at]));
  const stays = new Set(longestRising(list, (item) => place.get(item) ?? 0));
  const moves: Placement<T>[] = [];
  for (let at = wanted.length - 1; at >= 0; at -= 1) {
    const item = wanted[at];
    if (item !== undefined && !stays.has(item)) moves.push({ item, before: wanted[at + 1] ?? null });
  }
  return { adds, moves };
}
