import { execFileSync } from 'node:child_process';
import { mkdtempSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { get } from 'node:https';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import type { InjectOptions } from 'fastify';
import { sql } from 'kysely';
import { pino } from 'pino';
import { Type } from 'typebox';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { itWithPeer } from '../../tests/support/peers.ts';
import { createTestApi, type TestApi } from '../../tests/support/api.ts';
import { ArungError } from '../domain/errors.ts';
import { newId, type RegionId } from '../domain/ids.ts';
import type { RouteGroup } from './routes.ts';

const password = 'palattae-kahu-1';
const logged: string[] = [];
const logger = pino(
  { level: 'debug' },
  new Writable({
    write(chunk: Buffer, _encoding, done) {
      logged.push(chunk.toString());
      done();
    },
  }),
);

/** Routes that do what a route may do wrong. */
const probes: RouteGroup = (app) => {
  app.post(
    '/probe',
    {
      config: { permission: 'inventory.write' },
      schema: {
        querystring: Type.Object({
          limit: Type.Integer({ minimum: 1, default: 7 }),
          flag: Type.Optional(Type.Boolean()),
        }),
        body: Type.Object({ name: Type.String({ minLength: 1 }), note: Type.Union([Type.String(), Type.Null()]) }),
        response: { 200: Type.Object({ limit: Type.Integer(), note: Type.Union([Type.String(), Type.Null()]) }) },
      },
    },
    (request) => ({ limit: request.query.limit, note: request.body.note }),
  );
  app.delete('/probe', { config: { permission: 'inventory.write' } }, () => ({ done: true }));
  app.get('/probe/fails', { config: { permission: 'signed-in' } }, () => {
    throw new Error('select secret from credentials; at /root/secret.ts');
  });
  app.get('/probe/known', { config: { permission: 'signed-in' } }, () => {
    throw new ArungError('conflict', 'It is taken: choose another.', { code: 'probe.taken', arguments: { n: 1 } });
  });
  app.get('/probe/full', { config: { permission: 'signed-in' } }, () => {
    throw Object.assign(new Error('could not extend file'), { code: '53100', severity: 'ERROR' });
  });
  app.get(
    '/probe/lies',
    { config: { permission: 'signed-in' }, schema: { response: { 200: Type.Object({ a: Type.String() }) } } },
    () => ({ a: 1 as unknown as string }),
  );
};

describe('the API', () => {
  let test: TestApi;
  let consoleDir: string;
  let brokenSince: number | null = null;

  beforeAll(async () => {
    consoleDir = mkdtempSync(join(tmpdir(), 'arung-console-'));
    test = await createTestApi({
      logger,
      routes: () => [probes],
      overrides: {
        consoleDir,
        readiness: {
          parts: ['database'],
          look: async () => (brokenSince === null ? [] : [{ part: 'database', since: brokenSince, reason: 'disk' }]),
        },
      },
    });
    await test.users.ensureAdministrator({ password });
    for (const code of ['73', '73.08', '73.08.02']) {
      await sql`insert into regions (id, code, name, level) values (${newId<RegionId>()}, ${code}, 'x', 'regency')`.execute(
        test.database.db,
      );
    }
  });
  afterAll(async () => {
    await test.stop();
    rmSync(consoleDir, { recursive: true, force: true });
  });

  const call = (options: InjectOptions) => test.api.app.inject(options);
  const signIn = async () => {
    const response = await call({ method: 'POST', url: '/api/v1/session', payload: { name: 'admin', password } });
    expect(response.statusCode).toBe(200);
    return { cookie: `arung_session=${response.cookies[0]?.value}`, response };
  };

  describe('sign-in', () => {
    it('sets a cookie that scripts cannot read, and says who it is', async () => {
      const { response, cookie } = await signIn();
      expect(response.headers['set-cookie']).toMatch(/HttpOnly/);
      expect(response.headers['set-cookie']).toMatch(/SameSite=Lax/);
      expect(response.headers['set-cookie']).not.toMatch(/Secure/);
      const session = await call({ url: '/api/v1/session', headers: { cookie } });
      expect(session.json()).toMatchObject({
        user: { name: 'admin', mustChangePassword: false },
        grants: [{ role: 'administrator', regionCode: null, regionName: null }],
        language: null,
        timeZone: 'Asia/Makassar',
      });
    });

    it('answers ten wrong passwords each with a clear sentence, and goes on from elsewhere', async () => {
      const seen: string[] = [];
      for (let i = 0; i < 10; i++) {
        const wrong = { name: 'someone', password: `wrong ${i}` };
        const response = await call({
          method: 'POST',
          url: '/api/v1/session',
          payload: wrong,
          remoteAddress: '10.9.9.9',
        });
        const problem = response.json<{ code: string; detail: string }>();
        expect(problem.detail).toMatch(/^The name or the password/);
        if (response.statusCode === 429) expect(Number(response.headers['retry-after'])).toBeGreaterThan(0);
        seen.push(`${response.statusCode} ${problem.code}`);
      }
      expect(seen.slice(0, 4)).toEqual(Array(4).fill('401 sign-in.wrong-password'));
      expect(seen.slice(4)).toEqual(Array(6).fill('429 sign-in.paused'));
      await signIn();
    });

    it('ends', async () => {
      const { cookie } = await signIn();
      expect((await call({ method: 'DELETE', url: '/api/v1/session', headers: { cookie } })).statusCode).toBe(204);
      const after = await call({ url: '/api/v1/session', headers: { cookie } });
      expect(after.statusCode).toBe(401);
      expect(after.headers['content-type']).toMatch(/^application\/problem\+json/);
      expect(after.json()).toMatchObject({ status: 401, code: 'session.none', title: 'Unauthorized' });
    });

    it('is marked Secure behind HTTPS', async () => {
      const over = await createTestApi({ overrides: { trustedProxies: ['10.0.0.0/8'] } });
      await over.users.ensureAdministrator({ password });
      const send = (remoteAddress: string) =>
        over.api.app.inject({
          method: 'POST',
          url: '/api/v1/session',
          payload: { name: 'admin', password },
          headers: { 'x-forwarded-proto': 'https' },
          remoteAddress,
        });
      expect((await send('10.1.1.1')).headers['set-cookie']).toMatch(/Secure/);
      expect((await send('192.0.2.1')).headers['set-cookie']).not.toMatch(/Secure/);
      await over.stop();
      const behind = await createTestApi({ overrides: { publicUrl: 'https://arung.bone.go.id' } });
      await behind.users.ensureAdministrator({ password });
      const payload = { name: 'admin', password };
      const signedIn = await behind.api.app.inject({ method: 'POST', url: '/api/v1/session', payload });
      expect(signedIn.headers['set-cookie']).toMatch(/Secure/);
      expect(signedIn.headers['strict-transport-security']).toMatch(/max-age/);
      await behind.stop();
    });
  });

  describe('a write with a cookie', () => {
    const wish = (headers: object) => ({
      method: 'PATCH' as const,
      url: '/api/v1/session',
      payload: { language: 'en' },
      headers: { host: 'arung.local', ...headers },
    });

    it('is refused when it comes from another site', async () => {
      const { cookie } = await signIn();
      for (const header of [
        { origin: 'https://evil.example' },
        { origin: 'null' },
        { 'sec-fetch-site': 'cross-site' },
      ]) {
        const response = await call(wish({ cookie, ...header }));
        expect(response.statusCode).toBe(403);
        expect(response.json()).toMatchObject({ code: 'request.cross-site' });
      }
    });

    it('is taken from our own pages', async () => {
      const { cookie } = await signIn();
      const response = await call(wish({ cookie, origin: 'http://arung.local', 'sec-fetch-site': 'same-origin' }));
      expect(response.json()).toMatchObject({ language: 'en' });
    });
  });

  describe('rights', () => {
    it('are asked for by every route: one that names none refuses to be registered', async () => {
      const careless: RouteGroup = (app) => {
        app.get('/careless', () => 'x');
      };
      await expect(createTestApi({ routes: () => [careless] })).rejects.toThrow(/names no permission/);
      expect(test.api.routes.length).toBeGreaterThan(15);
    });

    it('that are missing are told, and those of a token hold as well', async () => {
      const viewer = await test.as('viewer', '73.08');
      const denied = await call({ url: '/api/v1/users', headers: viewer });
      expect(denied.statusCode).toBe(403);
      expect(denied.json()).toMatchObject({ code: 'forbidden', arguments: { permission: 'user.manage' } });
      expect((await call({ url: '/api/v1/session', headers: viewer })).json()).toMatchObject({ kind: 'token' });
      const garbage = await call({ url: '/api/v1/session', headers: { authorization: 'Bearer arung_x' } });
      expect(garbage.statusCode).toBe(401);
    });

    it('a token never falls back to the cookie beside it', async () => {
      const { cookie } = await signIn();
      const both = await call({ url: '/api/v1/session', headers: { cookie, authorization: 'Bearer nonsense' } });
      expect(both.statusCode).toBe(401);
    });

    it('to the own figures are not given to who administers a part', async () => {
      const url = '/metrics';
      expect((await call({ url })).statusCode).toBe(401);
      expect((await call({ url, headers: await test.as('administrator', '73.08') })).statusCode).toBe(403);
      const all = await call({ url, headers: await test.as('administrator', null) });
      expect(all.statusCode).toBe(200);
      expect(all.body).toContain('arung_http_request_duration_seconds');
    });
  });

  describe('a request that is wrong', () => {
    it('is told which field, and why', async () => {
      const headers = await test.as('operator', null);
      const send = (query: string, payload: unknown) =>
        call({
          method: 'POST',
          url: `/api/v1/probe${query}`,
          headers: { ...headers, 'content-type': 'application/json' },
          payload: JSON.stringify(payload),
        });
      expect((await send('', { name: 'x', note: null })).json()).toEqual({ limit: 7, note: null });
      expect((await send('?limit=3&flag=true', { name: 'x', note: 'y' })).json()).toEqual({ limit: 3, note: 'y' });
      const missing = await send('', { note: null });
      expect(missing.statusCode).toBe(400);
      expect(missing.json()).toMatchObject({ code: 'request.invalid', details: [{ field: 'name' }] });
      expect((await send('', { name: 1, note: null })).json()).toMatchObject({ details: [{ field: 'name' }] });
      expect((await send('?limit=0', { name: 'x', note: null })).json()).toMatchObject({
        details: [{ field: 'limit' }],
      });
      expect((await send('?limit=abc', { name: 'x', note: null })).statusCode).toBe(400);
    });

    it('one that says JSON and has no body is taken where none is needed', async () => {
      const headers = { ...(await test.as('operator', null)), 'content-type': 'application/json' };
      const removed = await call({ method: 'DELETE', url: '/api/v1/probe', headers, payload: '' });
      expect(removed.statusCode).toBe(200);
      const posted = await call({ method: 'POST', url: '/api/v1/probe', headers, payload: '' });
      expect(posted.json()).toMatchObject({ status: 400, code: 'request.invalid' });
    });

    it.each([
      ['no JSON', '{"name":', 'application/json', 400, 'request.not-json'],
      ['another kind', '<a/>', 'application/xml', 415, 'request.media-type'],
      ['too large', JSON.stringify('x'.repeat(2_000_000)), 'application/json', 413, 'request.too-large'],
    ])('%s: a problem with a code', async (_, payload, type, status, code) => {
      const headers = { ...(await test.as('operator', null)), 'content-type': type };
      const response = await call({ method: 'POST', url: '/api/v1/probe', headers, payload });
      expect(response.statusCode).toBe(status);
      expect(response.json()).toMatchObject({ status, code });
    });

    it('to an unknown path is a problem', async () => {
      const response = await call({ url: '/api/v1/nothing', headers: { accept: 'text/html' } });
      expect(response.statusCode).toBe(404);
      expect(response.json()).toMatchObject({ code: 'request.unknown-path' });
    });
  });

  describe('a failure', () => {
    it('tells strangers nothing but where the log has it', async () => {
      const response = await call({ url: '/api/v1/probe/fails', headers: await test.as('viewer', null) });
      expect(response.statusCode).toBe(500);
      expect(response.body).not.toMatch(/secret|select|\.ts|stack/);
      const { instance } = response.json<{ instance: string }>();
      const id = instance.split(':').at(-1) ?? '';
      expect(logged.some((line) => line.includes(id) && line.includes('select secret'))).toBe(true);
      expect(response.headers['x-request-id']).toBe(id);
    });

    it('that we know is a sentence with a code', async () => {
      const headers = await test.as('viewer', null);
      const known = await call({ url: '/api/v1/probe/known', headers });
      expect(known.json()).toMatchObject({ status: 409, code: 'probe.taken', arguments: { n: 1 } });
      const full = await call({ url: '/api/v1/probe/full', headers });
      expect(full.json()).toMatchObject({ status: 503, code: 'database.disk-full' });
      expect(full.headers['retry-after']).toBe('60');
    });

    it('of an answer that is not what its schema says is found by tests', async () => {
      const response = await call({ url: '/api/v1/probe/lies', headers: await test.as('viewer', null) });
      expect(response.statusCode).toBe(500);
    });
  });

  it('describes itself: OpenAPI 3.1 with every route below /api, its right and its problems', async () => {
    const document = (await call({ url: '/api/openapi.json' })).json();
    expect(document.openapi).toBe('3.1.0');
    for (const route of test.api.routes) {
      if (!route.url.startsWith('/api/v1') || route.method === 'HEAD') continue;
      const path = route.url.replace(/:(\w+)/g, '{$1}');
      const operation = document.paths[path]?.[route.method.toLowerCase()];
      expect(operation, `${route.method} ${path}`).toBeDefined();
      expect(operation.security).toEqual(route.permission === 'public' ? [] : [{ session: [] }, { token: [] }]);
      expect(operation.responses['400']?.content['application/problem+json']).toBeDefined();
      expect(operation.tags).not.toEqual([]);
    }
  });

  describe('the console', () => {
    const accept = { accept: 'text/html,application/xhtml+xml' };

    it('says what to do while it is not built', async () => {
      const response = await call({ url: '/', headers: accept });
      expect(response.statusCode).toBe(503);
      expect(response.body).toContain('npm run build');
    });

    it('is served with its pages, and its policy lets nothing else in', async () => {
      mkdirSync(join(consoleDir, 'assets'));
      writeFileSync(join(consoleDir, 'index.html'), '<title>Console</title>');
      writeFileSync(join(consoleDir, 'assets', 'a-123.js'), 'export {}');
      for (const url of ['/', '/perangkat/rtr-kahu-01?tab=1', '/index.html']) {
        const page = await call({ url, headers: accept });
        expect(page.statusCode, url).toBe(200);
        expect(page.body).toContain('Console');
        expect(page.headers['cache-control']).toBe('no-cache');
        expect(page.headers['content-security-policy']).toMatch(/default-src 'none';script-src 'self'/);
        expect(page.headers['content-security-policy']).not.toMatch(/unsafe|upgrade-insecure/);
        expect(page.headers['x-content-type-options']).toBe('nosniff');
      }
      const asset = await call({ url: '/assets/a-123.js' });
      expect(asset.headers['cache-control']).toMatch(/immutable/);
      expect((await call({ url: '/assets/none.js', headers: { accept: '*/*' } })).statusCode).toBe(404);
    });

    it.each(['/../package.json', '/..%2f..%2fetc/passwd', '/assets/..%5c..%5cx', '/%00', '/%'])(
      'gives no file outside its folder: %s',
      async (url) => {
        const response = await call({ url, headers: { accept: '*/*' } });
        expect([400, 403, 404]).toContain(response.statusCode);
        expect(response.headers['content-type']).toMatch(/problem\+json/);
      },
    );
  });

  it('is ready when its parts work, and names the one that does not and since when', async () => {
    expect((await call({ url: '/healthz' })).statusCode).toBe(200);
    expect((await call({ url: '/readyz' })).json()).toEqual({ status: 'ready', checks: { database: 'ok' } });
    brokenSince = Date.UTC(2026, 10, 29, 2);
    const response = await call({ url: '/readyz' });
    brokenSince = null;
    expect(response.statusCode).toBe(503);
    expect(response.json()).toEqual({
      status: 'not-ready',
      checks: { database: 'failing' },
      since: { database: '2026-11-29T02:00:00.000Z' },
      reasons: { database: 'disk' },
    });
  });

  it('logs neither passwords nor tokens nor cookies', async () => {
    const headers = await test.as('viewer', null);
    const { cookie } = await signIn();
    await call({ url: '/api/v1/probe/fails', headers: { ...headers, cookie } });
    const text = logged.join('');
    expect(text).toContain('"request"');
    for (const secret of [password, headers.authorization.slice(7), cookie.split('=')[1] ?? '?']) {
      expect(text).not.toContain(secret);
    }
  });

  it('slows who floods the sign-in, over whatever names', async () => {
    const statuses: number[] = [];
    for (let i = 0; i < 125; i++) {
      const response = await call({ method: 'POST', url: '/api/v1/session', payload: {}, remoteAddress: '10.7.7.7' });
      statuses.push(response.statusCode);
      if (response.statusCode === 429) expect(response.json()).toMatchObject({ code: 'request.too-many' });
    }
    expect(statuses.indexOf(429)).toBe(120);
    await signIn();
  });

  itWithPeer('openssl', 'speaks HTTPS itself', async (openssl) => {
    const [key, cert] = [join(consoleDir, 'key.pem'), join(consoleDir, 'cert.pem')];
    const wish = `req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost -keyout ${key} -out ${cert}`;
    execFileSync(openssl, wish.split(' '), { stdio: 'ignore' });
    const tls = { key: readFileSync(key), cert: readFileSync(cert) };
    const secure = await createTestApi({ overrides: { tls } });
    await secure.api.start();
    const status = await new Promise((resolve, reject) => {
      get(
        `${secure.api.url}/healthz`,
        { ca: tls.cert, servername: 'localhost', checkServerIdentity: () => undefined },
        (response) => resolve(response.statusCode),
      ).on('error', reject);
    });
    expect(secure.api.url).toMatch(/^https:/);
    expect(status).toBe(200);
    await secure.stop();
  });

  it('says what to do when its port is taken', async () => {
    await test.api.start();
    const port = Number(new URL(test.api.url).port);
    expect((await fetch(`${test.api.url}/healthz`)).status).toBe(200);
    const second = await createTestApi({ overrides: { port } });
    await expect(second.api.start()).rejects.toMatchObject({ code: 'api.port-in-use' });
    await second.stop();
  });

  it('lists users, tokens and the audit log, and verifies it', async () => {
    const headers = await test.as('administrator', null);
    const made = await call({
      method: 'POST',
      url: '/api/v1/users',
      headers,
      payload: { name: 'wati', grants: [{ role: 'viewer', regionCode: '73.08.02' }] },
    });
    expect(made.statusCode).toBe(201);
    const { user, oneTimePassword } = made.json<{ user: { id: string }; oneTimePassword: string }>();
    const first = { name: 'wati', password: oneTimePassword };
    const session = await call({ method: 'POST', url: '/api/v1/session', payload: first });
    expect(session.json()).toMatchObject({ user: { mustChangePassword: true } });
    const cookie = `arung_session=${session.cookies[0]?.value}`;
    const early = await call({ url: '/api/v1/probe/known', headers: { cookie } });
    expect(early.statusCode).toBe(403);
    expect(early.json()).toMatchObject({ code: 'password.must-change' });
    expect((await call({ url: '/api/v1/session', headers: { cookie } })).statusCode).toBe(200);
    expect(await test.authenticator.authenticate({ cookie })).toBeNull();
    const change = { current: oneTimePassword, password: 'kopi-toraja-2026' };
    const changed = await call({
      method: 'POST',
      url: '/api/v1/session/password',
      headers: { cookie },
      payload: change,
    });
    expect(changed.statusCode).toBe(204);
    expect((await test.authenticator.authenticate({ cookie }))?.name).toBe('wati');
    const off = await call({ method: 'PATCH', url: `/api/v1/users/${user.id}`, headers, payload: { disabled: true } });
    expect(off.json()).toMatchObject({ disabled: true, mustChangePassword: false });
    expect((await call({ url: '/api/v1/session', headers: { cookie } })).statusCode).toBe(401);
    const audit = (await call({ url: '/api/v1/audit?limit=2&entityKind=user', headers })).json();
    expect(audit.items.map((row: { action: string }) => row.action)).toEqual(['update', 'change-password']);
    const next = (await call({ url: `/api/v1/audit?limit=2&entityKind=user&cursor=${audit.next}`, headers })).json();
    expect(next.items[0].action).toBe('sign-in');
    expect((await call({ url: '/api/v1/audit/verification', headers })).json()).toMatchObject({ ok: true });
    const tokens = (await call({ url: '/api/v1/tokens', headers })).json();
    const last = tokens.items.at(-1) as { id: string };
    expect((await call({ method: 'DELETE', url: `/api/v1/tokens/${last.id}`, headers })).statusCode).toBe(204);
  });

  it('lets nobody guess a password from a session that was left open', async () => {
    const headers = { cookie: (await signIn()).cookie };
    const guess = { current: 'bukan-ini-2026', password: 'kopi-toraja-2026' };
    const statuses: number[] = [];
    for (let tries = 0; tries < 22; tries++) {
      const answer = await call({ method: 'POST', url: '/api/v1/session/password', headers, payload: guess });
      statuses.push(answer.statusCode);
    }
    expect(statuses).toEqual([...Array(20).fill(400), 429, 429]);
    expect((await call({ url: '/api/v1/session', headers })).statusCode).toBe(200);
  });

  it('stops at once though a reader of the live stream stays connected', async () => {
    const other = await createTestApi();
    await other.api.start();
    other.api.server.on('upgrade', (_request, socket) => {
      socket.on('error', () => undefined);
      socket.write('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n');
    });
    const reader = connect({ port: Number(new URL(other.api.url).port), host: '127.0.0.1' });
    const ended = new Promise((done) => reader.once('close', done));
    reader.on('error', () => undefined);
    reader.write('GET /socket.io/ HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n');
    await new Promise((done) => reader.once('data', done));
    await other.stop();
    await ended;
  });

  it('has a sentence for a host that is not ours', async () => {
    const options = { overrides: { host: '192.0.2.77' } };
    const elsewhere = await createTestApi(options);
    await expect(elsewhere.api.start()).rejects.toMatchObject({ code: 'api.no-such-address' });
    await elsewhere.stop();
  });
});
