import { Agent as PlainAgent, request as plainRequest, type ClientRequest } from 'node:http';
import { Agent as TlsAgent, request as tlsRequest } from 'node:https';
import { ArungError } from '../../../domain/errors.ts';
import {
  mostBytes,
  mostRows,
  printable,
  type ApiAddress,
  type ApiAnswer,
  type ApiCommand,
  type ApiRow,
} from './api-client.ts';
import { certificateRefused, type Transport } from './transport.ts';

/** A router's web server is a small one. */
const mostAtOnce = 4;

interface Reply {
  readonly status: number;
  readonly body: unknown;
}

/**
 * RouterOS's REST API (help.mikrotik.com, "REST API", 7.1 and later): every command is a POST to its path, which takes and
 * gives what the API does. Once an answer is missing it is at an end, as a session of the API is, so that who uses it
 * looks again what the device holds.
 */
export class RouterOsRest implements Transport {
  readonly #address: ApiAddress;
  readonly #agent: PlainAgent | TlsAgent;
  readonly #deadlineMs: number;
  readonly #running = new Set<ClientRequest>();
  #ended: ArungError | null = null;

  private constructor(address: ApiAddress, deadlineMs: number) {
    this.#address = address;
    this.#deadlineMs = deadlineMs;
    const options = { keepAlive: true, maxSockets: mostAtOnce };
    this.#agent = address.tls === undefined ? new PlainAgent(options) : new TlsAgent({ ...address.tls, ...options });
  }

  /** Signs in. Throws as `RouterOsApi.open` does. */
  static async open(address: ApiAddress, options: { readonly deadlineMs: number }): Promise<RouterOsRest> {
    const rest = new RouterOsRest(address, options.deadlineMs);
    try {
      await rest.run({ path: '/system/identity/print' });
      return rest;
    } catch (error) {
      rest.close();
      throw error;
    }
  }

  get name(): string {
    return `${this.#address.host}:${this.#address.port}`;
  }

  get isOpen(): boolean {
    return this.#ended === null;
  }

  async run({ path, values = {}, queries = [] }: ApiCommand, deadlineMs = this.#deadlineMs): Promise<ApiAnswer> {
    if (this.#ended !== null) throw this.#ended;
    const body = JSON.stringify({ ...values, ...(queries.length === 0 ? {} : { '.query': queries }) });
    const { status, body: answer } = await this.#post(path, body, deadlineMs);
    if (status === 401) {
      const { user } = this.#address;
      throw new ArungError(
        'forbidden',
        `${this.name} refuses the user ${user}: check the name and the password of its credential, and that its group may use the API.`,
        { code: 'router.sign-in', arguments: { address: this.name, user } },
      );
    }
    if (status >= 400) {
      const said = printable(textOf(answer, 'detail') ?? textOf(answer, 'message') ?? `HTTP ${status}`);
      throw new ArungError('invalid', `${this.name} refuses ${path}: ${said}.`, {
        code: 'router.trap',
        arguments: { address: this.name, command: path, said },
      });
    }
    if (!Array.isArray(answer)) return { rows: [], ret: textOf(answer, 'ret') };
    const rows = answer.map(rowOf);
    if (rows.length > mostRows)
      throw this.#end('router.too-much', `${this.name} answers ${path} with more than ${mostRows} rows.`);
    // What is set has no row; `export` gives its text as the only one's `ret`.
    return rows.length === 1 && rows[0]?.['ret'] !== undefined
      ? { rows: [], ret: rows[0]['ret'] }
      : { rows, ret: null };
  }

  close(): void {
    this.#end('router.closed', `The connection to ${this.name} was closed here.`);
  }

  #post(path: string, body: string, deadlineMs: number): Promise<Reply> {
    const { host, port, user, password, tls } = this.#address;
    return new Promise((resolve, reject) => {
      const options = {
        host,
        port,
        path: `/rest${encodeURI(path)}`,
        method: 'POST',
        agent: this.#agent,
        headers: {
          authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`,
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(body),
        },
      };
      const request = tls === undefined ? plainRequest(options) : tlsRequest(options);
      const over = (): void => {
        clearTimeout(timer);
        this.#running.delete(request);
      };
      const lose = (code: string, message: string): void => {
        over();
        reject(this.#ended ?? this.#end(code, message));
      };
      const timer = setTimeout(
        () => lose('router.timeout', `${this.name} did not answer ${path} within ${deadlineMs / 1_000} s.`),
        deadlineMs,
      );
      this.#running.add(request);
      request.on('error', (cause: NodeJS.ErrnoException) => {
        const untrusted = certificateRefused(this.name, cause);
        if (untrusted !== null) {
          over();
          reject(untrusted);
          return;
        }
        const isAway = cause.code === 'ECONNREFUSED' || cause.code === 'EHOSTUNREACH' || cause.code === 'ENETUNREACH';
        if (isAway) lose('router.unreachable', `${this.name} takes no connection: is its service \`www\` on?`);
        else lose('router.closed', `${this.name} broke the connection: ${cause.message}.`);
      });
      request.on('response', (response) => {
        const chunks: Buffer[] = [];
        let size = 0;
        response.on('data', (chunk: Buffer) => {
          size += chunk.length;
          chunks.push(chunk);
          if (size > mostBytes) lose('router.too-much', `${this.name} answers ${path} with more than it should.`);
        });
        response.on('error', () => lose('router.closed', `${this.name} closed the connection.`));
        response.on('end', () => {
          const status = response.statusCode ?? 0;
          const read = jsonOf(Buffer.concat(chunks).toString('utf8'));
          if (read === undefined && status !== 401) {
            lose(
              'router.garbage',
              `${this.name} does not speak RouterOS's REST API: check the port, and whether it wants TLS.`,
            );
            return;
          }
          over();
          resolve({ status, body: read });
        });
      });
      request.end(body);
    });
  }

  #end(code: string, message: string): ArungError {
    const error = new ArungError('unavailable', message, { code, arguments: { address: this.name } });
    if (this.#ended !== null) return this.#ended;
    this.#ended = error;
    for (const request of this.#running) request.destroy();
    this.#agent.destroy();
    return error;
  }
}

/** Undefined where it is no JSON; null for nothing. */
function jsonOf(text: string): unknown {
  if (text.trim() === '') return null;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function textOf(value: unknown, name: string): string | null {
  if (typeof value !== 'object' || value === null || !(name in value)) return null;
  const text: unknown = Object.entries(value).find(([key]) => key === name)?.[1];
  return typeof text === 'string' ? text : null;
}

function rowOf(value: unknown): ApiRow {
  if (typeof value !== 'object' || value === null) return {};
  const row: Record<string, string> = Object.create(null) as Record<string, string>;
  for (const [name, text] of Object.entries(value)) row[name] = typeof text === 'string' ? text : JSON.stringify(text);
  return row;
}
