import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { ArungError } from '../domain/errors.ts';
import { scopeFor, type Access } from '../domain/access.ts';
import type { Origin } from '../domain/external-source.ts';
import { problemOf } from './problem.ts';
import type { App, RouteGroup } from './routes.ts';

/** Bytes as they come; Telegraf sends up to a megabyte or so. */
const largestBody = 8 * 1024 * 1024;
const tags = ['telegraf'];
/** Texts that are unpacked at a time, and requests that wait for their turn with what they sent. */
const atOnce = 2;
const mostWaiting = 32;
const precisions = ['s', 'ms', 'us', 'ns'] as const;

/** What takes the lines: of telemetry. */
export interface LineSink {
  /** Plain text or gzip, by its first bytes. Rejects with a RangeError when it is too much. */
  unpack(payload: Buffer): Promise<string>;
  write(
    origin: Origin,
    text: string,
    precision: (typeof precisions)[number],
  ): Promise<{
    readonly accepted: number;
    readonly errors: readonly { readonly line: number; readonly message: string }[];
  }>;
  /** Resolves when all that was written so far outlives a crash; rejects with `unavailable` while it cannot. */
  durable(): Promise<void>;
}

const ErrorAnswer = Type.Object(
  { code: Type.String(), message: Type.String() },
  { examples: [{ code: 'invalid', message: 'line 3: the time is not a whole number (2 lines were stored)' }] },
);

/**
 * The writing half of InfluxDB 2's API, as `outputs.influxdb_v2` and `outputs.http` of Telegraf speak it: points of things
 * that no agent of ours reads. `org` and `bucket` may be anything: the token says whose points they are.
 * https://docs.influxdata.com/influxdb/v2/api/v2/#operation/PostWrite
 */
export function influxWriteRoutes(sink: LineSink, version: string): RouteGroup {
  let running = 0;
  const waiting: (() => void)[] = [];

  async function inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (running < atOnce) running++;
    else if (waiting.length >= mostWaiting) throw tooMany();
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) running--;
      else next();
    }
  }

  return (app) => {
    app.setErrorHandler(answerAsInfluxDB);
    takeBytes(app);

    app.post(
      '/api/v2/write',
      {
        config: { permission: 'points.write' },
        bodyLimit: largestBody,
        schema: {
          tags,
          summary: 'Take line protocol, as InfluxDB 2 does',
          description:
            'For Telegraf: plain or gzip. `Authorization: Token …` or `Bearer …` with a token of the role `publisher`, which may ' +
            'do this and nothing else. 204 when the points are durable; after 400 the lines that are right are stored, too.',
          consumes: ['text/plain'],
          querystring: Type.Object({
            org: Type.Optional(Type.String({ maxLength: 200 })),
            orgID: Type.Optional(Type.String({ maxLength: 200 })),
            bucket: Type.Optional(Type.String({ maxLength: 200 })),
            precision: Type.Optional(Type.String({ maxLength: 10, examples: ['ns', 'us', 'ms', 's'] })),
          }),
          response: { 204: Type.Null(), 400: ErrorAnswer, 401: ErrorAnswer, 413: ErrorAnswer, 429: ErrorAnswer },
        },
      },
      async (request, reply) => {
        const { precision: given = 'ns' } = request.query;
        const precision = precisions.find((one) => one === given);
        if (precision === undefined) {
          throw new ArungError('invalid', `precision takes ${precisions.join(', ')}; ${given} is none of them.`, {
            code: 'write.precision',
          });
        }
        const { accepted, errors } = await inTurn(async () =>
          sink.write(originOf(request.access), await unpackedBody(sink, request), precision),
        );
        await sink.durable();
        const [first] = errors;
        if (first === undefined) return reply.code(204).send(null);
        const others = errors.length === 1 ? '' : ` and ${errors.length - 1} more`;
        return reply.code(400).send({
          code: 'invalid',
          message: `line ${first.line}: ${first.message}${others} (${accepted} lines were stored)`,
        });
      },
    );

    app.get(
      '/ping',
      {
        config: { permission: 'public' },
        schema: { tags, summary: 'As InfluxDB answers it', response: { 204: Type.Null() } },
      },
      async (_request, reply) =>
        reply.header('x-influxdb-version', `arung-${version}`).header('x-influxdb-build', 'arung').code(204).send(null),
    );

    app.get(
      '/health',
      {
        config: { permission: 'public' },
        schema: {
          tags,
          summary: 'As InfluxDB answers it: lines are taken',
          response: {
            200: Type.Object({ name: Type.String(), message: Type.String(), status: Type.String() }),
          },
        },
      },
      async () => ({ name: 'arung', message: 'ready for writes', status: 'pass' }),
    );
  };
}

function takeBytes(app: App): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: largestBody }, (_request, body, done) =>
    done(null, body),
  );
}

async function unpackedBody(sink: LineSink, request: FastifyRequest): Promise<string> {
  const encoding = request.headers['content-encoding'] ?? 'identity';
  const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
  if (encoding !== 'identity' && encoding !== 'gzip') {
    throw new ArungError('invalid', `Content-Encoding ${encoding} is not taken here: send gzip or none.`, {
      code: 'write.encoding',
    });
  }
  try {
    return await sink.unpack(body);
  } catch (error) {
    if (error instanceof RangeError)
      throw Object.assign(new Error('too large'), { code: 'FST_ERR_CTP_BODY_TOO_LARGE' });
    throw new ArungError('invalid', 'The body says that it is gzip and is none.', { code: 'write.gzip', cause: error });
  }
}

function tooMany(): ArungError {
  return new ArungError('too-many-requests', 'Too many writes wait already: send these lines again in a while.', {
    code: 'write.too-many',
    retryAfterS: 10,
  });
}

/** Whose points a token hands in: bound to its region, or everywhere. */
function originOf(access: Access): Origin {
  const scope = scopeFor(access, 'points.write');
  const regionCode = scope === 'everywhere' ? null : (scope.regionCodes[0] ?? null);
  return { kind: 'token', regionCode, name: access.name };
}

const codes: Readonly<Record<number, string>> = {
  400: 'invalid',
  401: 'unauthorized',
  403: 'forbidden',
  404: 'not found',
  413: 'request too large',
  415: 'invalid',
  429: 'too many requests',
  503: 'unavailable',
};

/** Errors in InfluxDB's own shape, which Telegraf reads: it gives up a batch after 400, and tries again after 429 and 503. */
function answerAsInfluxDB(error: FastifyError, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const { problem, retryAfterS } = problemOf(error, request.id);
  // Without a token a write looks like one from another site's page; what is missing is the token.
  const status = problem.status === 403 && request.headers.authorization === undefined ? 401 : problem.status;
  if (status === 500) request.log.error({ err: error }, 'a write of lines failed');
  if (retryAfterS !== undefined || status === 503) reply.header('retry-after', String(retryAfterS ?? 10));
  const message = status === 401 ? 'unauthorized access: give a token of the role publisher' : problem.detail;
  return reply
    .code(status)
    .type('application/json; charset=utf-8')
    .serializer(JSON.stringify)
    .send({ code: codes[status] ?? 'internal error', message });
}
