import { Type } from 'typebox';
import { scopeFor } from '../domain/access.ts';
import { availabilityGroups } from '../domain/availability.ts';
import type { Clock } from '../domain/clock.ts';
import { ArungError } from '../domain/errors.ts';
import { regionCodePattern } from '../domain/region.ts';
import { availabilityCsv } from '../reports/availability-csv.ts';
import type { Availability, AvailabilityReports } from '../reports/availability.ts';
import type { RouteGroup } from './routes.ts';
import { Earlier, Moment } from './status-schemas.ts';
import type { AvailabilityView } from './views.ts';

const config = { permission: 'status.read' } as const;
const monthMs = 30 * 86_400_000;
const longestMs = 5 * 366 * 86_400_000;

const seconds = (description: string) => Type.Number({ minimum: 0, description: `${description}, seconds.` });
const orNull = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) => Type.Union([schema, Type.Null()]);
const spent = {
  upS: seconds('Up'),
  downS: seconds('Down'),
  unreachableS: seconds('Unreachable'),
  unknownS: seconds('Nothing is known: no controller ran, or its agent was silent'),
  plannedS: seconds('Planned work; not counted'),
  outages: Type.Integer({ minimum: 0 }),
  longestOutageS: seconds('The longest outage'),
  percent: orNull(
    Type.Number({ minimum: 0, maximum: 100, description: 'Up, of the known and unplanned time; null without any.' }),
  ),
};
const Report = Type.Unsafe<AvailabilityView>(
  Type.Object(
    {
      by: Type.Enum([...availabilityGroups]),
      from: Type.String({ format: 'date-time' }),
      to: Type.String({ format: 'date-time', description: 'Never later than now.' }),
      rows: Type.Array(
        Type.Object({
          id: Type.String({ description: 'Of the device, site or service; a district’s code.' }),
          code: Type.String(),
          name: Type.String(),
          siteName: orNull(Type.String()),
          districtName: orNull(Type.String()),
          regionCode: Type.String(),
          entities: Type.Integer({ minimum: 1, description: 'How many it sums up: 1, except for a district.' }),
          ...spent,
        }),
        { description: 'Worst first.' },
      ),
      total: Type.Object({ entities: Type.Integer({ minimum: 0 }), ...spent }),
    },
    {
      examples: [
        {
          by: 'site',
          from: '2026-11-01T00:00:00.000Z',
          to: '2026-11-02T00:00:00.000Z',
          rows: [
            {
              id: '019351f0-6c1d-7cc3-98c4-dc0c0c07398f',
              code: 'desa-kahu',
              name: 'Kantor Desa Kahu',
              siteName: 'Kantor Desa Kahu',
              districtName: 'Kahu',
              regionCode: '73.08.02.2003',
              entities: 1,
              upS: 82_080,
              downS: 0,
              unreachableS: 4_320,
              unknownS: 0,
              plannedS: 0,
              outages: 1,
              longestOutageS: 4_320,
              percent: 95,
            },
          ],
          total: {
            entities: 1,
            upS: 82_080,
            downS: 0,
            unreachableS: 4_320,
            unknownS: 0,
            plannedS: 0,
            outages: 1,
            longestOutageS: 4_320,
            percent: 95,
          },
        },
      ],
    },
  ),
);

/** Reports of the past: how available what was. */
export function reportRoutes(parts: { readonly availability: AvailabilityReports; readonly clock: Clock }): RouteGroup {
  const { availability, clock } = parts;
  return (app) => {
    app.get(
      '/reports/availability',
      {
        config,
        schema: {
          tags: ['history'],
          summary: 'How available devices, sites, districts or services were in a period',
          description:
            'Out of the raw history of your regions. Planned work is left out, and time of which nothing is known is told apart.',
          produces: ['application/json', 'text/csv'],
          querystring: Type.Object({
            by: Type.Optional(Type.Enum([...availabilityGroups], { default: 'site' })),
            from: Type.Optional(Earlier),
            to: Type.Optional(Moment),
            region: Type.Optional(
              Type.String({ pattern: regionCodePattern, description: 'A region’s code: only what lies in it.' }),
            ),
            format: Type.Optional(Type.Enum(['json', 'csv'], { default: 'json' })),
          }),
          response: { 200: Report },
        },
      },
      async (request, reply) => {
        const { by = 'site', region, format } = request.query;
        const period = periodOf(request.query, clock.now());
        const scope = scopeFor(request.access, config.permission);
        const report = await availability.report({ by, region, ...period }, scope);
        if (format !== 'csv') return viewOf(report);
        const name = `arung-availability-${by}-${day(report.from)}-${day(report.to)}.csv`;
        return reply
          .header('content-type', 'text/csv; charset=utf-8')
          .header('content-disposition', `attachment; filename="${name}"`)
          .send(availabilityCsv(report) as never);
      },
    );
  };
}

function viewOf(report: Availability): AvailabilityView {
  return {
    ...report,
    from: report.from.toISOString(),
    to: report.to.toISOString(),
  };
}

function day(moment: Date): string {
  return moment.toISOString().slice(0, 10);
}

function periodOf(given: { from?: string | undefined; to?: string | undefined }, now: number) {
  const to = given.to === undefined ? new Date(now) : new Date(given.to);
  const from = given.from === undefined ? new Date(to.getTime() - monthMs) : new Date(given.from);
  const wrong = (message: string, code: string): ArungError =>
    new ArungError('invalid', message, { code, details: [{ message, field: 'from' }] });
  // A date like 2026-02-31 has the form and is none.
  if (!(from < to)) throw wrong('`from` must be a moment before `to`.', 'history.wrong-range');
  if (to.getTime() - from.getTime() > longestMs) {
    throw wrong('A report covers five years at most: choose a shorter period.', 'report.too-long');
  }
  return { from, to };
}
