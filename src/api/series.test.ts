import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestApi, type TestApi } from '../../tests/support/api.ts';
import { systemAccess } from '../domain/access.ts';
import { systemClock } from '../domain/clock.ts';
import type { AgentId } from '../domain/ids.ts';
import { seriesOf } from '../domain/point.ts';
import { Inventory, sealedColumns } from '../inventory/inventory.ts';
import { backbone } from '../../tests/support/backbone.ts';
import { EmbeddedStore } from '../metrics/embedded/store.ts';
import { Vault } from '../vault/vault.ts';
import { DatabaseEntityScope } from './entity-scope.ts';
import { seriesRoutes } from './series.ts';
import type { SeriesQueryView, SparklinesView } from './views.ts';

const logger = pino({ enabled: false });
const folder = mkdtempSync(join(tmpdir(), 'arung-series-'));
const minute = Math.floor(Date.now() / 60_000) * 60;
let tested: TestApi;
let store: EmbeddedStore;
let inventory: Inventory;
let vault: Vault;
let viewer: { authorization: string };
let everywhere: { authorization: string };
/** Router of a village in the viewer's district and of one outside, each with its port to the hub and an idle one. */
const routers: { device: string; port: string; idle: string }[] = [];

beforeAll(async () => {
  store = new EmbeddedStore({ path: join(folder, 'metrics.db'), logger });
  await store.start();
  tested = await createTestApi({
    routes: async ({ database: { db }, audit }) => {
      vault = new Vault({ db, keyFile: join(folder, 'key'), columns: sealedColumns, logger });
      await vault.start();
      inventory = new Inventory({ db, vault, audit, clock: systemClock, logger });
      await inventory.catalogue.import(systemAccess('test'), '73.08');
      await inventory.start();
      const document = backbone({
        districts: ['73.08.01', '73.08.02'],
        villages: ['73.08.01.2003', '73.08.02.2002'],
      });
      await inventory.importer.apply(systemAccess('test'), { format: 'json', text: JSON.stringify(document) });
      return [seriesRoutes({ store, scope: new DatabaseEntityScope(db), clock: systemClock })];
    },
  });
  viewer = await tested.as('viewer', '73.08.01');
  everywhere = await tested.as('viewer', null);
  for (const name of ['rtr-73-08-01-2003-01', 'rtr-73-08-02-2002-01']) {
    const found = await tested.database.db
      .selectFrom('devices')
      .innerJoin('interfaces', 'interfaces.device_id', 'devices.id')
      .leftJoin('link_ends', 'link_ends.interface_id', 'interfaces.id')
      .select(['devices.id as device', 'interfaces.id as port', 'interfaces.name', 'link_ends.link_id as link'])
      .where('devices.name', '=', name)
      .execute();
    const port = found.find((row) => row.name === 'ether1');
    const idle = found.find((row) => row.link === null);
    routers.push({ device: port?.device ?? '', port: port?.port ?? '', idle: idle?.port ?? '' });
  }
  const series = routers.flatMap(({ device, port, idle }) => [
    seriesOf('interface', { device, interface: port }),
    seriesOf('interface', { device, interface: idle }),
  ]);
  // A point that claims the foreign device and the viewer's own interface, and the other way round.
  series.push(seriesOf('interface', { device: routers[1]?.device ?? '', interface: routers[0]?.port ?? '' }));
  series.push(seriesOf('interface', { device: routers[0]?.device ?? '', interface: routers[1]?.port ?? '' }));
  await store.write(
    [minute - 120, minute - 90, minute - 60, minute - 30].map((time, index) => ({
      agent: 'local' as AgentId,
      measurement: 'interface' as const,
      series,
      times: new Float64Array(series.length).fill(time),
      values: Float64Array.from(
        series.flatMap((_, s) => [(s + 1) * 1_000 + index, 5, ...Array.from<number>({ length: 7 }).fill(0)]),
      ),
    })),
  );
}, 120_000);
afterAll(async () => {
  await tested?.stop();
  await inventory?.stop().catch(() => undefined);
  await vault?.stop().catch(() => undefined);
  await store?.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function query(headers: { authorization: string }, body: object) {
  const response = await tested.api.app.inject({
    method: 'POST',
    url: '/api/v1/series/query',
    headers,
    payload: { measurement: 'interface', fields: ['in_bps'], from: minute - 120, to: minute, stepS: 60, ...body },
  });
  return { status: response.statusCode, body: response.json<SeriesQueryView & { code?: string }>() };
}

describe('POST /api/v1/series/query', () => {
  it('gives the series of an interface on aligned steps', async () => {
    const { status, body } = await query(viewer, { filter: { interface: [routers[0]?.port] } });
    expect(status).toBe(200);
    expect(body).toEqual({
      stepS: 60,
      times: [minute - 120, minute - 60],
      series: [
        {
          measurement: 'interface',
          tags: { device: routers[0]?.device, interface: routers[0]?.port },
          field: 'in_bps',
          values: [1_000.5, 1_002.5],
        },
      ],
    });
  });

  it('answers what is foreign exactly as what does not exist, by device, interface or both', async () => {
    const unknown = '01935f6e-0000-7000-8000-000000000000';
    for (const filter of [
      { device: [routers[1]?.device] },
      { interface: [routers[1]?.port] },
      { device: [routers[0]?.device], interface: [routers[1]?.port] },
      { device: [routers[1]?.device], interface: [routers[0]?.port] },
      { device: [unknown] },
      { interface: [unknown] },
      { device: ['no id'] },
      { device: [] },
    ]) {
      const { status, body } = await query(viewer, { filter });
      expect({ filter, status, series: body.series }).toEqual({ filter, status: 200, series: [] });
    }
    expect((await query(everywhere, { filter: { device: [routers[1]?.device] } })).body.series.length).toBeGreaterThan(
      0,
    );
  });

  it('leaves the foreign ones out of a mixed question', async () => {
    const { body } = await query(viewer, { filter: { interface: routers.map(({ port }) => port) } });
    expect(body.series.map((series) => series.tags['interface'])).toEqual([routers[0]?.port]);
  });

  it('takes ISO times, and says what is wrong otherwise', async () => {
    const iso = { from: new Date((minute - 120) * 1_000).toISOString(), to: new Date(minute * 1_000).toISOString() };
    const filter = { interface: [routers[0]?.port] };
    expect((await query(viewer, { filter, ...iso })).body.times).toEqual([minute - 120, minute - 60]);
    const wrong: [object, string][] = [
      [{ filter: {} }, 'series.no-filter'],
      [{ filter, fields: ['in_bps', 'nothing'] }, 'series.unknown-field'],
      [{ filter, from: minute, to: minute - 1 }, 'series.empty-range'],
      [{ filter, from: 0, stepS: 60 }, 'series.too-many-steps'],
      [{ filter, from: '2026-02-31T99:00:00Z' }, 'series.wrong-time'],
      [{ filter, measurement: 'probe' }, 'request.invalid'],
      [{ filter: { interface: Array.from({ length: 501 }, () => 'x') } }, 'request.invalid'],
    ];
    for (const [body, code] of wrong) {
      const answer = await query(viewer, body);
      expect([answer.status, answer.body.code], JSON.stringify(body)).toEqual([400, code]);
    }
  });

  it('is for who may read metrics', async () => {
    const response = await tested.api.app.inject({ method: 'POST', url: '/api/v1/series/query', payload: {} });
    expect(response.statusCode).toBe(401);
  });
});

describe('GET /api/v1/series', () => {
  it('answers the same question asked in the address', async () => {
    const port = routers[0]?.port;
    const response = await tested.api.app.inject({
      url: `/api/v1/series?measurement=interface&fields=in_bps&interface=${port}&from=${minute - 120}&to=${minute}&stepS=60&groupBy=interface`,
      headers: viewer,
    });
    expect(response.json<SeriesQueryView>().series).toMatchObject([
      { tags: { interface: port }, values: [1_000.5, 1_002.5] },
    ]);
  });
});

describe('GET /api/v1/series/sparklines', () => {
  it('gives each device the traffic of its busiest interface that carries a link, and nothing of a foreign one', async () => {
    const response = await tested.api.app.inject({
      url: `/api/v1/series/sparklines?devices=${routers.map(({ device }) => device).join(',')}`,
      headers: viewer,
    });
    const { items, times, stepS } = response.json<SparklinesView>();
    expect(stepS).toBe(1_800);
    expect(times.length).toBeGreaterThanOrEqual(48);
    expect(items.map(({ id, interfaceId }) => [id, interfaceId])).toEqual([[routers[0]?.device, routers[0]?.port]]);
    expect(items[0]?.in.filter((value) => value !== null).length).toBeGreaterThan(0);
    expect(items[0]?.out.some((value) => value === 5)).toBe(true);
  });

  it('gives those of named interfaces', async () => {
    const [own] = routers;
    const response = await tested.api.app.inject({
      url: `/api/v1/series/sparklines?interfaces=${own?.port},${own?.idle},${routers[1]?.idle}`,
      headers: viewer,
    });
    expect(
      response
        .json<SparklinesView>()
        .items.map(({ id }) => id)
        .sort(),
    ).toEqual([own?.port, own?.idle].sort());
  });
});
