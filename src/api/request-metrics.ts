import { Histogram, type Registry } from 'prom-client';
import type { FastifyInstance } from 'fastify';

/** How long requests take, by route (its pattern, never an id) and class of status. */
export function watchRequests(app: FastifyInstance, registry: Registry): void {
  const duration = new Histogram({
    name: 'arung_http_request_duration_seconds',
    help: 'Duration of HTTP requests by route',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.005, 0.025, 0.1, 0.5, 2.5],
    registers: [registry],
  });
  app.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url ?? '(none)';
    duration.observe(
      { method: request.method, route, status: `${Math.floor(reply.statusCode / 100)}xx` },
      reply.elapsedTime / 1000,
    );
  });
}
