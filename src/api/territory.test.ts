import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { InjectOptions } from 'fastify';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestApi, type TestApi } from '../../tests/support/api.ts';
import { systemClock } from '../domain/clock.ts';
import { TerritoryService } from '../territory/territory-service.ts';
import { territoryRoutes, tileRoutes } from './territory.ts';
import type { TerritoryView } from './views.ts';

const points = Array.from({ length: 12 }, (_, i) => ({
  code: `73.08.01.${2001 + i}`,
  name: `Desa ${i}`,
  latitude: -4.6 + 0.03 * Math.floor(i / 4),
  longitude: 120 + 0.03 * (i % 4),
}));

describe('the territories over HTTP', () => {
  let dataDir: string;
  let service: TerritoryService;
  let test: TestApi;
  const call = (options: InjectOptions) => test.api.app.inject(options);
  const get = (url: string, headers: Record<string, string> = {}) => call({ method: 'GET', url, headers });

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'arung-territory-api-'));
    const input = { points, boundaries: [], boundariesSource: null };
    const source = { read: () => Promise.resolve(input), onChange: () => () => undefined };
    service = new TerritoryService({ source, dataDir, logger: pino({ level: 'silent' }), clock: systemClock });
    test = await createTestApi({
      routes: () => [territoryRoutes(service)],
      overrides: { rootRoutes: [tileRoutes(service)] },
    });
  });
  afterAll(async () => {
    await service.stop();
    await test.stop();
    await rm(dataDir, { recursive: true, force: true });
  });

  it('say that they are being made, and when to ask again', async () => {
    const answer = await get('/api/v1/map/territory');
    expect(answer.statusCode).toBe(503);
    expect(answer.headers['retry-after']).toBe('1');
    expect(answer.json()).toMatchObject({ code: 'territory.not-ready' });
    await service.start();
    await service.ready();
  });

  it('are there for everyone, before any sign-in, and once per version', async () => {
    const first = await get('/api/v1/map/territory');
    expect(first.statusCode).toBe(200);
    expect(first.json<TerritoryView>().regions).toHaveLength(12);
    const again = await get('/api/v1/map/territory', { 'if-none-match': String(first.headers['etag']) });
    expect(again.statusCode).toBe(304);
    expect(again.body).toBe('');
  });

  it('come as gzip tiles that are cached for ever', async () => {
    const view = (await get('/api/v1/map/territory')).json<TerritoryView>();
    const tile = await get(view.tiles.replace('{z}', '7').replace('{x}', '106').replace('{y}', '65'));
    expect(tile.statusCode).toBe(200);
    expect(tile.headers['content-encoding']).toBe('gzip');
    expect(tile.headers['cache-control']).toBe('public, max-age=31536000, immutable');
    expect(gunzipSync(tile.rawPayload).toString('latin1')).toContain('73.08.01.2005');
  });

  it('answer an empty tile where nothing lies, and tell a version that is gone', async () => {
    const version = service.version();
    expect((await get(`/peta/${version}/9/1/1.pbf`)).statusCode).toBe(204);
    const gone = await get('/peta/0123456789abcdef/9/1/1.pbf');
    expect(gone.statusCode).toBe(404);
    expect(gone.json()).toMatchObject({ code: 'territory.version-gone' });
  });

  it('read nothing from outside of their folder', async () => {
    for (const path of ['/peta/..%2F..%2Fetc/9/1/1.pbf', `/peta/${service.version()}/9/1/..%2F..%2Fx.pbf`]) {
      expect((await get(path)).statusCode, path).toBe(400);
    }
  });
});
