import { createCipheriv, type Cipheriv, type KeyObject } from 'node:crypto';

const blockBytes = 16;
/** More than any datagram holds. */
const mostBytes = 65_536;

/** The blocks that are encrypted to make the key stream: the vector, then what came. One memory for all. */
const chain = Buffer.alloc(blockBytes + mostBytes);
const chainWords = new Uint32Array(chain.buffer, chain.byteOffset, chain.length / 4);

/**
 * AES in CFB mode with feedback of whole blocks (NIST SP 800-38A, section 6.3), for decrypting only: the key stream is the
 * encrypted vector and the encrypted blocks that came, which are all known at once. So one cipher of a key, made once,
 * serves all messages; one made for each costs several times what it does.
 */
export class CfbDecryption {
  readonly #cipher: Cipheriv;

  /** @param key 16, 24 or 32 bytes. */
  constructor(key: KeyObject) {
    const bits = (key.symmetricKeySize ?? 0) * 8;
    this.#cipher = createCipheriv(`aes-${bits}-ecb`, key, null).setAutoPadding(false);
  }

  /**
   * @param content at most 64 KB; the last block may be short.
   * @param iv 16 bytes.
   */
  decrypt(content: Uint8Array, iv: Uint8Array): Buffer {
    const blocks = Math.ceil(content.length / blockBytes);
    chain.set(iv, 0);
    chain.set(content, blockBytes);
    const stream = this.#cipher.update(chain.subarray(0, blocks * blockBytes));
    const words = blocks * (blockBytes / 4);
    if (stream.byteOffset % 4 === 0) {
      const out = new Uint32Array(stream.buffer, stream.byteOffset, words);
      for (let i = 0; i < words; i += 1) out[i] = (out[i] ?? 0) ^ (chainWords[i + blockBytes / 4] ?? 0);
    } else {
      for (let i = 0; i < content.length; i += 1) stream[i] = (stream[i] ?? 0) ^ (chain[i + blockBytes] ?? 0);
    }
    return stream.subarray(0, content.length);
  }
}
