import { Type } from 'typebox';
import { scopeFor, type Scope } from '../domain/access.ts';
import { seesCause } from '../domain/cause-regions.ts';
import type { Clock } from '../domain/clock.ts';
import { ArungError } from '../domain/errors.ts';
import { isId } from '../domain/ids.ts';
import { causeView } from '../live/cause-view.ts';
import type { HistoryReader, PastState } from '../status/history-reader.ts';
import { restCause } from './moments.ts';
import type { RouteGroup } from './routes.ts';
import { StatusCountsSchema } from './status.ts';
import { CauseSchema, Earlier, Id, Moment, State } from './status-schemas.ts';
import type { PastView, TimelineView } from './views.ts';

const config = { permission: 'status.read' } as const;
const tags = ['history'];
const mostSteps = 3_000;
const dayMs = 86_400_000;

const PastEntity = Type.Object({ id: Type.String(), state: State, since: Type.String(), cause: CauseSchema });
const Past = Type.Unsafe<PastView>(
  Type.Object({
    at: Type.String(),
    sites: Type.Array(PastEntity),
    links: Type.Array(PastEntity),
    counts: Type.Object({ sites: StatusCountsSchema }),
  }),
);
const Line = Type.Unsafe<TimelineView>(
  Type.Object(
    {
      from: Type.String(),
      to: Type.String(),
      stepS: Type.Number(),
      dark: Type.Array(Type.Number()),
      unknown: Type.Array(Type.Boolean()),
    },
    {
      examples: [
        {
          from: '2026-11-24T02:00:00.000Z',
          to: '2026-11-24T02:15:00.000Z',
          stepS: 300,
          dark: [0, 19, 19],
          unknown: [false, false, false],
        },
      ],
    },
  ),
);
const Intervals = Type.Object({
  items: Type.Array(
    Type.Object({
      kind: Type.Enum(['device', 'site', 'link']),
      id: Type.String(),
      state: State,
      since: Type.String(),
      until: Type.Union([Type.String(), Type.Null()], { description: 'Null while it lasts.' }),
      cause: CauseSchema,
    }),
  ),
  next: Type.Null(),
  gaps: Type.Array(Type.Object({ since: Type.String(), until: Type.String() }), {
    description: 'Times in which no controller ran: nothing is known of them.',
  }),
});

/** The past: the map as it was, how much was dark when, and when one thing was not up. */
export function historyRoutes(parts: { readonly reader: HistoryReader; readonly clock: Clock }): RouteGroup {
  const { reader, clock } = parts;

  function range(given: { from?: string | undefined; to?: string | undefined }): { from: Date; to: Date } {
    const to = given.to === undefined ? new Date(clock.now()) : new Date(given.to);
    const from = given.from === undefined ? new Date(to.getTime() - dayMs) : new Date(given.from);
    if (from < to) return { from, to };
    throw new ArungError('invalid', '`from` must be earlier than `to`.', {
      code: 'history.wrong-range',
      details: [{ message: 'must be earlier than to', field: 'from' }],
    });
  }

  return (app) => {
    app.get(
      '/history/map',
      {
        config,
        schema: {
          tags,
          summary: 'The map as it was',
          description: 'Only what was not up: sites, and links between them with both ends in your regions.',
          querystring: Type.Object({ at: Moment }),
          response: { 200: Past },
        },
      },
      async (request) => {
        const scope = scopeFor(request.access, config.permission);
        const past = await reader.at(new Date(request.query.at), scope);
        return {
          at: past.at.toISOString(),
          sites: past.sites.map((state) => viewOf(state, scope)),
          links: past.links.map((state) => viewOf(state, scope)),
          counts: { sites: past.counts },
        };
      },
    );

    app.get(
      '/history/timeline',
      {
        config,
        schema: {
          tags,
          summary: 'How many sites were dark, step by step',
          description:
            'Down or unreachable at some time of the step. The last 24 hours in steps of 5 minutes when nothing is given.',
          querystring: Type.Object({
            from: Type.Optional(Earlier),
            to: Type.Optional(Moment),
            step: Type.Optional(
              Type.Integer({ minimum: 10, maximum: 86_400, description: 'Seconds.', examples: [300] }),
            ),
          }),
          response: { 200: Line },
        },
      },
      async (request) => {
        const { from, to } = range(request.query);
        const stepS = request.query.step ?? 300;
        if ((to.getTime() - from.getTime()) / (stepS * 1000) > mostSteps) {
          throw new ArungError(
            'invalid',
            `That is more than ${mostSteps} steps: ask for a longer step or a shorter time.`,
            {
              code: 'history.too-many-steps',
              arguments: { most: mostSteps },
              details: [{ message: 'too short for this time', field: 'step' }],
            },
          );
        }
        const timeline = await reader.timeline({ from, to, stepS }, scopeFor(request.access, config.permission));
        return { ...timeline, from: timeline.from.toISOString(), to: timeline.to.toISOString() };
      },
    );

    app.get(
      '/history/intervals',
      {
        config,
        schema: {
          tags,
          summary: 'When a device, site or link was not up',
          description: 'Newest first. Of what you may not read there are none.',
          querystring: Type.Object({
            entity: Id,
            from: Type.Optional(Earlier),
            to: Type.Optional(Moment),
            limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 5_000, description: '500 when not given.' })),
          }),
          response: { 200: Intervals },
        },
      },
      async (request) => {
        const { entity, limit } = request.query;
        const { from, to } = range(request.query);
        const scope = scopeFor(request.access, config.permission);
        const states = isId(entity) ? await reader.intervals(entity, { from, to, limit: limit ?? 500 }, scope) : [];
        const gaps = await reader.gaps({ from, to });
        return {
          items: states.map((state) => ({
            kind: state.kind,
            until: state.until?.toISOString() ?? null,
            ...viewOf(state, scope),
          })),
          next: null,
          gaps: gaps.map((gap) => ({ since: gap.since.toISOString(), until: gap.until.toISOString() })),
        };
      },
    );
  };
}

function viewOf(state: PastState, scope: Scope): PastView['sites'][number] {
  return {
    id: state.id,
    state: state.state,
    since: state.since.toISOString(),
    cause: restCause(causeView(state.cause, seesCause(scope, state.causeRegionCodes))),
  };
}
