import { createHash, hash } from 'node:crypto';

export type AuthProtocol = 'md5' | 'sha1' | 'sha224' | 'sha256' | 'sha384' | 'sha512';
export type PrivProtocol = 'aes128' | 'aes192' | 'aes256' | 'aes192c' | 'aes256c';

/** Bytes of a message's digest (RFC 3414, sections 6 and 7; RFC 7860, section 4). */
export const digestBytes: Readonly<Record<AuthProtocol, number>> = {
  md5: 12,
  sha1: 12,
  sha224: 16,
  sha256: 24,
  sha384: 32,
  sha512: 48,
};

/** Bytes of a cipher's key (RFC 3826; draft-blumenthal-aes-usm-04). */
const keyBytesOf: Readonly<Record<PrivProtocol, number>> = {
  aes128: 16,
  aes192: 24,
  aes256: 32,
  aes192c: 24,
  aes256c: 32,
};

const stretchedBytes = 1_048_576;
const mostKept = 1_000;
/** Of each password, since a thousand devices share one and a megabyte is hashed for it. Keyed by its own digest. */
const stretched = new Map<string, Buffer>();

/** The digest of a megabyte of a password (RFC 3414, section 2.6). */
function stretch(protocol: AuthProtocol, password: Buffer): Buffer {
  return createHash(protocol).update(Buffer.alloc(stretchedBytes, password)).digest();
}

function passwordKey(protocol: AuthProtocol, password: Buffer): Buffer {
  const name = `${protocol} ${hash('sha256', password)}`;
  const known = stretched.get(name);
  if (known !== undefined) return known;
  const made = stretch(protocol, password);
  if (stretched.size >= mostKept) stretched.clear();
  stretched.set(name, made);
  return made;
}

function localised(protocol: AuthProtocol, key: Buffer, engineId: Uint8Array): Buffer {
  return createHash(protocol).update(key).update(engineId).update(key).digest();
}

/** The key that one engine knows: a stolen one opens no other device (RFC 3414, section 2.6). */
export function localisedKey(protocol: AuthProtocol, password: Buffer, engineId: Uint8Array): Buffer {
  return localised(protocol, passwordKey(protocol, password), engineId);
}

/**
 * The key of a cipher. Where the digest is shorter than the key it is extended: by hashing what there is
 * (draft-blumenthal-aes-usm-04, section 3.1.2.1), or for `…c`, as Cisco and many after it do, by taking it as a password
 * anew (draft-reeder-snmpv3-usm-3desede-00, section 2.1).
 */
export function privacyKey(options: {
  readonly authProtocol: AuthProtocol;
  readonly privProtocol: PrivProtocol;
  readonly password: Buffer;
  readonly engineId: Uint8Array;
}): Buffer {
  const { authProtocol, privProtocol, password, engineId } = options;
  const keyBytes = keyBytesOf[privProtocol];
  const asPassword = privProtocol.endsWith('c');
  let last = localisedKey(authProtocol, password, engineId);
  let key = last;
  while (key.length < keyBytes) {
    last = asPassword
      ? localised(authProtocol, stretch(authProtocol, last), engineId)
      : createHash(authProtocol).update(key).digest();
    key = Buffer.concat([key, last]);
  }
  return key.subarray(0, keyBytes);
}
