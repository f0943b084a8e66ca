import { createHash, randomBytes } from 'node:crypto';
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, statSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { ArungError } from '../domain/errors.ts';

/** The key that seals, and a name for it that tells nothing about it. */
export interface VaultKey {
  readonly bytes: Buffer;
  readonly id: string;
}

const first = 'arung-key-1';

/** Reads a key file. Refuses one that others may read, as ssh does: a key that leaked once is no key any more. */
export function readKeyFile(file: string): VaultKey {
  let text: string;
  try {
    const mode = statSync(file).mode & 0o777;
    if ((mode & 0o077) !== 0) {
      throw new ArungError(
        'unavailable',
        `The key file ${file} may be read by other accounts (mode ${mode.toString(8).padStart(4, '0')}): ` +
          `run \`chmod 600 ${file}\`, and rotate the key if others may have read it.`,
        { code: 'vault.key-file-open', arguments: { file } },
      );
    }
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    if (cause instanceof ArungError) throw cause;
    throw new ArungError(
      'unavailable',
      `The key file ${file} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}. ` +
        'Check its rights, or name another with ARUNG_KEY_FILE.',
      { code: 'vault.key-file-unreadable', arguments: { file }, cause },
    );
  }
  const [head, encoded] = text.trim().split(/\s+/);
  const bytes = Buffer.from(encoded ?? '', 'base64');
  if (head !== first || bytes.length !== 32) {
    throw new ArungError(
      'unavailable',
      `The file ${file} is not a key file of Arung: restore it from where you keep it.`,
      {
        code: 'vault.key-file-broken',
        arguments: { file },
      },
    );
  }
  return { bytes, id: keyId(bytes) };
}

/** Makes a key file that only we may read; on disk before it returns, since what it seals is useless without it. */
export function makeKeyFile(file: string): VaultKey {
  const bytes = randomBytes(32);
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    const handle = openSync(file, 'wx', 0o600);
    writeSync(handle, `${first} ${bytes.toString('base64')}\n`);
    fsyncSync(handle);
    closeSync(handle);
  } catch (cause) {
    throw new ArungError(
      'unavailable',
      `The key file ${file} cannot be made: ${cause instanceof Error ? cause.message : String(cause)}. ` +
        'Make its folder writable, or name another place with ARUNG_KEY_FILE.',
      { code: 'vault.key-file-unwritable', arguments: { file }, cause },
    );
  }
  return { bytes, id: keyId(bytes) };
}

export function keyFileExists(file: string): boolean {
  return existsSync(file);
}

/** Differs when another file took the place of this one; null when it is gone. */
export function keyFileVersion(file: string): string | null {
  const stat = statSync(file, { throwIfNoEntry: false });
  return stat === undefined ? null : `${stat.ino} ${stat.mtimeMs}`;
}

function keyId(bytes: Buffer): string {
  return createHash('sha256').update('arung key id').update(bytes).digest('hex').slice(0, 8);
}
