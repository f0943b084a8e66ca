import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import { pino } from 'pino';
import { io, type Socket } from 'socket.io-client';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { ruleExample } from '../src/api/alert-rules.ts';
import type { RouteGroup } from '../src/api/routes.ts';
import { ApiTokens } from '../src/auth/api-tokens.ts';
import { readConfig } from '../src/config.ts';
import { simulatorRoutes } from '../src/demo/simulator-routes.ts';
import { systemAccess, type Role } from '../src/domain/access.ts';
import { newId, type IncidentId, type PersonId } from '../src/domain/ids.ts';
import { startController, type Controller } from '../src/main.ts';
import { insertChannel, insertNotice } from './support/alerting-people.ts';
import { plantIncident } from './support/incident.ts';
import { walkRoutes, type ForeignThing, type Recipe } from './support/scope-walk.ts';

/**
 * The whole controller, with a device that is down in another kecamatan and darkens ours: its name and the time are all
 * that may come out of there.
 */
const inventory = {
  format: 'arung-inventory/1',
  calendars: [{ name: 'Kalender Asing', timeZone: 'Asia/Makassar', windows: [] }],
  contacts: [
    { name: 'Bapak Asing', role: 'Operator', phone: '+62-811-ASING', email: 'asing@desa.example' },
    { name: 'Ibu Sendiri', phone: '+62-811-SENDIRI' },
  ],
  credentials: [
    { name: 'snmp-asing', kind: 'snmp-v2c', secret: 'komunitas-asing' },
    { name: 'snmp-sendiri', kind: 'snmp-v2c', secret: 'komunitas-sendiri' },
  ],
  sharedRisks: [{ name: 'Penyulang Asing', kind: 'power-feeder', sites: ['desa-asing'] }],
  sites: [
    {
      code: 'pop-sebab',
      name: 'POP Asing',
      kind: 'pop',
      network: 'smart-city',
      rolloutStatus: 'active',
      region: '73.08.02',
    },
    {
      code: 'desa-asing',
      name: 'Kantor Desa Asing',
      kind: 'village',
      network: 'smart-city',
      rolloutStatus: 'active',

      region: '73.08.02.1001',
      latitude: -4.901,
      longitude: 120.111,
      address: 'Jalan Asing 7',
      accessNotes: 'kunci di Asing',
      calendar: 'Kalender Asing',
      contacts: ['Bapak Asing'],
      tags: ['tag-asing'],
    },
    {
      code: 'kec-sendiri',
      name: 'Kantor Camat Sendiri',
      kind: 'district',
      network: 'smart-city',
      rolloutStatus: 'active',
      region: '73.08.01',
      contacts: ['Ibu Sendiri'],
    },
  ],
  devices: [
    { name: 'rtr-sebab-1', site: 'pop-sebab', address: '127.88.0.1', serial: 'SN-SEBAB', credential: 'snmp-asing' },
    { name: 'rtr-asing-1', site: 'desa-asing', address: '127.88.0.2', serial: 'SN-ASING', credential: 'snmp-asing' },
    {
      name: 'rtr-sendiri-1',
      site: 'kec-sendiri',
      address: '127.88.0.3',
      serial: 'SN-SENDIRI',
      credential: 'snmp-sendiri',
    },
    {
      name: 'rtr-sendiri-2',
      site: 'kec-sendiri',
      address: '127.88.0.4',
      serial: 'SN-SENDIRI-2',
      credential: 'snmp-sendiri',
    },
  ].map((device) => ({ role: 'router', gateway: true, protocol: 'snmp', port: 16100, ...device })),
  interfaces: ['rtr-sebab-1', 'rtr-asing-1', 'rtr-sendiri-1', 'rtr-sendiri-2'].flatMap((device) =>
    ['ke-asing', 'ke-sendiri', 'lan'].map((name) => ({ device, name: `${name}-${device}` })),
  ),
  links: [
    { name: 'sebab--asing', a: 'rtr-sebab-1:ke-asing-rtr-sebab-1', b: 'rtr-asing-1:lan-rtr-asing-1' },
    { name: 'sebab--sendiri', a: 'rtr-sebab-1:ke-sendiri-rtr-sebab-1', b: 'rtr-sendiri-1:lan-rtr-sendiri-1' },
    { name: 'kabel-sendiri', a: 'rtr-sendiri-1:ke-sendiri-rtr-sendiri-1', b: 'rtr-sendiri-2:lan-rtr-sendiri-2' },
  ].map((link) => ({ medium: 'fibre', capacityBps: 1e9, ...link })),
  services: [
    { code: 'layanan-asing', name: 'Layanan Asing', site: 'desa-asing', usedBy: ['village'] },
    // Stands in the other kecamatan and is used in ours: its code, name and state, nothing more.
    { code: 'layanan-bersama', name: 'Layanan Bersama', site: 'desa-asing', usedBy: ['district', 'desa-asing'] },
  ].map((service) => ({ url: 'http://127.88.0.2:9/asing-masuk', ...service })),
  agents: [{ name: 'local', attachedTo: ['rtr-sebab-1'] }],
};

