import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { describeWithPeer } from '../support/peers.ts';
import { ManagedNetwork } from '../support/pulumi/controller.ts';
import { Stack, type Said } from '../support/pulumi/stack.ts';

const canary = 'kenari';
const wireguardKey = Buffer.from(`${canary}-wireguard`.padEnd(32, 'x')).toString('base64');
/** Addresses of people stand in the audit log of who writes people, and nowhere else. */
const address = `${canary}-alamat`;
const secrets = [`${canary}-sandi`, `${canary}-komunitas`, wireguardKey];
const secretsIn = (text: string) => secrets.filter((secret) => text.includes(secret));
const [router, other] = ['rtr-c-01', 'rtr-d-01'];

const item = (name: string, menu: string, values: object, more: object = {}) => ({
  type: 'RouterosItem',
  name,
  args: { device: router, menu, values, ...more },
});
const lan = (address: string, more: object = {}) => item('lan', '/ip/address', { address, interface: 'bridge' }, more);
const fragment = (key: string, subject: string, values: object) => ({ key, subject, values });

const inventory = [
  {
    type: 'MonitoredSite',
    name: 'desa',
    args: { code: 'desa-baru', name: 'Kantor Desa Baru', kind: 'village', network: 'smart-city', region: '73.08' },
  },
  {
    type: 'MonitoredDevice',
    name: 'baru',
    args: { name: 'rtr-baru-01', site: { $of: 'desa', is: 'id' }, role: 'router', protocol: 'none', tags: ['uji'] },
  },
  {
    type: 'MonitoredLink',
    name: 'kabel',
    args: {
      name: 'b--baru',
      medium: 'radio',
      capacityBps: 1e8,
      a: { device: 'rtr-b-01', interface: 'ether3' },
      b: { device: { $of: 'baru', is: 'id' }, interface: 'ether1' },
    },
  },
  {
    type: 'AlertRule',
    name: 'penuh',
    args: {
      key: 'uplink.busy',
      name: 'Uplink penuh',
      severity: 'warning',
      forS: 300,
      condition: { kind: 'threshold', measurement: 'interface', field: 'in_bps', percentOf: 'speed', above: 85 },
      scope: { carriesLink: true },
    },
  },
  {
    type: 'NotificationRoute',
    name: 'jaga',
    args: {
      name: 'Meja Jaga',
      regionCodes: ['73.08'],
      level: 2,
      channels: [{ channel: 'inbox', address }],
    },
  },
];
const configured = [
  lan('10.73.8.1/24'),
  item('ani', '/user', { name: 'ani', group: 'read', password: { $config: 'sandi' } }),
  // Nobody says that it is one: the provider learns it from the driver.
  item('snmp', '/snmp/community', { name: `${canary}-komunitas`, addresses: '10.73.0.0/24' }),
  {
    type: 'RouterosSettings',
    name: 'dns',
    args: {
      device: router,
      menu: '/ip/dns',
      values: { servers: ['10.73.0.53', '10.73.0.54'], 'allow-remote-requests': true },
    },
  },
  {
    type: 'DeviceIntent',
    name: 'd',
    args: {
      device: other,
      fragments: [
        fragment('id', '/system/identity', { name: 'rtr-d-01' }),
        fragment('wg', '/interface/wireguard', { name: 'wg-hub', 'private-key': { $config: 'wireguard' } }),
        fragment('lan', '/ip/address', { address: '10.73.9.1/24', interface: 'bridge' }),
      ],
    },
  },
];
const rollout = { pauseS: 0, rollbackS: 60 };
const tangan = { code: 'tangan', name: 'Tangan', kind: 'pop', network: 'smart-city', region: '73.08' };
const program = (...resources: Said['resources']): Said => ({ resources, rollout });
const without = (...names: string[]) => configured.filter(({ name }) => !names.includes(name));

/** All ways in which a run is cut off; one of them else. */
const isLong = process.env['ARUNG_TEST_PULUMI_CUTS'] === 'all';

