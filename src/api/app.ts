import { randomBytes } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import type { Server } from 'node:http';
import type { Duplex } from 'node:stream';
import cookie from '@fastify/cookie';
import helmet from '@fastify/helmet';
import rateLimit from '@fastify/rate-limit';
import underPressure from '@fastify/under-pressure';
import { fastify, LogController, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import type { Permission } from '../domain/access.ts';
import { ArungError } from '../domain/errors.ts';
import type { LongLived } from '../domain/lifecycle.ts';
import { serveConsole } from './console-files.ts';
import { guard, type GuardOptions, type Identifier } from './guard.ts';
import { describeApi } from './openapi.ts';
import { problemOf } from './problem.ts';
import { watchRequests } from './request-metrics.ts';
import type { App, RouteGroup } from './routes.ts';
import { systemRoutes, type SystemOptions } from './system.ts';
import { checkedOutgoing, checkIncoming, plainOutgoing } from './validation.ts';

export interface ApiOptions extends SystemOptions {
  readonly logger: Logger;
  readonly identifier: Identifier;
  readonly isSameOrigin: GuardOptions['isSameOrigin'];
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** Addresses and networks of proxies whose X-Forwarded headers are believed. */
  readonly trustedProxies: readonly string[];
  /** The address people type; null: whatever they typed. */
  readonly publicUrl: string | null;
  /** PEM texts: the listener speaks HTTPS itself. */
  readonly tls: { readonly cert: string | Buffer; readonly key: string | Buffer } | null;
  /** The built console. */
  readonly consoleDir: string;
  readonly version: string;
  /** Below `/api/v1`. */
  readonly routes: readonly RouteGroup[];
  /** At the root, such as the map's tiles. */
  readonly rootRoutes?: readonly RouteGroup[];
  /** For tests: answers must be what their schemas say. */
  readonly checkAnswers?: boolean;
}

/** A route as the router itself has it. */
export interface RouteFact {
  readonly method: string;
  readonly url: string;
  readonly permission: Permission | 'public' | 'signed-in';
  /** Its TypeBox schemas of what comes in. */
  readonly schema: { readonly body?: unknown; readonly querystring?: unknown; readonly params?: unknown };
}

declare module 'fastify' {
  interface FastifyInstance {
    /** Every route that the router has, for tests that walk them all. */
    routeFacts: readonly RouteFact[];
  }
}

const requestsPerMinute = { signedIn: 20_000, strangers: 1_200 };
const largestBody = 1024 * 1024;

/** The HTTP side of the controller. Everything is registered when this resolves; `start` listens. */
export async function buildApi(options: ApiOptions): Promise<Api> {
  const app = fastify({
    loggerInstance: options.logger.child({}, { redact: redacted }),
    logController: new LogController({ disableRequestLogging: true }),
    frameworkErrors: answerError,
    genReqId: () => randomBytes(9).toString('base64url'),
    requestIdHeader: false,
    trustProxy: options.trustedProxies.length === 0 ? false : [...options.trustedProxies],
    bodyLimit: largestBody,
    // Who sends slower than this holds a socket for nothing; a large import over a slow line still fits.
    requestTimeout: 180_000,
    forceCloseConnections: true,
    return503OnClosing: true,
    routerOptions: { maxParamLength: 300 },
    ...(options.tls === null ? {} : { https: { ...options.tls, minVersion: 'TLSv1.2' } }),
  }) as unknown as FastifyInstance;
  const routes: RouteFact[] = [];
  app.decorate('routeFacts', { getter: () => routes });
  app.addHook('onRoute', (route) => {
    const permission = route.config?.permission;
    for (const method of [route.method].flat()) {
      if (permission !== undefined) routes.push({ method, url: route.url, permission, schema: route.schema ?? {} });
    }
  });
  takeJson(app);
  app.setValidatorCompiler(checkIncoming);
  app.setSerializerCompiler(options.checkAnswers === true ? checkedOutgoing : plainOutgoing);
  app.setErrorHandler(answerError);
  guard(app, options);
  await protect(app, options);
  logRequests(app);
  watchRequests(app, options.registry);
  await app.register(cookie);
  await describeApi(app, options.version);
  await app.register(async (scope) => systemRoutes(options)(scope as unknown as App));
  for (const group of options.rootRoutes ?? []) {
    await app.register(async (scope) => group(scope as unknown as App));
  }
  for (const group of options.routes) {
    await app.register(async (scope) => group(scope as unknown as App), { prefix: '/api/v1' });
  }
  await serveConsole(app, options.consoleDir);
  await app.ready();
  return new Api(app, routes, options);
}

export class Api implements LongLived {
  readonly name = 'API';
  readonly app: FastifyInstance;
  readonly routes: readonly RouteFact[];
  readonly #options: ApiOptions;
  /** Connections of the live stream: once upgraded they are no longer the HTTP server's, which waits for their end. */
  readonly #upgraded = new Set<Duplex>();

  constructor(app: FastifyInstance, routes: readonly RouteFact[], options: ApiOptions) {
    this.app = app;
    this.routes = routes;
    this.#options = options;
    app.server.on('upgrade', (_request, socket) => {
      this.#upgraded.add(socket);
      socket.once('close', () => this.#upgraded.delete(socket));
    });
  }

  /** For socket.io. */
  get server(): Server {
    return this.app.server;
  }

  /** Where people reach it: the public address where one is set, else where it listens. */
  get url(): string {
    return this.#options.publicUrl ?? this.localUrl;
  }

  /** Where it listens; of all addresses, the one of this machine. */
  get localUrl(): string {
    const address: AddressInfo | string | null = this.app.server.address();
    const port = typeof address === 'object' && address !== null ? address.port : this.#options.port;
    const host = { '0.0.0.0': '127.0.0.1', '::': '127.0.0.1' }[this.#options.host] ?? this.#options.host;
    const shown = host.includes(':') ? `[${host}]` : host;
    return `${this.#options.tls === null ? 'http' : 'https'}://${shown}:${port}`;
  }

  async start(): Promise<void> {
    const { host, port } = this.#options;
    try {
      await this.app.listen({
        host,
        port,
        listenTextResolver: (address) => `the console and the API are at ${address}`,
      });
    } catch (cause) {
      throw listenError(cause, host, port);
    }
  }

  async stop(): Promise<void> {
    const closed = this.app.close();
    for (const socket of this.#upgraded) socket.destroy();
    await closed;
  }
}

/** As Fastify does; but who says JSON and sends nothing, as curl does that is told so for a DELETE, has sent no body. */
function takeJson(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser('error', 'error');
  app.removeContentTypeParser('application/json');
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    if (body === '') done(null, undefined);
    else void parse(request, String(body), done);
  });
}

function answerError(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const { problem, retryAfterS } = problemOf(error, request.id);
  const url = request.routeOptions?.url ?? '(none)';
  if (problem.status === 500) request.log.error({ err: error, url }, 'a request failed');
  else if (problem.status === 503) request.log.warn({ err: error, url }, 'a request had to wait');
  if (retryAfterS !== undefined) reply.header('retry-after', String(retryAfterS));
  if (problem.status === 401) reply.header('www-authenticate', 'Bearer realm="arung"');
  return reply
    .code(problem.status)
    .header('cache-control', 'no-store')
    .type('application/problem+json; charset=utf-8')
    .serializer(JSON.stringify)
    .send(problem);
}

/** Nothing may run, load, frame or be framed but what is our own; the console is built for that. */
async function protect(app: FastifyInstance, options: ApiOptions): Promise<void> {
  const overHttps = options.tls !== null || options.publicUrl?.startsWith('https:') === true;
  const own = ["'self'"];
  const none = ["'none'"];
  await app.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: none,
        scriptSrc: own,
        styleSrc: own,
        workerSrc: own,
        connectSrc: own,
        fontSrc: own,
        imgSrc: own,
        manifestSrc: own,
        baseUri: none,
        formAction: own,
        frameAncestors: none,
      },
    },
    strictTransportSecurity: overHttps ? { maxAge: 31_536_000, includeSubDomains: false } : false,
    crossOriginEmbedderPolicy: false,
    referrerPolicy: { policy: 'same-origin' },
    xFrameOptions: { action: 'deny' },
  });
  await app.register(rateLimit, {
    global: true,
    timeWindow: 60_000,
    max: (request) => (request.identity === null ? requestsPerMinute.strangers : requestsPerMinute.signedIn),
    keyGenerator: (request) => request.identity?.access.id ?? request.ip,
    errorResponseBuilder: (_, { ttl }) => tooMany(Math.ceil(ttl / 1000)),
  });
  // A sample without a single turn of the loop counts as endless delay: it must be long enough that only a real jam is so.
  await app.register(underPressure, { maxEventLoopDelay: 10_000, sampleInterval: 10_000 });
  app.addHook('onSend', async (request, reply) => {
    reply.header('x-request-id', request.id);
    if (request.url.startsWith('/api/') && !reply.hasHeader('cache-control')) reply.header('cache-control', 'no-store');
  });
}

