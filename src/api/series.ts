import { Type, type Static } from 'typebox';
import type { Access } from '../domain/access.ts';
import type { Clock } from '../domain/clock.ts';
import { ArungError } from '../domain/errors.ts';
import { measurements, seriesTagNames, type Measurement, type SeriesTagName } from '../domain/point.ts';
import {
  aggregates,
  type MetricStore,
  type SeriesFilter,
  type SeriesQuery,
  type SeriesResult,
} from '../metrics/store.ts';
import { asStored, externalPrefix, ownNames } from './external-series.ts';
import type { EntityScope } from './entity-scope.ts';
import type { RouteGroup } from './routes.ts';
import type { SparklinesView } from './views.ts';

const stored = (Object.keys(measurements) as Measurement[]).filter((name) => measurements[name].stored);
const maxIds = 500;
const maxSteps = 5_000;
const sparkHours = 24;
const sparkStepS = 1_800;
const tags = ['metrics'];
const filterTags = ['device', 'interface', 'sensor', 'service', 'check'] as const;
const config = { permission: 'metrics.read' } as const;

const Ids = Type.Array(Type.String({ maxLength: 200 }), { maxItems: maxIds });
const Moment = Type.Union([
  Type.Number({ minimum: 0, maximum: 1e11 }),
  Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}(:\\d{2}(\\.\\d{1,9})?)?(Z|[+-]\\d{2}:\\d{2})$' }),
]);

const MeasurementName = Type.Union([
  Type.Unsafe<Measurement>(Type.Enum(stored)),
  Type.Unsafe<`external/${string}`>(
    Type.String({
      pattern: '^external/.',
      maxLength: 200,
      description: 'What a Telegraf measured, under its own name and with its own fields.',
      examples: ['external/cpu'],
    }),
  ),
]);

const QueryBody = Type.Object(
  {
    measurement: MeasurementName,
    fields: Type.Array(Type.String({ maxLength: 60 }), { minItems: 1, maxItems: 20 }),
    filter: Type.Object(
      {
        device: Type.Optional(Ids),
        interface: Type.Optional(Ids),
        sensor: Type.Optional(Ids),
        service: Type.Optional(Ids),
        check: Type.Optional(Ids),
      },
      { additionalProperties: false },
    ),
    from: Moment,
    to: Moment,
    stepS: Type.Optional(Type.Integer({ minimum: 1, maximum: 31_536_000 })),
    maxPoints: Type.Optional(Type.Integer({ minimum: 2, maximum: maxSteps })),
    aggregate: Type.Optional(Type.Unsafe<SeriesQuery['aggregate']>(Type.Enum([...aggregates]))),
    groupBy: Type.Optional(
      Type.Array(Type.Unsafe<SeriesTagName>(Type.Enum([...seriesTagNames])), {
        maxItems: seriesTagNames.length,
      }),
    ),
  },
  {
    additionalProperties: false,
    examples: [
      {
        measurement: 'interface',
        fields: ['in_bps', 'out_bps'],
        filter: { interface: ['019351f0-6c1d-7cc3-98c4-dc0c0c07398f'] },
        from: '2026-11-24T00:00:00Z',
        to: '2026-11-25T00:00:00Z',
        maxPoints: 480,
        aggregate: 'mean',
      },
    ],
  },
);
type QueryBody = Static<typeof QueryBody>;

const Answer = Type.Unsafe<SeriesResult>(
  Type.Object(
    {
      stepS: Type.Number(),
      times: Type.Array(Type.Number()),
      series: Type.Array(
        Type.Object({
          measurement: Type.String(),
          tags: Type.Record(Type.String(), Type.String()),
          field: Type.String(),
          values: Type.Array(Type.Union([Type.Number(), Type.Null()])),
        }),
      ),
    },
    {
      examples: [
        {
          stepS: 300,
          times: [1764000000, 1764000300, 1764000600],
          series: [
            {
              measurement: 'interface',
              tags: { device: '019351f0-…', interface: '019351f0-…' },
              field: 'in_bps',
              values: [81234567, null, 79000123],
            },
          ],
        },
      ],
    },
  ),
);

const Sparklines = Type.Unsafe<SparklinesView>(
  Type.Object({
    stepS: Type.Number(),
    times: Type.Array(Type.Number()),
    items: Type.Array(
      Type.Object({
        id: Type.String({ description: 'The device, or the interface, as asked.' }),
        interfaceId: Type.String(),
        in: Type.Array(Type.Union([Type.Number(), Type.Null()])),
        out: Type.Array(Type.Union([Type.Number(), Type.Null()])),
      }),
    ),
  }),
);

