import { StringDecoder } from 'node:string_decoder';

/**
 * What a device may write before it is taken for broken, or for an attack: characters of a line, and characters and lines of
 * an answer. The largest configurations have some tens of thousands of lines.
 */
export const screenBounds = { line: 65_536, answer: 8_388_608, lines: 200_000 } as const;

/** An escape sequence that is longer than this is none. */
const longestEscape = 256;

/** In a longer line nothing is taken back. */
const longestErased = 1_000;

// eslint-disable-next-line no-control-regex
const escapes = /^\x1b(\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[()*+][A-Za-z0-9]|[=>78@-Z\\^_a-z])/;

/** It wrote more than a device writes. */
export class TooMuchText extends Error {}

/**
 * What a device wrote, as a person would see it who reads along: escape sequences act on nothing, a return begins its line
 * anew, a backspace takes a character back. So paging leaves no trace, and no text of a device moves a cursor of ours.
 */
export class Screen {
  readonly #decoder = new StringDecoder('utf8');
  #lines: string[] = [];
  #current = '';
  #size = 0;
  /** The begin of an escape sequence whose end has not come yet. */
  #pending = '';
  /** A return came: the next character begins the line anew, a line feed ends it. */
  #returned = false;

  /** The line on which the cursor stands. */
  get current(): string {
    return this.#current;
  }

  /** Whole lines. */
  get lines(): readonly string[] {
    return this.#lines;
  }

  /** Forgets what was written; what comes next is the answer to what is said next. */
  clear(): void {
    this.#lines = [];
    this.#current = '';
    this.#size = 0;
    this.#returned = false;
  }

  /** The line on which the cursor stands was a question, and is answered. */
  clearLine(): void {
    this.#current = '';
  }

  /** Throws TooMuchText. */
  write(bytes: Uint8Array): void {
    const text = this.#pending + this.#decoder.write(Buffer.from(bytes));
    this.#pending = '';
    let from = 0;
    while (from < text.length) {
      // eslint-disable-next-line no-control-regex
      const rest = /[\x00-\x1f\x7f-\x9f]/g;
      rest.lastIndex = from;
      const at = rest.exec(text)?.index ?? text.length;
      if (at > from) this.#put(text.slice(from, at));
      if (at === text.length) return;
      const length = this.#control(text, at);
      if (length === 0) {
        this.#pending = text.slice(at);
        return;
      }
      from = at + length;
    }
  }

  /** How many characters a control or escape takes; 0 when its end has not come. */
  #control(text: string, at: number): number {
    const one = text[at];
    if (one === '\x1b') {
      const rest = text.slice(at, at + longestEscape);
      const length = escapes.exec(rest)?.[0].length;
      if (length !== undefined) return length;
      return rest.length < longestEscape ? 0 : 1;
    }
    if (one === '\n') this.#endLine();
    else if (one === '\r') this.#returned = true;
    else if (one === '\b') this.#backspace();
    else if (one === '\t') this.#put(' ');
    return 1;
  }

  /** Pages are turned on short lines; in a long one each letter taken back would copy it. */
  #backspace(): void {
    if (this.#current.length <= longestErased) this.#current = this.#current.slice(0, -1);
    this.#size += 1;
  }

  #put(text: string): void {
    if (this.#returned) this.#current = '';
    this.#returned = false;
    this.#current += text;
    this.#size += text.length;
    if (this.#current.length > screenBounds.line || this.#size > screenBounds.answer) throw new TooMuchText();
  }

  #endLine(): void {
    this.#lines.push(this.#current);
    this.#current = '';
    this.#returned = false;
    this.#size += 1;
    if (this.#lines.length > screenBounds.lines) throw new TooMuchText();
  }
}
