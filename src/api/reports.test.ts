import { parse } from 'csv-parse/sync';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestApi, type TestApi } from '../../tests/support/api.ts';
import { newId, type DeviceId, type EventId, type RegionId, type SiteId } from '../domain/ids.ts';
import { AvailabilityReports } from '../reports/availability.ts';
import { reportRoutes } from './reports.ts';

const day = Date.UTC(2026, 10, 1);
const at = (minute: number): Date => new Date(day + minute * 60_000);
const period = `from=${at(0).toISOString()}&to=${at(100).toISOString()}`;

describe('the report of availability', () => {
  let test: TestApi;
  const clock = { now: () => day + 86_400_000, monotonic: () => 0 };

  beforeAll(async () => {
    test = await createTestApi({
      routes: ({ database: { db } }) => [reportRoutes({ availability: new AvailabilityReports({ db, clock }), clock })],
    });
    const { db } = test.database;
    for (const [code, dark] of [
      ['73.08.01.2001', 25],
      ['73.08.02.2001', 50],
    ] as const) {
      const [region, site, device] = [newId<RegionId>(), newId<SiteId>(), newId<DeviceId>()];
      const district = newId<RegionId>();
      await db
        .insertInto('regions')
        .values([
          { id: region, code, name: 'Desa', level: 'village' },
          { id: district, code: code.slice(0, 8), name: 'Kecamatan', level: 'district' },
        ])
        .execute();
      const life = { site_id: site, valid_from: at(-100) };
      await db
        .insertInto('lifetimes')
        .values([
          { entity_kind: 'site', entity_id: site, code: `kantor-${dark}`, name: '=1+1', region_id: region, ...life },
          { entity_kind: 'device', entity_id: device, code: 'r1', name: 'r1', region_id: null, ...life },
        ])
        .execute();
      await db
        .insertInto('status_intervals')
        .values({
          id: newId<EventId>(),
          entity_kind: 'site',
          entity_id: site,
          state: 'down',
          topology_version: 1,
          since: at(10),
          until: at(10 + dark),
          cause: null,
          site_id: site,
          region_code: code,
          other_region_code: null,
        })
        .execute();
    }
  });
  afterAll(() => test.stop());

  const get = async (query: string, region: string | null = null) =>
    test.api.app.inject({
      url: `/api/v1/reports/availability?${query}`,
      headers: await test.as('viewer', region),
    });

  it('is a table, worst first, with the total', async () => {
    const answer = await get(`by=site&${period}`);
    expect(answer.statusCode).toBe(200);
    const report = answer.json();
    expect(report.rows.map((row: { code: string; percent: number }) => [row.code, row.percent])).toEqual([
      ['kantor-50', 50],
      ['kantor-25', 75],
    ]);
    expect(report.total).toMatchObject({ entities: 2, downS: 75 * 60, percent: 62.5, longestOutageS: 3_000 });
    expect((await get(`by=district&${period}`)).json().rows).toHaveLength(2);
  });

  it('holds what lies in the reader’s regions only', async () => {
    const report = (await get(`by=site&${period}`, '73.08.01')).json();
    expect(report.rows.map((row: { code: string }) => row.code)).toEqual(['kantor-25']);
    expect(report.total.entities).toBe(1);
  });

  it('is CSV too, which a spreadsheet does not run', async () => {
    const answer = await get(`by=site&format=csv&${period}`);
    expect(answer.headers['content-type']).toContain('text/csv');
    expect(answer.headers['content-disposition']).toContain('arung-availability-site-2026-11-01-2026-11-01.csv');
    const rows = parse(answer.body, { bom: true, columns: true }) as Record<string, string>[];
    expect(rows[0]).toMatchObject({
      code: 'kantor-50',
      name: "'=1+1",
      availability_percent: '50.0000',
      down_s: '3000',
    });
  });

  it('refuses a period that ends before it begins, or is too long, or none', async () => {
    const codes = [];
    for (const query of [
      'from=2026-11-02T00:00Z&to=2026-11-01T00:00Z',
      'from=2016-11-02T00:00Z&to=2026-11-01T00:00Z',
      'from=2026-02-31T00:00Z&to=2026-13-01T00:00Z',
      'by=moon',
    ]) {
      const answer = await get(query);
      codes.push([answer.statusCode, answer.json().code]);
    }
    expect(codes).toEqual([
      [400, 'history.wrong-range'],
      [400, 'report.too-long'],
      [400, 'history.wrong-range'],
      [400, 'request.invalid'],
    ]);
  });
});
