import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pino } from 'pino';
import { Type, type Static } from 'typebox';
import { Check, Errors } from 'typebox/value';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { influxOrg, influxToken, type RunningInflux } from '../../tests/support/influx.ts';
import { describeWithPeer } from '../../tests/support/peers.ts';
import { newId } from '../../src/domain/ids.ts';
import { measurements, seriesOf, type Measurement, type SeriesTagName } from '../../src/domain/point.ts';
import { openMetricStore } from '../../src/metrics/open-store.ts';
import { raw } from '../../src/metrics/influx/tiers.ts';
import type { MetricStore } from '../../src/metrics/store.ts';
import { batchOf } from '../../src/metrics/testing/contract-rows.ts';
import { choiceFor, startedInflux } from '../../src/metrics/testing/influx.ts';
import { dashboards, filesOf } from './dashboards.ts';
import { dialects, queryText, resolutions, type Dialect, type Resolution } from './queries.ts';

const strict = { additionalProperties: false };
const Datasource = Type.Object(
  { type: Type.Literal('influxdb'), uid: Type.Enum(['arung-influxdb1', 'arung-influxdb2']) },
  strict,
);
const Names = Type.Object(
  { type: Type.Literal('grafana-postgresql-datasource'), uid: Type.Literal('arung-names') },
  strict,
);
const GridPos = Type.Object(
  {
    h: Type.Integer({ minimum: 1 }),
    w: Type.Integer({ minimum: 1, maximum: 24 }),
    x: Type.Integer({ minimum: 0, maximum: 23 }),
    y: Type.Integer({ minimum: 0 }),
  },
  strict,
);
const Row = Type.Object(
  {
    id: Type.Integer({ minimum: 1 }),
    type: Type.Literal('row'),
    title: Type.String({ minLength: 1 }),
    collapsed: Type.Literal(false),
    repeat: Type.Optional(Type.String({ pattern: '^\\w+$' })),
    gridPos: GridPos,
    panels: Type.Array(Type.Never()),
  },
  strict,
);
const Override = Type.Object(
  {
    matcher: Type.Object({ id: Type.Literal('byFrameRefID'), options: Type.String({ pattern: '^[A-Z]$' }) }, strict),
    properties: Type.Array(
      Type.Object({ id: Type.Literal('displayName'), value: Type.String({ minLength: 1 }) }, strict),
      { minItems: 1 },
    ),
  },
  strict,
);
const Target = Type.Object(
  {
    refId: Type.String({ pattern: '^[A-Z]$' }),
    datasource: Datasource,
    query: Type.String({ minLength: 20 }),
    rawQuery: Type.Optional(Type.Literal(true)),
    resultFormat: Type.Optional(Type.Literal('time_series')),
    alias: Type.Optional(Type.String({ minLength: 1 })),
  },
  strict,
);
/** The parts of Grafana's dashboard model, schema version 41, that are used here, and no others. */
const DashboardModel = Type.Object(
  {
    uid: Type.String({ pattern: '^[a-zA-Z0-9_-]{1,40}$' }),
    title: Type.String({ minLength: 1 }),
    description: Type.String({ minLength: 1 }),
    tags: Type.Array(Type.String()),
    schemaVersion: Type.Literal(41),
    version: Type.Integer({ minimum: 1 }),
    editable: Type.Boolean(),
    graphTooltip: Type.Enum([0, 1, 2]),
    timezone: Type.Enum(['browser', 'utc', '']),
    refresh: Type.String({ pattern: '^\\d+[smh]$' }),
    time: Type.Object({ from: Type.String(), to: Type.String() }, strict),
    annotations: Type.Object({ list: Type.Array(Type.Never()) }, strict),
    links: Type.Array(
      Type.Object(
        {
          type: Type.Literal('dashboards'),
          title: Type.String(),
          tags: Type.Array(Type.String(), { minItems: 1 }),
          asDropdown: Type.Boolean(),
          includeVars: Type.Boolean(),
          keepTime: Type.Boolean(),
          targetBlank: Type.Boolean(),
          icon: Type.String(),
          tooltip: Type.String(),
          url: Type.String(),
        },
        strict,
      ),
    ),
    templating: Type.Object(
      {
        list: Type.Array(
          Type.Object(
            {
              name: Type.String({ pattern: '^\\w+$' }),
              label: Type.String(),
              type: Type.Literal('query'),
              datasource: Names,
              definition: Type.String(),
              query: Type.String({ minLength: 20 }),
              refresh: Type.Enum([1, 2]),
              sort: Type.Integer({ minimum: 0, maximum: 8 }),
              multi: Type.Boolean(),
              includeAll: Type.Boolean(),
              current: Type.Object({}),
              hide: Type.Enum([0, 1, 2]),
              skipUrlSync: Type.Boolean(),
            },
            strict,
          ),
        ),
      },
      strict,
    ),
    panels: Type.Array(
      Type.Union([
        Row,
        Type.Object(
          {
            id: Type.Integer({ minimum: 1 }),
            type: Type.Enum(['timeseries', 'stat']),
            title: Type.String({ minLength: 1 }),
            description: Type.String(),
            datasource: Datasource,
            gridPos: GridPos,
            interval: Type.String({ pattern: '^\\d+[smh]$' }),
            fieldConfig: Type.Object(
              { defaults: Type.Object({ unit: Type.String() }), overrides: Type.Array(Override) },
              strict,
            ),
            options: Type.Object({}),
            targets: Type.Array(Target, { minItems: 1 }),
          },
          strict,
        ),
      ]),
      { minItems: 1 },
    ),
  },
  strict,
);
type DashboardModel = Static<typeof DashboardModel>;