const QueryAddress = Type.Object({
  measurement: MeasurementName,
  fields: Type.String({ maxLength: 400, description: 'Names, separated by commas.' }),
  device: Type.Optional(Type.String({ maxLength: 4_000, description: 'Ids, separated by commas.' })),
  interface: Type.Optional(Type.String({ maxLength: 4_000, description: 'Ids, separated by commas.' })),
  sensor: Type.Optional(Type.String({ maxLength: 4_000, description: 'Keys, separated by commas.' })),
  service: Type.Optional(Type.String({ maxLength: 4_000, description: 'Ids, separated by commas.' })),
  check: Type.Optional(Type.String({ maxLength: 4_000, description: 'Keys, separated by commas.' })),
  from: Type.String({ maxLength: 40, description: 'ISO 8601, or seconds since the epoch.' }),
  to: Type.String({ maxLength: 40, description: 'ISO 8601, or seconds since the epoch.' }),
  stepS: Type.Optional(Type.Integer({ minimum: 1, maximum: 31_536_000 })),
  maxPoints: Type.Optional(Type.Integer({ minimum: 2, maximum: maxSteps })),
  aggregate: Type.Optional(Type.Unsafe<SeriesQuery['aggregate']>(Type.Enum([...aggregates]))),
  groupBy: Type.Optional(Type.String({ maxLength: 60 })),
});

/** What was measured, as series on one grid of steps. */
export function seriesRoutes(parts: {
  readonly store: Pick<MetricStore, 'query'>;
  readonly scope: EntityScope;
  readonly clock: Clock;
}): RouteGroup {
  const { store, scope, clock } = parts;

  async function answer(access: Access, body: QueryBody): Promise<SeriesResult> {
    const { measurement, ...query } = toQuery(body);
    const filter = await readable(scope, access, query.filter);
    if (!isExternal(measurement)) return store.query({ ...query, measurement, filter });
    const named = { measurement: measurement.slice(externalPrefix.length), fields: query.fields };
    return ownNames(await store.query(asStored({ ...query, filter })), named);
  }

  return (app) => {
    app.post(
      '/series/query',
      {
        config,
        schema: {
          tags,
          summary: 'Series of what was measured',
          description:
            'Many series at once, on steps aligned to UTC; null where nothing was measured. Name devices, interfaces or services: ' +
            'what you may not see is left out, as what does not exist. The step may be longer than asked for, where data is old.',
          body: QueryBody,
          response: { 200: Answer },
        },
      },
      async (request) => await answer(request.access, request.body),
    );

    app.get(
      '/series',
      {
        config,
        schema: {
          tags,
          summary: 'Series of what was measured, asked in the address',
          querystring: QueryAddress,
          response: { 200: Answer },
        },
      },
      async (request) => await answer(request.access, fromAddress(request.query)),
    );

    app.get(
      '/series/sparklines',
      {
        config,
        schema: {
          tags,
          summary: 'Traffic of the last 24 hours for the rows of a table',
          description:
            'Name `interfaces`, or `devices`: for a device its busiest interface that carries a link. Half-hour means in bits per second.',
          querystring: Type.Object({
            devices: Type.Optional(Type.String({ maxLength: 20_000, description: 'Ids, separated by commas.' })),
            interfaces: Type.Optional(Type.String({ maxLength: 20_000, description: 'Ids, separated by commas.' })),
            to: Type.Optional(Type.String({ maxLength: 40, description: 'End; the newest point when left out.' })),
          }),
          response: {
            200: Sparklines,
          },
        },
      },
      async (request) => {
        const { devices, interfaces, to } = request.query;
        const byDevice = interfaces === undefined;
        const ids = list(byDevice ? devices : interfaces);
        if (ids.length === 0 || ids.length > maxIds) throw wrongIds();
        const carrying = byDevice
          ? await scope.linkInterfaces(request.access, config.permission, ids)
          : await scope.interfaces(request.access, config.permission, ids);
        const end = to === undefined ? Math.floor(clock.now() / 1_000) : moment(to);
        const result = await store.query({
          measurement: 'interface',
          fields: ['in_bps', 'out_bps'],
          filter: { interface: [...carrying.keys()], device: [...new Set(carrying.values())] },
          from: end - sparkHours * 3_600,
          to: end,
          step: { stepS: sparkStepS },
          aggregate: 'mean',
          groupBy: ['device', 'interface'],
        });
        return { stepS: result.stepS, times: result.times, items: sparklines(result, byDevice) };
      },
    );
  };
}

/** The filter without what the reader may not see. At least one device, interface or service must be named. */
async function readable(scope: EntityScope, access: Access, filter: SeriesFilter): Promise<SeriesFilter> {
  const { device, interface: interfaces, service, sensor, check } = filter;
  if (service !== undefined) {
    const seen = await scope.services(access, config.permission, service);
    return { service: [...seen], ...(check === undefined ? {} : { check }) };
  }
  if (device === undefined && interfaces === undefined) {
    throw new ArungError(
      'invalid',
      'Name the devices, interfaces or services whose series you want, in filter.device, filter.interface or filter.service.',
      {
        code: 'series.no-filter',
      },
    );
  }
  const sensors = sensor === undefined ? {} : { sensor };
  const devices = device === undefined ? null : await scope.devices(access, config.permission, device);
  if (interfaces === undefined) return { device: [...(devices ?? [])], ...sensors };
  const seen = await scope.interfaces(access, config.permission, interfaces);
  // The device of the inventory, not the one a point claims: an agent could name another's interface.
  const owners = [...new Set(seen.values())].filter((owner) => devices === null || devices.has(owner));
  return { interface: [...seen.keys()], device: owners, ...sensors };
}

