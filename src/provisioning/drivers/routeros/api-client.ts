import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls, type ConnectionOptions } from 'node:tls';
import { ArungError } from '../../../domain/errors.ts';
import { isRefusal } from '../device-errors.ts';
import { certificateRefused, type Transport } from './transport.ts';
import { NotASentence, sentenceBytes, SentenceParser } from './words.ts';

export interface ApiAddress {
  /** An IP address. */
  readonly host: string;
  /** 8728, or 8729 with TLS. */
  readonly port: number;
  readonly user: string;
  readonly password: string;
  /** TLS as the device has it: its certificate is pinned or checked by these options. Plain TCP without. */
  readonly tls?: ConnectionOptions;
}

/** What a person sets up has no more entries; what has, is a table of a protocol. */
export const mostRows = 50_000;
/** Of what a router answers to all that it is asked at once: a whole configuration has a few megabytes. */
export const mostBytes = 32 * 1024 * 1024;

/** A row of an answer: names and values, all text. */
export type ApiRow = Readonly<Record<string, string>>;

export interface ApiAnswer {
  readonly rows: readonly ApiRow[];
  /** `=ret=` of `!done`: the id of what was added, a count. */
  readonly ret: string | null;
}

export interface ApiCommand {
  /** `/ip/address/add`. */
  readonly path: string;
  /** `=name=value` words. */
  readonly values?: Readonly<Record<string, string>>;
  /** Query words without their `?`: `type=ether`, `#|`. */
  readonly queries?: readonly string[];
}

interface Pending {
  readonly command: string;
  readonly rows: ApiRow[];
  trap: string | null;
  readonly resolve: (answer: ApiAnswer) => void;
  readonly reject: (error: ArungError) => void;
  readonly timer: NodeJS.Timeout;
}

/**
 * One session of RouterOS's API (help.mikrotik.com, "API"), login of 6.43 and later. Each command has a deadline. When
 * one passes, or the other end sends what is no sentence, the session is over: what was under way is refused, and nothing
 * of it can be taken for the answer to a later command. Whoever goes on opens a new one.
 */
export class RouterOsApi implements Transport {
  readonly #socket: Socket;
  readonly #name: string;
  readonly #deadlineMs: number;
  readonly #parser = new SentenceParser();
  readonly #pending = new Map<string, Pending>();
  #ended: ArungError | null = null;
  #lastTag = 0;
  /** Since something was asked while nothing else was under way. */
  #received = 0;

