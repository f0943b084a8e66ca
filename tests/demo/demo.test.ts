import { globSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Demo, demoPassword, everyDevice } from '../support/demo.ts';

/** The main job as its user has it: one process started by one command, everything over real packets. */
describe('the demo of Kabupaten Bone', { timeout: 180_000 }, () => {
  const demo = new Demo();

  beforeAll(() => demo.start(), 180_000);
  afterAll(() => demo.remove(), 60_000);

  it('has every device up within a minute', async () => {
    await demo.until((status) => status.devices.up === everyDevice && status.sites.up === 453, 90_000);
    const down = await demo.get<{ items: unknown[] }>('/api/v1/events?key=device.down&limit=5');
    expect(down.items).toEqual([]);
  });

  it('has the 27 kecamatan and 372 desa and kelurahan of the catalogue', async () => {
    const districts = await demo.get<{ items: unknown[] }>('/api/v1/regions?parent=73.08&level=district&limit=200');
    expect(districts.items).toHaveLength(27);
    const villages = await demo.get<{ items: unknown[] }>('/api/v1/sites?kind=village&limit=500');
    expect(villages.items).toHaveLength(372);
  });

  it.each([
    ['a router', 'rtr-kahu-lalepo-01', 'routeros', '/ip/address'],
    ['a switch', 'sw-bapenda-01', 'cli', 'global'],
    ['a terminal', 'abs-dpmd-01', 'zkteco', 'server'],
  ])('lets itself be configured: %s', async (_, device, driver, subject) => {
    const query = new URLSearchParams({ driver, subject });
    const { items } = await demo.get<{ items: readonly object[] }>(`/api/v1/intents/${device}/found?${query}`);
    expect(items).not.toEqual([]);
  });

  it('shows a cut link, what lies behind it as unreachable, and names the cause', async () => {
    const links = JSON.parse(await demo.cli('simulator', 'links', '--json')) as {
      items: { id: string; name: string }[];
    };
    const link = links.items.find((one) => one.name === 'palattae--kahu');
    await demo.cli('simulator', 'cut', link?.id ?? '');
    await demo.until((status) => status.sites.unreachable === 20, 20_000);
    const status = await demo.status();
    expect(status.sites.down).toBe(0);
    expect(status.devices.down).toBe(0);
    const hub = await demo.get<{ state: string; cause: { name: string; kind: string } }>('/api/v1/sites/kec-kahu');
    expect(hub).toMatchObject({ state: 'unreachable', cause: { name: 'palattae--kahu', kind: 'link' } });
    // The journal of events is written a moment after the state is shown.
    await expect
      .poll(
        async () => {
          const failures = await demo.get<{ items: { entityName: string }[] }>('/api/v1/events?key=link.down');
          return failures.items.map((event) => event.entityName);
        },
        { timeout: 15_000 },
      )
      .toEqual(['palattae--kahu']);
  });

  it('tells one person of it, once, with a page for the phone, and who takes it has it', async () => {
    type Shown = { id: string; name: string; cause: { kind: string; name: string }; takenBy: { name: string } | null };
    type Notice = { kind: string; state: string; person: { id: string; name: string }; channel: { kind: string } };
    const open = async () => (await demo.get<{ items: Shown[] }>('/api/v1/incidents')).items;
    await expect.poll(open, { timeout: 30_000 }).toMatchObject([{ cause: { kind: 'link', name: 'palattae--kahu' } }]);
    const [incident] = await open();
    const path = `/api/v1/incidents/${incident?.id}`;
    const told = async () =>
      (await demo.get<{ notices: Notice[] }>(path)).notices.filter(({ state }) => state !== 'scheduled');
    await expect
      .poll(told, { timeout: 30_000 })
      .toMatchObject([{ kind: 'opened', state: 'sent', channel: { kind: 'inbox' } }]);
    const [notice] = await told();

    // The administrator becomes the one who was told: the inbox gives the link to its own person alone.
    const asked = async (way: string, cookie: string, method = 'GET') => {
      const answer = await fetch(demo.url + way, { method, headers: { cookie } });
      expect(answer.status, `${method} ${way}`).toBe(200);
      return answer;
    };
    const signedIn = await demo.post('/api/v1/session', { name: 'admin', password: demoPassword });
    const cookie = signedIn.headers.getSetCookie()[0]?.split(';')[0] ?? '';
    const { user } = (await signedIn.json()) as { user: { id: string } };
    expect((await demo.call('PATCH', `/api/v1/people/${notice?.person.id}`, { userId: user.id })).status).toBe(200);
    const inbox = (await (await asked('/api/v1/inbox', cookie)).json()) as { items: { text: string; link: string }[] };
    expect(inbox.items).toHaveLength(1);
    const token = /\/i\/([^/]+)$/.exec(inbox.items[0]?.link ?? '')?.[1] ?? '';
    await asked(`/i/${token}`, cookie);
    expect(await (await asked(`/api/v1/phone/${token}`, '')).text()).toContain(incident?.name);

    const taken = await fetch(`${demo.url}${path}/take`, {
      method: 'POST',
      headers: { cookie, 'content-type': 'application/json' },
      body: '{}',
    });
    expect(taken.status).toBe(200);
    expect((await open())[0]?.takenBy?.name).toBe(notice?.person.name);
  });

  it('has everything up again soon after the link is restored', async () => {
    await demo.cli('simulator', 'restore', 'palattae--kahu');
    await demo.until((status) => status.devices.up === everyDevice, 20_000);
  });

  it('draws rates that no line could carry nowhere, and no negative ones', async () => {
    const read = async () => {
      const ports = await demo.get<{ items: { id: string; speedBps: number | null }[] }>(
        '/api/v1/devices/rtr-palattae-01/interfaces',
      );
      const port = ports.items.filter((one) => one.speedBps !== null);
      const answer = await demo.post('/api/v1/series/query', {
        measurement: 'interface',
        fields: ['in_bps', 'out_bps'],
        filter: { interface: port.map((one) => one.id) },
        from: new Date(Date.now() - 900_000).toISOString(),
        to: new Date().toISOString(),
        stepS: 10,
        groupBy: ['interface'],
      });
      const { series } = (await answer.json()) as {
        series: { tags: { interface: string }; values: (number | null)[] }[];
      };
      const speeds = new Map(port.map((one) => [one.id, one.speedBps ?? 0]));
      return series.flatMap((one) =>
        one.values.flatMap((value) =>
          value === null ? [] : [{ value, speedBps: speeds.get(one.tags.interface) ?? 0 }],
        ),
      );
    };
    await expect.poll(async () => (await read()).length, { timeout: 60_000 }).toBeGreaterThan(10);
    for (const { value, speedBps } of await read()) {
      expect(value).toBeGreaterThanOrEqual(0);
      expect(value).toBeLessThanOrEqual(speedBps * 1.05);
    }
  });

  it('keeps what it writes from every other account', () => {
    const names = globSync('**/*', { cwd: demo.dataDir, withFileTypes: true }).filter(
      (entry) => !entry.isSymbolicLink(),
    );
    const open = [demo.dataDir, ...names.map((entry) => join(entry.parentPath, entry.name))].filter(
      (path) => (statSync(path, { throwIfNoEntry: false })?.mode ?? 0) & 0o007,
    );
    // PostgreSQL's own account must find its libraries; the folder above is its alone.
    expect(open.filter((path) => !path.includes('/postgresql/lib'))).toEqual([]);
    expect(names.length).toBeGreaterThan(100);
  });

  it('refuses a second start on the same data with a sentence, and is not disturbed by it', async () => {
    await expect(demo.cli('serve')).rejects.toThrow(/is in use by another Arung \(process \d+\)/);
    expect((await demo.status()).devices.up).toBe(everyDevice);
  });

  it('loses nothing that was acknowledged when it is killed, and leaves no process behind', async () => {
    for (let round = 1; round <= 3; round++) {
      const made = await demo.post('/api/v1/contacts', { name: `Saksi ${round}`, role: '', phone: '', email: '' });
      expect(made.status).toBe(201);
      await demo.kill();
      await expect.poll(() => demo.processes(), { timeout: 10_000 }).toEqual([]);
      await demo.start();
      const contacts = await demo.get<{ items: { name: string }[] }>(`/api/v1/contacts?q=Saksi&limit=200`);
      const names = contacts.items.map((one) => one.name);
      for (let earlier = 1; earlier <= round; earlier++) expect(names).toContain(`Saksi ${earlier}`);
    }
    await demo.until((status) => status.devices.up === everyDevice, 90_000);
    expect(JSON.parse(await demo.cli('audit', 'verify', '--json'))).toMatchObject({ ok: true });
  });
});
