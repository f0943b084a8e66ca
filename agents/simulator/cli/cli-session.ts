import type { Duplex } from 'node:stream';
import type { Typist } from './change-log.ts';
import { configure } from './configure.ts';
import type { ExecCommand, SectionFound, Terminal } from './maker.ts';
import type { SwitchDevice } from './switch-device.ts';

const pageLines = 24;
const longestInput = 4_096;

/** Somebody who is signed in at a switch: a line editor, paging, modes and questions, as over a terminal. */
export class CliSession implements Terminal {
  pageLines = pageLines;
  readonly #who: Typist;
  readonly #device: SwitchDevice;
  readonly #stream: Duplex;
  readonly #forget: () => void;
  readonly #leave: () => void;
  #input = '';
  #lastWasReturn = false;
  /** Null in exec mode. */
  #mode: { section: SectionFound | null } | null = null;
  /** Something was entered since configuration mode began. */
  #hasEntered = false;
  #isLimited: boolean;
  #asked: ((answer: string) => void) | null = null;
  /** Lines that wait for a key. */
  #rest: string[] = [];

  /** @param leave says goodbye: the session is at its end. */
  constructor(device: SwitchDevice, stream: Duplex, who: Typist, leave: () => void) {
    this.#device = device;
    this.#isLimited = device.maker.isLimitedFirst === true;
    this.#leave = leave;
    this.#stream = stream;
    this.#who = who;
    this.#forget = device.onTold((text) => this.#send(`\r\n\r\n${text.replaceAll('\n', '\r\n')}\r\n`));
    stream.on('data', (chunk: Buffer) => this.#typed(chunk.toString('utf8')));
    stream.on('close', () => this.#forget());
    stream.on('error', () => undefined);
    this.#prompt();
  }

  get user(): string {
    return this.#who.user;
  }

  write(lines: string | readonly string[]): void {
    this.#rest.push(...(typeof lines === 'string' ? [lines] : lines));
  }

  ask(question: string, then: (answer: string) => void): void {
    this.#flush();
    this.#send(question);
    this.#asked = then;
  }

  configure(): void {
    this.#mode = { section: null };
  }

  enable(): void {
    this.#isLimited = false;
  }

  #typed(text: string): void {
    for (const key of text) {
      const isFeed = key === '\n';
      const follows = this.#lastWasReturn && isFeed;
      this.#lastWasReturn = key === '\r';
      if (follows) continue;
      if (this.#rest.length > 0) this.#page(key);
      else if (key === '\r' || isFeed) this.#entered();
      else if (key === '\u0003' || key === '\u001a') this.#interrupted();
      else if (key === '?' && this.#asked === null && this.#device.maker.help !== undefined) this.#help();
      else if (key === '\u0015') while (this.#input !== '') this.#rubbed();
      else if (key === '\u007f' || key === '\b') this.#rubbed();
      else if (key >= ' ' && this.#input.length < longestInput) {
        this.#input += key;
        this.#send(key);
      }
    }
  }

  /** Lists what may follow, and gives the line back as it was. */
  #help(): void {
    const { help = [], unknown } = this.#device.maker;
    const page = this.#mode === null ? help.find(({ after }) => after === this.#input.trim()) : undefined;
    const lines = page?.words.map(([word, meaning]) => `  ${word.padEnd(18)} ${meaning}`) ?? unknown;
    this.#send(`?\r\n${lines.join('\r\n')}\r\n`);
    this.#prompt();
    this.#send(this.#input);
  }

  #rubbed(): void {
    if (this.#input === '') return;
    this.#input = this.#input.slice(0, -1);
    this.#send('\b \b');
  }

  #interrupted(): void {
    this.#input = '';
    this.#asked = null;
    this.#leaveMode();
    this.#send('\r\n');
    this.#prompt();
  }

  #entered(): void {
    const line = this.#input.trim();
    this.#input = '';
    this.#send('\r\n');
    const asked = this.#asked;
    this.#asked = null;
    if (asked !== null) asked(line);
    else if (line !== '' && !line.startsWith('!')) this.#run(line);
    this.#goOn();
  }

  /** A page, then a prompt, unless somebody is asked. */
  #goOn(): void {
    this.#flush(this.pageLines);
    if (this.#rest.length > 0) this.#send(this.#device.maker.more);
    else if (this.#asked === null && this.#stream.writable) this.#prompt();
  }

  #page(key: string): void {
    const { more } = this.#device.maker;
    this.#send(`\b`.repeat(more.length) + ' '.repeat(more.length) + '\b'.repeat(more.length));
    if (['q', 'Q', '\u0003'].includes(key)) this.#rest = [];
    this.#goOn();
  }

  #flush(most = 0): void {
    const now = this.#rest.splice(0, most === 0 ? this.#rest.length : most - 1);
    if (now.length > 0) this.#send(`${now.join('\r\n')}\r\n`);
  }

  #run(line: string): void {
    const { maker } = this.#device;
    if (this.#mode === null) return this.#exec(line);
    if (maker.leave.test(line) || (maker.up.test(line) && this.#mode.section === null)) {
      this.#device.changes.entered(this.#who, line);
      this.#leaveMode();
    } else if (maker.up.test(line)) {
      this.#device.changes.entered(this.#who, line);
      this.#mode = { section: null };
    } else if (!this.#ran(maker.configuring ?? [], line)) {
      this.#hasEntered = true;
      const done = configure(maker, this.#device, line, this.#mode.section);
      if (done.kind === 'refused') this.write(done.lines);
      if (done.kind === 'section') this.#mode = { section: done.section };
      if (done.kind === 'refused') return;
      this.#device.host.changed();
      this.#device.changes.entered(this.#who, line);
    }
  }

  /** To exec mode, if it is not there. */
  #leaveMode(): void {
    if (this.#hasEntered) this.#device.changes.left(this.#who);
    this.#hasEntered = false;
    this.#mode = null;
  }

  #exec(line: string): void {
    const { maker } = this.#device;
    if (/^(exit|quit|logout)$/.test(line)) {
      this.#leave();
      return;
    }
    const mayRun = !this.#isLimited || /^(enable$|show )/.test(line);
    if (!mayRun || !this.#ran(maker.exec, line)) this.write(maker.unknown);
  }

  /** Whether one of these commands was it. */
  #ran(commands: readonly ExecCommand[], line: string): boolean {
    for (const { pattern, run } of commands) {
      const found = pattern.exec(line);
      if (found === null) continue;
      run(found, this.#device, this);
      return true;
    }
    return false;
  }

  #prompt(): void {
    const { maker, name } = this.#device;
    const mode = this.#mode === null ? 'exec' : this.#mode.section === null ? 'config' : 'section';
    const prompt = maker.prompt(name, mode, this.#mode?.section?.header ?? '');
    this.#send(this.#isLimited ? prompt.replace(/#$/, '>') : prompt);
  }

  #send(text: string): void {
    if (!this.#stream.destroyed && this.#stream.writable) this.#stream.write(text);
  }
}
