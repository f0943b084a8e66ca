import { createHash } from 'node:crypto';

export type UsmHash = 'md5' | 'sha1' | 'sha224' | 'sha256' | 'sha384' | 'sha512';
type UsmCipher = 'aes128' | 'aes192' | 'aes256' | 'aes192c' | 'aes256c';

/** A user as an inventory's credential of kind snmp-v3 describes it. */
export interface UsmUser {
  readonly name: string;
  readonly level: 'noAuthNoPriv' | 'authNoPriv' | 'authPriv';
  readonly authProtocol: UsmHash;
  readonly authKey: string;
  readonly privProtocol: UsmCipher;
  readonly privKey: string;
}

/** The user's keys at one engine; null where the level has none. */
export interface UsmKeys {
  readonly auth: Buffer | null;
  readonly priv: Buffer | null;
  /** OpenSSL's name. */
  readonly cipher: string;
  /** msgFlags of the user's level. */
  readonly flags: number;
}

/** Octets of a digest in a message (RFC 3414; RFC 7860, section 4.2). */
export const digestSizes: Readonly<Record<UsmHash, number>> = {
  md5: 12,
  sha1: 12,
  sha224: 16,
  sha256: 24,
  sha384: 32,
  sha512: 48,
};

const cipherBits = { aes128: 128, aes192: 192, aes256: 256, aes192c: 192, aes256c: 256 } as const;
const hashes = Object.keys(digestSizes);

/** The user of a credential's secret; null when it is none. */
export function userOf(name: string, secret: unknown): UsmUser | null {
  if (name === '' || typeof secret !== 'object' || secret === null) return null;
  const field = (key: string): string => {
    const value: unknown = Object.entries(secret).find(([found]) => found === key)?.[1];
    return typeof value === 'string' ? value : '';
  };
  const [authKey, privKey] = [field('authKey'), field('privKey')];
  const authProtocol = hashes.find((hash): hash is UsmHash => hash === field('authProtocol')) ?? 'sha1';
  const privProtocol =
    (['aes192', 'aes256', 'aes192c', 'aes256c'] as const).find((one) => one === field('privProtocol')) ?? 'aes128';
  const level = authKey === '' ? 'noAuthNoPriv' : privKey === '' ? 'authNoPriv' : 'authPriv';
  return { name, level, authProtocol, authKey, privProtocol, privKey };
}

const ofPasswords = new Map<string, Buffer>();

/** RFC 3414, appendix A.2: a megabyte of the password, digested. */
function fromPassword(hash: UsmHash, password: Buffer): Buffer {
  const name = `${hash}:${password.toString('hex')}`;
  let key = ofPasswords.get(name);
  if (key === undefined) {
    const digest = createHash(hash);
    const chunk = Buffer.alloc(64 * password.length, password);
    let left = 1024 * 1024;
    for (; left > chunk.length; left -= chunk.length) digest.update(chunk);
    key = digest.update(chunk.subarray(0, left)).digest();
    if (ofPasswords.size < 200) ofPasswords.set(name, key);
  }
  return key;
}

function at(hash: UsmHash, engineId: Buffer, password: Buffer): Buffer {
  const key = fromPassword(hash, password);
  return createHash(hash)
    .update(Buffer.concat([key, engineId, key]))
    .digest();
}

export function keysOf(user: UsmUser, engineId: Buffer): UsmKeys {
  const cipher = `aes-${cipherBits[user.privProtocol]}-cfb`;
  if (user.level === 'noAuthNoPriv') return { auth: null, priv: null, cipher, flags: 0 };
  const auth = at(user.authProtocol, engineId, Buffer.from(user.authKey));
  if (user.level === 'authNoPriv') return { auth, priv: null, cipher, flags: 1 };
  const bytes = cipherBits[user.privProtocol] / 8;
  let priv = at(user.authProtocol, engineId, Buffer.from(user.privKey));
  if (priv.length < bytes) {
    const more = user.privProtocol.endsWith('c')
      ? at(user.authProtocol, engineId, priv)
      : createHash(user.authProtocol).update(priv).digest();
    priv = Buffer.concat([priv, more]);
  }
  return { auth, priv: priv.subarray(0, bytes), cipher, flags: 3 };
}
