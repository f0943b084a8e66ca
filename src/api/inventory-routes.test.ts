import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createTestApi, type TestApi } from '../../tests/support/api.ts';
import type { Reachability } from '../domain/reachability.ts';
import type { Inventory } from '../inventory/inventory.ts';
import { backbone } from '../../tests/support/backbone.ts';
import { createInventoryOn } from '../../tests/support/inventory.ts';
import type { ServiceStates } from './services.ts';
import { inventoryRoutes } from './inventory-routes.ts';
import type { StateReader } from './state-reader.ts';

/** Live state as a board would hold it: what is named here, everything else `up`. */
class HeldStates implements StateReader {
  readonly states = new Map<string, Reachability>();
  stateOf(_kind: unknown, id: string) {
    const state = this.states.get(id) ?? 'up';
    const cause =
      state === 'up' ? null : ({ kind: 'link', id: 'x', name: 'dc--73.08.03', since: 1, certainty: 1 } as const);
    return { state, since: 1_700_000_000_000, cause };
  }
  idsNotUp() {
    return [...this.states.keys()];
  }
  deviceFacts() {
    return { lastAnswerAt: 1_700_000_000_000, rttMs: 1.5, uptimeS: 10, cpuPercent: 3, memoryPercent: null, pollMs: 20 };
  }
  interfaceFacts() {
    return { operStatus: 1, inBps: 1e6, outBps: 2e6 };
  }
  linkLoad() {
    return { abBps: 5e8, baBps: 1e8, at: 0 };
  }
}

/** Nobody looks at services here. */
const unwatched: ServiceStates = {
  statusOf: () => ({ state: 'unknown', since: null, at: null, reason: null, cause: null, values: {} }),
  outlookOf: () => ({ users: [], lost: [] }),
  vantagesOf: () => [],
};

