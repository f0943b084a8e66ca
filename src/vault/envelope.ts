import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { ArungError } from '../domain/errors.ts';
import type { VaultKey } from './key-file.ts';

/**
 * A sealed secret: version (1 byte), id of the key (4), nonce (12), tag (16), then AES-256-GCM of the plain text. The
 * context (the id of its row) is authenticated with it: copied to another row, it does not open.
 */
const version = 1;
const headLength = 1 + 4;
const nonceLength = 12;
const tagLength = 16;

export function sealWith(key: VaultKey, plain: string, context: string): Buffer {
  const head = Buffer.concat([Buffer.from([version]), Buffer.from(key.id, 'hex')]);
  const nonce = randomBytes(nonceLength);
  const cipher = createCipheriv('aes-256-gcm', key.bytes, nonce);
  cipher.setAAD(Buffer.concat([head, Buffer.from(context)]));
  const body = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()]);
  return Buffer.concat([head, nonce, cipher.getAuthTag(), body]);
}

export function openWith(key: VaultKey, sealed: Buffer, context: string): string {
  if (sealed.length < headLength + nonceLength + tagLength || sealed[0] !== version) throw unopened(context);
  const head = sealed.subarray(0, headLength);
  if (head.subarray(1).toString('hex') !== key.id) throw unopened(context);
  const nonce = sealed.subarray(headLength, headLength + nonceLength);
  const tag = sealed.subarray(headLength + nonceLength, headLength + nonceLength + tagLength);
  const decipher = createDecipheriv('aes-256-gcm', key.bytes, nonce, { authTagLength: tagLength });
  decipher.setAAD(Buffer.concat([head, Buffer.from(context)]));
  decipher.setAuthTag(tag);
  try {
    const body = sealed.subarray(headLength + nonceLength + tagLength);
    return Buffer.concat([decipher.update(body), decipher.final()]).toString('utf8');
  } catch {
    throw unopened(context);
  }
}

function unopened(context: string): ArungError {
  return new ArungError(
    'internal',
    `The sealed secret of ${context} does not open: it was changed, moved, or sealed with another key. Enter the secret again.`,
    { code: 'vault.unopened', arguments: { context } },
  );
}