describeWithPeer('pulumi', 'a stack of the real Pulumi', (pulumi) => {
  let network: ManagedNetwork;
  let stack: Stack;
  const addresses = (device = router) => network.hands.rows(device, '/ip/address').map(({ address }) => address);
  const hub = () => network.hands.rows(other, '/interface/wireguard').find(({ name }) => name === 'wg-hub');
  /** What was taken over, for the programs after that. */
  let adopted: Said['resources'] = [];
  const heard: string[] = [];
  const up = async (...args: readonly string[]) => {
    const text = await stack.well('up', '--yes', '--skip-preview', ...args);
    heard.push(text);
    return text;
  };

  beforeAll(async () => {
    network = await ManagedNetwork.start(77);
    stack = new Stack(pulumi, {
      ARUNG_URL: network.url,
      ARUNG_TOKEN: network.token,
      ARUNG_LOOK_AGE_S: '0',
      ARUNG_AWAY_S: '20',
    });
    await stack.well('stack', 'init', 'kahu');
    await stack.well('config', 'set', '--secret', 'test:sandi', `${canary}-sandi`);
    await stack.well('config', 'set', '--secret', 'test:wireguard', wireguardKey);
  }, 120_000);
  afterAll(async () => {
    stack?.remove();
    await network?.stop();
  });

  describe('with every type of resources', { timeout: 300_000 }, () => {
    it('shows, before it is made, what it would be, and beside it the waves with what each could cut', async () => {
      stack.say(program(...inventory, ...configured));
      const text = await stack.well('preview');
      heard.push(text);
      expect(text).toMatch(/\+ 12 to create|12 to create/);
      expect(text).toMatch(/2 devices in 2 waves:/);
      expect(text).toMatch(/wave 1 \(canary\): rtr-[cd]-01; at worst/);
      expect(await network.ask('GET', '/rollouts')).toMatchObject({ items: [] });
    });

    it('is made by `up`, and then nothing is left to do', async () => {
      await up();
      expect(addresses()).toContain('10.73.8.1/24');
      expect(network.hands.rows(router, '/ip/dns')[0]).toMatchObject({ servers: '10.73.0.53,10.73.0.54' });
      expect(network.hands.rows(router, '/user').map(({ name }) => name)).toContain('ani');
      expect(hub()).toMatchObject({ 'private-key': wireguardKey });
      expect(await network.ask('GET', '/devices/rtr-baru-01')).toMatchObject({ tags: ['uji'] });
      expect(await network.ask('GET', '/links/b--baru')).toMatchObject({ aName: 'rtr-b-01:ether3' });
      expect(await network.ask('GET', '/alert-rules/uplink.busy')).toMatchObject({ rule: { forS: 300 } });
      expect(await network.ask('GET', '/people/Meja%20Jaga')).toMatchObject({ level: 2 });
      const text = await stack.well('up', '--yes', '--expect-no-changes');
      expect(text).toMatch(/12 unchanged/);
    });

    it('shows what a hand has changed since, and puts it right', async () => {
      const { hands } = network;
      hands.byHand(router, '/ip/address/set', { '.id': hands.idOf(router, '/ip/address', { address: '10.73.8.1/24' }), address: '10.73.8.9/24' }); // prettier-ignore
      hands.byHand(router, '/user/remove', { '.id': hands.idOf(router, '/user', { name: 'ani' }) });
      hands.byHand(other, '/interface/wireguard/set', { '.id': hands.idOf(other, '/interface/wireguard', { name: 'wg-hub' }), 'listen-port': '13999', 'private-key': Buffer.alloc(32, 9).toString('base64') }); // prettier-ignore
      hands.byHand(router, '/ip/dns/set', { 'allow-remote-requests': 'no' });
      await network.ask('PATCH', '/sites/desa-baru', { name: 'Kantor Desa Lama' });
      await network.ask('DELETE', '/links/b--baru');
      await network.ask('DELETE', '/alert-rules/uplink.busy');
      const found = await stack.steps();
      const changed = Object.fromEntries(
        found.flatMap(({ op, urn, detailedDiff }) =>
          op === 'same' || op === 'refresh' ? [] : [[urn.split('::').at(-1), [op, ...Object.keys(detailedDiff ?? {})]]],
        ),
      );
      expect(changed).toMatchObject({
        lan: ['update', 'values.address'],
        ani: ['create'],
        dns: ['update', 'values.allow-remote-requests'],
        d: ['update', 'fragments[1].values.private-key'],
        desa: ['update', 'name'],
        kabel: ['create'],
        penuh: ['create'],
        rollout: ['update', 'behind', 'stages'],
      });
      await up();
      expect(addresses()).toContain('10.73.8.1/24');
      expect(hands.rows(router, '/user').map(({ name }) => name)).toContain('ani');
      expect(hub()).toMatchObject({ 'private-key': wireguardKey });
      expect(await network.ask('GET', '/sites/desa-baru')).toMatchObject({ name: 'Kantor Desa Baru' });
      await stack.well('preview', '--expect-no-changes');
    });

    it('updates what has changed, makes anew only what must be, and takes away what is no longer said', async () => {
      const [site, device, link, rule, route] = inventory;
      stack.say(
        program(
          { ...site, args: { ...site?.args, name: 'Kantor Desa Lain' } } as never,
          { ...device, args: { ...device?.args, tags: ['uji', 'lagi'] } } as never,
          { ...link, args: { ...link?.args, capacityBps: 2e8 } } as never,
          { ...rule, args: { ...rule?.args, key: 'uplink.full' } } as never,
          { ...route, args: { ...route?.args, level: 3 } } as never,
          lan('10.73.18.1/24'),
          // Another key: another entry. The DNS settings and the community leave the program.
          item('ani', '/user', { name: 'ani', group: 'full', password: { $config: 'sandi' } }, { key: 'ani-dua' }),
          {
            ...configured[4],
            args: {
              device: other,
              fragments: [fragment('lan', '/ip/address', { address: '10.73.9.1/24', interface: 'bridge' })],
            },
          } as never,
        ),
      );
      expect(await stack.preview()).toMatchObject({
        desa: 'update',
        baru: 'update',
        kabel: 'update',
        penuh: 'replace',
        jaga: 'update',
        lan: 'update',
        ani: 'replace',
        dns: 'delete',
        snmp: 'delete',
        d: 'update',
        rollout: 'update',
      });
      await up();
      expect(addresses()).toContain('10.73.18.1/24');
      expect(addresses()).not.toContain('10.73.8.1/24');
      expect(network.hands.rows(router, '/user').find(({ name }) => name === 'ani')).toMatchObject({ group: 'full' });
      // Taken from the device by the rollout, in its order.
      expect(network.hands.rows(router, '/snmp/community').map(({ name }) => name)).not.toContain(
        `${canary}-komunitas`,
      );
      expect(hub()).toBeUndefined();
      expect(await network.ask('GET', '/devices/rtr-baru-01')).toMatchObject({ tags: ['uji', 'lagi'] });
      const rules = await network.ask<{ items: { rule: { key: string } }[] }>('GET', '/alert-rules');
      expect(rules.items.map(({ rule: { key } }) => key)).not.toContain('uplink.busy');
      await stack.well('preview', '--expect-no-changes');
    });

    it('keeps no secret in clear: not in the state, the log, the API, the events, nor in what it said', async () => {
      stack.say(program(...inventory, ...configured));
      await up();
      heard.push(await stack.well('refresh', '--yes'), await stack.well('stack', 'export'));
      const events = await network.ask('GET', '/events?limit=500');
      const audit = await network.ask('GET', '/audit?limit=500');
      const intents = await Promise.all(
        [router, other].flatMap((device) =>
          ['', '/parts', '/versions'].map((what) => network.ask('GET', `/intents/${device}${what}`)),
        ),
      );
      const rollouts = await network.ask<{ items: { number: number }[] }>('GET', '/rollouts');
      const each = await Promise.all(rollouts.items.map(({ number }) => network.ask('GET', `/rollouts/${number}`)));
      const shown = [stack.stateFile(), network.log, ...heard, JSON.stringify([events, audit, intents, each])];
      expect(shown.map(secretsIn)).toEqual(shown.map(() => []));
      expect([stack.stateFile(), ...heard].some((text) => text.includes(address))).toBe(false);
    });

    it('takes over what was set up by hand, what the console made, and whole documents', async () => {
      const { hands } = network;
      hands.byHand(router, '/ip/pool/add', { name: 'kolam', ranges: '10.73.8.10-10.73.8.99' });
      const { items } = await network.ask<{ items: { key: string }[] }>(
        'GET',
        `/intents/${router}/found?subject=/ip/pool`,
      );
      const key = items[0]?.key ?? '';
      await network.ask('POST', '/sites', tangan);
      const { id: siteId } = await network.ask<{ id: string }>('GET', '/sites/tangan');
      const ends = [];
      for (const name of ['rtr-tangan-01', 'rtr-tangan-02']) {
        const { id: deviceId } = await network.ask<{ id: string }>('POST', '/devices', { name, siteId, role: 'router', protocol: 'none' }); // prettier-ignore
        const { id: interfaceId } = await network.ask<{ id: string }>('POST', '/interfaces', {
          deviceId,
          name: 'ether1',
        });
        ends.push({ interfaceId });
      }
      await network.ask('POST', '/links', {
        name: 't1--t2',
        medium: 'copper',
        capacityBps: 1e9,
        a: ends[0],
        b: ends[1],
      });
      await network.ask('POST', '/people', { name: 'Meja Lain', regionCodes: ['73.08.02'] });
      await network.ask('PUT', '/intents/rtr-b-01?managedBy=api', {
        driver: 'routeros',
        fragments: [fragment('lan', '/ip/address', { address: '10.73.7.1/24', interface: 'bridge' })],
      });
      const ids = {
        RouterosItem: { kolam: `${router}/ip/pool#${key}` },
        MonitoredSite: { tangan: 'tangan' },
        DeviceIntent: { b: 'rtr-b-01' },
        MonitoredDevice: { t1: 'rtr-tangan-01', t2: 'rtr-tangan-02' },
        MonitoredLink: { 't1--t2': 't1--t2' },
        AlertRule: { beban: 'link.load' },
        NotificationRoute: { jaga2: 'Meja Lain' },
      };
      const imported = Object.entries(ids).flatMap(([type, all]) =>
        Object.entries(all).map(([name, id]) => ({ type: `arung:index:${type}`, name, id })),
      );
      const file = `${stack.folder}/import.json`;
      writeFileSync(file, JSON.stringify({ resources: imported }));
      await stack.well('import', '--file', file, '--yes', '--generate-code=false', '--protect=false');
      const { rule } = await network.ask<{ rule: object }>('GET', '/alert-rules/link.load');
      const device = (name: string, called: string) => ({
        type: 'MonitoredDevice',
        name,
        args: { name: called, site: { $of: 'tangan', is: 'code' }, role: 'router', protocol: 'none' },
      });
      const end = (of: string) => ({ device: { $of: of, is: 'name' }, interface: 'ether1' });
      const lanOfB = fragment('lan', '/ip/address', { address: '10.73.7.1/24', interface: 'bridge' });
      adopted = [
        item('kolam', '/ip/pool', { name: 'kolam', ranges: '10.73.8.10-10.73.8.99' }, { key }),
        { type: 'MonitoredSite', name: 'tangan', args: tangan },
        { type: 'DeviceIntent', name: 'b', args: { device: 'rtr-b-01', fragments: [lanOfB] } },
        device('t1', 'rtr-tangan-01'),
        device('t2', 'rtr-tangan-02'),
        {
          type: 'MonitoredLink',
          name: 't1--t2',
          args: { name: 't1--t2', medium: 'copper', capacityBps: 1e9, a: end('t1'), b: end('t2') },
        },
        { type: 'AlertRule', name: 'beban', args: rule },
        { type: 'NotificationRoute', name: 'jaga2', args: { name: 'Meja Lain', regionCodes: ['73.08.02'] } },
      ];
      stack.say(program(...inventory, ...configured, ...adopted));
      // What is imported is there; that it is wanted is said with the next `up`.
      expect(await stack.preview()).toEqual({ kolam: 'update', rollout: 'update' });
      await up();
      expect(hands.rows(router, '/ip/pool')[0]).toMatchObject({ comment: `arung:${key}` });
      expect(addresses('rtr-b-01')).toContain('10.73.7.1/24');
      await stack.well('preview', '--expect-no-changes');
    });

    it('names the property that is wrong, and what to do', async () => {
      stack.say(program(...inventory, ...configured, ...adopted, item('salah', '/interface/vlan', { name: 'v20' })));
      const { code, text } = await stack.run('preview');
      expect(code).not.toBe(0);
      expect(text).toMatch(/resource 'salah': property values\.interface .*is needed/);
    });
  });

  describe('that is cut off in the middle', { timeout: 300_000 }, () => {
    const whole = () => program(...inventory, ...configured, ...adopted);

    it.each([
      ...(isLong ? ([['while it stages', /Updating|creating|updating/, 1_500]] as const) : []),
      ['while the rollout goes on', /rollout \d+ (queued|running)/, 0] as const,
    ])('by kill -9 %s ends well with the next `up`', async (_, sign, afterMs) => {
      const net = 40 + afterMs / 100;
      stack.say(program(...inventory, ...without('lan'), ...adopted, lan(`10.73.${net}.1/24`)));
      const { child, ended } = stack.start('up', '--yes', '--skip-preview');
      await new Promise<void>((resolve) => {
        let seen = '';
        child.stdout?.on('data', (chunk: Buffer) => {
          seen += chunk.toString();
          if (sign.test(seen)) setTimeout(resolve, afterMs);
        });
        child.once('close', () => resolve());
      });
      child.kill('SIGKILL');
      await ended;
      await stack.run('cancel', '--yes');
      await up();
      expect(addresses()).toContain(`10.73.${net}.1/24`);
      await stack.well('preview', '--expect-no-changes');
    });

    // What follows is run by `npm run test:soak -- tests/soak/pulumi`.
    if (!isLong) return;

    it('by Ctrl-C leaves the rollout to Arung, and joins it with the next `up`', async () => {
      stack.say({
        ...program(...inventory, ...without('lan'), ...adopted, lan('10.73.61.1/24')),
        rollout: { ...rollout, onlyInMaintenance: true },
      });
      const { child, ended } = stack.start('up', '--yes', '--skip-preview');
      await vi.waitFor(async () => {
        const { items } = await network.ask<{ items: { state: string }[] }>('GET', '/rollouts?open=true');
        expect(items).toHaveLength(1);
      }, 30_000);
      child.kill('SIGINT');
      const { code, text } = await ended;
      expect(code).not.toBe(0);
      expect(text).toMatch(/(Rollout \d+|What has begun) goes on in Arung; `pulumi up` joins it/);
      const { items } = await network.ask<{ items: { number: number }[] }>('GET', '/rollouts?open=true');
      await network.ask('POST', `/rollouts/${items[0]?.number}/abort`);
      stack.say(whole());
      await up();
      expect(addresses()).toContain('10.73.8.1/24');
    });

    it('by a controller that is away for a while waits for it', async () => {
      stack.say(program(...inventory, ...without('lan'), ...adopted, lan('10.73.62.1/24')));
      const { port } = new URL(network.url);
      await network.stopController();
      const running = up();
      await new Promise((resolve) => setTimeout(resolve, 3_000));
      await network.startController(port);
      await running;
      expect(addresses()).toContain('10.73.62.1/24');
    });

    it('by a device that does not come back fails with its reason, and is right after the next `up`', async () => {
      const cut = item('tutup', '/ip/firewall/filter', { chain: 'input', action: 'drop' });
      stack.say({ ...program(...inventory, ...configured, ...adopted, cut), rollout: { ...rollout, rollbackS: 30 } });
      const { code, text } = await stack.run('up', '--yes', '--skip-preview');
      expect(code).not.toBe(0);
      expect(text).toMatch(/Rollout \d+ stopped/);
      expect(text).toMatch(/rtr-c-01 \((reverted|lost|reverting)\)/);
      stack.say(whole());
      await up();
      await stack.well('preview', '--expect-no-changes');
    });
  });

  it('goes: what it made in the inventory goes, devices are released and stay as they are', async () => {
    const before = addresses();
    expect(before.some((one) => one?.startsWith('10.73.'))).toBe(true);
    heard.push(await stack.well('destroy', '--yes'));
    expect(addresses()).toEqual(before);
    const { items } = await network.ask<{ items: { staged: unknown }[] }>('GET', '/intents');
    expect(items.map(({ staged }) => staged)).toEqual(items.map(() => null));
    await expect(network.ask('GET', '/devices/rtr-baru-01')).rejects.toThrow(/404/);
    expect(secretsIn(heard.join(''))).toEqual([]);
  }, 120_000);
});