describe('the routes of the inventory', () => {
  let test: TestApi;
  let inventory: Inventory;
  let close: () => Promise<void>;
  let admin: { authorization: string };
  let viewer: { authorization: string };
  let operator: { authorization: string };
  const live = new HeldStates();

  beforeAll(async () => {
    test = await createTestApi({
      routes: async ({ database, audit }) => {
        const made = await createInventoryOn({ database, audit, regions: '73.08' });
        inventory = made.inventory;
        close = made.close;
        return [...inventoryRoutes({ inventory, live, services: unwatched })];
      },
    });
    admin = await test.as('administrator', null);
    viewer = await test.as('viewer', '73.08.02');
    operator = await test.as('operator', '73.08.02');
  });
  afterAll(async () => {
    await close();
    await test.stop();
  });

  async function call(
    method: 'GET' | 'POST' | 'PATCH' | 'DELETE',
    url: string,
    options: { as?: { authorization: string }; body?: unknown; type?: string; headers?: Record<string, string> } = {},
  ) {
    const payload = typeof options.body === 'string' ? options.body : JSON.stringify(options.body);
    const ask = () =>
      test.api.app.inject({
        method,
        url: `/api/v1${url}`,
        headers: {
          ...(options.as ?? admin),
          ...(options.body !== undefined && { 'content-type': options.type ?? 'application/json' }),
          ...options.headers,
        },
        ...(options.body !== undefined && { payload }),
      });
    let answer = await ask();
    // A machine with too much to do sheds load; that is another test's matter.
    for (let tries = 0; answer.statusCode === 503 && tries < 20; tries++) {
      await sleep(500);
      answer = await ask();
    }
    return {
      status: answer.statusCode,
      headers: answer.headers,
      text: answer.body,
      json: () => JSON.parse(answer.body),
    };
  }

  const document = backbone({
    districts: ['73.08.02', '73.08.03'],
    villages: ['73.08.02.1001', '73.08.02.2002', '73.08.03.1001'],
  });

  it('plans an import, then does it, with its progress line by line', async () => {
    const plan = await call('POST', '/inventory/import?dryRun=true', { body: document });
    expect(plan.json()).toMatchObject({ dryRun: true, errorCount: 0, changed: 1 });
    const done = await call('POST', '/inventory/import?reason=awal', {
      body: document,
      headers: { accept: 'application/x-ndjson' },
    });
    const lines = done.text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines).toContainEqual({ phase: 'devices', done: 18, total: 18 });
    expect(lines.at(-1)).toMatchObject({ result: { dryRun: false, created: plan.json().created } });
    await inventory.topology.refresh();
  });

  it('refuses a wrong file with every error, as problem and as last line', async () => {
    const file = 'code,name,kind,network,region\nx,X,pop,smart-city,73.08.02.2099\ny,Y,hut,smart-city,73.08.02.1001';
    const refused = await call('POST', '/inventory/import?list=sites', { body: file, type: 'text/csv' });
    expect(refused.status).toBe(400);
    expect(refused.json()).toMatchObject({ code: 'import.refused', arguments: { count: 2 } });
    expect(refused.json().details).toMatchObject([
      { line: 2, column: 'region', code: 'import.does-not-exist' },
      { line: 3, column: 'kind', code: 'import.wrong-value' },
    ]);
    const streamed = await call('POST', '/inventory/import?list=sites', {
      body: file,
      type: 'text/csv',
      headers: { accept: 'application/x-ndjson' },
    });
    expect(JSON.parse(streamed.text.trim().split('\n').at(-1) ?? '')).toMatchObject({
      problem: { status: 400, code: 'import.refused' },
    });
    expect((await call('POST', '/inventory/import', { body: file, type: 'text/csv' })).json().code).toBe(
      'import.list-needed',
    );
    expect((await call('POST', '/inventory/import', { body: '{' })).json().details[0].code).toBe('import.syntax');
  });

  it('lists sites with state, counts and the medium that carries them, and pages by cursor', async () => {
    const first = (await call('GET', '/sites?limit=4')).json();
    expect(first.items).toHaveLength(4);
    const second = (await call('GET', `/sites?limit=4&cursor=${first.next}`)).json();
    expect(second.next).toBeNull();
    const codes = [...first.items, ...second.items].map((site) => site.code);
    expect(codes).toEqual([...codes].sort());
    expect(new Set(codes).size).toBe(6);
    const village = second.items.concat(first.items).find((site: { code: string }) => site.code === '73.08.02.1001');
    expect(village).toMatchObject({
      state: 'up',
      devices: { up: 3, down: 0 },
      uplinkMedium: 'radio',
      districtName: 'Kahu',
      regionName: 'Palattae',
    });
    expect((await call('GET', `/sites?sort=name&cursor=${first.next}`)).json()).toMatchObject({
      code: 'list.bad-cursor',
    });
  });

  it('filters and sorts by live state, the worst first, over pages', async () => {
    const all = (await call('GET', '/devices?limit=100')).json().items as { id: string; name: string }[];
    const [one, two, three] = [all[3], all[7], all[11]];
    live.states.set(one?.id ?? '', 'unreachable');
    live.states.set(two?.id ?? '', 'down');
    live.states.set(three?.id ?? '', 'maintenance');
    const down = (await call('GET', '/devices?state=down,unreachable')).json();
    expect(down.items.map((device: { name: string }) => device.name)).toEqual([one?.name, two?.name].sort());
    const worst = [];
    let cursor = '';
    do {
      const page = (await call('GET', `/devices?sort=state&limit=5${cursor}`)).json();
      worst.push(...page.items.map((device: { state: string; name: string }) => `${device.state} ${device.name}`));
      cursor = page.next === null ? '' : `&cursor=${page.next}`;
    } while (cursor !== '');
    expect(worst.slice(0, 3)).toEqual([`down ${two?.name}`, `unreachable ${one?.name}`, `maintenance ${three?.name}`]);
    expect(worst).toHaveLength(all.length);
    expect(new Set(worst).size).toBe(all.length);
    const up = (await call('GET', '/devices?state=up&limit=100')).json();
    expect(up.items).toHaveLength(all.length - 3);
    live.states.clear();
  });

  it('finds a device by name, address, and MAC however it is written', async () => {
    const device = await call('GET', '/devices/rtr-dc-01');
    expect(device.json()).toMatchObject({ siteCode: 'dc', rttMs: 1.5, uplinkPercent: 50, gateway: true });
    const created = await call('POST', '/interfaces', {
      body: { deviceId: device.json().id, name: 'sfp9', mac: '48:a9:8a:11:22:33' },
    });
    expect(created.status).toBe(201);
    for (const q of ['rtr-dc-01', '10.73.0.1', '48:a9:8a', '48-A9-8A-11-22-33', '48a98a112233', 'dc-01 MikroTik']) {
      const hits = (await call('GET', `/search?q=${encodeURIComponent(q)}`)).json().items;
      expect({ q, names: hits.map((hit: { name: string }) => hit.name) }).toEqual({
        q,
        names: expect.arrayContaining(['rtr-dc-01']),
      });
    }
    expect((await call('GET', '/search?q=%25')).json().items).toEqual([]);
    expect((await call('GET', '/devices?q=48:a9:8a')).json().items).toHaveLength(1);
  });

  it('shows the interfaces of a device with the other end of their links', async () => {
    const { items } = (await call('GET', '/devices/rtr-kec-73-08-02-01/interfaces')).json();
    const uplink = items.find((one: { name: string }) => one.name === 'ether1');
    expect(uplink).toMatchObject({
      operStatus: 'up',
      inBps: 1e6,
      link: { name: 'dc--73.08.02', deviceName: 'rtr-dc-01' },
    });
    const seen = (await call('GET', '/devices/rtr-kec-73-08-02-01/interfaces', { as: viewer })).json();
    expect(seen.items.find((one: { name: string }) => one.name === 'ether1').link).toBeNull();
  });

  it('changes with If-Match, and refuses a version that is no longer', async () => {
    const read = await call('GET', '/sites/dc');
    const etag = String(read.headers['etag']);
    const patch = { body: { accessNotes: 'Satpam 24 jam' }, headers: { 'if-match': etag } };
    const changed = await call('PATCH', '/sites/dc?reason=survei', patch);
    expect(changed.json()).toMatchObject({ accessNotes: 'Satpam 24 jam', name: 'Pusat Data' });
    const stale = await call('PATCH', '/sites/dc', { ...patch, body: { accessNotes: 'lain' } });
    expect(stale.status).toBe(412);
    expect(stale.json().code).toBe('inventory.stale-version');
  });

  it('tells a duplicate by what exists, and a bad body by its field', async () => {
    const site = (await call('GET', '/sites/dc')).json();
    const taken = await call('POST', '/devices', {
      body: { name: 'rtr-dc-01', siteId: site.id, role: 'router', address: '10.0.0.9' },
    });
    expect(taken.status).toBe(409);
    expect(taken.json().detail).toBe(
      'A device named rtr-dc-01 exists already: choose another name, or change that device.',
    );
    const address = await call('POST', '/devices', {
      body: { name: 'b', siteId: site.id, role: 'router', address: '10.73.0.1' },
    });
    expect(address.json().code).toBe('device.address-taken');
    const bad = await call('POST', '/devices', { body: { name: 'b', siteId: site.id, role: 'rooter' } });
    expect(bad.status).toBe(400);
    expect(bad.json().details[0].field).toBe('role');
    const used = await call('DELETE', '/sites/dc');
    expect(used.json()).toMatchObject({ status: 409, code: 'inventory.in-use' });
  });

  it('draws the map within the reader’s regions', async () => {
    const all = (await call('GET', '/map')).json();
    expect(all.sites).toHaveLength(6);
    expect(all.links).toHaveLength(5);
    const some = (await call('GET', '/map', { as: viewer })).json();
    expect(some.sites.map((site: { code: string }) => site.code).sort()).toEqual([
      '73.08.02.1001',
      '73.08.02.2002',
      'kec-73.08.02',
    ]);
    expect(some.links).toHaveLength(2);
  });

  it('lets an operator of one kecamatan write there and nowhere else', async () => {
    const body = { code: 'baru', name: 'Baru', kind: 'pop', network: 'smart-city', region: '73.08.02.1001' };
    expect((await call('POST', '/sites', { as: operator, body })).status).toBe(201);
    expect((await call('PATCH', '/sites/baru', { as: operator, body: { region: '73.08.03' } })).status).toBe(403);
    expect(
      (await call('POST', '/sites', { as: operator, body: { ...body, code: 'b2', region: '73.08.03' } })).status,
    ).toBe(403);
    expect((await call('PATCH', '/sites/dc', { as: operator, body: { name: 'x' } })).status).toBe(404);
    expect((await call('PATCH', '/links/dc--73.08.02', { as: operator, body: { trunk: false } })).status).toBe(404);
    expect((await call('PATCH', '/regions/73.08', { as: operator, body: { latitude: 0, longitude: 0 } })).status).toBe(
      403,
    );
    expect((await call('PATCH', '/contacts/Andi', { as: operator, body: { phone: '0' } })).status).toBe(403);
    expect((await call('GET', '/contacts', { as: operator })).json().items).toHaveLength(1);
    expect((await call('POST', '/regions/import', { as: operator, body: { code: '73.07' } })).status).toBe(403);
    expect((await call('POST', '/sites', { as: viewer, body: { ...body, code: 'b3' } })).status).toBe(403);
    expect((await call('DELETE', '/sites/baru', { as: operator })).status).toBe(204);
  });

  it('takes secrets and never gives them', async () => {
    const body = { name: 'ros', kind: 'routeros', user: 'arung', secret: 'sangat-rahasia' };
    const created = await call('POST', '/credentials', { body });
    expect(created.json()).toMatchObject({ name: 'ros', hasSecret: true, devices: 0 });
    for (const url of [
      '/credentials',
      '/credentials/ros',
      '/inventory/export',
      '/audit?limit=1000',
      '/search?q=rahasia',
    ]) {
      expect((await call('GET', url)).text).not.toContain('rahasia');
    }
    expect((await call('POST', '/credentials', { body: { ...body, name: 'r2', user: '' } })).json().code).toBe(
      'credential.bad-secret',
    );
    expect((await call('POST', '/credentials', { as: operator, body })).status).toBe(403);
    expect((await call('GET', '/credentials', { as: viewer })).status).toBe(403);
  });

  it('keeps planned work, which the topology then shows', async () => {
    const site = (await call('GET', '/sites/kec-73.08.03')).json();
    const now = Date.now();
    const body = {
      siteId: site.id,
      from: new Date(now - 60_000).toISOString(),
      to: new Date(now + 60_000).toISOString(),
      reason: 'Ganti UPS',
    };
    const window = await call('POST', '/maintenance', { body });
    expect(window.json()).toMatchObject({ target: 'Kecamatan 73.08.03', reason: 'Ganti UPS' });
    await inventory.topology.refresh();
    const covered = [...inventory.topology.current().devices.values()].filter((device) => device.maintenance);
    expect(covered.map((device) => device.name).sort()).toEqual([
      'abs-kec-73-08-03-01',
      'rtr-kec-73-08-03-01',
      'sw-kec-73-08-03-01',
    ]);
    expect((await call('GET', '/maintenance', { as: viewer })).json().items).toEqual([]);
    expect((await call('POST', '/maintenance', { body: { ...body, to: body.from } })).json().code).toBe(
      'maintenance.ends-before-start',
    );
    await call('DELETE', `/maintenance/${window.json().id}`);
  });

  it('gives a viewer of one kecamatan nothing of another by any of its lists', async () => {
    const foreign = ['73.08.03', '73-08-03', 'rtr-dc-01', 'Pusat Data', 'Ponre', 'e-planning'];
    const urls = [
      '/sites',
      '/devices',
      '/links',
      '/regions?limit=1000',
      '/shared-risks',
      '/calendars',
      '/contacts',
      '/services',
      '/agents',
      '/maintenance',
      '/map',
      '/inventory/export',
      '/boundaries',
      '/search?q=dc',
      '/search?q=73',
      '/sites?q=pusat',
      '/devices?q=10.73',
      '/sites?region=73.08.03',
      '/links?region=73.08.03',
      '/regions?parent=73.08',
      ...['regions', 'sites', 'devices', 'interfaces', 'links', 'sharedRisks', 'agents', 'services', 'contacts'].map(
        (list) => `/inventory/export?format=csv&list=${list}`,
      ),
    ];
    for (const url of urls) {
      const answer = await call('GET', url, { as: viewer });
      expect({ url, status: answer.status }).toEqual({ url, status: 200 });
      for (const text of foreign)
        expect({ url, has: answer.text.includes(text), text }).toEqual({ url, has: false, text });
    }
    for (const url of [
      '/sites/dc',
      '/devices/rtr-dc-01',
      '/links/dc--73.08.03',
      '/regions/73.08.03',
      '/services/e-planning',
    ]) {
      expect((await call('GET', url, { as: viewer })).status).toBe(404);
    }
  });

  it('names a cause outside the reader’s regions, and says nothing more of it', async () => {
    const site = (await call('GET', '/sites/73.08.02.1001')).json();
    live.states.set(site.id, 'unreachable');
    const seen = (await call('GET', '/sites/73.08.02.1001', { as: viewer })).json();
    expect(seen.cause).toEqual({
      name: 'dc--73.08.03',
      since: '1970-01-01T00:00:00.001Z',
      kind: null,
      id: null,
      certainty: null,
    });
    live.states.clear();
  });

  it('describes itself in OpenAPI, with an example for every body', async () => {
    const { paths } = await vi.waitFor(
      async () => {
        const answer = await test.api.app.inject({ url: '/api/openapi.json' });
        expect(answer.statusCode).toBe(200);
        return JSON.parse(answer.body);
      },
      { timeout: 10_000, interval: 500 },
    );
    for (const path of [
      '/sites',
      '/devices',
      '/links',
      '/calendars',
      '/inventory/import',
      '/boundaries/import',
      '/map',
    ]) {
      expect(Object.keys(paths)).toContain(`/api/v1${path}`);
    }
    const body = paths['/api/v1/sites'].post.requestBody.content['application/json'];
    expect(JSON.stringify(body)).toContain('kec-kahu');
  });
});
