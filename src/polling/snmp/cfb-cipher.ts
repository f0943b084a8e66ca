import { createCipheriv, type Cipheriv } from 'node:crypto';

const blockBytes = 16;
/** More than any datagram holds. */
const mostBytes = 65_536;

/** The blocks that are given to a cipher. One memory for all. */
const blocksIn = Buffer.alloc(blockBytes + mostBytes);
const wordsIn = new Uint32Array(blocksIn.buffer, blocksIn.byteOffset, blocksIn.length / 4);

/**
 * AES in CFB mode with feedback of whole blocks (NIST SP 800-38A, section 6.3). Making a cipher costs several times what
 * using it does, and one of OpenSSL's in CFB mode serves one message only. These two, made once, serve all messages of a key:
 *
 * - To decrypt, the key stream is the encrypted vector and the encrypted blocks that came, which are all known at once: ECB.
 * - To encrypt, each block of the key stream is the encryption of the block before it, xor the clear text before it:
 *   which is what CBC does. A first block that cancels what the cipher did last brings the vector in.
 */
export class CfbCipher {
  readonly #ecb: Cipheriv;
  readonly #cbc: Cipheriv;
  /** The block that `#cbc` gave last: it adds it to the next one. */
  readonly #last = Buffer.alloc(blockBytes);

  /** @param key 16, 24 or 32 bytes. */
  constructor(key: Uint8Array) {
    const bits = key.length * 8;
    this.#ecb = createCipheriv(`aes-${bits}-ecb`, key, null).setAutoPadding(false);
    this.#cbc = createCipheriv(`aes-${bits}-cbc`, key, this.#last).setAutoPadding(false);
  }

  /**
   * @param clear at most 64 KB; the last block may be short.
   * @param iv 16 bytes.
   * @param out takes as many bytes as `clear` has, from `at` on.
   */
  encrypt(clear: Uint8Array, iv: Uint8Array, out: Uint8Array, at: number): void {
    const { length } = clear;
    if (length === 0) return;
    const bytes = Math.ceil(length / blockBytes) * blockBytes;
    for (let i = 0; i < blockBytes; i += 1) blocksIn[i] = (iv[i] ?? 0) ^ (this.#last[i] ?? 0);
    blocksIn.set(clear.subarray(0, bytes - blockBytes), blockBytes);
    const stream = this.#cbc.update(blocksIn.subarray(0, bytes));
    for (let i = 0; i < blockBytes; i += 1) this.#last[i] = stream[bytes - blockBytes + i] ?? 0;
    for (let i = 0; i < length; i += 1) out[at + i] = (clear[i] ?? 0) ^ (stream[i] ?? 0);
  }

  /**
   * @param content at most 64 KB; the last block may be short.
   * @param iv 16 bytes.
   */
  decrypt(content: Uint8Array, iv: Uint8Array): Buffer {
    const blocks = Math.ceil(content.length / blockBytes);
    blocksIn.set(iv, 0);
    blocksIn.set(content, blockBytes);
    const stream = this.#ecb.update(blocksIn.subarray(0, blocks * blockBytes));
    const words = blocks * (blockBytes / 4);
    if (stream.byteOffset % 4 === 0) {
      const out = new Uint32Array(stream.buffer, stream.byteOffset, words);
      for (let i = 0; i < words; i += 1) out[i] = (out[i] ?? 0) ^ (wordsIn[i + blockBytes / 4] ?? 0);
    } else {
      for (let i = 0; i < content.length; i += 1) stream[i] = (stream[i] ?? 0) ^ (blocksIn[i + blockBytes] ?? 0);
    }
    return stream.subarray(0, content.length);
  }
}
