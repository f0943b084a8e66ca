import { createHash } from 'node:crypto';
import { chmodSync, rmSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import type { Logger } from 'pino';
import { ArungError } from '../domain/errors.ts';
import type { LongLived } from '../domain/lifecycle.ts';

/** `sun_path` holds 108 bytes with its end. */
const longestPath = 100;

/** Where the controller of a data folder is asked for a copy: a unix socket, or null when it could not be named. */
export function copyDeskPath(dataDir: string): string {
  const inside = join(dataDir, 'copy-desk.sock');
  if (Buffer.byteLength(inside) <= longestPath) return inside;
  return join(tmpdir(), `arung-copy-desk-${createHash('sha256').update(dataDir).digest('hex').slice(0, 16)}.sock`);
}

/** The one place of a data folder that the desk writes to, so that nobody can ask for a file elsewhere. */
export function metricsCopyPath(dataDir: string): string {
  return join(resolve(dataDir), 'metrics-copy.sqlite');
}

/**
 * Where a running controller is asked to copy its metric store, which it alone may read. A unix socket that only our
 * own account may open; each connection is one question, answered with one line of JSON when the copy is whole.
 */
export class CopyDesk implements LongLived {
  readonly name = 'copy desk';
  readonly #path: string;
  readonly #copy: () => Promise<boolean>;
  readonly #logger: Logger;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #copying: Promise<boolean> | null = null;

  /** `copy` writes to `metricsCopyPath`; false when the metric store is no file of ours. */
  constructor(options: { readonly dataDir: string; readonly copy: () => Promise<boolean>; readonly logger: Logger }) {
    this.#path = copyDeskPath(options.dataDir);
    this.#copy = options.copy;
    this.#logger = options.logger;
    this.#server = createServer({ allowHalfOpen: true }, (socket) => this.#serve(socket));
  }

  async start(): Promise<void> {
    rmSync(this.#path, { force: true });
    await new Promise<void>((done, fail) => {
      this.#server.once('error', fail);
      this.#server.listen(this.#path, () => done());
    });
    chmodSync(this.#path, 0o600);
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise<void>((done) => this.#server.close(() => done()));
    rmSync(this.#path, { force: true });
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
    socket.on('error', (error) => this.#logger.debug(error, 'who asked for a copy went away'));
    socket.resume();
    this.#copying ??= this.#copy().finally(() => {
      this.#copying = null;
    });
    this.#copying.then(
      (copied) => socket.end(JSON.stringify({ copied }) + '\n'),
      (error: unknown) => {
        this.#logger.warn(error, 'the metric store could not be copied');
        socket.end(JSON.stringify({ error: error instanceof Error ? error.message : String(error) }) + '\n');
      },
    );
  }
}

/** Asks the controller of a data folder for a copy of its metric store; false when that is no file of its own. */
export async function askForMetricsCopy(dataDir: string): Promise<boolean> {
  const path = copyDeskPath(dataDir);
  let answer: { copied?: boolean; error?: string };
  try {
    const socket = connect({ path, allowHalfOpen: true });
    socket.end();
    answer = JSON.parse(await text(socket)) as typeof answer;
  } catch (cause) {
    throw new ArungError(
      'unavailable',
      'The controller on this data folder does not answer where it is asked for a copy of the metrics: try again when it has started, ' +
        'or leave them out with --without-metrics.',
      { code: 'backup.no-desk', cause },
    );
  }
  if (answer.copied !== undefined) return answer.copied;
  throw new ArungError(
    'unavailable',
    `The controller could not copy its metric store: ${answer.error ?? 'no reason given'}.`,
    {
      code: 'backup.metrics-failed',
    },
  );
}
