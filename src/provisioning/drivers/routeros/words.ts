/** What the other end sent is no sentence of RouterOS's API. */
export class NotASentence extends Error {
  override readonly name = 'NotASentence';
}

/** No answer of a router comes near this; a length above it is garbage, or another program's port. */
const longestWord = 16 * 1024 * 1024;
const longestSentence = 2 * longestWord;
/** An entry of a menu has some tens of properties, each a word. */
const mostWords = 10_000;

/** The bytes of a sentence: each word with its length in front, an empty one at the end (help.mikrotik.com, "API"). */
export function sentenceBytes(words: readonly string[]): Buffer {
  return Buffer.concat([
    ...words.flatMap((word) => {
      const bytes = Buffer.from(word, 'utf8');
      return [lengthBytes(bytes.length), bytes];
    }),
    Buffer.of(0),
  ]);
}

/** A length takes one to five bytes; how many, its first bits say. */
function lengthBytes(length: number): Buffer {
  if (length >= 0x1000_0000) throw new RangeError(`A word of ${length} bytes is longer than any router takes.`);
  const size = length < 0x80 ? 1 : length < 0x4000 ? 2 : length < 0x20_0000 ? 3 : 4;
  const marks = [0, 0, 0x8000, 0xc0_0000, 0xe000_0000];
  const bytes = Buffer.alloc(size);
  bytes.writeUIntBE(length + (marks[size] ?? 0), 0, size);
  return bytes;
}

/** Puts sentences together from bytes as they come, cut anywhere: in a length, in a letter. */
export class SentenceParser {
  /** What was not read yet: put together when the word that it begins has come, and not for each packet of it. */
  #parts: Buffer[] = [];
  #held = 0;
  /** Bytes without which nothing can be read. */
  #needed = 1;
  #words: string[] = [];
  #wordBytes = 0;

  /** Sentences that are whole now, in order; an empty one is passed over. Throws a NotASentence. */
  push(bytes: Buffer): readonly (readonly string[])[] {
    this.#parts.push(bytes);
    this.#held += bytes.length;
    if (this.#held < this.#needed) return [];
    const all = this.#parts.length === 1 ? bytes : Buffer.concat(this.#parts);
    const found: (readonly string[])[] = [];
    let at = 0;
    let length = lengthAt(all, at);
    for (; length !== null && length.end + length.value <= all.length; length = lengthAt(all, at)) {
      at = length.end + length.value;
      if (length.value > 0) this.#word(all.toString('utf8', length.end, at), length.value);
      else if (this.#words.length > 0) {
        found.push(this.#words);
        this.#words = [];
        this.#wordBytes = 0;
      }
    }
    this.#held = all.length - at;
    this.#parts = this.#held === 0 ? [] : [all.subarray(at)];
    this.#needed = length === null ? this.#held + 1 : length.end + length.value - at;
    return found;
  }

  #word(word: string, bytes: number): void {
    this.#words.push(word);
    this.#wordBytes += bytes;
    if (this.#wordBytes > longestSentence || this.#words.length > mostWords) {
      throw new NotASentence('a sentence does not end');
    }
  }
}

/** The length that begins at a place, and where its word does; null while bytes are missing. */
function lengthAt(bytes: Buffer, at: number): { readonly value: number; readonly end: number } | null {
  const first = bytes[at];
  if (first === undefined) return null;
  if (first > 0xf0) throw new NotASentence(`a word begins with the byte 0x${first.toString(16)}`);
  const size = first < 0x80 ? 1 : first < 0xc0 ? 2 : first < 0xe0 ? 3 : first < 0xf0 ? 4 : 5;
  if (at + size > bytes.length) return null;
  const bits = [0, 0x7f, 0x3f, 0x1f, 0x0f, 0][size] ?? 0;
  let value = first & bits;
  for (let i = 1; i < size; i += 1) value = value * 256 + (bytes[at + i] ?? 0);
  if (value > longestWord) throw new NotASentence(`a word says that it has ${value} bytes`);
  return { value, end: at + size };
}
