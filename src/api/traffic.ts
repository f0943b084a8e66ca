import { Type } from 'typebox';
import { inScope, scopeFor } from '../domain/access.ts';
import type { Clock } from '../domain/clock.ts';
import { inwardLinks } from '../domain/inward-links.ts';
import type { TopologySource } from '../domain/topology.ts';
import type { MetricStore } from '../metrics/store.ts';
import type { RouteGroup } from './routes.ts';
import type { TrafficView } from './views.ts';

const config = { permission: 'metrics.read' } as const;

const Traffic = Type.Unsafe<TrafficView>(
  Type.Object(
    {
      stepS: Type.Integer({ description: 'Seconds between two times.' }),
      times: Type.Array(Type.Integer({ description: 'Seconds since the epoch.' })),
      bps: Type.Array(Type.Union([Type.Number(), Type.Null()]), {
        description: 'Bits per second; null where nothing was measured.',
      }),
    },
    { examples: [{ stepS: 600, times: [1795950000, 1795950600], bps: [6_812_345_678, null] }] },
  ),
);

/** `GET /api/v1/status/traffic`: what flowed from the data centre into the reader's regions. */
export function trafficRoutes(parts: {
  readonly store: Pick<MetricStore, 'query'>;
  readonly topology: TopologySource;
  readonly clock: Clock;
}): RouteGroup {
  const { store, topology, clock } = parts;
  return (app) => {
    app.get(
      '/status/traffic',
      {
        config,
        schema: {
          tags: ['status'],
          summary: 'Traffic from the data centre into your regions',
          description: 'The sum over all links that lead into them, as measured at their ends inside.',
          querystring: Type.Object({
            hours: Type.Optional(Type.Integer({ minimum: 1, maximum: 168, description: '24 when not given.' })),
            points: Type.Optional(Type.Integer({ minimum: 10, maximum: 1_000, description: '150 when not given.' })),
          }),
          response: { 200: Traffic },
        },
      },
      async (request) => {
        const { hours = 24, points = 150 } = request.query;
        const scope = scopeFor(request.access, config.permission);
        const current = topology.current();
        const inward = inwardLinks(current, (id) => inScope(scope, current.sites.get(id)?.regionCode ?? ''));
        const to = Math.floor(clock.now() / 1_000);
        const result = await store.query({
          measurement: 'interface',
          fields: ['in_bps'],
          filter: {
            interface: inward.map(({ inside }) => inside.interfaceId),
            device: [...new Set(inward.map(({ inside }) => inside.deviceId))],
          },
          from: to - hours * 3_600,
          to,
          step: { maxPoints: points },
          aggregate: 'mean',
          groupBy: ['device', 'interface'],
        });
        return {
          stepS: result.stepS,
          times: result.times,
          bps: result.times.map((_, at) => sumOf(result.series.map(({ values }) => values[at] ?? null))),
        };
      },
    );
  };
}

function sumOf(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : Math.round(known.reduce((sum, value) => sum + value, 0));
}