/** What is written in no answer, whatever is asked: planted words of the other kecamatan. */
const planted = [
  'Kalender Asing',
  'server-asing',
  'Bapak Asing',
  '811-ASING',
  'asing@desa',
  'komunitas-asing',
  'snmp-asing',
  'Penyulang Asing',
  'POP Asing',
  'pop-sebab',
  'desa-asing',
  'Kantor Desa Asing',
  'Jalan Asing',
  'kunci di Asing',
  'tag-asing',
  'rtr-asing-1',
  '127.88.0.1',
  '127.88.0.2',
  'SN-SEBAB',
  'SN-ASING',
  'sebab--asing',
  'layanan-asing',
  'Layanan Asing',
  'asing-masuk',
  'orang-asing',
  'token-asing',
  'aturan-asing',
  'Tim Asing',
  'Jaga Asing',
  'Senyap Asing',
  'Kerja Asing',
  'Komentar Asing',
  'Sebab Asing',
  'Maksud Asing',
  'Paksa Asing',
];
const ownRegion = '73.08.01';

function square(code: string) {
  const ring = [120, 121, 121, 120, 120].map((x, i) => [x, i < 2 || i === 4 ? -5 : -4]);
  return { type: 'Feature', properties: { code }, geometry: { type: 'Polygon', coordinates: [ring] } };
}

