import { createHash } from 'node:crypto';

/** What every hash was made of: typed back, as a restored configuration is, it lets the same user in. */
const made = new Map<string, string>();

/** A secret as a device shows it; the same one gives the same text on one device. */
export function hashed(
  secret: string,
  device: string,
  form: { readonly start: string; readonly end?: string },
): string {
  const digest = createHash('sha256').update(`${device}/${secret}`).digest('base64').replace(/[+/=]/g, '.');
  const text = `${form.start}${digest}${form.end ?? ''}`;
  made.set(text, secret);
  return text;
}

/** What a hash was made of; nothing where it was made elsewhere. */
export function clearOf(hash: string): { readonly secret?: string } {
  const secret = made.get(hash);
  return secret === undefined ? {} : { secret };
}
