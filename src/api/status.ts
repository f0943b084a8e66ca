import { Type } from 'typebox';
import { scopeFor, type Scope } from '../domain/access.ts';
import type { Clock } from '../domain/clock.ts';
import type { StatusCounts } from '../domain/reachability.ts';
import type { RouteGroup } from './routes.ts';

const config = { permission: 'status.read' } as const;

const Count = Type.Integer({ minimum: 0 });
export const StatusCountsSchema = Type.Object({
  up: Count,
  down: Count,
  unreachable: Count,
  unknown: Count,
  maintenance: Count,
});

const Status = Type.Object(
  { at: Type.String({ format: 'date-time' }), devices: StatusCountsSchema, sites: StatusCountsSchema },
  {
    examples: [
      {
        at: '2026-11-24T02:10:14.000Z',
        devices: { up: 1428, down: 1, unreachable: 57, unknown: 0, maintenance: 3 },
        sites: { up: 429, down: 0, unreachable: 19, unknown: 0, maintenance: 1 },
      },
    ],
  },
);

/** `GET /api/v1/status`: how many devices and sites are in which state, of the reader's regions. */
export function statusRoutes(parts: {
  readonly board: { counts(scope: Scope): { readonly devices: StatusCounts; readonly sites: StatusCounts } };
  readonly clock: Clock;
}): RouteGroup {
  return (app) => {
    app.get(
      '/status',
      {
        config,
        schema: {
          tags: ['status'],
          summary: 'How many devices and sites are in which state',
          description: 'Of the regions that you may read, at this moment.',
          response: { 200: Status },
        },
      },
      async (request) => ({
        at: new Date(parts.clock.now()).toISOString(),
        ...parts.board.counts(scopeFor(request.access, config.permission)),
      }),
    );
  };
}
