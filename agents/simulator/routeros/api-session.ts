import type { Socket } from 'node:net';
import type { Command } from './commands.ts';
import type { RouterDevice } from './router-device.ts';
import { encodeSentence, MalformedSentence, SentenceReader } from './sentence.ts';
import { WiredSession, type Wire } from './sessions.ts';
import { Trap } from './trap.ts';

/** From this version on a command without a row answers `!empty` (RouterOS 7.18, changelog). */
const emptySince = [7, 18] as const;

/** One client of the RouterOS API (help.mikrotik.com, "API"), from its login on. */
export class ApiSession {
  readonly #device: RouterDevice;
  readonly #session: WiredSession;
  readonly #reader = new SentenceReader();
  readonly #saysEmpty: boolean;
  /** Null until somebody has signed in. */
  #user: string | null = null;

  constructor(socket: Socket, device: RouterDevice, wire: Wire, firmware: string) {
    this.#device = device;
    this.#session = new WiredSession(socket, wire, (chunk) => this.#received(chunk));
    const [major = 0, minor = 0] = firmware.split('.').map(Number);
    this.#saysEmpty = major > emptySince[0] || (major === emptySince[0] && minor >= emptySince[1]);
  }

  pathChanged(): void {
    this.#session.pathChanged();
  }

  close(): void {
    this.#session.socket.destroy();
  }

  #received(chunk: Buffer): void {
    try {
      for (const sentence of this.#reader.push(chunk)) this.#answer(sentence);
    } catch (error) {
      if (!(error instanceof MalformedSentence)) throw error;
      this.#fatal(error.message);
    }
  }

  #answer(sentence: readonly string[]): void {
    const tag = sentence.filter((word) => word.startsWith('.tag=')).slice(0, 1);
    const command = commandOf(sentence);
    if (command.path === '/quit') {
      this.#fatal('session terminated on request');
      return;
    }
    if (command.path === '/login') {
      this.#login(command, tag);
      return;
    }
    if (this.#user === null) {
      this.#fatal('not logged in');
      return;
    }
    // Commands run to their end before the next is read: there is nothing to cancel.
    if (command.path === '/cancel') {
      this.#reply('!done', [], tag);
      return;
    }
    try {
      const { rows, ret, ends = false } = this.#device.run({ ...command, by: this.#user });
      for (const row of rows) this.#reply('!re', wordsOf(row), tag);
      if (rows.length === 0 && ret === null && command.path.endsWith('/print') && this.#saysEmpty) {
        this.#reply('!empty', [], tag);
      }
      this.#reply('!done', ret === null ? [] : [`=ret=${ret}`], tag);
      if (ends) this.#session.socket.pause();
    } catch (error) {
      if (!(error instanceof Trap)) throw error;
      const category = error.category === null ? [] : [`=category=${error.category}`];
      this.#reply('!trap', [...category, `=message=${error.message}`], tag);
      this.#reply('!done', [], tag);
    }
  }

  #login({ arguments: given }: Command, tag: readonly string[]): void {
    const name = given.get('name') ?? '';
    if (this.#device.knows(name, given.get('password') ?? '')) {
      this.#user = name;
      this.#device.log('system,info,account', `user ${name} logged in via api`);
      this.#reply('!done', [], tag);
      return;
    }
    this.#device.log('system,error,critical', `login failure for user ${name} via api`);
    this.#reply('!trap', ['=message=invalid user name or password (6)'], tag);
    this.#reply('!done', [], tag);
  }

  #reply(kind: string, words: readonly string[], tag: readonly string[]): void {
    this.#session.send(encodeSentence([kind, ...words, ...tag]));
  }

  #fatal(message: string): void {
    this.#session.send(encodeSentence(['!fatal', message]), true);
  }
}

function commandOf(sentence: readonly string[]): Command {
  const [path = '', ...words] = sentence;
  const given = new Map<string, string>();
  const queries: string[] = [];
  for (const word of words) {
    if (word.startsWith('?')) queries.push(word);
    if (!word.startsWith('=')) continue;
    const equals = word.indexOf('=', 1);
    const name = equals === -1 ? word.slice(1) : word.slice(1, equals);
    given.set(name, equals === -1 ? '' : word.slice(equals + 1));
  }
  return { path, arguments: given, queries };
}

function wordsOf(row: Readonly<Record<string, string>>): string[] {
  return Object.entries(row).map(([name, value]) => `=${name}=${value}`);
}
