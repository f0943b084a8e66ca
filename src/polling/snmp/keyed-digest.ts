import { hash } from 'node:crypto';
import type { AuthProtocol } from './usm-keys.ts';

/** What the hashes work on at once, in bytes (FIPS 180-4; RFC 1321). */
const blockBytes: Readonly<Record<AuthProtocol, number>> = {
  md5: 64,
  sha1: 64,
  sha224: 64,
  sha256: 64,
  sha384: 128,
  sha512: 128,
};
const mostBlockBytes = 128;
/** More than any datagram holds. */
const mostBytes = 65_536;

/** What is hashed. One memory for all. */
const inner = Buffer.alloc(mostBlockBytes + mostBytes);
const outer = Buffer.alloc(mostBlockBytes * 2);

/**
 * HMAC (RFC 2104) with one key for many short messages, by hashing twice: a Hmac of Node is an object to be made for each
 * message and collected after it, which costs more than the hashing.
 */
export class KeyedDigest {
  readonly #protocol: AuthProtocol;
  readonly #innerPad: Buffer;
  readonly #outerPad: Buffer;

  /** @param key at most as long as a block of the hash; longer ones do not occur (RFC 3414, RFC 7860). */
  constructor(protocol: AuthProtocol, key: Uint8Array) {
    const block = blockBytes[protocol];
    if (key.length > block) throw new RangeError(`a key of ${key.length} bytes is too long for ${protocol}`);
    this.#protocol = protocol;
    const padded = Buffer.alloc(block);
    padded.set(key);
    this.#innerPad = padded.map((byte) => byte ^ 0x36) as Buffer;
    this.#outerPad = padded.map((byte) => byte ^ 0x5c) as Buffer;
  }

  /** @param message at most 64 KB. */
  of(message: Uint8Array): Buffer {
    const block = this.#innerPad.length;
    inner.set(this.#innerPad);
    inner.set(message, block);
    const first = hash(this.#protocol, inner.subarray(0, block + message.length), 'buffer');
    outer.set(this.#outerPad);
    outer.set(first, block);
    return hash(this.#protocol, outer.subarray(0, block + first.length), 'buffer');
  }
}
