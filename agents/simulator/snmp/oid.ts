/** Object identifiers as lists of arcs; order is that of SNMP's tables (RFC 3416, section 4.2.2). */
export type Oid = readonly number[];

export function oid(text: string): number[] {
  return text.split('.').map(Number);
}

export function compareOid(a: Oid, b: Oid): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

/** Compares the arcs of `long` from `offset` on with `suffix`. */
export function compareSuffix(long: Oid, offset: number, suffix: Oid): number {
  const rest = long.length - offset;
  const length = Math.min(rest, suffix.length);
  for (let i = 0; i < length; i++) {
    const difference = (long[offset + i] ?? 0) - (suffix[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return rest - suffix.length;
}

/** Negative: `long` sorts before everything under `prefix`; zero: it lies under it (or is it); positive: after. */
export function comparePrefix(long: Oid, prefix: Oid): number {
  const length = Math.min(long.length, prefix.length);
  for (let i = 0; i < length; i++) {
    const difference = (long[i] ?? 0) - (prefix[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return long.length < prefix.length ? -1 : 0;
}
