import type { Registry } from 'prom-client';
import { Type } from 'typebox';
import { scopeFor } from '../domain/access.ts';
import { notAllowed } from './guard.ts';
import type { RouteGroup } from './routes.ts';

export interface SystemOptions {
  /** What must answer before traffic is sent here: rejects with the reason. */
  readonly readiness: Readonly<Record<string, () => Promise<void>>>;
  /** More about the parts of `readiness`: figures and times, nothing that names a host or a path. */
  readonly notes?: () => Readonly<Record<string, Readonly<Record<string, number | string | null>>>>;
  /** The program's own figures. Their labels name parts and kinds, never a region, site or device. */
  readonly registry: Registry;
}

const Readiness = Type.Object({
  status: Type.Enum(['ready', 'not-ready']),
  checks: Type.Record(Type.String(), Type.Enum(['ok', 'failing'])),
  notes: Type.Optional(
    Type.Record(Type.String(), Type.Record(Type.String(), Type.Union([Type.Number(), Type.String(), Type.Null()]))),
  ),
});

const patienceMs = 3000;

/** `/healthz`, `/readyz`, `/metrics` and the OpenAPI document: how the program itself is. */
export function systemRoutes(options: SystemOptions): RouteGroup {
  return (app) => {
    app.get(
      '/healthz',
      {
        config: { permission: 'public', rateLimit: false },
        schema: { tags: ['system'], summary: 'The process answers' },
      },
      () => ({ status: 'ok' }),
    );

    app.get(
      '/readyz',
      {
        config: { permission: 'public', rateLimit: false },
        schema: {
          tags: ['system'],
          summary: 'Database, broker and stores answer',
          response: { 200: Readiness, 503: Readiness },
        },
      },
      async (request, reply) => {
        const checks: Record<string, 'ok' | 'failing'> = {};
        await Promise.all(
          Object.entries(options.readiness).map(async ([name, check]) => {
            try {
              await within(patienceMs, check());
              checks[name] = 'ok';
            } catch (error) {
              // The reason may name hosts and paths: it goes to the log, not to strangers.
              request.log.warn({ err: error, check: name }, 'not ready');
              checks[name] = 'failing';
            }
          }),
        );
        const ready = Object.values(checks).every((check) => check === 'ok');
        const notes = options.notes === undefined ? {} : { notes: options.notes() };
        return reply.code(ready ? 200 : 503).send({ status: ready ? 'ready' : 'not-ready', checks, ...notes });
      },
    );

    app.get(
      '/metrics',
      { config: { permission: 'system.read' }, schema: { tags: ['system'], summary: 'Own figures, for Prometheus' } },
      async (request, reply) => {
        // They count the whole backbone: not for who may read a part of it.
        if (scopeFor(request.access, 'system.read') !== 'everywhere') throw notAllowed('system.read');
        return reply.type(options.registry.contentType).send(await options.registry.metrics());
      },
    );

    app.get(
      '/api/openapi.json',
      { config: { permission: 'public' }, schema: { hide: true } },
      async (_request, reply) => reply.type('application/json; charset=utf-8').send(JSON.stringify(app.swagger())),
    );
  };
}

async function within(ms: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${ms} ms`)), ms);
  });
  try {
    await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
