import { createHash } from 'node:crypto';
import type { newId } from './ids.ts';

/** The same id for the same texts: a UUID made of them (RFC 9562, version 8). Apart, since a phone has no `node:crypto`. */
export function idFrom<T extends ReturnType<typeof newId>>(...texts: readonly string[]): T {
  const hex = createHash('sha256').update(JSON.stringify(texts)).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}` as T;
}
