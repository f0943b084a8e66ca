/**
 * Words and sentences of the RouterOS API (help.mikrotik.com, "API"): a word is its length and its bytes, a sentence its
 * words and an empty one.
 */

/** A control byte that the protocol keeps for later, or more than anyone sends: the session ends. */
export class MalformedSentence extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'MalformedSentence';
  }
}

/** More than a sentence of a client has: a file that is uploaded travels by other ways. */
const longestSentence = 1 << 20;

export function encodeSentence(words: readonly string[]): Buffer {
  const parts: Buffer[] = [];
  for (const word of words) {
    const bytes = Buffer.from(word, 'utf8');
    parts.push(lengthOf(bytes.length), bytes);
  }
  parts.push(Buffer.from([0]));
  return Buffer.concat(parts);
}

function lengthOf(length: number): Buffer {
  if (length < 0x80) return Buffer.from([length]);
  if (length < 0x4000) return Buffer.from([(length >> 8) | 0x80, length & 0xff]);
  if (length < 0x20_0000) return Buffer.from([(length >> 16) | 0xc0, (length >> 8) & 0xff, length & 0xff]);
  const bytes = Buffer.alloc(length < 0x1000_0000 ? 4 : 5);
  if (bytes.length === 4) bytes.writeUInt32BE((length | 0xe000_0000) >>> 0);
  else {
    bytes[0] = 0xf0;
    bytes.writeUInt32BE(length, 1);
  }
  return bytes;
}

/** Collects bytes as they come and gives whole sentences. */
export class SentenceReader {
  #bytes: Buffer = Buffer.alloc(0);
  #words: string[] = [];
  #size = 0;

  /** The sentences that these bytes complete. Throws a MalformedSentence. */
  push(chunk: Buffer): string[][] {
    this.#bytes = this.#bytes.length === 0 ? chunk : Buffer.concat([this.#bytes, chunk]);
    const sentences: string[][] = [];
    let at = 0;
    for (;;) {
      const head = headAt(this.#bytes, at);
      if (head === null) break;
      if (head.length > longestSentence - this.#size) throw new MalformedSentence('the sentence is too long');
      if (at + head.size + head.length > this.#bytes.length) break;
      at += head.size;
      const word = this.#bytes.toString('utf8', at, at + head.length);
      at += head.length;
      this.#size += head.length;
      if (head.length > 0) {
        this.#words.push(word);
        continue;
      }
      if (this.#words.length > 0) sentences.push(this.#words);
      this.#words = [];
      this.#size = 0;
    }
    this.#bytes = this.#bytes.subarray(at);
    return sentences;
  }
}

function headAt(bytes: Buffer, at: number): { readonly size: number; readonly length: number } | null {
  const first = bytes[at];
  if (first === undefined) return null;
  const size = first < 0x80 ? 1 : first < 0xc0 ? 2 : first < 0xe0 ? 3 : first < 0xf0 ? 4 : 5;
  if (first > 0xf0) throw new MalformedSentence(`the control byte 0x${first.toString(16)} is reserved`);
  if (at + size > bytes.length) return null;
  const masks = [0, 0x7f, 0x3f, 0x1f, 0x0f, 0];
  let length = first & (masks[size] ?? 0);
  for (let i = 1; i < size; i += 1) length = length * 256 + (bytes[at + i] ?? 0);
  return { size, length };
}
