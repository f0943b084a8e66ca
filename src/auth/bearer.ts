import { createHash, randomBytes } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

/** What a caller carries to prove who it is: random, and known to the database by its SHA-256 only. */
export const sessionCookie = 'arung_session';
const tokenPrefix = 'arung_';
const secretForm = /^[A-Za-z0-9_-]{43}$/;

export function newSessionSecret(): string {
  return randomBytes(32).toString('base64url');
}

export function newTokenSecret(): string {
  return tokenPrefix + randomBytes(32).toString('base64url');
}

export function hashOfSecret(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}

export type Carried =
  | { readonly kind: 'session' | 'token'; readonly secret: string }
  /** Something was carried, but it cannot be ours. */
  | { readonly kind: 'malformed' };

/** A token in `Authorization: Bearer` (or `Token`, as InfluxDB's clients send it) wins over a cookie; null when nothing is carried. */
export function carriedBy(headers: IncomingHttpHeaders): Carried | null {
  const { authorization } = headers;
  if (authorization !== undefined) {
    const secret = /^(?:Bearer|Token) +(\S+)$/i.exec(authorization)?.[1] ?? '';
    const fits = secret.startsWith(tokenPrefix) && secretForm.test(secret.slice(tokenPrefix.length));
    return fits ? { kind: 'token', secret } : { kind: 'malformed' };
  }
  const secret = readCookie(headers.cookie ?? '');
  if (secret === null) return null;
  return secretForm.test(secret) ? { kind: 'session', secret } : { kind: 'malformed' };
}

function readCookie(header: string): string | null {
  for (const part of header.split(';')) {
    const [name, value] = part.trim().split('=', 2);
    if (name === sessionCookie && value !== undefined && value !== '') return value;
  }
  return null;
}