function provisioned(dialect: Dialect): { readonly file: string; readonly model: DashboardModel }[] {
  const folder = join(import.meta.dirname, dialect);
  return readdirSync(folder).map((file) => {
    const model: unknown = JSON.parse(readFileSync(join(folder, file), 'utf8'));
    if (!Check(DashboardModel, model))
      throw new Error(`${file}: ${JSON.stringify([...Errors(DashboardModel, model)])}`);
    return { file, model };
  });
}

describe.each(dialects)('the dashboards in %s', (dialect) => {
  it('are what the list of dashboards makes; else run node dashboards/grafana/build.ts', () => {
    expect(new Map(provisioned(dialect).map(({ file, model }) => [file, model]))).toEqual(filesOf(dialect));
  });

  it('hold to the parts of Grafana’s model, with panels that do not overlap', () => {
    const found = provisioned(dialect);
    expect(new Set(found.map(({ model }) => model.uid)).size).toBe(dashboards.length * resolutions.length);
    for (const { file, model } of found) {
      const cells = new Set<string>();
      for (const { gridPos, title } of model.panels) {
        expect(gridPos.x + gridPos.w, `${file} ${title}`).toBeLessThanOrEqual(24);
        for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++) {
          for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
            expect(cells.has(`${x} ${y}`), `${file} ${title}`).toBe(false);
            cells.add(`${x} ${y}`);
          }
        }
      }
    }
  });
});

it('refuses a question about a field that is not measured', () => {
  const wrong = { measurement: 'device', field: 'in_bps', aggregate: 'mean', by: ['interface'] } as const;
  expect(() => queryText('flux', wrong, raw)).toThrow('device has no in_bps, interface');
});

const logger = pino({ enabled: false });
const database = 'arung';
/** Distance of the points that are written. */
const everyS = 10;

/** Three hours of everything that is stored, from two devices and two services, with every field. */
function slice(now: number, ids: readonly string[]) {
  const stored = (Object.keys(measurements) as Measurement[]).filter((name) => measurements[name].stored);
  return stored.map((name) => {
    const { fields, tags }: { fields: readonly string[]; tags: readonly SeriesTagName[] } = measurements[name];
    const series = ids.map((id) =>
      // A key of a sensor or a check, and what a device may call it.
      seriesOf(name, Object.fromEntries(tags.map((tag) => [tag, /sensor|check/.test(tag) ? 'a.b (1)' : id]))),
    );
    const rows = series.flatMap((one) =>
      Array.from({ length: 1_080 }, (_, row) => ({
        series: one,
        time: now - row * everyS,
        ...Object.fromEntries(fields.map((field, column) => [field, (row % 7) + column + 1])),
      })),
    );
    return batchOf(name, rows);
  });
}

interface Range {
  readonly from: number;
  readonly to: number;
}

/** What Grafana puts in the place of its variables; a variable of the dashboard has all the values that were found. */
function substituted(
  dialect: Dialect,
  text: string,
  values: ReadonlyMap<string, readonly string[]>,
  range: Range,
  stepS: number,
) {
  const escaped = (value: string) => value.replace(/[\\^$*+?.()|{}[\]/]/g, '\\$&');
  let query = text;
  for (const [name, found] of values) {
    const all = `(${found.map(escaped).join('|')})`;
    query = query.replaceAll(`\${${name}:regex}`, all).replaceAll(`/^$${name}$/`, `/^${all}$/`);
  }
  const iso = (seconds: number) => new Date(seconds * 1000).toISOString();
  if (dialect === 'flux') {
    query = query
      .replaceAll('v.defaultBucket', `"${database}"`)
      .replaceAll('v.timeRangeStart', iso(range.from))
      .replaceAll('v.timeRangeStop', iso(range.to))
      .replaceAll('v.windowPeriod', `${stepS * 1000}ms`);
  } else {
    query = query
      .replaceAll('$timeFilter', `time >= ${range.from * 1000}ms and time <= ${Math.round(range.to * 1000)}ms`)
      .replaceAll('$__interval', `${stepS}s`);
  }
  // Of Grafana's own nothing is left; `$/` ends an expression.
  expect(query.replaceAll('$/', '')).not.toMatch(/\$|\bv\./);
  return query;
}

