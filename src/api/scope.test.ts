import { sql } from 'kysely';
import { Type } from 'typebox';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestApi, type TestApi } from '../../tests/support/api.ts';
import { walkRoutes, type ForeignThing } from '../../tests/support/scope-walk.ts';
import { ArungError } from '../domain/errors.ts';
import { systemAccess } from '../domain/access.ts';
import { newId, type RegionId } from '../domain/ids.ts';
import type { RouteGroup } from './routes.ts';

const foreignRegion = newId<RegionId>();
const foreign: ForeignThing[] = [
  { value: 'Kecamatan Asing', kind: 'region' },
  { value: foreignRegion, kind: 'thing' },
  { value: 'orang-asing', kind: 'thing' },
  { value: 'token-asing', kind: 'thing' },
];

describe('a caller whose rights end at one kecamatan', () => {
  let test: TestApi;
  let userId = '';
  let tokenId = '';

  beforeAll(async () => {
    test = await createTestApi();
    const { db } = test.database;
    for (const [id, code, name, level] of [
      [newId<RegionId>(), '73.08.01', 'Bontocani', 'district'],
      [foreignRegion, '73.08.02', 'Kecamatan Asing', 'district'],
    ]) {
      await sql`insert into regions (id, code, name, level) values (${id}, ${code}, ${name}, ${level})`.execute(db);
    }
    const root = systemAccess('test');
    await test.users.ensureAdministrator({ password: 'palattae-kahu-1' });
    const grants = [{ role: 'viewer' as const, regionCode: '73.08.02' }];
    userId = (await test.users.create(root, { name: 'orang-asing', grants })).user.id;
    const token = { name: 'token-asing', role: 'viewer' as const, regionCode: '73.08.02', expiresAt: null };
    tokenId = (await test.tokens.create(root, token)).apiToken.id;
    foreign.push({ value: userId, kind: 'thing' }, { value: tokenId, kind: 'thing' });
  });
  afterAll(() => test.stop());

  const keys = () => [foreignRegion, '73.08.02', userId, tokenId, 'orang-asing'];
  const skip = ['GET /*', 'POST /api/v1/session', 'DELETE /api/v1/session'];

  it.each(['viewer', 'technician', 'operator', 'administrator'] as const)(
    'as %s sees nothing of another by any route',
    async (role) => {
      const headers = await test.as(role, '73.08.01');
      const walked = await walkRoutes({ app: test.api.app, headers, foreign, keys: keys(), skip });
      expect(walked.findings).toEqual([]);
      expect(walked.routes).toBeGreaterThan(14);
    },
  );

  it('would be found out by the walk, were a route careless', async () => {
    const careless: RouteGroup = (app) => {
      const config = { permission: 'inventory.read' } as const;
      app.get('/careless', { config }, () => ({ items: ['orang-asing'] }));
      app.get('/careless/:id', { config, schema: { params: Type.Object({ id: Type.String() }) } }, (request) => {
        if (request.params.id === foreignRegion) throw new ArungError('forbidden', 'Not yours.');
        throw new ArungError('not-found', 'No such thing.');
      });
      app.get(
        '/careless/by',
        { config, schema: { querystring: Type.Object({ region: Type.Optional(Type.String()) }) } },
        (request) => (request.query.region === '73.08.02' ? { name: 'Kecamatan Asing' } : {}),
      );
      app.post(
        '/careless',
        { config, schema: { body: Type.Object({ n: Type.String({ pattern: '^[a-z]{5}$' }) }) } },
        () => ({}),
      );
    };
    const leaky = await createTestApi({ routes: () => [careless] });
    await sql`insert into regions (id, code, name, level) values (${newId<RegionId>()}, '73.08.01', 'x', 'district')`.execute(
      leaky.database.db,
    );
    const headers = await leaky.as('viewer', '73.08.01');
    const { findings } = await walkRoutes({ app: leaky.api.app, headers, foreign, keys: keys(), skip });
    await leaky.stop();
    expect(findings.map((finding) => finding.replace(/ \(.*/, ''))).toEqual([
      'GET /api/v1/careless shows orang-asing',
      `GET /api/v1/careless/:id tells that ${foreignRegion} is there`,
      'GET /api/v1/careless/by shows Kecamatan Asing',
      'POST /api/v1/careless was never called rightly: give a recipe for it',
    ]);
  });
});
