import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { HttpError, InfluxDB, type Transport } from '@influxdata/influxdb-client';
import { ArungError, type ErrorKind } from '../../domain/errors.ts';
import type { InfluxSeries } from './server.ts';

export interface ConnectionOptions {
  readonly title: string;
  readonly url: string;
  /** The value of the header `Authorization`; none when the server asks for none. */
  readonly authorization: string | null;
  readonly timeoutMs?: number;
}

/** Points from here on are packed, on the way to another machine. */
const packFromBytes = 4_096;
/** Longer explanations of a server are cut: they may quote the whole line. */
const maxReasonLength = 300;

/** One InfluxDB over HTTP: the transport of the client library, whose errors become sentences here. */
export class Connection {
  readonly title: string;
  readonly #transport: Transport;
  readonly #agent: HttpAgent;
  readonly #authorization: string | null;
  readonly #pack: boolean;

  constructor(options: ConnectionOptions) {
    this.title = options.title;
    this.#authorization = options.authorization;
    const { protocol, hostname } = new URL(options.url);
    this.#pack = !/^(127\.|localhost$|\[::1\]$)/.test(hostname);
    this.#agent =
      protocol === 'https:' ? new HttpsAgent({ keepAlive: true }) : new HttpAgent({ keepAlive: true, maxSockets: 8 });
    const influx = new InfluxDB({
      url: options.url,
      timeout: options.timeoutMs ?? 30_000,
      transportOptions: { agent: this.#agent },
    });
    this.#transport = influx.transport;
  }

  /** Sends a request and gives the body of the answer. */
  send(request: {
    readonly method: 'GET' | 'POST' | 'PATCH';
    readonly path: string;
    readonly body?: string;
    readonly type?: string;
    /** Only the paths for writing unpack what they are sent. */
    readonly pack?: boolean;
  }): Promise<string> {
    const headers: Record<string, string> = {
      'content-type': request.type ?? 'application/json; charset=utf-8',
      accept: '*/*',
    };
    if (this.#authorization !== null) headers['authorization'] = this.#authorization;
    return new Promise((resolve, reject) => {
      const chunks: Uint8Array[] = [];
      this.#transport.send(
        request.path,
        request.body ?? '',
        {
          method: request.method,
          headers,
          ...(this.#pack && request.pack === true ? { gzipThreshold: packFromBytes } : {}),
        },
        {
          next: (chunk) => {
            chunks.push(chunk);
          },
          error: (error) => reject(this.#sentence(error)),
          complete: () => resolve(Buffer.concat(chunks).toString('utf8')),
        },
      );
    });
  }

  async json(request: Parameters<Connection['send']>[0]): Promise<unknown> {
    const text = await this.send(request);
    try {
      return text === '' ? null : JSON.parse(text);
    } catch (cause) {
      throw new ArungError('unavailable', `${this.title} answered something that is no JSON: is it an InfluxDB?`, {
        code: 'metrics.influx-answer',
        cause,
      });
    }
  }

  /** InfluxQL over `/query`, which both versions have. `path` carries database and sign-in. */
  async influxql(path: string, statements: readonly string[]): Promise<readonly (readonly InfluxSeries[])[]> {
    const answer = await this.json({
      method: 'POST',
      path,
      body: new URLSearchParams({ q: statements.join('; ') }).toString(),
      type: 'application/x-www-form-urlencoded',
    });
    const found = answer as {
      results?: { series?: (Omit<InfluxSeries, 'values'> & Partial<InfluxSeries>)[]; error?: string }[];
      error?: string;
    } | null;
    const error = found?.error ?? found?.results?.find((result) => result.error !== undefined)?.error;
    if (error !== undefined) throw this.#refused(error);
    return statements.map((_, index) =>
      // An empty list comes without `values`.
      (found?.results?.[index]?.series ?? []).map((series) => ({ ...series, values: series.values ?? [] })),
    );
  }

  close(): void {
    this.#agent.destroy();
  }

  /** A query that the server understood and could not answer. */
  #refused(reason: string): ArungError {
    return new ArungError('unavailable', `${this.title} did not answer a query: ${cut(reason)}.`, {
      code: /not found/.test(reason) ? 'metrics.influx-missing' : 'metrics.influx-query',
      arguments: { reason: cut(reason) },
    });
  }

  #sentence(error: Error): ArungError {
    if (!(error instanceof HttpError)) {
      const { code } = error as NodeJS.ErrnoException;
      const what = code ?? error.message;
      return this.#error(
        'unavailable',
        'metrics.influx-away',
        `${this.title} does not answer (${what}): start it, or check the address`,
        what,
        error,
      );
    }
    const reason = cut(reasonOf(error));
    const { statusCode } = error;
    if (statusCode === 401 || statusCode === 403) {
      return this.#error(
        'unavailable',
        'metrics.influx-sign-in',
        `${this.title} does not let us in (${reason}): check the token, or user and password, and what they may`,
        reason,
        error,
      );
    }
    if (statusCode === 404 || /retention policy not found|database not found|bucket .*not found/.test(reason)) {
      return this.#error(
        'unavailable',
        'metrics.influx-missing',
        `${this.title} misses what we write to (${reason}): it is made anew if we may`,
        reason,
        error,
      );
    }
    if (statusCode === 400 || statusCode === 422) {
      return this.#error('invalid', 'metrics.refused', `${this.title} refuses the points: ${reason}`, reason, error);
    }
    if (statusCode === 413) {
      return this.#error(
        'invalid',
        'metrics.too-large',
        `${this.title} refuses so many points at once: ${reason}`,
        reason,
        error,
      );
    }
    return this.#error(
      'unavailable',
      'metrics.influx-failing',
      `${this.title} fails (${statusCode}: ${reason}): see its log`,
      reason,
      error,
    );
  }

  #error(kind: ErrorKind, code: string, message: string, reason: string, cause: Error): ArungError {
    const wait = cause instanceof HttpError ? cause.retryAfter() : 0;
    const retry = kind !== 'unavailable' ? {} : { retryAfterS: Math.min(60, Math.ceil(Math.max(1_000, wait) / 1_000)) };
    return new ArungError(kind, `${message}.`, { code, arguments: { reason }, cause, ...retry });
  }
}

function reasonOf(error: HttpError): string {
  const json = error.json as { message?: unknown; error?: unknown } | undefined;
  for (const found of [json?.message, json?.error, error.body, error.statusMessage]) {
    if (typeof found === 'string' && found.trim() !== '') return found.trim();
  }
  return `status ${error.statusCode}`;
}

function cut(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').replace(/\.$/, '');
  return line.length > maxReasonLength ? `${line.slice(0, maxReasonLength)}…` : line;
}
