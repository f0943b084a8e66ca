import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestApi, type TestApi } from '../../tests/support/api.ts';
import { systemClock } from '../domain/clock.ts';
import { newId, type RegionId } from '../domain/ids.ts';
import type { SeriesQuery, SeriesResult } from '../metrics/store.ts';
import { backbone } from '../status/test-network.ts';
import { trafficRoutes } from './traffic.ts';

const network = backbone(3, 3);
const topology = { current: () => network.topology, onChange: () => () => {} };

describe('GET /status/traffic', () => {
  let test: TestApi;
  let asked: SeriesQuery | null = null;
  let found: SeriesResult['series'] = [];

  beforeAll(async () => {
    const store = {
      query: (query: SeriesQuery): Promise<SeriesResult> => {
        asked = query;
        return Promise.resolve({ stepS: 600, times: [0, 600, 1200], series: found });
      },
    };
    test = await createTestApi({ routes: () => [trafficRoutes({ store, topology, clock: systemClock })] });
    await sql`insert into regions (id, code, name, level) values (${newId<RegionId>()}, '73.08.01', 'Kahu', 'district')`.execute(
      test.database.db,
    );
  }, 120_000);
  afterAll(() => test.stop());

  const series = (values: (number | null)[]): SeriesResult['series'][number] => ({
    measurement: 'interface',
    tags: {},
    field: 'in_bps',
    values,
  });

  it('sums what was measured at the inner ends of the links out of the data centre, and leaves gaps', async () => {
    found = [series([10, null, null]), series([5, 7, null])];
    const headers = await test.as('viewer', null);
    const answer = await test.api.app.inject({ url: '/api/v1/status/traffic?hours=2', headers });
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toEqual({ stepS: 600, times: [0, 600, 1200], bps: [15, 7, null] });
    const devices = new Set(asked?.filter.device);
    const centre = [...network.topology.agents.values()].flatMap((agent) => agent.attachedTo);
    expect(devices.size).toBeGreaterThan(0);
    for (const device of centre) expect(devices).not.toContain(device);
  });

  it('asks for nothing that lies outside the regions of the reader', async () => {
    const region = '73.08.01';
    const headers = await test.as('viewer', region);
    await test.api.app.inject({ url: '/api/v1/status/traffic', headers });
    const sites = [...network.topology.devices.values()]
      .filter((device) => asked?.filter.device?.includes(device.id))
      .map((device) => network.topology.sites.get(device.siteId)?.regionCode);
    expect(sites.length).toBeGreaterThan(0);
    for (const code of sites) expect(code?.startsWith(region)).toBe(true);
  });
});