describe('a reader whose rights end at one kecamatan', () => {
  let folder: string;
  let controller: Controller;
  let app: FastifyInstance;
  let proposalId: string;
  let admin: { authorization: string };
  const foreign: ForeignThing[] = planted.map((value) => ({ value, kind: 'thing' }));
  /** The one that darkens ours from elsewhere; one of ours, of which somebody of elsewhere was told. */
  let shared = { id: '', name: '' };
  let ownIncident = '' as IncidentId;
  const jpeg = Buffer.from(
    '/9j/4AAQSkZJRgABAQEASABIAAD/2wBDAP//////////////////////////////////////////////////////////////////////////////////////wgALCAABAAEBAREA/8QAFBABAAAAAAAAAAAAAAAAAAAAAP/aAAgBAQABPxA=',
    'base64',
  );
  /** Of the service that stands elsewhere and is used here. */
  let sharedId = '';
  /** Of the intent of a device of ours. */
  let ownVersion = '';
  let ownBackup = '';
  const keys: string[] = [
    'layanan-asing',
    'desa-asing',
    'rtr-asing-1',
    'sebab--asing',
    '73.08.02',
    '73.08.02.1001',
    'Asing',
  ];

  const as = async (role: Role, regionCode: string | null) => {
    const tokens = new ApiTokens({ db: controller.database.db, audit: controller.audit });
    const name = `${role} of ${regionCode} ${Math.random()}`;
    const { token } = await tokens.create(systemAccess('test'), { name, role, regionCode, expiresAt: null });
    return { authorization: `Bearer ${token}` };
  };
  const ask = async (method: 'GET' | 'POST' | 'PUT', url: string, payload?: object) => {
    const send = () => app.inject({ method, url: `/api/v1${url}`, headers: admin, ...(payload && { payload }) });
    let response = await send();
    // A machine under load may say `system.busy`: then one tries again, as everyone would.
    for (let tries = 0; response.statusCode === 503 && tries < 20; tries++) {
      await sleep(1000);
      response = await send();
    }
    expect(response.statusCode, `${method} ${url}: ${response.body.slice(0, 800)}`).toBeLessThan(300);
    return response.json();
  };
  const plantId = (id: string, usable = true) => {
    foreign.push({ value: id, kind: 'thing' });
    if (usable) keys.push(id);
  };

  /** What a device of each kecamatan should be, and one rollout of both, which stops because the foreign one has no credential. */
  const plantProvisioning = async () => {
    const document = (note: string) => ({
      driver: 'routeros',
      fragments: [{ key: 'note', subject: '/system/note', values: { note } }],
    });
    const { version: theirs } = await ask('PUT', '/intents/rtr-asing-1', document('Maksud Asing'));
    ownVersion = (await ask('PUT', '/intents/rtr-sendiri-1', document('Maksud sendiri'))).version;
    foreign.push({ value: theirs, kind: 'thing' });
    const { rollout } = await ask('POST', '/rollouts', {
      versions: { 'rtr-asing-1': theirs, 'rtr-sendiri-1': ownVersion },
      forcedReason: 'Paksa Asing',
    });
    await vi.waitFor(async () => expect((await ask('GET', `/rollouts/${rollout.id}`)).state).toBe('stopped'), 30_000);
    const alone = await ask('POST', '/rollouts', { versions: { 'rtr-asing-1': theirs }, forcedReason: 'Paksa Asing' });
    plantId(alone.rollout.id);
    const { db } = controller.database;
    for (const [name, masked] of [
      ['rtr-asing-1', '# Maksud Asing'],
      ['rtr-sendiri-1', '# Maksud sendiri'],
    ] as const) {
      const id = newId<never>() as string;
      const now = new Date();
      const { id: deviceId } = await ask('GET', `/devices/${name}`);
      const row = {
        id,
        device_id: deviceId,
        version: id,
        masked,
        sealed: Buffer.alloc(0),
        first_at: now,
        last_at: now,
        lines: 1,
        bytes: masked.length,
        driver: 'routeros',
      };
      await db.insertInto('device_backups').values(row).execute();
      if (name === 'rtr-asing-1') plantId(id);
      else ownBackup = id;
    }
  };

  /** Comments, photos, messages and planned work of the other kecamatan, on its own incident and on the one that is shared. */
  const plantAlerting = async (foreignPerson: PersonId) => {
    const { db } = controller.database;
    const findShared = async () => {
      const { items } = await ask('GET', '/incidents');
      const found = items.find((one: { cause: { name: string } }) => one.cause.name === 'rtr-sebab-1');
      expect(found).toBeDefined();
      shared = { id: found.id, name: found.name };
    };
    await vi.waitFor(findShared, { timeout: 60_000, interval: 500 });
    const region = ['73.08.02.1001'];
    const cause = { kind: 'device', id: newId(), name: 'Sebab Asing' } as const;
    const theirs = await plantIncident(db, { cause });
    ownIncident = await plantIncident(db, { cause: { name: 'rtr-sendiri-2' } });
    for (const [id, regionCodes] of [
      [theirs, region],
      [ownIncident, [ownRegion]],
    ] as const) {
      const { causes } = await db
        .selectFrom('incidents')
        .select('causes')
        .where('id', '=', id)
        .executeTakeFirstOrThrow();
      await db
        .updateTable('incidents')
        .set({
          causes: JSON.stringify(causes.map((one) => ({ ...one, regionCodes }))),
          region_code: regionCodes[0] ?? null,
          region_codes: [...regionCodes],
          state: 'resolved',
          cleared_at: new Date(),
          ended_at: new Date(),
        })
        .where('id', '=', id)
        .execute();
    }
    for (const id of [theirs, shared.id]) {
      await ask('POST', `/incidents/${id}/comments`, { text: 'Komentar Asing' });
      const photo = await app.inject({
        method: 'POST',
        url: `/api/v1/incidents/${id}/photos`,
        headers: { ...admin, 'content-type': 'image/jpeg' },
        payload: Buffer.concat([jpeg, Buffer.from([0xff, 0xd9])]),
      });
      expect(photo.statusCode).toBe(201);
      plantId(photo.json().id);
    }
    const channelId = await insertChannel(db, { name: 'Saluran Uji', kind: 'webhook' });
    for (const incidentId of [theirs, shared.id as IncidentId, ownIncident]) {
      const later = Date.now() + 3_600_000;
      const to = { personId: foreignPerson, channelId, address: 'asing@desa.example' };
      const id = await insertNotice(db, { ...to, incidentId, dueAt: later, state: 'scheduled' });
      await db
        .updateTable('notices')
        .set({
          state: 'failed',
          person_name: 'Jaga Asing',
          error: 'surel.rahasia.example refused it',
          problem: JSON.stringify({
            code: 'sending.refused',
            arguments: { server: 'surel.rahasia.example', said: '550' },
          }),
        })
        .where('id', '=', id)
        .execute();
      if (incidentId !== ownIncident) plantId(id);
    }
    const tomorrow = (hours: number) => new Date(Date.now() + (24 + hours) * 3_600_000).toISOString();
    const { id: siteId } = await ask('GET', '/sites/desa-asing');
    const work = { siteId, from: tomorrow(0), to: tomorrow(2), reason: 'Kerja Asing' };
    plantId((await ask('POST', '/maintenance', work)).id);
    plantId(theirs);
  };

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'arung-scope-'));
    chmodSync(folder, 0o711);
    const env = {
      ARUNG_DATA_DIR: join(folder, 'data'),
      ARUNG_KEY_FILE: join(folder, 'key'),
      ARUNG_PORT: '0',
      ARUNG_ADMIN_PASSWORD: 'palattae-kahu-1',
      ARUNG_REACHABILITY_INTERVAL_MS: '1000',
      HOME: folder,
    };
    const { config } = readConfig({ env, cwd: folder });
    const capture: RouteGroup = (scope) => {
      app = scope as unknown as FastifyInstance;
    };
    const moreRoutes = [capture, simulatorRoutes(join(folder, 'no-simulator.sock'))];
    controller = await startController({ config, logger: pino({ level: 'silent' }), moreRoutes });
    admin = await as('administrator', null);
    await ask('POST', '/regions/import', { code: '73.08' });
    await ask('POST', '/inventory/import', inventory);
    const writes = { ...(await as('publisher', '73.08.02')), 'content-type': 'text/plain' };
    const line = 'cpu,host=server-asing usage_idle=1';
    await app.inject({ method: 'POST', url: '/api/v2/write', headers: writes, payload: line });
    proposalId = (await ask('GET', '/proposals')).items[0].id;
    plantId(proposalId);
    const aturan = { ...ruleExample, key: 'aturan-asing', scope: { regions: ['73.08.02'], tags: ['tag-asing'] } };
    await ask('PUT', '/alert-rules/aturan-asing', aturan);
    keys.push('aturan-asing');
    const grants = [{ role: 'viewer', regionCode: '73.08.02' }];
    const invited = await ask('POST', '/users', { name: 'orang-asing', grants });
    plantId(invited.user.id);
    plantId(
      (await ask('POST', '/tokens', { name: 'token-asing', role: 'viewer', regionCode: '73.08.02' })).apiToken.id,
    );

    const team = await ask('POST', '/teams', { name: 'Tim Asing' });
    const person = await ask('POST', '/people', { name: 'Jaga Asing', teamId: team.id, regionCodes: ['73.08.02'] });
    const span = { from: new Date().toISOString(), to: new Date(Date.now() + 3_600_000).toISOString() };
    const duty = await ask('POST', '/duties', { personId: person.id, ...span });
    const silence = await ask('POST', '/silences', {
      matchers: [{ field: 'device', values: ['rtr-asing-1'] }],
      reason: 'Senyap Asing',
      regionCode: '73.08.02',
      ...span,
    });
    for (const { id } of [team, person, duty, silence]) plantId(id);

    interface Row {
      id: string;
      code?: string;
      name: string;
    }
    const all = async (path: string): Promise<Row[]> => (await ask('GET', `${path}?limit=1000`)).items;
    const isForeign = (row: Row) => !/sendiri|bersama/i.test(`${row.code} ${row.name}`);
    for (const path of [
      '/sites',
      '/devices',
      '/links',
      '/contacts',
      '/calendars',
      '/shared-risks',
      '/services',
      '/credentials',
    ]) {
      for (const row of await all(path)) if (isForeign(row)) plantId(row.id);
    }
    sharedId = (await ask('GET', '/services/layanan-bersama')).id;
    // A link that leads out has an end in both: who reads one end only reads nothing of it.
    for (const link of await all('/links')) if (link.name === 'sebab--sendiri') plantId(link.id);
    for (const name of ['rtr-sebab-1', 'rtr-asing-1']) {
      for (const port of (await ask('GET', `/devices/${name}/interfaces`)).items) {
        plantId(port.id, false);
        foreign.push({ value: port.name, kind: 'thing' });
      }
    }
    for (const region of await all('/regions')) {
      if (region.code?.startsWith('73.08.02')) foreign.push({ value: region.id, kind: 'region' });
    }
    await vi.waitFor(
      async () => {
        expect(await ask('GET', '/devices/rtr-sendiri-1')).toMatchObject({
          state: 'unreachable',
          cause: { name: 'rtr-sebab-1' },
        });
      },
      { timeout: 40_000, interval: 500 },
    );
    await plantProvisioning();
    await plantAlerting(person.id);
    for (const event of await all('/events')) if (!/sendiri/i.test(JSON.stringify(event))) plantId(event.id, false);
  }, 300_000);
  afterAll(async () => {
    await controller?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const skip = ['GET /*', 'POST /api/v1/session', 'DELETE /api/v1/session'];
  const ids = () => keys.filter((key) => key.length === 36);
  const recipes = (): Recipe[] => {
    const now = new Date().toISOString();
    const before = new Date(Date.now() - 3_600_000).toISOString();
    return [
      {
        route: 'POST /api/v1/series/query',
        calls: [
          { measurement: 'reachability', fields: ['loss_percent'], filter: { device: ids() } },
          { measurement: 'interface', fields: ['in_bps'], filter: { interface: ids() } },
          { measurement: 'service', fields: ['up'], filter: { service: [...ids(), sharedId] } },
        ].map((body) => ({ body: { ...body, from: before, to: now } })),
      },
      {
        route: 'GET /api/v1/series',
        calls: [
          { measurement: 'reachability', fields: 'loss_percent', device: ids().join(',') },
          { measurement: 'interface', fields: 'in_bps', interface: ids().join(',') },
          { measurement: 'service', fields: 'up', service: [...ids(), sharedId].join(',') },
        ].map((query) => ({ query: { ...query, from: before, to: now } })),
      },
      {
        route: 'GET /peta/:version/:z/:x/:file',
        calls: [{ params: { version: '0123456789abcdef', z: '8', x: '211', file: '131.pbf' } }],
      },
      ...['/api/v1/interfaces/:key', '/api/v1/calendars/:key'].map((url) => ({
        route: `PATCH ${url}`,
        calls: ids().map((key) => ({ params: { key }, body: { name: 'uji' } })),
      })),
      {
        route: 'PATCH /api/v1/channels/:key',
        calls: ids().map((key) => ({ params: { key }, body: { enabled: true } })),
      },
      {
        route: 'PUT /api/v1/message-templates/:kind/:language',
        calls: [{ params: { kind: 'opened', language: 'id' }, body: { body: '{title}\n{impact}' } }],
      },
      {
        route: 'DELETE /api/v1/message-templates/:kind/:language',
        calls: [{ params: { kind: 'opened', language: 'id' } }],
      },
      {
        // A token that we did not make: what one that we made may do is in tests/phone-link.test.ts.
        route: 'POST /api/v1/phone/:token/actions',
        calls: [
          {
            params: { token: 'A'.repeat(32) },
            body: { requestId: '019ad0f2-0c11-7f3a-9a55-0b2f61c2d001', action: 'take' },
          },
        ],
      },
      {
        route: 'GET /api/v1/intents/:key/versions/:version',
        calls: ['rtr-sendiri-1', ...ids()].map((key) => ({ params: { key, version: ownVersion } })),
      },
      {
        route: 'GET /api/v1/intents/:key/versions/:version/text',
        calls: ['rtr-sendiri-1', ...ids()].map((key) => ({ params: { key, version: ownVersion } })),
      },
      {
        route: 'GET /api/v1/intents/:key/versions/:version/difference',
        calls: ['rtr-sendiri-1', ...ids()].map((key) => ({
          params: { key, version: ownVersion },
          query: { from: ownVersion },
        })),
      },
      {
        route: 'GET /api/v1/device-backups/:key',
        calls: [ownBackup, ...ids()].map((key) => ({ params: { key } })),
      },
      {
        route: 'POST /api/v1/rollouts',
        calls: ['rtr-asing-1', 'rtr-sendiri-1'].map((key) => ({
          body: { versions: { [key]: ownVersion }, onlyInMaintenance: true },
        })),
      },
      {
        route: 'POST /api/v1/rollouts/preview',
        calls: [['rtr-asing-1'], ['rtr-sendiri-1', 'rtr-sebab-1'], ['rtr-sendiri-1']].map((devices) => ({
          body: { devices },
        })),
      },
      {
        route: 'POST /api/v1/proposals/:id/accept',
        calls: [{ params: { id: proposalId }, body: { deviceId: 'rtr-sendiri-1' } }],
      },
      {
        route: 'PUT /api/v1/alert-rules/:key',
        calls: [{ regions: ['73.08.02'] }, { regions: [ownRegion] }, {}].map((scope) => ({
          params: { key: 'aturan-asing' },
          body: { ...ruleExample, key: 'aturan-asing', scope },
        })),
      },
      {
        route: 'POST /api/v1/alert-rules/import',
        calls: [false, true].map((dryRun) => ({
          query: { dryRun: String(dryRun) },
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({
            format: 'arung-rules/1',
            rules: [{ ...ruleExample, key: 'aturan-asing', scope: { regions: [ownRegion] } }],
          }),
        })),
      },
      {
        route: 'POST /api/v1/boundaries/import',
        calls: [
          {
            query: { source: 'uji', dryRun: 'true' },
            headers: { 'content-type': 'application/geo+json' },
            body: JSON.stringify({ type: 'FeatureCollection', features: [square('73.08.02')] }),
          },
        ],
      },
      {
        route: 'POST /api/v1/variables/import',
        calls: ['true', 'false'].map((dryRun) => ({
          query: { dryRun },
          headers: { 'content-type': 'text/csv' },
          body: 'name,scope,key,value,secret\nntp,device,rtr-asing-1,10.0.0.1,\nntp,site,desa-asing,10.0.0.1,\n',
        })),
      },
      {
        route: 'POST /api/v1/inventory/import',
        calls: [false, true].map((dryRun) => ({
          query: { dryRun: String(dryRun) },
          headers: { 'content-type': 'application/json' },
          body: {
            format: 'arung-inventory/1',
            devices: [{ name: 'rtr-asing-1', site: 'kec-sendiri', role: 'router' }],
            sites: [{ code: 'desa-asing', name: 'x', kind: 'village', network: 'smart-city', region: '73.08.01' }],
          },
        })),
      },
    ];
  };

  const lesser = ['viewer', 'technician', 'operator'] as const;
  /** Whoever has fewer rights sees no route that the administrator does not: of all keys each of them tries a third. */
  const keysFor = (role: Role): readonly string[] => {
    const turn = lesser.findIndex((one) => one === role);
    return turn < 0 ? keys : keys.filter((_, at) => at % lesser.length === turn);
  };

  it.each([...lesser, 'administrator'] as const)(
    'as %s gets nothing of another by any route of the router but the name and time of the cause',
    async (role) => {
      const walked = await walkRoutes({
        app,
        headers: await as(role, ownRegion),
        foreign,
        keys: keysFor(role),
        skip,
        recipes: recipes(),
      });
      expect(walked.findings).toEqual([]);
      expect(walked.routes).toBeGreaterThan(90);
      expect(walked.requests).toBeGreaterThan(500);
    },
    400_000,
  );

  it('changes nothing of what broke elsewhere, though it hurts here', async () => {
    const headers = await as('administrator', ownRegion);
    for (const [url, payload] of [
      ['take', {}],
      ['stage', { stage: 'fixed' }],
      ['comments', { text: 'uji' }],
      ['mute', { minutes: 60 }],
    ] as const) {
      const answer = await app.inject({
        method: 'POST',
        url: `/api/v1/incidents/${shared.id}/${url}`,
        headers,
        payload,
      });
      expect(answer.statusCode, url).toBe(404);
      for (const { value } of foreign) expect(answer.body).not.toContain(value);
    }
    const { db } = controller.database;
    const rows = await db
      .selectFrom('incident_entries')
      .select(['key', 'via'])
      .where('incident_id', '=', shared.id as IncidentId)
      .where('actor', '!=', '')
      .execute();
    expect(rows.map(({ key, via }) => `${key} ${via}`).sort()).toEqual(['comment api', 'photo api']);
    expect(await ask('GET', `/incidents/${shared.id}`)).toMatchObject({ stage: 'new' });
  });

  it('sees of an incident from elsewhere its share, and nothing of its log, its messages and photos', async () => {
    for (const role of ['viewer', 'administrator'] as const) {
      const headers = await as(role, ownRegion);
      const answer = (await app.inject({ url: `/api/v1/incidents/${shared.id}`, headers })).json();
      expect(answer, role).toMatchObject({
        name: shared.name,
        cause: { name: 'rtr-sebab-1', kind: null, id: null },
        place: null,
        evidence: [],
        entries: [],
        notices: [],
      });
    }
  });

  it('learns why a message failed only where it writes alerting, and whom it was for nowhere else', async () => {
    const noticesOf = async (role: Role) => {
      const headers = await as(role, ownRegion);
      return (await app.inject({ url: `/api/v1/incidents/${ownIncident}`, headers })).json().notices;
    };
    expect(await noticesOf('viewer')).toEqual([]);
    expect(await noticesOf('technician')).toMatchObject([
      { state: 'failed', error: null, errorCode: null, errorArguments: null, person: { name: '' } },
    ]);
    expect(await noticesOf('operator')).toMatchObject([
      {
        error: expect.stringContaining('surel.rahasia.example'),
        errorArguments: { said: '550' },
        person: { id: null, name: '' },
      },
    ]);
  });

  it('sees its own, and of the cause its name and time alone', async () => {
    const headers = await as('viewer', ownRegion);
    const own = (await app.inject({ url: '/api/v1/devices/rtr-sendiri-1', headers })).json();
    expect(own).toMatchObject({
      state: 'unreachable',
      cause: { name: 'rtr-sebab-1', kind: null, id: null, certainty: null },
    });
  });

  it('sees of a service elsewhere that its sites use the name, the state and how those sites fare', async () => {
    // a service is watched a moment after it is in the inventory
    const isWatched = async (): Promise<void> => {
      expect((await ask('GET', '/services/layanan-bersama')).state).not.toBe('up');
      const { services: watched } = await ask('GET', '/status/services');
      expect(watched.map((one: { code: string }) => one.code)).toContain('layanan-bersama');
    };
    await vi.waitFor(isWatched, { timeout: 20_000, interval: 500 });
    const headers = await as('viewer', ownRegion);
    const get = async (url: string, by = headers) => (await app.inject({ url: `/api/v1${url}`, headers: by })).json();
    const seen = await get('/services/layanan-bersama');
    expect(seen).toMatchObject({ name: 'Layanan Bersama', users: 1, lost: 1, siteId: null, url: '', usedBy: [] });
    expect(seen).toMatchObject({ checks: [], values: {}, reason: null, at: null, vantages: [] });
    expect(seen.lostSites.map((site: { code: string }) => site.code)).toEqual(['kec-sendiri']);
    expect(await get('/services/layanan-bersama', admin)).toMatchObject({ users: 2 });
    expect((await get('/services')).items.map((one: { code: string }) => one.code)).toEqual(['layanan-bersama']);
    const { services, sites } = await get('/status/services');
    expect(services.map((one: { code: string }) => one.code)).toEqual(['layanan-bersama']);
    expect(sites).toHaveLength(1);
    expect(sites[0]).toMatchObject({ state: 'unreachable', cause: { name: 'rtr-sebab-1', id: null } });
    const from = new Date(Date.now() - 600_000).toISOString();
    const series = `/series?measurement=service&fields=up&service=${sharedId}&from=${from}&to=${new Date().toISOString()}`;
    await vi.waitFor(async () => expect((await get(series, admin)).series.length).toBeGreaterThan(0), {
      timeout: 60_000,
      interval: 500,
    });
    expect((await get(series)).series).toEqual([]);
  }, 120_000);

  it('gets nothing of another by the live stream', async () => {
    const headers = await as('viewer', ownRegion);
    const socket: Socket = io(controller.url, {
      extraHeaders: headers,
      transports: ['websocket'],
      reconnection: false,
    });
    const heard: unknown[] = [];
    socket.onAny((...message: unknown[]) => heard.push(message));
    await vi.waitFor(() => expect(JSON.stringify(heard)).toContain('snapshot'), { timeout: 15_000, interval: 100 });
    // Something happens in both: an import changes the topology, and every room starts over.
    const renamed = {
      format: 'arung-inventory/1',
      sites: inventory.sites.map((site) => ({ ...site, address: 'Jalan Asing 8' })),
    };
    await ask('POST', '/inventory/import', renamed);
    await sleep(3000);
    socket.disconnect();
    const text = JSON.stringify(heard);
    expect(text).toContain('rtr-sebab-1');
    for (const { value } of foreign) expect(text).not.toContain(value);
  });
});
