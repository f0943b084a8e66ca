import type { Registry } from 'prom-client';
import { Type } from 'typebox';
import { scopeFor } from '../domain/access.ts';
import { notAllowed } from './guard.ts';
import type { RouteGroup } from './routes.ts';

export interface SystemOptions {
  /** What must do its work before traffic is sent here. */
  readonly readiness: {
    readonly parts: readonly string[];
    /** Looks at all of them now: those that fail, since when (milliseconds since the epoch), and by what, as one word. */
    look(): Promise<readonly { readonly part: string; readonly since: number; readonly reason: string | null }[]>;
  };
  /** More about the parts of `readiness`: figures and times, nothing that names a host or a path. */
  readonly notes?: () => Readonly<Record<string, Readonly<Record<string, number | string | null>>>>;
  /** The program's own figures. Their labels name parts and kinds, never a region, site or device. */
  readonly registry: Registry;
}

const Readiness = Type.Object({
  status: Type.Enum(['ready', 'not-ready']),
  checks: Type.Record(Type.String(), Type.Enum(['ok', 'failing'])),
  since: Type.Optional(Type.Record(Type.String(), Type.String({ format: 'date-time' }))),
  reasons: Type.Optional(Type.Record(Type.String(), Type.String())),
  notes: Type.Optional(
    Type.Record(Type.String(), Type.Record(Type.String(), Type.Union([Type.Number(), Type.String(), Type.Null()]))),
  ),
});

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
      async (_request, reply) => {
        const found = await options.readiness.look();
        const faults = new Map(found.map(({ part, since }) => [part, since]));
        const ready = faults.size === 0;
        const checks = Object.fromEntries(
          options.readiness.parts.map((part) => [part, faults.has(part) ? ('failing' as const) : ('ok' as const)]),
        );
        const since = Object.fromEntries([...faults].map(([part, at]) => [part, new Date(at).toISOString()]));
        const known = found.flatMap(({ part, reason }) => (reason === null ? [] : [[part, reason] as const]));
        const reasons = known.length === 0 ? {} : { reasons: Object.fromEntries(known) };
        const notes = options.notes === undefined ? {} : { notes: options.notes() };
        return reply
          .code(ready ? 200 : 503)
          .send({ status: ready ? 'ready' : 'not-ready', checks, ...(ready ? {} : { since }), ...reasons, ...notes });
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
