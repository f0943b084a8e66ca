import { chmodSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { AddressInUse } from './address-in-use.ts';
import { UnknownName } from './simulator.ts';
import type { Simulator } from './simulator.ts';

const longestPath = 100;
const mostBytes = 10_000;

/** What may be done to the simulated network, as HTTP and JSON over a unix socket that only its owner may open. */
export class ControlServer {
  readonly #simulator: Simulator;
  readonly path: string;
  readonly #server: Server;

  constructor(simulator: Simulator, path: string) {
    this.#simulator = simulator;
    this.path = path;
    this.#server = createServer((request, response) => {
      this.#handle(request)
        .then((body) => send(response, 200, body))
        .catch((error: unknown) => {
          const message = error instanceof Error ? error.message : String(error);
          if (error instanceof UnknownName) send(response, 404, { error: message, near: error.near });
          else send(response, error instanceof BadRequest ? 400 : 500, { error: message });
        });
    });
  }

  async start(): Promise<void> {
    if (Buffer.byteLength(this.path) > longestPath) {
      throw new Error(
        `The control socket ${this.path} has too long a path: choose one of at most ${longestPath} bytes.`,
      );
    }
    if (await answers(this.path)) {
      throw new AddressInUse(`Another simulator answers on ${this.path}: stop it, or choose another --control.`);
    }
    rmSync(this.path, { force: true });
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', (cause) =>
        reject(new Error(`The control socket ${this.path} cannot be opened (${cause.message}).`, { cause })),
      );
      this.#server.listen(this.path, resolve);
    });
    chmodSync(this.path, 0o600);
  }

  async stop(): Promise<void> {
    if (!this.#server.listening) return;
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
    rmSync(this.path, { force: true });
  }

  async #handle(request: IncomingMessage): Promise<unknown> {
    const parts = (request.url ?? '/').split('?')[0]?.split('/').slice(1).map(decodeURIComponent) ?? [];
    const [what = '', name = '', action = ''] = parts;
    const simulator = this.#simulator;
    if (request.method === 'GET') {
      if (what === 'links' && parts.length === 1) return { items: simulator.links() };
      if (what === 'state' && parts.length === 1) return simulator.state();
    }
    if (request.method === 'POST') {
      const body = await bodyOf(request);
      switch (`${what} ${action}`) {
        case 'links cut':
          return simulator.cut(name, true);
        case 'links restore':
          return simulator.cut(name, false);
        case 'links loss':
          simulator.loss(numberIn(body, 'percent'), name);
          return {};
        case 'devices reboot':
          simulator.reboot(name);
          return {};
        case 'devices slow':
          simulator.slow(name, numberIn(body, 'ms'));
          return {};
        case 'devices garble':
          simulator.garble(name);
          return {};
        case 'devices heal':
          simulator.heal(name);
          return {};
        case 'devices hand':
          return { items: byHand(simulator, name, body) };
        case 'services up':
        case 'services slow':
        case 'services down':
          return simulator.service(name, action === 'up' ? 'up' : action === 'slow' ? 'slow' : 'down');
        case 'power on':
        case 'power off':
          simulator.power(name, action === 'on');
          return {};
        case 'loss ':
          simulator.loss(numberIn(body, 'percent'));
          return {};
      }
    }
    throw new BadRequest(`The simulator knows no ${request.method ?? ''} ${request.url ?? ''}.`);
  }
}

class BadRequest extends Error {}

function byHand(simulator: Simulator, name: string, { path, words = [] }: Record<string, unknown>): unknown {
  if (typeof path !== 'string' || !/^(\/[a-z0-9-]+)+\/[a-z-]+$/.test(path)) {
    throw new BadRequest('A command of RouterOS looks like /ip/pool/print: the menu, and what to do.');
  }
  const given = Array.isArray(words) ? words.map(String) : [];
  try {
    return simulator.hand(name, path, given);
  } catch (error) {
    if (error instanceof UnknownName || !(error instanceof Error)) throw error;
    throw new BadRequest(`${name} refuses ${path}: ${error.message}`, { cause: error });
  }
}

async function bodyOf(request: IncomingMessage): Promise<Record<string, unknown>> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    const part = Buffer.from(chunk as Uint8Array);
    size += part.length;
    if (size > mostBytes) throw new BadRequest('The request is too long.');
    chunks.push(part);
  }
  if (size === 0) return {};
  try {
    const value: unknown = JSON.parse(Buffer.concat(chunks).toString('utf8'));
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch (cause) {
    throw new BadRequest('The request is not JSON.', { cause });
  }
}

function numberIn(body: Record<string, unknown>, key: string): number {
  const value = body[key];
  if (typeof value !== 'number' || !Number.isFinite(value) || value < 0) {
    throw new BadRequest(`The request needs "${key}", a number from 0.`);
  }
  return value;
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}

/** Whether someone listens on a socket path; a file left by a process that was killed does not answer. */
function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
