import { createDecipheriv, pbkdf2 } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { parse } from 'yaml';

const derive = promisify(pbkdf2);
/** Pulumi's `sdk/go/common/resource/config/crypt.go`: the salt of a stack and a known word, sealed by the passphrase. */
const sealed = /^v1:([A-Za-z0-9+/=]+):v1:([A-Za-z0-9+/=]+):([A-Za-z0-9+/=]+)$/;
const iterations = 1_000_000;
const knownWord = 'pulumi';
const tagBytes = 16;

/**
 * Whether a passphrase is the one that a stack was made with. Null where that cannot be said: it was never made, or its
 * secrets are not sealed by a passphrase.
 */
export async function opensStack(folder: string, stack: string, passphrase: string): Promise<boolean | null> {
  const [, salt, nonce, word] = sealed.exec(await saltOf(folder, stack)) ?? [];
  if (salt === undefined || nonce === undefined || word === undefined) return null;
  const key = await derive(passphrase, Buffer.from(salt, 'base64'), iterations, 32, 'sha256');
  const bytes = Buffer.from(word, 'base64');
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, Buffer.from(nonce, 'base64'));
    decipher.setAuthTag(bytes.subarray(-tagBytes));
    const opened = Buffer.concat([decipher.update(bytes.subarray(0, -tagBytes)), decipher.final()]);
    return opened.toString() === knownWord;
  } catch {
    return false;
  }
}

async function saltOf(folder: string, stack: string): Promise<string> {
  for (const ending of ['yaml', 'yml']) {
    try {
      const said: unknown = parse(await readFile(join(folder, `Pulumi.${stack}.${ending}`), 'utf8'));
      if (typeof said !== 'object' || said === null || !('encryptionsalt' in said)) return '';
      return typeof said.encryptionsalt === 'string' ? said.encryptionsalt : '';
    } catch {
      // Of the other ending, or no YAML: then Pulumi says so.
    }
  }
  return '';
}
