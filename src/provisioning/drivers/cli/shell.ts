import type { Duplex } from 'node:stream';
import { ArungError } from '../../../domain/errors.ts';
import { deviceError, deviceRefused } from '../device-errors.ts';
import type { Connection } from '../ways.ts';
import type { Answer, CliCommand } from './dialect.ts';
import { isPromptOf, promptIn, renamedBy, type FoundPrompt } from './prompts.ts';
import { Screen } from './screen.ts';

/** A page is full; the device waits for a key. */
const more =
  /^\s*(-{2,} ?\(?more\)?( \d+%)?.*-*|<-+ ?more ?-+>|more: <space>.*|press any key to continue.*|ctrl\+c esc q quit space n next page.*)$/i;
/** A question that nobody expected. */
const question = /(\[y\/n\]|\(y\/n\)|\[yes\/no\]|\[confirm\]|password:|\]\?)[^\w]*$/i;
/** After sign-in some ask whether the password shall be changed now. */
const atSignIn: readonly Answer[] = [{ to: /change now\? \[Y\/N\]: ?$/i, say: 'n' }, { to: /press (enter|return)/i, say: '' }]; // prettier-ignore

/** A prompt counts when the device then keeps quiet for so long: it may be a line of an answer, cut in two. */
const settleMs = 15;
/** The same at sign-in, where its name is not known yet and a banner may say anything. */
const settleFirstMs = 150;
/** The same, where it wrote something unasked after its prompt. */
const settleAfterNoticeMs = 400;
const mostAnswers = 12;
/** A question, or the sign of a full page, is short: of a line that has no end no more than this is looked at, again and again. */
const longestQuestion = 400;
/** What a line says is told by its begin: a pattern may take the square of the time for the whole of a long one. */
const longestSaid = 400;
/** A device that has help shows it; one that only wrote down what was typed keeps quiet. */
const settleAsTextMs = 2_000;
/** Help that is longer than this, or that never gives its line back, is none. */
const longestHelpMs = 10_000;
/** What the key of a terminal sends; TP-Link's, which begin with `name>`, take nothing else. Others take both. */
const keyOfTerminal = '\r';
/** Erases the line that is being typed. */
const eraseLine = '\x15';
/** So many lines may come unasked after a prompt. */
const mostUnasked = 200;

interface Waiting {
  readonly answers: readonly Answer[];
  readonly quietMs: number;
  /** Whether something is only being typed: no question is answered. */
  readonly isTyping: boolean;
  /** Whether a line is the prompt that ends the answer. */
  isEnd(line: string): boolean;
  done(): void;
  failed(error: unknown): void;
}

/**
 * A command line at the far end of a stream. One command at a time; each answer must begin with the echo of its command,
 * and end with the device's own prompt. When that fails, or a deadline passes, the stream is closed: what comes later could
 * be taken for the answer to another command.
 */
export class Shell implements Connection {
  readonly name: string;
  readonly #stream: Duplex;
  readonly #screen = new Screen();
  #prompt: FoundPrompt = { name: '', style: 'hash', isLimited: true, isStaged: false };
  #waiting: Waiting | null = null;
  #settling: NodeJS.Timeout | null = null;
  #answered = 0;
  #isOpen = true;
  #notice: RegExp = /^$/;
  #enter = '\n';