  private constructor(socket: Socket, name: string, deadlineMs: number) {
    this.#socket = socket;
    this.#name = name;
    this.#deadlineMs = deadlineMs;
    socket.setNoDelay(true);
    socket.on('data', (bytes: Buffer) => this.#read(bytes));
    socket.on('error', (cause) => this.#end('router.closed', `${name} broke the connection: ${cause.message}.`));
    socket.on('close', () => this.#end('router.closed', `${name} closed the connection.`));
    if (socket.destroyed) this.#end('router.closed', `${name} closed the connection.`);
  }

  /**
   * Connects and signs in. Throws an ArungError: `router.unreachable`, `router.timeout`, `router.sign-in` when user or
   * password are wrong, `router.garbage` when something else answers there.
   */
  static async open(address: ApiAddress, options: { readonly deadlineMs: number }): Promise<RouterOsApi> {
    const name = `${address.host}:${address.port}`;
    const socket = await connected(address, name, options.deadlineMs);
    const api = new RouterOsApi(socket, name, options.deadlineMs);
    try {
      await api.run({ path: '/login', values: { name: address.user, password: address.password } });
    } catch (error) {
      api.close();
      if (isRefusal(error)) {
        throw new ArungError(
          'forbidden',
          `${name} refuses the user ${address.user}: check the name and the password of its credential, and that its group may use the API.`,
          { code: 'router.sign-in', arguments: { address: name, user: address.user }, cause: error },
        );
      }
      throw error;
    }
    return api;
  }

  get name(): string {
    return this.#name;
  }

  /** Whether the session can still be used. */
  get isOpen(): boolean {
    return this.#ended === null;
  }

  /** Runs one command to its end. Throws an ArungError; `router.trap` says what the device said. */
  run(command: ApiCommand, deadlineMs = this.#deadlineMs): Promise<ApiAnswer> {
    if (this.#ended !== null) return Promise.reject(this.#ended);
    const { path, values = {}, queries = [] } = command;
    if (this.#pending.size === 0) this.#received = 0;
    this.#lastTag += 1;
    const tag = String(this.#lastTag);
    const words = [
      path,
      ...Object.entries(values).map(([name, value]) => `=${name}=${value}`),
      ...queries.map((query) => `?${query}`),
      `.tag=${tag}`,
    ];
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#end('router.timeout', `${this.#name} did not answer ${path} within ${deadlineMs / 1_000} s.`);
      }, deadlineMs);
      this.#pending.set(tag, { command: path, rows: [], trap: null, resolve, reject, timer });
      // Commands that are given at once leave in one packet: over a satellite each costs its own.
      this.#socket.cork();
      this.#socket.write(sentenceBytes(words));
      process.nextTick(() => this.#socket.uncork());
    });
  }

  /** Ends the session; what is under way is refused. */
  close(): void {
    this.#end('router.closed', `The connection to ${this.#name} was closed here.`);
  }

  #read(bytes: Buffer): void {
    if (this.#ended !== null) return;
    this.#received += bytes.length;
    if (this.#received > mostBytes) {
      const [asked] = this.#pending.values();
      this.#end('router.too-much', `${this.#name} answers ${asked?.command ?? 'nothing'} with more than it should.`);
      return;
    }
    try {
      for (const sentence of this.#parser.push(bytes)) this.#sentence(sentence);
    } catch (error) {
      if (!(error instanceof NotASentence)) throw error;
      this.#end(
        'router.garbage',
        `${this.#name} does not speak RouterOS's API (${error.message}): check the port, and whether it wants TLS.`,
      );
    }
  }

  #sentence([kind = '', ...words]: readonly string[]): void {
    if (kind === '!fatal') {
      this.#end('router.closed', `${this.#name} ended the session: ${printable(words.join(' '))}.`);
      return;
    }
    if (!kind.startsWith('!')) throw new NotASentence('an answer begins with no reply word');
    const tag = words.find((word) => word.startsWith('.tag='))?.slice('.tag='.length) ?? '';
    const pending = this.#pending.get(tag);
    // The answer of nobody: no command of this session is without a tag, and each is forgotten when it is done.
    if (pending === undefined) return;
    if (kind === '!re') this.#row(pending, rowOf(words));
    else if (kind === '!trap') pending.trap ??= rowOf(words)['message'] ?? 'no reason given';
    else if (kind === '!done') this.#done(tag, pending, rowOf(words)['ret'] ?? null);
    // `!empty` (from 7.18 on) says that no `!re` comes; kinds that a later version may bring carry nothing for us.
  }

  #row(pending: Pending, row: ApiRow): void {
    if (pending.rows.length < mostRows) pending.rows.push(row);
    else this.#end('router.too-much', `${this.#name} answers ${pending.command} with more than ${mostRows} rows.`);
  }

  #done(tag: string, pending: Pending, ret: string | null): void {
    clearTimeout(pending.timer);
    this.#pending.delete(tag);
    if (pending.trap === null) {
      pending.resolve({ rows: pending.rows, ret });
      return;
    }
    const said = printable(pending.trap);
    pending.reject(
      new ArungError('invalid', `${this.#name} refuses ${pending.command}: ${said}.`, {
        code: 'router.trap',
        arguments: { address: this.#name, command: pending.command, said },
      }),
    );
  }

  #end(code: string, message: string): void {
    if (this.#ended !== null) return;
    const error = new ArungError('unavailable', message, { code, arguments: { address: this.#name } });
    this.#ended = error;
    this.#socket.destroy();
    for (const { reject, timer } of this.#pending.values()) {
      clearTimeout(timer);
      reject(error);
    }
    this.#pending.clear();
  }
}

function connected(address: ApiAddress, name: string, deadlineMs: number): Promise<Socket> {
  const { host, port, tls } = address;
  return new Promise((resolve, reject) => {
    const socket = tls === undefined ? connectTcp({ host, port }) : connectTls({ ...tls, host, port });
    const give = (code: string, message: string, cause?: unknown): void => {
      clearTimeout(timer);
      socket.destroy();
      reject(new ArungError('unavailable', message, { code, arguments: { address: name }, cause }));
    };
    const timer = setTimeout(
      () => give('router.timeout', `${name} took no connection within ${deadlineMs / 1_000} s.`),
      deadlineMs,
    );
    socket.once('error', (cause: NodeJS.ErrnoException) => {
      const untrusted = certificateRefused(name, cause);
      if (untrusted === null) {
        give('router.unreachable', `${name} takes no connection (${cause.message}): is its service \`api\` on?`, cause);
        return;
      }
      clearTimeout(timer);
      reject(untrusted);
    });
    socket.once(tls === undefined ? 'connect' : 'secureConnect', () => {
      clearTimeout(timer);
      socket.removeAllListeners('error');
      // Until the session listens itself.
      socket.on('error', () => undefined);
      resolve(socket);
    });
  });
}

function rowOf(words: readonly string[]): ApiRow {
  const row: Record<string, string> = Object.create(null) as Record<string, string>;
  for (const word of words) {
    if (!word.startsWith('=')) continue;
    const equals = word.indexOf('=', 1);
    if (equals > 0) row[word.slice(1, equals)] = word.slice(equals + 1);
  }
  return row;
}

/** What a device says may be anything: one line, without what steers a terminal, and not for ever. */
export function printable(text: string): string {
  const line = text.replace(/\p{Cc}/gu, ' ').trim();
  return line.length > 300 ? `${line.slice(0, 300)}…` : line;
}