/** The values in the last column of every row that has one. */
async function answersOf(influx: RunningInflux, query: string): Promise<string[]> {
  if (influx.version === 1) {
    const asked = await fetch(`${influx.url}/query?${new URLSearchParams({ db: database, q: query }).toString()}`);
    const body = (await asked.json()) as {
      results: { error?: string; series?: { values: (string | number | null)[][] }[] }[];
    };
    const [result] = body.results;
    if (result?.error !== undefined) throw new Error(`${result.error}: ${query}`);
    const rows = result?.series?.flatMap((series) => series.values) ?? [];
    return rows
      .map((row) => row.at(-1))
      .filter((value) => value !== null && value !== undefined)
      .map(String);
  }
  const asked = await fetch(`${influx.url}/api/v2/query?org=${influxOrg}`, {
    method: 'POST',
    headers: {
      authorization: `Token ${influxToken}`,
      'content-type': 'application/vnd.flux',
      accept: 'application/csv',
    },
    body: query,
  });
  const text = await asked.text();
  if (!asked.ok) throw new Error(`${text}: ${query}`);
  const values: string[] = [];
  let column = -1;
  for (const line of text.split(/\r?\n/)) {
    const cells = line.split(',');
    const value = cells[column] ?? '';
    if (cells.includes('_value')) column = cells.indexOf('_value');
    else if (value !== '') values.push(value);
  }
  return values;
}

function describeAnswers(version: 1 | 2, dialect: Dialect): void {
  describeWithPeer(`influxd${version}`, `the dashboards asked of InfluxDB ${version}`, (program) => {
    vi.setConfig({ testTimeout: 300_000 });
    const to = Math.floor(Date.now() / 1000);
    const ids = [newId(), newId()];
    const values = new Map(['device', 'interface', 'service', 'agent'].map((name) => [name, ids]));
    let influx: RunningInflux;
    let store: MetricStore;

    beforeAll(async () => {
      influx = await startedInflux(version, program);
      store = openMetricStore(choiceFor(influx, database), logger);
      await store.start();
      await store.write(slice(to - 20, ids));
      if ('reconcile' in store && typeof store.reconcile === 'function') await store.reconcile();
    }, 300_000);
    afterAll(async () => {
      await store?.stop();
      await influx?.end();
    });

    /** How far back is asked, in what steps, and how many values a panel has at least. */
    const asked: Readonly<Record<Resolution['title'], { backS: number; stepS: number; least: number }>> = {
      days: { backS: 1_500, stepS: 10, least: 21 },
      months: { backS: 3 * 3_600, stepS: 300, least: 21 },
      years: { backS: 3 * 3_600, stepS: 3_600, least: 2 },
    };

    it.each([...filesOf(dialect).keys()])('get rows for every panel of %s', async (name) => {
      const model = provisioned(dialect).find(({ file }) => file === name)?.model;
      const title = resolutions.find((one) => name.endsWith(`-${one.title}.json`))?.title ?? 'days';
      const { backS, stepS, least } = asked[title];
      const range = { from: to - backS, to };
      let count = 0;
      for (const panel of model?.panels ?? []) {
        if (panel.type === 'row') continue;
        for (const { query } of panel.targets) {
          const found = await answersOf(influx, substituted(dialect, query, values, range, stepS));
          expect(found.length, `${panel.title}: ${query}`).toBeGreaterThanOrEqual(least);
          expect(
            found.every((value) => Number.isFinite(Number(value))),
            panel.title,
          ).toBe(true);
          count++;
        }
      }
      expect(count).toBeGreaterThan(5);
    });

    it('get from roll-ups what raw points say', async () => {
      const start = Math.floor((to - 2 * 3_600) / 3_600) * 3_600;
      // the whole hour, also its last second: Flux leaves out the end of a range
      const range = { from: start, to: start + 3_599.999 };
      for (const aggregate of ['mean', 'max', 'min', 'sum', 'count', 'last'] as const) {
        const question = { measurement: 'interface', field: 'in_bps', aggregate, by: [] } as const;
        const [first, ...others] = await Promise.all(
          resolutions.map(async ({ tier }) => {
            const text = queryText(dialect, question, tier);
            return (await answersOf(influx, substituted(dialect, text, values, range, 3_600))).map(Number);
          }),
        );
        const raw = first?.[0] ?? Number.NaN;
        // sums of thousands of readings, added up in another order
        for (const other of others) expect(Math.abs((other[0] ?? Number.NaN) / raw - 1), aggregate).toBeLessThan(1e-9);
      }
    });
  });
}
describeAnswers(1, 'influxql');
describeAnswers(2, 'flux');