function isExternal(measurement: QueryBody['measurement']): measurement is `external/${string}` {
  return measurement.startsWith(externalPrefix);
}

function toQuery(body: QueryBody): Omit<SeriesQuery, 'measurement'> & Pick<QueryBody, 'measurement'> {
  const { measurement, fields, filter, stepS, maxPoints, aggregate, groupBy } = body;
  const from = moment(body.from);
  const to = moment(body.to);
  if (stepS !== undefined && (to - from) / stepS > maxSteps) {
    throw new ArungError(
      'invalid',
      `The query asks for more than ${maxSteps} steps: ask for a shorter range or a longer step, or give maxPoints.`,
      { code: 'series.too-many-steps' },
    );
  }
  return {
    measurement,
    fields,
    filter: given(filter),
    from,
    to,
    step: stepS === undefined ? { maxPoints: maxPoints ?? 500 } : { stepS },
    aggregate: aggregate ?? 'mean',
    groupBy: groupBy ?? seriesTagNames,
  };
}

function fromAddress(address: Static<typeof QueryAddress>): QueryBody {
  const { measurement, fields, from, to, stepS, maxPoints, aggregate, groupBy } = address;
  const names = list(groupBy);
  const wrong = names.find((name) => !seriesTagNames.some((tag) => tag === name));
  if (wrong !== undefined) {
    throw new ArungError('invalid', `groupBy takes ${seriesTagNames.join(', ')}; ${wrong} is none of them.`, {
      code: 'series.unknown-tag',
    });
  }
  const ids = (text: string | undefined): string[] | undefined => (text === undefined ? undefined : list(text));
  const filter = Object.fromEntries(filterTags.map((tag) => [tag, ids(address[tag])]));
  if (Object.values(filter).some((values) => (values?.length ?? 0) > maxIds)) throw wrongIds();
  return {
    measurement,
    fields: list(fields),
    filter: given(filter),
    from,
    to,
    ...(stepS === undefined ? {} : { stepS }),
    ...(maxPoints === undefined ? {} : { maxPoints }),
    ...(aggregate === undefined ? {} : { aggregate }),
    ...(groupBy === undefined ? {} : { groupBy: seriesTagNames.filter((tag) => names.includes(tag)) }),
  };
}

/** Absent stays absent: a key that holds undefined is another thing. */
function given<T extends object>(filter: T): { [Key in keyof T]: Exclude<T[Key], undefined> } {
  return Object.fromEntries(Object.entries(filter).filter(([, values]) => values !== undefined)) as never;
}

/** Seconds since the epoch. */
function moment(given: number | string): number {
  if (typeof given === 'number') return given;
  const seconds = /^\d{1,12}(\.\d+)?$/.test(given) ? Number(given) : Date.parse(given) / 1_000;
  if (Number.isFinite(seconds)) return seconds;
  throw new ArungError(
    'invalid',
    'A time is written as ISO 8601 (2026-11-24T08:00:00+08:00) or in seconds since the epoch.',
    {
      code: 'series.wrong-time',
    },
  );
}

function list(text: string | undefined): string[] {
  return (text ?? '').split(',').filter((part) => part !== '');
}

function wrongIds(): ArungError {
  return new ArungError('invalid', `Name between 1 and ${maxIds} devices or interfaces, separated by commas.`, {
    code: 'series.wrong-ids',
  });
}

type Sparkline = SparklinesView['items'][number];

function sparklines(result: SeriesResult, byDevice: boolean): Sparkline[] {
  const lines = new Map<string, Sparkline>();
  const none = result.times.map(() => null);
  for (const { tags: of, field, values } of result.series) {
    const interfaceId = of['interface'] ?? '';
    const line = lines.get(interfaceId) ?? {
      id: of[byDevice ? 'device' : 'interface'] ?? '',
      interfaceId,
      in: none,
      out: none,
    };
    lines.set(interfaceId, field === 'in_bps' ? { ...line, in: values } : { ...line, out: values });
  }
  if (!byDevice) return [...lines.values()];
  const busiest = new Map<string, Sparkline>();
  for (const line of lines.values()) {
    const other = busiest.get(line.id);
    if (other === undefined || total(line) > total(other)) busiest.set(line.id, line);
  }
  return [...busiest.values()];
}

function total(line: Sparkline): number {
  let sum = 0;
  for (const value of [...line.in, ...line.out]) sum += value ?? 0;
  return sum;
}
