import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { FastifyInstance } from 'fastify';
import { pino } from 'pino';
import { io, type Socket } from 'socket.io-client';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { RouteFact } from '../src/api/app.ts';
import type { RouteGroup } from '../src/api/routes.ts';
import { ApiTokens } from '../src/auth/api-tokens.ts';
import { readConfig } from '../src/config.ts';
import { simulatorRoutes } from '../src/demo/simulator-routes.ts';
import { systemAccess, type Role } from '../src/domain/access.ts';
import { startController, type Controller } from '../src/main.ts';
import { hostileCalls, hostileTexts } from './support/hostile-walk.ts';

/** The whole controller, and those who want it ill: strangers, readers without the right, pages of others, floods. */
describe('a controller among strangers', () => {
  const password = 'palattae-kahu-1';
  let folder: string;
  let controller: Controller;
  let app: FastifyInstance;
  let admin: { authorization: string };

  const as = async (role: Role, regionCode: string | null) => {
    const tokens = new ApiTokens({ db: controller.database.db, audit: controller.audit });
    const name = `${role} of ${regionCode} ${Math.random()}`;
    const { token } = await tokens.create(systemAccess('test'), { name, role, regionCode, expiresAt: null });
    return { authorization: `Bearer ${token}` };
  };
  const signIn = async (): Promise<string> => {
    const answer = await fetch(`${controller.url}/api/v1/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'admin', password }),
    });
    expect(answer.status).toBe(200);
    return answer.headers.get('set-cookie')?.split(';')[0] ?? '';
  };
  const sitesNow = async (): Promise<number> => {
    const answer = await app.inject({ url: '/api/v1/sites?limit=1000', headers: admin });
    return (answer.json() as { items: unknown[] }).items.length;
  };

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'arung-hostile-'));
    chmodSync(folder, 0o711);
    const env = {
      ARUNG_DATA_DIR: join(folder, 'data'),
      ARUNG_KEY_FILE: join(folder, 'key'),
      ARUNG_PORT: '0',
      ARUNG_ADMIN_PASSWORD: password,
      HOME: folder,
    };
    const { config } = readConfig({ env, cwd: folder });
    const capture: RouteGroup = (scope) => {
      app = scope as unknown as FastifyInstance;
    };
    const moreRoutes = [capture, simulatorRoutes(join(folder, 'no-simulator.sock'))];
    controller = await startController({ config, logger: pino({ level: 'silent' }), moreRoutes });
    admin = await as('administrator', null);
    const done = async (url: string, payload: object) => {
      const answer = await app.inject({ method: 'POST', url: `/api/v1${url}`, headers: admin, payload });
      expect(answer.statusCode, answer.body.slice(0, 400)).toBeLessThan(300);
    };
    await done('/regions/import', { code: '73.08.02' });
    await done('/inventory/import', {
      format: 'arung-inventory/1',
      contacts: [{ name: 'Andi' }],
      sites: ['kec-kahu', 'desa-kahu'].map((code) => ({
        code,
        name: code,
        kind: 'district',
        network: 'smart-city',
        rolloutStatus: code === 'kec-kahu' ? 'active' : 'planned',
        region: '73.08.02',
      })),
      // nobody answers there; asking opens the sockets
      credentials: [{ name: 'snmp-kahu', kind: 'snmp-v2c', secret: 'rahasia-kahu' }],
      devices: [
        {
          name: 'rtr-kahu-01',
          site: 'kec-kahu',
          role: 'router',
          protocol: 'snmp',
          address: '127.88.9.1',
          credential: 'snmp-kahu',
        },
      ],
    });
  }, 180_000);
  afterAll(async () => {
    await controller?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const publicRoutes = ['POST /api/v1/session', 'POST /api/v1/channels/:key/inbound'];
  /** Reads that come by POST, and what concerns the caller alone. */
  const notWrites = [
    'POST /api/v1/series/query',
    'POST /api/v1/message-templates/preview',
    'POST /api/v1/rollouts/preview',
    'POST /api/v1/intents/check',
    'PATCH /api/v1/session',
    'DELETE /api/v1/session',
  ];
  /** Public by the token in their path, which is for one person and one incident: who signs in is nobody there. */
  const byLink = ['POST /api/v1/phone/:token/actions', 'POST /api/v1/phone/:token/photos'];
  const nameOf = (route: RouteFact): string => `${route.method} ${route.url}`;
  const isWrite = (route: RouteFact): boolean => route.method !== 'GET' && route.method !== 'HEAD';

  it('lets who may only read change nothing, by any route of the router', async () => {
    for (const [role, region] of [
      ['viewer', null],
      ['technician', null],
      ['technician', '73.08.02'],
    ] as const) {
      const headers = await as(role, region);
      const taken: string[] = [];
      let walked = 0;
      for (const route of app.routeFacts.filter(isWrite)) {
        const name = nameOf(route);
        if ([...publicRoutes, ...notWrites, ...byLink].includes(name)) continue;
        const url = route.url.replaceAll(/:\w+/g, 'kec-kahu');
        const answer = await app.inject({ method: route.method as 'POST', url, headers, payload: {} });
        walked++;
        if (route.permission === 'event.acknowledge' && role === 'technician') continue;
        // what is one's own (a password) may be asked for by everyone; a token has none
        if (answer.statusCode !== 403 && route.permission !== 'signed-in') taken.push(`${name}: ${answer.statusCode}`);
      }
      expect(taken, `${role} of ${region}`).toEqual([]);
      expect(walked).toBeGreaterThan(30);
    }
    expect(await sitesNow()).toBe(2);
  });

  it('gives a stranger nothing by any route but those that are public', async () => {
    const open: string[] = [];
    for (const route of app.routeFacts) {
      if (route.permission === 'public') continue;
      const url = route.url.replaceAll(/:\w+/g, 'kec-kahu');
      const answer = await app.inject({ method: route.method as 'GET', url, ...(isWrite(route) && { payload: {} }) });
      if (answer.statusCode !== 401) open.push(`${nameOf(route)}: ${answer.statusCode}`);
    }
    expect(open).toEqual([]);
    const publicOnes = app.routeFacts.filter((route) => route.permission === 'public' && route.method !== 'HEAD');
    // sign-in, a link, what servers of channels tell with a proof of their own, and the territories of any map
    expect(publicOnes.map((route) => route.url).filter((url) => url.startsWith('/api/v1/'))).toEqual([
      '/api/v1/session',
      // a technician's link: what it may is in tests/phone-link.test.ts
      '/api/v1/phone/:token',
      '/api/v1/phone/:token/actions',
      '/api/v1/phone/:token/photos',
      '/api/v1/channels/:key/inbound',
      '/api/v1/channels/:key/inbound',
      '/api/v1/map/territory',
    ]);
  });

  it('answers hostile text in every field of every route with a refusal, never with a failure', async () => {
    const before = await sitesNow();
    const failures: string[] = [];
    let calls = 0;
    for (const route of app.routeFacts) {
      if (route.method === 'HEAD' || publicRoutes.includes(nameOf(route)) || route.url === '/*') continue;
      // there is no simulator here, and all of them say so
      if (route.url.includes('/simulator/')) continue;
      // what a right administrator may do by name is done: what would end the others' is left out
      if (/\/(users|tokens)\/:|session/.test(route.url) && isWrite(route)) continue;
      const waiting = [...hostileCalls(route)];
      calls += waiting.length;
      const work = async (): Promise<void> => {
        for (let call = waiting.pop(); call !== undefined; call = waiting.pop()) {
          const started = performance.now();
          const answer = await app.inject({
            method: route.method as 'GET',
            url: call.url,
            headers: { ...admin, ...call.headers },
            ...(call.body === undefined ? {} : { payload: call.body }),
          });
          const tookMs = performance.now() - started;
          // a machine with more to do than it can says so: that is no failure
          const busy = answer.body.includes('"code":"system.busy"');
          if (answer.statusCode >= 500 && !busy) {
            failures.push(`${nameOf(route)} ${answer.statusCode}: ${call.shown} ${answer.body.slice(0, 200)}`);
          }
          // a text that a pattern or a query chokes on takes as long as it likes
          if (tookMs > 30_000) failures.push(`${nameOf(route)} took ${tookMs.toFixed(0)} ms: ${call.shown}`);
        }
      };
      await Promise.all(Array.from({ length: 8 }, work));
    }
    expect(failures).toEqual([]);
    expect(calls).toBeGreaterThan(1000);
    expect(await sitesNow()).toBeGreaterThanOrEqual(before);
    // __proto__ in a body reached no prototype
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
    expect(hostileTexts.length).toBeGreaterThan(10);
  }, 900_000);

  it('takes no write and no live stream from a page of another site, whatever the browser sends', async () => {
    const cookie = await signIn();
    const foreign: readonly Record<string, string>[] = [
      { origin: 'http://evil.example' },
      { origin: 'null' },
      { origin: `${controller.url}.evil.example` },
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
      // a form's content types, which need no preflight
      { origin: 'http://evil.example', 'content-type': 'text/plain' },
      { origin: 'http://evil.example', 'content-type': 'application/x-www-form-urlencoded' },
    ];
    for (const headers of foreign) {
      const answer = await fetch(`${controller.url}/api/v1/contacts`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', cookie, ...headers },
        body: JSON.stringify({ name: 'Penyusup' }),
      });
      expect(answer.status, JSON.stringify(headers)).toBe(403);
      expect([...answer.headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([]);
    }
    const preflight = await fetch(`${controller.url}/api/v1/contacts`, {
      method: 'OPTIONS',
      headers: { origin: 'http://evil.example', 'access-control-request-method': 'DELETE' },
    });
    expect(preflight.headers.get('access-control-allow-origin')).toBeNull();
    const socket = io(controller.url, {
      transports: ['websocket'],
      reconnection: false,
      extraHeaders: { cookie, origin: 'http://evil.example' },
    });
    await new Promise<void>((resolve, reject) => {
      socket.once('connect_error', () => resolve());
      socket.once('connect', () => reject(new Error('the live stream let another site in')));
    });
    socket.disconnect();
    const page = await fetch(controller.url, { headers: { accept: 'text/html' } });
    expect(page.headers.get('x-frame-options')).toBe('DENY');
    expect(page.headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
  });

  it('knows a stolen cookie no more after the sign-out, and ends its live stream', async () => {
    const cookie = await signIn();
    const socket: Socket = io(controller.url, {
      transports: ['websocket'],
      reconnection: false,
      extraHeaders: { cookie },
    });
    await new Promise<void>((resolve, reject) => {
      socket.once('snapshot', () => resolve());
      socket.once('connect_error', reject);
    });
    const ended = new Promise<void>((resolve) => socket.once('disconnect', () => resolve()));
    const out = await fetch(`${controller.url}/api/v1/session`, { method: 'DELETE', headers: { cookie } });
    expect(out.status).toBe(204);
    await ended;
    const again = await fetch(`${controller.url}/api/v1/status`, { headers: { cookie } });
    expect(again.status).toBe(401);
  });

  it('gives no file that is not of the console, whatever the path', async () => {
    const paths = [
      '/../../etc/passwd',
      '/..%2f..%2f..%2fetc%2fpasswd',
      '/%2e%2e/%2e%2e/package.json',
      '/assets/..%5c..%5cpackage.json',
      '/assets/%252e%252e/%252e%252e/package.json',
      '/%00/etc/passwd',
      '//etc/passwd',
      '/.git/config',
      '/index.html%00.js',
    ];
    for (const path of paths) {
      const answer = await raw(controller.url, path);
      expect(answer.status, path).toBeGreaterThanOrEqual(400);
      expect(answer.status, path).toBeLessThan(500);
      expect(answer.body, path).not.toMatch(/root:|dependencies|\[core\]/);
    }
  });

  it('refuses what is too large before it is gathered, and unpacks nothing that a stranger packed', async () => {
    const large = await app.inject({
      method: 'POST',
      url: '/api/v1/contacts',
      headers: { ...admin, 'content-type': 'application/json' },
      payload: JSON.stringify({ name: 'x'.repeat(1_100_000) }),
    });
    expect(large.statusCode).toBe(413);
    const bomb = await app.inject({
      method: 'POST',
      url: '/api/v1/contacts',
      headers: { ...admin, 'content-type': 'application/json', 'content-encoding': 'gzip' },
      payload: gzipSync(JSON.stringify({ name: 'x'.repeat(10_000_000) })),
    });
    expect(bomb.statusCode).toBeGreaterThanOrEqual(400);
    expect(bomb.statusCode).toBeLessThan(500);
    const header = await raw(controller.url, '/api/v1/status', { 'x-long': 'x'.repeat(40_000) });
    expect(header.status).toBe(431);
  });

  it('stands garbage at its MQTT port and at its SNMP sockets, and counts it in /metrics', async () => {
    const port = controller.mqttPort ?? 0;
    const garbage: readonly Buffer[] = [
      Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n'),
      Buffer.from([0x10, 0xff, 0xff, 0xff, 0xff, 0x7f]), // a length of five bytes
      Buffer.from([0x10, 0xff, 0xff, 0xff, 0x5f]), // a CONNECT that announces 200 MB
      Buffer.from([0x10, 0x10, 0x00, 0x04, 0x4d, 0x51]), // half a CONNECT, and then nothing more
      Buffer.from([0x30, 0x05, 0x00, 0x03, 0x61, 0x2f, 0x62]), // PUBLISH before CONNECT
      Buffer.alloc(8_000, 0xff),
      Buffer.alloc(8_000, 0x00),
    ];
    // at once: half a CONNECT is waited for some seconds
    await Promise.all(
      Array.from({ length: 20 }, () => garbage)
        .flat()
        .map(
          (bytes) =>
            new Promise<void>((resolve) => {
              const socket = connect(port, '127.0.0.1', () => socket.end(bytes));
              socket.on('error', () => undefined);
              socket.on('data', () => undefined);
              socket.once('close', () => resolve());
            }),
        ),
    );
    const sender = createSocket('udp4');
    const ports = await vi.waitFor(
      () => {
        const found = udpPortsOfThisProcess();
        expect(found.length).toBeGreaterThan(0);
        return found;
      },
      { timeout: 60_000, interval: 250 },
    );
    for (let round = 0; round < 500; round++) {
      for (const target of ports) {
        const bytes = round % 2 === 0 ? randomBytes(1 + ((round * 7) % 1400)) : Buffer.from([0x30, 0x84, 0xff, 0xff]);
        await new Promise<void>((resolve) => sender.send(bytes, target, '127.0.0.1', () => resolve()));
      }
    }
    sender.close();
    const figures = async (): Promise<string> => (await app.inject({ url: '/metrics', headers: admin })).body;
    await vi.waitFor(
      async () => {
        const text = await figures();
        expect(sumOf(text, 'arung_mqtt_connections_total', /not-mqtt|packet-too-large|client-error/)).toBeGreaterThan(
          50,
        );
        expect(sumOf(text, 'arung_polling_refused_total', /./)).toBeGreaterThan(100);
      },
      { timeout: 60_000, interval: 500 },
    );
    expect((await fetch(`${controller.url}/healthz`)).status).toBe(200);
  }, 180_000);

  it('answers everyone while a hundred connections say nothing or half a request', async () => {
    const { hostname, port } = new URL(controller.url);
    const silent = await Promise.all(
      Array.from(
        { length: 100 },
        (_, at) =>
          new Promise<ReturnType<typeof connect>>((resolve, reject) => {
            const socket = connect(Number(port), hostname, () => {
              if (at % 2 === 0) socket.write('GET /api/v1/status HTTP/1.1\r\nHost: x\r\nX-Slow: ');
              resolve(socket);
            });
            socket.once('error', reject);
          }),
      ),
    );
    try {
      const answer = await fetch(`${controller.url}/healthz`);
      expect(answer.status).toBe(200);
    } finally {
      for (const socket of silent) socket.destroy();
    }
  });
});

/** The sum of a counter over the labels that match, in the text that Prometheus reads. */
function sumOf(text: string, name: string, labels: RegExp): number {
  return text
    .split('\n')
    .filter((line) => line.startsWith(name) && labels.test(line.slice(name.length)))
    .reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
}

/** Ports of the UDP sockets that this process has (proc(5): /proc/self/net/udp names them by inode). */
function udpPortsOfThisProcess(): readonly number[] {
  const own = new Set(
    readdirSync('/proc/self/fd').flatMap((fd) => {
      try {
        return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/self/fd/${fd}`))?.[1] ?? [];
      } catch {
        return []; // closed meanwhile
      }
    }),
  );
  return readFileSync('/proc/self/net/udp', 'utf8')
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => own.has(fields[9] ?? ''))
    .map((fields) => Number.parseInt(fields[1]?.split(':')[1] ?? '0', 16))
    .filter((port) => port > 0);
}

/** A request whose path is sent as it stands. */
function raw(
  url: string,
  path: string,
  headers: Record<string, string> = {},
): Promise<{ status: number; body: string }> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const request = httpRequest({ hostname, port, path, headers }, (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => (body += chunk));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body }));
    });
    request.once('error', reject);
    request.end();
  });
}