  private constructor(stream: Duplex, name: string) {
    this.#stream = stream;
    this.name = name;
    stream.on('data', (chunk: Buffer) => this.#read(chunk));
    stream.on('error', () => undefined); // the close tells of it
    stream.on('close', () => this.#end());
    stream.on('end', () => this.#end());
  }

  /** Waits for the first prompt. Throws `device.timeout`, `device.closed`. */
  static async open(stream: Duplex, name: string, deadlineMs: number): Promise<Shell> {
    const shell = new Shell(stream, name);
    await shell.#await({
      answers: atSignIn,
      isEnd: (line) => promptIn(line) !== null,
      quietMs: settleFirstMs,
      deadlineMs,
    });
    shell.#prompt = promptIn(shell.#lastPrompt()) ?? shell.#prompt;
    if (shell.#prompt.isLimited) shell.#enter = keyOfTerminal;
    return shell;
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  get prompt(): FoundPrompt {
    return this.#prompt;
  }

  /** From now on these lines are known to come unasked. */
  set notices(notice: RegExp) {
    this.#notice = notice;
  }

  /**
   * Says one line; gives back what the device answers, without echo and prompt.
   * @param isRefusal tells a line that says no: `device.refused` is thrown then, with it.
   */
  async run(command: CliCommand, options: { readonly deadlineMs: number; readonly refusal?: RegExp }): Promise<string> {
    if (!this.#isOpen) throw deviceError('device.closed', this.name);
    if (this.#waiting !== null) throw new Error('A command line takes one command at a time.');
    const { line, answers = [] } = command;
    const renamed = renamedBy(line);
    const { name, style } = this.#prompt;
    const isEnd = (text: string): boolean =>
      isPromptOf(text, name, style) || (renamed !== null && isPromptOf(text, renamed, style));
    this.#screen.clear();
    this.#answered = 0;
    const answered = this.#await({
      answers,
      isEnd,
      quietMs: settleMs,
      deadlineMs: command.deadlineMs ?? options.deadlineMs,
    });
    this.#stream.write(`${line}${this.#enter}`);
    await answered;
    const last = this.#lastPrompt();
    const isRenamed = renamed !== null && !isPromptOf(last, name, style);
    // In its modes a device may show less than its name: that stays as it was first.
    this.#prompt = { ...(promptIn(last) ?? this.#prompt), name: isRenamed ? renamed : name, style };
    const said = this.#answerTo(line, isEnd);
    const isRefusal = (text: string): boolean => options.refusal?.test(text.trimStart().slice(0, longestSaid)) === true;
    const no = said.find((one) => isRefusal(one) && !this.#isNotice(one));
    if (no !== undefined) throw deviceRefused(this.name, no.trim().slice(0, 300)); // prettier-ignore
    return said.filter((one) => !this.#isNotice(one)).join('\n');
  }

  /**
   * What the device's help lists after something that is typed and not entered; null where it has no help. What was typed is
   * erased, and the device must show its bare prompt then: where it does not, or asks something, the session ends, and with it
   * what was typed. Throws `device.closed`.
   */
  async help(typed: string, deadlineMs: number): Promise<readonly string[] | null> {
    if (!this.#isOpen) throw deviceError('device.closed', this.name);
    const { name, style } = this.#prompt;
    const from = this.#screen.lines.length;
    const isPrompt = (line: string): boolean => isPromptOf(line, name, style);
    const line = typed.trim();
    const isOffered = (text: string): boolean =>
      isPrompt(text) || (text.trimEnd().endsWith(line) && isPrompt(text.trimEnd().slice(0, -line.length)));
    const wait = { answers: [], isTyping: true, deadlineMs: Math.min(deadlineMs, longestHelpMs) };
    try {
      const shown = this.#await({
        ...wait,
        quietMs: settleAfterNoticeMs,
        isEnd: (text) => this.#screen.lines.length > from && isOffered(text),
      });
      this.#stream.write(`${typed}?`);
      await shown;
      const help = this.#screen.lines.slice(from + 1);
      const isHelp = this.#screen.lines.length > from;
      if (!isHelp || isOffered(this.#screen.current)) {
        const erased = this.#await({ ...wait, quietMs: settleFirstMs, isEnd: isPrompt });
        this.#stream.write(eraseLine);
        this.#look();
        await erased;
      }
      if (isPrompt(this.#screen.current)) return isHelp ? help : null;
      this.close();
      return null;
    } catch (error) {
      this.close();
      if (error instanceof ArungError && ['device.timeout', 'device.too-much'].includes(error.code)) return null;
      throw error;
    }
  }

  close(): void {
    this.#stream.destroy();
    this.#end();
  }

  #await(options: {
    readonly answers: readonly Answer[];
    readonly isEnd: (line: string) => boolean;
    readonly quietMs: number;
    readonly isTyping?: boolean;
    readonly deadlineMs: number;
  }): Promise<void> {
    return new Promise((resolve, reject) => {
      const over = (): void => {
        clearTimeout(timer);
        if (this.#settling !== null) clearTimeout(this.#settling);
        this.#settling = null;
        this.#waiting = null;
      };
      const timer = setTimeout(() => {
        this.#waiting?.failed(deviceError('device.timeout', this.name));
        this.close();
      }, options.deadlineMs);
      this.#waiting = {
        answers: options.answers,
        isEnd: options.isEnd,
        quietMs: options.quietMs,
        isTyping: options.isTyping ?? false,
        done: () => {
          over();
          resolve();
        },
        failed: (error) => {
          over();
          reject(error instanceof Error ? error : new Error(String(error)));
        },
      };
      if (!this.#isOpen) this.#waiting.failed(deviceError('device.closed', this.name));
    });
  }

  #read(chunk: Buffer): void {
    try {
      this.#screen.write(chunk);
    } catch (cause) {
      this.#waiting?.failed(deviceError('device.too-much', this.name, cause));
      this.close();
      return;
    }
    this.#look();
  }

  /** What the device wrote may be a question, a full page, or the end of its answer. */
  #look(): void {
    const waiting = this.#waiting;
    if (waiting === null) return;
    if (this.#settling !== null) clearTimeout(this.#settling);
    this.#settling = null;
    const { current } = this.#screen;
    if (current.length <= longestQuestion && more.test(current)) return this.#reply(' ', '');
    const end = current.slice(-longestQuestion);
    const asked = waiting.answers.find(({ to }) => to.test(end));
    if (asked !== undefined) return this.#reply(asked.say, this.#enter);
    const at = this.#endsAt(waiting);
    if (at !== null) {
      const quietMs = at === 'line' ? waiting.quietMs : settleAfterNoticeMs;
      this.#settling = setTimeout(() => waiting.done(), quietMs);
    } else if (waiting.isTyping) {
      this.#settling = setTimeout(() => waiting.done(), settleAsTextMs);
    } else if (question.test(end)) {
      // Whatever it asks, nobody meant to: no.
      this.#settling = setTimeout(() => this.#reply('n', this.#enter), settleAfterNoticeMs);
    }
  }

  #reply(text: string, end: string): void {
    this.#answered += 1;
    // Pages are many, questions few; one that comes back for ever runs into the deadline.
    if (end !== '' && this.#answered > mostAnswers) return;
    this.#screen.clearLine();
    this.#stream.write(`${text}${end}`);
  }

  /** Where the prompt stands: on the cursor's line, or before what came unasked. */
  #endsAt(waiting: Waiting): 'line' | 'before' | null {
    const { current, lines } = this.#screen;
    if (waiting.isEnd(current)) return 'line';
    const isUnasked = (line: string): boolean => line.trim() === '' || this.#isNotice(line);
    if (!isUnasked(current)) return null;
    const last = lines.slice(-mostUnasked).findLast((line) => !isUnasked(line));
    return last !== undefined && waiting.isEnd(last) ? 'before' : null;
  }

  #isNotice(line: string): boolean {
    return this.#notice.test(line.slice(0, longestSaid));
  }

  #lastPrompt(): string {
    const { current, lines } = this.#screen;
    return promptIn(current) === null ? (lines.findLast((line) => promptIn(line) !== null) ?? '') : current;
  }

  /** Lines between echo and prompt. Closes and throws `device.garbage` where there is no echo. */
  #answerTo(line: string, isEnd: (text: string) => boolean): readonly string[] {
    const bare = (text: string): string => text.replace(/\s+/g, '');
    const { lines, current } = this.#screen;
    const echo = lines.findIndex((one) => bare(one).endsWith(bare(line)));
    // What came unasked stands after the prompt.
    const end = isEnd(current) ? -1 : lines.findLastIndex(isEnd);
    if (echo !== -1) return lines.slice(echo + 1, end === -1 ? undefined : end);
    this.close();
    throw deviceError('device.garbage', this.name);
  }

  #end(): void {
    this.#isOpen = false;
    this.#waiting?.failed(deviceError('device.closed', this.name));
  }
}