const redacted = {
  paths: [
    'req.headers.authorization',
    'req.headers.cookie',
    'headers.authorization',
    'headers.cookie',
    'res.headers["set-cookie"]',
    'password',
    '*.password',
    'token',
    '*.token',
    'secret',
    '*.secret',
  ],
  censor: '(not kept)',
};

/** Writes at `info`, reads at `debug`: by route, without query and body, which may hold what people typed. */
function logRequests(app: FastifyInstance): void {
  app.addHook('onResponse', async (request: FastifyRequest, reply) => {
    const facts = {
      method: request.method,
      url: request.routeOptions.url ?? '(none)',
      status: reply.statusCode,
      ms: Math.round(reply.elapsedTime),
      by: request.access.name,
      address: request.ip,
    };
    const isRead = request.method === 'GET' || request.method === 'HEAD' || request.method === 'OPTIONS';
    request.log[isRead ? 'debug' : 'info'](facts, 'request');
  });
}

function tooMany(seconds: number): ArungError {
  return new ArungError('too-many-requests', `Too many requests: go on in ${seconds} s.`, {
    code: 'request.too-many',
    arguments: { seconds },
    retryAfterS: seconds,
  });
}

function listenError(cause: unknown, host: string, port: number): unknown {
  const code = cause instanceof Error && 'code' in cause ? cause.code : '';
  const place = `${host}:${port}`;
  const say = (message: string, name: string) =>
    new ArungError('unavailable', message, { code: name, arguments: { host, port }, cause });
  if (code === 'EADDRINUSE') {
    return say(
      `Port ${port} of ${host} is in use by another program: stop that one, or choose another with ARUNG_PORT (0 takes a free one).`,
      'api.port-in-use',
    );
  }
  if (code === 'EACCES') {
    return say(
      `This account may not listen on ${place}: choose a port from 1024 up with ARUNG_PORT.`,
      'api.port-forbidden',
    );
  }
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') {
    return say(`This machine has no address ${host}: mend ARUNG_HOST.`, 'api.no-such-address');
  }
  return cause;
}
