import { writeFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { systemAccess } from '../../src/domain/access.ts';
import { describeWithPeer } from '../support/peers.ts';
import { ManagedNetwork } from '../support/pulumi/controller.ts';
import { Stack, type Said } from '../support/pulumi/stack.ts';
import * as whole from '../support/pulumi/whole-program.ts';
import { configured, inventory, item, lan, other, program, router, secretsIn, without } from '../support/pulumi/whole-program.ts'; // prettier-ignore

describeWithPeer('pulumi', 'a stack of the real Pulumi', (pulumi) => {
  let network: ManagedNetwork;
  let stack: Stack;
  const addresses = (device = router) => network.hands.rows(device, '/ip/address').map(({ address }) => address);
  const hub = () => network.hands.rows(other, '/interface/wireguard').find(({ name }) => name === 'wg-hub');
  const namesIn = (menu: string, device = router) => network.hands.rows(device, menu).map(({ name }) => name);
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
    for (const [name, secret] of Object.entries(whole.configuration)) {
      await stack.setSecret(`test:${name}`, secret);
    }
  }, 120_000);
  afterEach(() => {
    stack.export('ARUNG_URL', network.url);
    stack.export('ARUNG_TOKEN', network.token);
    stack.export('ARUNG_AWAY_S', '20');
  });
  afterAll(async () => {
    stack?.remove();
    await network?.stop();
  });

  describe('with every type of resources', { timeout: 300_000 }, () => {
    it('shows, before it is made, what it would be, and beside it the waves with what each could cut', async () => {
      stack.say(program(...inventory, ...configured));
      const text = await stack.well('preview');
      heard.push(text);
      expect(text).toMatch(/16 to create/);
      expect(text).toMatch(/5 devices in \d waves:/);
      expect(text).toMatch(/wave 1 \(canary\): \S+; at worst/);
      expect(await network.ask('GET', '/rollouts')).toMatchObject({ items: [] });
    });

    it('is made by `up`, and then nothing is left to do', async () => {
      await up();
      expect(addresses()).toContain('10.73.8.1/24');
      expect(network.hands.rows(router, '/ip/dns')[0]).toMatchObject({ servers: '10.73.0.53,10.73.0.54' });
      expect(namesIn('/user')).toContain('ani');
      expect(hub()).toMatchObject({ 'private-key': whole.wireguardKey });
      expect(namesIn('/ip/pool', 'ap-b-01')).toContain('tamu');
      expect(network.switches.shown('sw-b-01')).toContain('description ruang tamu');
      expect(network.switches.shown('sw-b-01')).toContain('sntp server 10.73.0.2 poll');
      expect(network.terminal('abs-d-01').option('WebServerPort')).toBe('8088');
      expect(network.terminal('abs-d-01').option('ComKey')).toBe(whole.configuration.kunci);
      expect(await network.ask('GET', '/devices/rtr-baru-01')).toMatchObject({ tags: ['uji'] });
      expect(await network.ask('GET', '/links/b--baru')).toMatchObject({ aName: 'rtr-b-01:ether3' });
      expect(await network.ask('GET', '/alert-rules/uplink.busy')).toMatchObject({ rule: { forS: 300 } });
      expect(await network.ask('GET', '/people/Meja%20Jaga')).toMatchObject({ level: 2 });
      const text = await stack.well('up', '--yes', '--expect-no-changes');
      expect(text).toMatch(/16 unchanged/);
    });

    it('shows what a hand has changed since, and puts it right', async () => {
      const { hands } = network;
      hands.byHand(router, '/ip/address/set', { '.id': hands.idOf(router, '/ip/address', { address: '10.73.8.1/24' }), address: '10.73.8.9/24' }); // prettier-ignore
      hands.byHand(router, '/user/remove', { '.id': hands.idOf(router, '/user', { name: 'ani' }) });
      hands.byHand(other, '/interface/wireguard/set', { '.id': hands.idOf(other, '/interface/wireguard', { name: 'wg-hub' }), 'listen-port': '13999', 'private-key': Buffer.alloc(32, 9).toString('base64') }); // prettier-ignore
      hands.byHand(router, '/ip/dns/set', { 'allow-remote-requests': 'no' });
      network.switches.byHand('sw-b-01', 'interface GigabitEthernet3', ' description diganti');
      network.terminal('abs-d-01').set('WebServerPort', '80');
      network.terminal('abs-d-01').setWall(network.terminal('abs-d-01').wallS() + 95);
      await network.ask('PATCH', '/sites/desa-baru', { name: 'Kantor Desa Lama' });
      await network.ask('PATCH', '/devices/rtr-baru-01', { tags: ['tangan'] });
      await network.ask('PATCH', '/people/Meja%20Jaga', { level: 1 });
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
        sw: ['update', 'sections["interface GigabitEthernet3"].description'],
        abs: ['update', 'server.port', 'time.drift'],
        desa: ['update', 'name'],
        baru: ['update', 'tags'],
        jaga: ['update', 'level'],
        kabel: ['create'],
        penuh: ['create'],
        rollout: ['update', 'behind', ...(changed['rollout']?.slice(2) ?? [])],
      });
      // Of what each stage has staged, only of those that change.
      const stages = changed['rollout']?.slice(2) ?? [];
      expect(stages.length).toBeGreaterThan(0);
      expect(stages.length).toBeLessThan(configured.length);
      for (const path of stages) expect(path).toMatch(/^stages\[\d+\]\.content$/);
      await up();
      expect(addresses()).toContain('10.73.8.1/24');
      expect(namesIn('/user')).toContain('ani');
      expect(network.switches.shown('sw-b-01')).toContain('description ruang tamu');
      expect(network.terminal('abs-d-01').option('WebServerPort')).toBe('8088');
      expect(Math.abs(network.terminal('abs-d-01').wallS() - (Date.now() / 1_000 + 8 * 3_600))).toBeLessThan(6);
      expect(hub()).toMatchObject({ 'private-key': whole.wireguardKey });
      expect(await network.ask('GET', '/sites/desa-baru')).toMatchObject({ name: 'Kantor Desa Baru' });
      await stack.well('preview', '--expect-no-changes');
    });

    it('updates what has changed, makes anew only what must be, and takes away what is no longer said', async () => {
      stack.say(program(...whole.changed));
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
        jam: 'replace',
        d: 'update',
        e: 'replace',
        sw: 'replace',
        abs: 'replace',
        rollout: 'update',
      });
      await up();
      expect(addresses()).toContain('10.73.18.1/24');
      expect(addresses()).not.toContain('10.73.8.1/24');
      expect(network.hands.rows(router, '/user').find(({ name }) => name === 'ani')).toMatchObject({ group: 'full' });
      // Taken from the device by the rollout, in its order.
      expect(namesIn('/snmp/community')).not.toContain(whole.community);
      expect(hub()).toBeUndefined();
      expect(network.hands.rows(other, '/system/ntp/client')[0]).toMatchObject({ servers: '10.73.0.2' });
      expect(namesIn('/ip/pool', 'rtr-b-01')).toContain('tamu');
      expect(network.switches.shown('sw-c-01')).toContain('description ruang rapat');
      expect(network.switches.shown('sw-c-01')).toContain('ntp server 10.73.0.2');
      expect(network.terminal('abs-c-01').option('WebServerPort')).toBe('8090');
      // What was made anew elsewhere is released here, and stays as it is.
      expect(network.switches.shown('sw-b-01')).toContain('description ruang tamu');
      expect(network.terminal('abs-d-01').option('WebServerPort')).toBe('8088');
      for (const device of ['sw-b-01', 'abs-d-01', 'ap-b-01']) {
        expect(await network.ask('GET', `/intents/${device}`)).toMatchObject({ staged: null });
      }
      expect(await network.ask('GET', '/devices/rtr-baru-01')).toMatchObject({ tags: ['uji', 'lagi'] });
      const rules = await network.ask<{ items: { rule: { key: string } }[] }>('GET', '/alert-rules');
      expect(rules.items.map(({ rule: { key } }) => key)).not.toContain('uplink.busy');
      await stack.well('preview', '--expect-no-changes');
    });

    it('keeps no secret in clear: not in the state, the log, the API, the events, nor in what it said', async () => {
      stack.say(program(...inventory, ...configured));
      // As events, in which Pulumi shows what it writes for debugging, too.
      await up('--json');
      heard.push(await stack.well('refresh', '--yes'), await stack.well('stack', 'export'));
      const events = await network.ask('GET', '/events?limit=500');
      const audit = await network.ask('GET', '/audit?limit=500');
      const intents = await Promise.all(
        [router, other, 'sw-b-01', 'abs-d-01'].flatMap((device) =>
          ['', '/parts', '/versions'].map((what) => network.ask('GET', `/intents/${device}${what}`)),
        ),
      );
      const rollouts = await network.ask<{ items: { number: number }[] }>('GET', '/rollouts');
      const each = await Promise.all(rollouts.items.map(({ number }) => network.ask('GET', `/rollouts/${number}`)));
      const shown = [stack.stateFile(), network.log, ...heard, JSON.stringify([events, audit, intents, each])];
      expect(shown.map(secretsIn)).toEqual(shown.map(() => []));
      expect([stack.stateFile(), ...heard].some((text) => text.includes(whole.address))).toBe(false);
    });

    it('takes over what was set up by hand, what the console made, and whole documents', async () => {
      const { hands } = network;
      hands.byHand(router, '/ip/pool/add', { name: 'kolam', ranges: '10.73.8.10-10.73.8.99' });
      hands.byHand(router, '/system/note/set', { note: 'ditulis tangan' });
      const keyIn = async (subject: string): Promise<string> => {
        const path = `/intents/${router}/found?subject=${subject}`;
        return (await network.ask<{ items: { key: string }[] }>('GET', path)).items[0]?.key ?? '';
      };
      const keys = { pool: await keyIn('/ip/pool'), note: await keyIn('/system/note') };
      await network.ask('POST', '/sites', whole.byHand.site);
      const { id: siteId } = await network.ask<{ id: string }>('GET', '/sites/tangan');
      const ends = [];
      for (const name of whole.byHand.devices) {
        const { id: deviceId } = await network.ask<{ id: string }>('POST', '/devices', { name, siteId, role: 'router', protocol: 'none' }); // prettier-ignore
        const { id: interfaceId } = await network.ask<{ id: string }>('POST', '/interfaces', { deviceId, name: 'ether1' }); // prettier-ignore
        ends.push({ interfaceId });
      }
      await network.ask('POST', '/links', { ...whole.byHand.link, a: ends[0], b: ends[1] });
      await network.ask('POST', '/people', whole.byHand.person);
      for (const [device, document] of Object.entries(whole.byHand.intents)) {
        await network.ask('PUT', `/intents/${device}?managedBy=api`, document);
      }
      const imported = Object.entries(whole.imports(keys)).flatMap(([type, all]) =>
        Object.entries(all).map(([name, id]) => ({ type: `arung:index:${type}`, name, id })),
      );
      const file = `${stack.folder}/import.json`;
      writeFileSync(file, JSON.stringify({ resources: imported }));
      await stack.well('import', '--file', file, '--yes', '--generate-code=false', '--protect=false');
      const { rule } = await network.ask<{ rule: object }>('GET', '/alert-rules/link.load');
      adopted = whole.adopted(keys, rule);
      stack.say(program(...inventory, ...configured, ...adopted));
      // What is imported is there; that it is wanted is said with the next `up`.
      expect(await stack.preview()).toEqual({
        kolam: 'update',
        catatan: 'update',
        swa: 'update',
        absc: 'update',
        beban: 'update',
        rollout: 'update',
      });
      await up();
      expect(hands.rows(router, '/ip/pool')[0]).toMatchObject({ comment: `arung:${keys.pool}` });
      expect(hands.rows(router, '/system/note')[0]).toMatchObject({ note: 'dikelola Arung' });
      expect(network.switches.shown('sw-a-01')).toContain('ntp-service unicast-server 10.73.0.2');
      expect(network.terminal('abs-c-01').option('WebServerPort')).toBe('8092');
      expect(await network.ask('GET', '/alert-rules/link.load')).toMatchObject({ rule: { forS: 420 } });
      expect(addresses('rtr-b-01')).toContain('10.73.7.1/24');
      await stack.well('preview', '--expect-no-changes');
    });

    it('says once what is wrong with address and token, and loses nothing to a token of another region', async () => {
      stack.say(program(...inventory, ...configured, ...adopted));
      const timesSaid = (text: string, what: RegExp) => (text.split('Diagnostics:').at(-1) ?? text).match(what)?.length;
      const failing = async (name: string, value: string | null, what: RegExp) => {
        stack.export(name, value);
        const { code, text } = await stack.run('preview');
        expect(code, text).not.toBe(0);
        expect(timesSaid(text, what), text).toBe(1);
      };
      await failing('ARUNG_TOKEN', 'salah', /Arung does not know this token/g);
      await failing('ARUNG_TOKEN', '', /ARUNG_TOKEN is set to nothing/g);
      await failing('ARUNG_TOKEN', await network.tokenOf('viewer'), /one of a viewer/g);
      await network.controller.inventory.catalogue.import(systemAccess('test'), '73.09');
      await failing(
        'ARUNG_TOKEN',
        await network.tokenOf('operator', '73.09'),
        /with this token, which is for 73.09 only/g,
      );
      // One without secrets: these are encrypted anew each time.
      const before = stack.kept('e');
      expect((await stack.run('up', '--yes', '--skip-preview')).code).not.toBe(0);
      expect((await stack.run('refresh', '--yes')).code).not.toBe(0);
      expect((await stack.run('destroy', '--yes', '--skip-preview')).code).not.toBe(0);
      expect(before).toMatchObject({ device: 'ap-b-01' });
      expect(stack.kept('e')).toEqual(before);
      stack.export('ARUNG_TOKEN', network.token);
      await failing('ARUNG_URL', null, /url is needed: `pulumi config set arung:url/g);
      stack.export('ARUNG_AWAY_S', '2');
      await failing('ARUNG_URL', 'http://127.0.0.1:9', /Arung at http:..127.0.0.1:9 does not answer/g);
      stack.export('ARUNG_URL', network.url);
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
    it('by kill -9 while the rollout goes on ends well with the next `up`', async () => {
      stack.say(program(...inventory, ...without('lan'), ...adopted, lan('10.73.40.1/24')));
      await stack.killedAt(/rollout \d+ (queued|running)/, 0, 'up', '--yes', '--skip-preview');
      await stack.run('cancel', '--yes');
      await up();
      expect(addresses()).toContain('10.73.40.1/24');
      await stack.well('preview', '--expect-no-changes');
    });
  });

  it('goes: what it made in the inventory goes, devices are released and stay as they are', async () => {
    const before = addresses();
    expect(before.some((one) => one?.startsWith('10.73.'))).toBe(true);
    heard.push(await stack.well('destroy', '--yes'));
    expect(addresses()).toEqual(before);
    expect(network.switches.shown('sw-b-01')).toContain('description ruang tamu');
    expect(network.terminal('abs-d-01').option('WebServerPort')).toBe('8088');
    const { items } = await network.ask<{ items: { staged: unknown }[] }>('GET', '/intents');
    expect(items.map(({ staged }) => staged)).toEqual(items.map(() => null));
    for (const gone of ['/devices/rtr-baru-01', '/sites/desa-baru', '/links/b--baru', '/people/Meja%20Jaga', '/alert-rules/uplink.busy']) {
      await expect(network.ask('GET', gone)).rejects.toThrow(/404/);
    } // prettier-ignore
    expect(secretsIn(heard.join(''))).toEqual([]);
  }, 120_000);
});
