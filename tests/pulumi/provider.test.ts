import { once } from 'node:events';
import { createServer, request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemAccess } from '../../src/domain/access.ts';
import { ManagedNetwork } from '../support/pulumi/controller.ts';
import type { Properties } from '../../pulumi/provider/values.ts';
import {
  keptOf,
  plainProperties,
  ProviderProcess,
  secret,
  secretsIn,
  unknown,
  type State,
} from '../support/pulumi/provider-process.ts';

const device = 'rtr-c-01';
const nothing = { inputs: {}, outputs: {} };
const system = systemAccess('test');
const rule = (key: string) => ({
  key,
  name: 'Uplink penuh',
  severity: 'warning',
  forS: 300,
  condition: { kind: 'threshold', measurement: 'interface', field: 'in_bps', percentOf: 'speed', above: 85 },
  scope: {},
  isEnabled: true,
});

describe('the provider, asked as the engine asks it', { timeout: 60_000 }, () => {
  let network: ManagedNetwork;
  let provider: ProviderProcess;
  const env = () => ({ ARUNG_URL: network.url, ARUNG_TOKEN: network.token, ARUNG_LOOK_AGE_S: '0', ARUNG_AWAY_S: '60' });
  /** Another operation: what was seen of devices before is forgotten. */
  const anew = async () => {
    await provider.stop();
    provider = await ProviderProcess.start(env());
    await provider.configure({});
  };
  beforeAll(async () => {
    network = await ManagedNetwork.start(78);
    provider = await ProviderProcess.start(env());
    await provider.configure({});
  }, 120_000);
  afterAll(async () => {
    await provider?.stop();
    await network?.stop();
  });

  it('says what is missing of its configuration, takes the environment before it, and ends with the engine', async () => {
    const bare = await ProviderProcess.start({});
    expect(await bare.configure({})).toEqual([
      expect.stringMatching(/^url: is needed: `pulumi config set arung:url/),
      expect.stringMatching(/^token: is needed: `.\/arung token create/),
    ]);
    expect(await bare.configure({ url: 'arung.desa', token: 'x' })).toEqual([
      expect.stringMatching(/^url: is no address of a controller: arung\.desa\. It begins with http/),
    ]);
    await expect(bare.configureUnchecked({ token: 'x' })).rejects.toThrow(
      /url is needed: `pulumi config set arung:url/,
    );
    const { pid } = bare;
    await bare.stop();
    expect(() => process.kill(pid, 0)).toThrow(/ESRCH/);

    const wrong = await ProviderProcess.start({ ...env(), ARUNG_TOKEN: 'salah' });
    await expect(wrong.configure({})).rejects.toThrow(/does not know this token: `.*--replace` makes one/);
    await wrong.stop();
    const empty = await ProviderProcess.start({ ...env(), ARUNG_TOKEN: '' });
    expect(await empty.configure({ token: 'x' })).toEqual([
      expect.stringMatching(/ARUNG_TOKEN is set to nothing.*--replace` makes one/),
    ]);
    await empty.stop();
    const looksOn = await ProviderProcess.start({ ...env(), ARUNG_TOKEN: await network.tokenOf('viewer') });
    await expect(looksOn.configure({})).rejects.toThrow(/one of a viewer: a program needs that of an operator/);
    await looksOn.stop();
    // The token of the state may be revoked since.
    expect(await provider.configure({ url: 'http://127.0.0.1:9', token: secret('dicabut') })).toEqual([]);
    expect(await provider.read('x', 'MonitoredSite', { id: 'a', ...nothing })).toMatchObject({
      inputs: { name: 'Situs a' },
    });
  });

  it('names each property that is wrong, by what the driver of the device knows', async () => {
    const values = { name: 'v20', 'vlan-id': '2,5' };
    const { failures } = await provider.check('lan', 'RouterosItem', { device, menu: '/interface/vlan', values });
    expect(failures).toEqual([
      expect.stringMatching(/^values\.interface: .*is needed/),
      expect.stringMatching(/^values\.vlan-id: .*must look like/),
    ]);
    const fragments = [{ key: 'a', subject: '/ip/address', values: { address: 'x' } }];
    const intent = await provider.check('d', 'DeviceIntent', { device, fragments });
    expect(intent.failures[0]).toMatch(/^fragments\[0\]\.values\.(address|interface):/);
    const site = { code: 'x', name: 3, kind: 'pasar', network: 'smart-city', harga: 1 };
    expect((await provider.check('s', 'MonitoredSite', site)).failures).toEqual([
      expect.stringMatching(/^harga: is no property of MonitoredSite: it has code, name/),
      'kind: is "pasar": choose one of agency, district, village, pop.',
      'name: must be a string, and is a number.',
      'region: is needed: give it a value.',
    ]);
    await expect(provider.check('x', 'Awan', {})).rejects.toThrow(/no resource of the type arung:index:Awan: it has/);
  });

  it('says nothing of what a preview does not know yet, and passes it on', async () => {
    const given = { device, menu: '/ip/address', values: { address: unknown, interface: 'bridge' } };
    const { inputs, failures } = await provider.check('lan', 'RouterosItem', given);
    expect(failures).toEqual([]);
    expect(inputs).toMatchObject({ key: 'lan', values: { address: unknown } });
    const shown = await provider.create('lan', 'RouterosItem', inputs, true);
    expect(shown.outputs).toMatchObject({ managedBy: 'pulumi uji/kahu lan', content: unknown });
    expect((await provider.check('d', 'DeviceIntent', { device, fragments: unknown })).inputs).toMatchObject({
      fragments: unknown,
    });
    expect(
      (await provider.check('l', 'RouterosItem', { device, menu: '/ip/address', values: unknown })).inputs,
    ).toMatchObject({ values: unknown });
    expect(await network.ask('GET', `/intents/${device}/parts`)).toEqual({ items: [] });
  });

  it('says in a preview what Arung would refuse as things are, and stages nothing', async () => {
    const fragment = { driver: 'routeros', subject: '/ip/pool', values: { name: 'tamu', ranges: '10.73.8.10-10.73.8.20' } }; // prettier-ignore
    await network.ask('PUT', `/intents/${device}/fragments/tamu?managedBy=lain`, fragment);
    const before = await network.ask('GET', `/intents/${device}/parts`);
    const warnings = async (type: string, given: Properties): Promise<readonly string[]> => {
      const { inputs, failures } = await provider.check('tamu', type, given);
      expect(failures).toEqual([]);
      provider.said.length = 0;
      await provider.create('tamu', type, inputs, true);
      return provider.said.filter((line) => line.startsWith('warning: '));
    };
    const { subject, values } = fragment;
    const other = { name: 'lain', ranges: '10.73.9.10-10.73.9.20' };
    expect(await warnings('RouterosItem', { device, menu: subject, key: 'tamu', values })).toEqual([
      expect.stringMatching(
        /As things are, Arung would refuse this: Both lain and pulumi uji\/kahu tamu say .* tamu of/,
      ),
    ]);
    expect(await warnings('RouterosItem', { device, menu: subject, key: 'kolam', values })).toEqual([
      expect.stringMatching(/would refuse this: .*is the same entry of \/ip\/pool as/),
    ]);
    expect(await warnings('DeviceIntent', { device, fragments: [{ key: 'tamu', subject, values: other }] })).toEqual([
      expect.stringMatching(/would refuse this: Both lain and pulumi uji\/kahu tamu say/),
    ]);
    // What is right, and what is made by the same program, is nothing to warn of.
    expect(await warnings('RouterosItem', { device, menu: subject, key: 'lain', values: other })).toEqual([]);
    expect(await warnings('RouterosItem', { device: 'rtr-baru-01', menu: subject, key: 'lain', values: other })).toEqual([]); // prettier-ignore
    expect(await network.ask('GET', `/intents/${device}/parts`)).toEqual(before);
    await network.ask('DELETE', `/intents/${device}/fragments/tamu?managedBy=lain`);

    const renamed = { device, menu: subject, key: 'tamu', values };
    const old = await provider.create('tamu-lama', 'RouterosItem', (await provider.check('tamu-lama', 'RouterosItem', renamed)).inputs); // prettier-ignore
    const hint = /tamu-lama is a resource of this program: .* needs `aliases: \[\{ name: 'tamu-lama' \}\]`/;
    expect(await warnings('RouterosItem', renamed)).toEqual([expect.stringMatching(hint)]);
    const { inputs } = await provider.check('tamu', 'RouterosItem', renamed);
    await expect(provider.create('tamu', 'RouterosItem', inputs)).rejects.toThrow(hint);
    await provider.delete('tamu-lama', 'RouterosItem', old);
  });

  it('marks as secret what is, whoever said so, and gives it back marked', async () => {
    const values = {
      name: 'kenari',
      'authentication-password': 'kenari-auth',
      addresses: ['10.0.0.0/8', '10.9.0.0/16'],
      disabled: false,
    };
    const { inputs } = await provider.check('snmp', 'RouterosItem', { device, menu: '/snmp/community', values });
    expect(secretsIn(inputs)).toEqual(['values.authentication-password', 'values.name']);
    expect(plainProperties(inputs)).toMatchObject({ values: { addresses: '10.0.0.0/8,10.9.0.0/16', disabled: 'no' } });
    const made = await provider.create('snmp', 'RouterosItem', inputs);
    expect(secretsIn(made.outputs)).toEqual(['values.authentication-password', 'values.name']);
    const read = await provider.read('snmp', 'RouterosItem', made);
    expect(read).toEqual(made);
    expect(await provider.diff('snmp', 'RouterosItem', made, inputs)).toEqual([]);
    // Somebody stages another secret: it is not told, and differs from what the program says.
    const body = { driver: 'routeros', subject: '/snmp/community', values: { name: 'lain' } };
    await network.ask(
      'PUT',
      `/intents/${device}/fragments/snmp?managedBy=${encodeURIComponent('pulumi uji/kahu snmp')}`,
      body,
    );
    await anew();
    const other = await provider.read('snmp', 'RouterosItem', made);
    expect(JSON.stringify(other)).not.toMatch(/kenari|lain"/);
    expect(await provider.diff('snmp', 'RouterosItem', other ?? made, inputs)).toContain('values.name UPDATE');
    await provider.delete('snmp', 'RouterosItem', made);
    await provider.delete('snmp', 'RouterosItem', made);
    expect(await provider.read('snmp', 'RouterosItem', made)).toBeNull();
  });

  it('brings what is staged to its device, sees what a hand changes there, and takes away what leaves the program', async () => {
    const { hands } = network;
    const given = { device, menu: '/ip/pool', values: { name: 'kolam', ranges: '10.73.8.10-10.73.8.20' } };
    const { inputs } = await provider.check('kolam', 'RouterosItem', given);
    const item = await provider.create('kolam', 'RouterosItem', inputs);
    const { managedBy = '', content = '' } = item.outputs;
    const stages = [{ device, managedBy, content, isWhole: false }];
    const options = { pauseS: 0, rollbackS: 60 };
    const shown = await provider.create(
      'rollout',
      'Rollout',
      { ...options, stages: [{ ...stages[0], content: unknown } as never] },
      true,
    );
    expect(shown.outputs).toMatchObject({ number: unknown });
    expect(provider.said.join('\n')).toMatch(
      /1 device in 1 wave:\n {2}wave 1 \(canary\): rtr-c-01; at worst \d devices? silent/,
    );

    const rollout = await provider.create('rollout', 'Rollout', { ...options, stages });
    expect(rollout.outputs).toMatchObject({
      behind: [],
      versions: { [device]: expect.stringMatching(/^[0-9a-f]{64}$/) },
    });
    expect(provider.said.join('\n')).toMatch(/status: rollout \d+ (queued|running): 0 of 1 devices/);
    expect(provider.said.findLast((line) => line.startsWith('status'))).toMatch(/rollout \d+ done: 1 of 1 devices$/);
    expect(hands.rows(device, '/ip/pool')).toMatchObject([{ name: 'kolam', comment: 'arung:kolam' }]);
    await anew();
    expect(await provider.read('rollout', 'Rollout', rollout)).toEqual(rollout);
    // The CLI was killed before it heard of the end: the state has none, the device is right.
    provider.said.length = 0;
    await provider.create('rollout', 'Rollout', { ...options, stages }, true);
    expect(provider.said).toEqual([expect.stringMatching(/^info: 1 device is as the program says already/)]);
    const [stage] = stages;
    const others = [{ ...stage, device: 'rtr-a-01' } as never, { ...stage, content: unknown } as never];
    expect(await provider.diff('rollout', 'Rollout', rollout, { ...options, stages: others })).toEqual([
      'stages[0] ADD',
      'stages[1] UPDATE',
    ]);
    expect(await provider.diff('rollout', 'Rollout', rollout, { ...options, stages: others.slice(1) })).toEqual([
      'stages[0].content UPDATE',
    ]);

    hands.byHand(device, '/ip/pool/set', { '.id': hands.idOf(device, '/ip/pool', {}), ranges: '10.9.9.2-10.9.9.3' });
    await anew();
    const changed = await provider.read('kolam', 'RouterosItem', item);
    expect(changed?.inputs).toMatchObject({ values: { ranges: '10.9.9.2-10.9.9.3' } });
    expect(await provider.diff('kolam', 'RouterosItem', changed ?? item, inputs)).toEqual(['values.ranges UPDATE']);
    const behind = await provider.read('rollout', 'Rollout', rollout);
    expect(await provider.diff('rollout', 'Rollout', behind ?? rollout, rollout.inputs)).toEqual(['behind UPDATE']);
    hands.byHand(device, '/ip/pool/remove', { '.id': hands.idOf(device, '/ip/pool', {}) });
    await anew();
    expect(await provider.read('kolam', 'RouterosItem', item)).toBeNull();

    const mended = await provider.update('rollout', 'Rollout', behind ?? rollout, rollout.inputs);
    expect(hands.rows(device, '/ip/pool')).toMatchObject([{ ranges: '10.73.8.10-10.73.8.20' }]);
    // It leaves the program: the rollout takes it from the device, its own deletion releases the device.
    await provider.update('rollout', 'Rollout', mended, { ...options, stages: [] });
    expect(hands.rows(device, '/ip/pool')).toEqual([]);
    await provider.delete('kolam', 'RouterosItem', item);
    expect(await network.ask('GET', `/intents/${device}`)).toMatchObject({ staged: null });
  });

  it('renames an entry that was imported, and refuses to make a second one of what has no name', async () => {
    const { hands } = network;
    const at = 'rtr-b-01';
    hands.byHand(at, '/ip/pool/add', { name: 'tamu-tangan', ranges: '10.73.8.10-10.73.8.99' });
    hands.byHand(at, '/ip/firewall/filter/add', { chain: 'input', action: 'accept', 'src-address': '10.73.1.0/24' });
    const importOf = async (name: string, menu: string) => {
      const found = await network.ask<{ items: { key: string }[] }>('GET', `/intents/${at}/found?subject=${menu}`);
      const { key = '' } = found.items.find((one) => !/rollback/.test(one.key)) ?? {};
      const state = await provider.read(name, 'RouterosItem', { id: `${at}${menu}#${key}`, ...nothing });
      if (state === null) throw new Error(`nothing to import in ${menu}`);
      return { key, state };
    };
    const pool = await importOf('kolam', '/ip/pool');
    const named = { device: at, menu: '/ip/pool', key: pool.key, values: { name: 'kolam', ranges: '10.73.8.10-10.73.8.99' } }; // prettier-ignore
    const { inputs } = await provider.check('kolam', 'RouterosItem', named);
    provider.said.length = 0;
    await provider.update('kolam', 'RouterosItem', pool.state, inputs, true);
    expect(provider.said.filter((line) => line.startsWith('warning'))).toEqual([]);
    const item = await provider.update('kolam', 'RouterosItem', pool.state, inputs);
    const stages = [{ device: at, managedBy: 'pulumi uji/kahu kolam', content: item.outputs['content'] ?? '', isWhole: false }]; // prettier-ignore
    const options = { pauseS: 0, rollbackS: 60, forcedReason: 'uji impor' };
    const rollout = await provider.create('rollout-k', 'Rollout', { ...options, stages });
    expect(hands.rows(at, '/ip/pool')).toMatchObject([{ name: 'kolam', comment: `arung:${pool.key}` }]);

    const rule = await importOf('aturan', '/ip/firewall/filter');
    const other = {
      device: at,
      menu: '/ip/firewall/filter',
      key: rule.key,
      values: { chain: 'input', action: 'drop' },
    };
    const said = (await provider.check('aturan', 'RouterosItem', other)).inputs;
    const second = /would get a second entry.*Say it first as it is there, `pulumi up`, and change it then/;
    await provider.update('aturan', 'RouterosItem', rule.state, said, true);
    expect(provider.said.join('\n')).toMatch(second);
    await expect(provider.update('aturan', 'RouterosItem', rule.state, said)).rejects.toThrow(second);

    await provider.update('rollout-k', 'Rollout', rollout, { ...options, stages: [] });
    expect(hands.rows(at, '/ip/pool')).toEqual([]);
    await provider.delete('kolam', 'RouterosItem', item);
    await anew();
  });

  it('tells why a device went back, and brings it to what the program says after that', async () => {
    const { hands } = network;
    const options = { pauseS: 0, rollbackS: 30 };
    const stageOf = (name: string, { outputs }: State, isWhole = false) => ({
      device: d,
      managedBy: `pulumi uji/kahu ${name}`,
      content: outputs['content'] ?? '',
      isWhole,
    });
    const d = 'rtr-d-01';
    const put = async (name: string, menu: string, values: Properties) => {
      const { inputs } = await provider.check(name, 'RouterosItem', { device: d, menu, values });
      return stageOf(name, await provider.create(name, 'RouterosItem', inputs));
    };
    const pool = await put('kolam-d', '/ip/pool', { name: 'kolam', ranges: '10.8.0.2-10.8.0.9' });
    const before = await provider.create('rollout-d', 'Rollout', { ...options, stages: [pool] });
    const cut = await put('tutup', '/ip/firewall/filter', { chain: 'input', action: 'drop' });
    const inputs = { ...options, stages: [pool, cut] };
    const failed = await provider.update('rollout-d', 'Rollout', before, inputs).catch((error: unknown) => error);
    expect(String(failed)).toMatch(/Rollout \d+ stopped: .*; rtr-d-01 \(reverted\): /);
    await anew();
    const kept = await provider.read('rollout-d', 'Rollout', keptOf(failed));
    expect(kept?.outputs).toMatchObject({ behind: [d] });
    const mended = await provider.update('rollout-d', 'Rollout', kept ?? before, { ...options, stages: [pool] });
    expect(mended.outputs).toMatchObject({ behind: [], withdrawn: [] });
    expect(hands.rows(d, '/ip/firewall/filter').filter(({ comment }) => comment === 'arung:tutup')).toEqual([]);
  }, 180_000);

  it('has all devices of the program looked at with the first question', async () => {
    const lookedAt = async (): Promise<Record<string, string>> => {
      const list = `/intents?program=${encodeURIComponent('pulumi uji/kahu')}`;
      const { items } = (await network.ask('GET', list)) as { items: { device: string; lookedAt: string }[] };
      return Object.fromEntries(items.map((one) => [one.device, one.lookedAt]));
    };
    const given = { device: 'rtr-b-01', menu: '/ip/pool', values: { name: 'kolam', ranges: '10.6.0.2-10.6.0.9' } };
    const { inputs } = await provider.check('kolam-b', 'RouterosItem', given);
    const item = await provider.create('kolam-b', 'RouterosItem', inputs);
    const { managedBy = '', content = '' } = item.outputs;
    const stages = [{ device: 'rtr-b-01', managedBy, content, isWhole: false }];
    await provider.create('rollout-b', 'Rollout', { pauseS: 0, rollbackS: 60, stages });
    await anew();
    const before = await lookedAt();
    expect(Object.keys(before)).toEqual(['rtr-b-01', 'rtr-d-01']);
    await provider.read('kolam-b', 'RouterosItem', item);
    await expect.poll(async () => (await lookedAt())['rtr-d-01']).not.toBe(before['rtr-d-01']);
    expect((await lookedAt())['rtr-b-01']).not.toBe(before['rtr-b-01']);
  });

  it('asks once for all devices whose documents are as they were, and of one that is not', async () => {
    const asked: string[] = [];
    const between = createServer((request, response) => {
      const { method, headers } = request;
      asked.push(`${method} ${request.url?.replace(/^.api.v1|\?.*/g, '')}`);
      const on = httpRequest(new URL(request.url ?? '/', network.url), { method, headers }, (answer) => {
        response.writeHead(answer.statusCode ?? 500, answer.headers);
        answer.pipe(response);
      });
      request.pipe(on);
    }).listen(0, '127.0.0.1');
    await once(between, 'listening');
    const anewBetween = async () => {
      await provider.stop();
      asked.length = 0;
      const { port } = between.address() as AddressInfo;
      provider = await ProviderProcess.start({ ...env(), ARUNG_URL: `http://127.0.0.1:${port}` });
      await provider.configure({});
    };
    const devices = ['rtr-b-01', 'rtr-d-01'];
    const said = (name: string, ranges: string) => ({
      device: name,
      fragments: [
        { key: 'dok', subject: '/ip/pool', values: { name: 'dok', ranges } },
        `dok2 /ip/pool\nname=dok2\nranges=${ranges}`,
      ],
    });
    const made = new Map<string, State>();
    for (const name of devices) {
      const { inputs, failures } = await provider.check(`dok-${name}`, 'DeviceIntent', said(name, '10.6.1.2-10.6.1.9'));
      expect(failures).toEqual([]);
      expect(inputs).toMatchObject({
        fragments: ['dok /ip/pool\nname=dok\nranges=10.6.1.2-10.6.1.9', expect.any(String)],
      });
      made.set(name, await provider.create(`dok-${name}`, 'DeviceIntent', inputs));
    }
    const stages = devices.map((name) => {
      const { managedBy = '', content = '' } = made.get(name)?.outputs ?? {};
      return { device: name, managedBy, content, isWhole: true };
    });
    await provider.create('rollout-dok', 'Rollout', { pauseS: 0, rollbackS: 60, forcedReason: 'uji dokumen', stages });

    const round = async (name: string) => {
      const known = made.get(name) ?? { id: '', ...nothing };
      const read = (await provider.read(`dok-${name}`, 'DeviceIntent', known)) ?? known;
      const given = said(name, '10.6.1.2-10.6.1.9');
      const { inputs } = await provider.check(`dok-${name}`, 'DeviceIntent', given, read.inputs);
      return { read, known, inputs, differs: await provider.diff(`dok-${name}`, 'DeviceIntent', read, inputs) };
    };
    await anewBetween();
    for (const name of devices) {
      const { read, known, inputs, differs } = await round(name);
      expect(read).toEqual(known);
      expect(inputs).toEqual(known.inputs);
      expect(differs).toEqual([]);
    }
    expect(asked).toEqual(['GET /session', 'GET /intents', 'POST /intents/look']);

    const { hands } = network;
    hands.byHand('rtr-d-01', '/ip/pool/set', {
      '.id': hands.idOf('rtr-d-01', '/ip/pool', { name: 'dok' }),
      ranges: '10.9.9.2-10.9.9.3',
    });
    await anewBetween();
    expect((await round('rtr-b-01')).differs).toEqual([]);
    const changed = await round('rtr-d-01');
    expect(changed.read.inputs).toMatchObject({
      fragments: ['dok /ip/pool\nname=dok\nranges=10.9.9.2-10.9.9.3', expect.any(String)],
    });
    expect(changed.differs).toEqual(['fragments[0] UPDATE']);
    expect(asked.slice(3)).toEqual(['GET /intents/rtr-d-01/parts', 'POST /intents/check']);
    for (const name of devices)
      await provider.delete(`dok-${name}`, 'DeviceIntent', made.get(name) ?? { id: '', ...nothing });
    between.close();
    await anew();
  });

  it('makes a thing of the inventory once, however often it is asked, and takes over nothing of others', async () => {
    const site = { code: 'desa-baru', name: 'Desa Baru', kind: 'village', network: 'smart-city', region: '73.08' };
    const warnings = async (name: string, type: string, inputs: Properties): Promise<readonly string[]> => {
      provider.said.length = 0;
      await provider.create(name, type, inputs, true);
      return provider.said.filter((line) => line.startsWith('warning: '));
    };
    expect(await warnings('desa', 'MonitoredSite', site)).toEqual([]);
    const made = await provider.create('desa', 'MonitoredSite', site);
    expect(await network.ask('GET', '/sites/desa-baru')).toMatchObject({ managedBy: 'pulumi uji/kahu desa' });
    // The answer was lost with the process: it is asked again, in the words that the program has by now.
    expect((await provider.create('desa', 'MonitoredSite', site)).id).toBe(made.id);
    expect((await provider.create('desa', 'MonitoredSite', { ...site, name: 'Lain' })).id).toBe(made.id);
    expect(await network.ask('GET', '/sites/desa-baru')).toMatchObject({ name: 'Lain' });
    expect(await warnings('desa', 'MonitoredSite', site)).toEqual([]);
    await provider.create('desa', 'MonitoredSite', site);

    // By another resource of the program, by the inventory's file, by hand: refused, the same or not, and said before.
    const twin = /desa-baru is there already, made by desa of this program: .* `aliases: \[\{ name: 'desa' \}\]`/;
    await expect(provider.create('lain', 'MonitoredSite', site)).rejects.toThrow(twin);
    const imports = (type: string, key: string, by = '') =>
      new RegExp(
        `${key} is there already \\(${by}.*\\): \`pulumi import arung:index:${type} x '${key}'\` takes it over`,
      );
    const others = [
      ['MonitoredSite', 'a', 'import', { ...site, code: 'a' }],
      [
        'MonitoredDevice',
        'rtr-b-01',
        'import',
        { name: 'rtr-b-01', site: 'desa-baru', role: 'router', protocol: 'none' },
      ],
      ['NotificationRoute', 'Tangan', 'console', { name: 'Tangan', level: 2 }],
      ['AlertRule', 'milik.tangan', 'console', rule('milik.tangan')],
    ] as const;
    await network.ask('POST', '/people', { name: 'Tangan', level: 2 });
    await network.ask('PUT', '/alert-rules/milik.tangan', rule('milik.tangan'));
    for (const [type, key, by, inputs] of others) {
      await expect(provider.create('x', type, inputs)).rejects.toThrow(imports(type, key, by));
      expect(await warnings('x', type, inputs)).toEqual([
        expect.stringMatching(/As things are, Arung would refuse this/),
      ]);
      expect(provider.said.join('')).toMatch(imports(type, key, by));
    }
    expect(await network.ask('GET', '/sites/a')).toMatchObject({ name: 'Situs a', managedBy: 'import' });
    // One that is built in, and as it was, is nobody's.
    expect(await warnings('x', 'AlertRule', rule('uplink.busy'))).toEqual([]);
    const tuned = await provider.create('x', 'AlertRule', rule('uplink.busy'));
    await provider.create('x', 'AlertRule', rule('uplink.busy'));
    await provider.delete('x', 'AlertRule', tuned);
    await network.ask('DELETE', '/people/Tangan');
    await network.ask('DELETE', '/alert-rules/milik.tangan');

    const imported = await provider.read('desa', 'MonitoredSite', { id: 'desa-baru', ...nothing });
    expect(imported).toMatchObject({ id: made.id, inputs: site });
    await network.ask('PATCH', '/sites/desa-baru', { name: 'Tangan', address: 'Jalan 1' });
    const read = await provider.read('desa', 'MonitoredSite', made);
    expect(await provider.diff('desa', 'MonitoredSite', read ?? made, site)).toEqual(['name UPDATE']);
    await provider.update('desa', 'MonitoredSite', read ?? made, site);
    expect(await network.ask('GET', '/sites/desa-baru')).toMatchObject({ name: 'Desa Baru', address: 'Jalan 1' });
    const device = { name: 'rtr-baru', site: 'tidak-ada', role: 'router' };
    await expect(provider.create('baru', 'MonitoredDevice', device)).rejects.toThrow(
      /^.*site: There is no site tidak-ada/,
    );
    const inUse = (await provider.read('x', 'MonitoredSite', { id: 'a', ...nothing })) ?? made;
    await expect(provider.delete('x', 'MonitoredSite', inUse)).rejects.toThrow(
      /^.*a: It is still in use by .*stay in Arung and only leave the program: `pulumi state delete 'urn:pulumi:kahu::uji::arung:index:MonitoredSite::x'`/,
    );
    await provider.delete('desa', 'MonitoredSite', made);
    await provider.delete('desa', 'MonitoredSite', made);
    expect(await provider.read('desa', 'MonitoredSite', made)).toBeNull();
  });

  it('takes nothing for gone that its token may only not see', async () => {
    const pool = { device, menu: '/ip/pool', values: { name: 'jauh', ranges: '10.73.8.10-10.73.8.20' } };
    const document = { device: 'rtr-d-01', fragments: ['jauh /ip/pool\nname=jauh\nranges=10.73.9.10-10.73.9.20'] };
    const person = { name: 'Jauh', regionCodes: ['73.08.02'] };
    const kept: [string, string, State][] = [];
    for (const [name, type, given] of [
      ['jauh', 'RouterosItem', pool],
      ['jauh-d', 'DeviceIntent', document],
      ['orang', 'NotificationRoute', person],
      ['aturan', 'AlertRule', { ...rule('jauh.satu'), scope: { regions: ['73.08.02'] } }],
    ] as const) {
      const { inputs, failures } = await provider.check(name, type, given as Properties);
      expect(failures).toEqual([]);
      kept.push([name, type, await provider.create(name, type, inputs)]);
    }
    const imported = async (type: string, id: string) => {
      const state = await provider.read('x', type, { id, ...nothing });
      if (state === null) throw new Error(`no ${type} ${id}`);
      return state;
    };
    kept.push(['situs', 'MonitoredSite', await imported('MonitoredSite', 'c')]);
    kept.push(['perangkat', 'MonitoredDevice', await imported('MonitoredDevice', device)]);
    const { items: links } = await network.ask<{ items: { name: string }[] }>('GET', '/links');
    kept.push(['kabel', 'MonitoredLink', await imported('MonitoredLink', links[0]?.name ?? '')]);
    const stages = [{ device, managedBy: 'pulumi uji/kahu jauh', content: kept[0]?.[2].outputs['content'] ?? '', isWhole: false }]; // prettier-ignore
    kept.push(['rollout', 'Rollout', { id: 'pulumi uji/kahu rollout', inputs: { stages }, outputs: { stages } }]);

    await network.controller.inventory.catalogue.import(system, '73.09');
    const elsewhere = await ProviderProcess.start({
      ...env(),
      ARUNG_TOKEN: await network.tokenOf('operator', '73.09'),
    });
    await elsewhere.configure({});
    await expect(elsewhere.read('x', 'MonitoredSite', kept[4]?.[2] ?? { id: '', ...nothing })).rejects.toThrow(
      /^.*c is not to be seen with this token, which is for 73.09 only; .*`pulumi state delete 'urn:pulumi:kahu::uji::arung:index:MonitoredSite::x'`/,
    );
    for (const [name, type, state] of kept) {
      const urn = `urn:pulumi:kahu::uji::arung:index:${type}::${name}`;
      const unseen = new RegExp(`is not to be seen with this token.*stays in the state.*${urn}`);
      await expect(elsewhere.read(name, type, state), `${type} read`).rejects.toThrow(unseen);
      if (type !== 'Rollout')
        await expect(elsewhere.delete(name, type, state), `${type} delete`).rejects.toThrow(unseen);
    }
    await expect(elsewhere.invoke('arung:index:getRouters', { region: '73.08.02' })).rejects.toThrow(
      /this token is for 73.09 only, and 73.08.02 is not in it/,
    );
    await elsewhere.stop();
    for (const [name, type, state] of kept.slice(0, 4)) {
      expect(await provider.read(name, type, state)).not.toBeNull();
      await provider.delete(name, type, state);
    }
  });

  it('finds routers of a region that there is, and says what to type for another', async () => {
    const routersOf = (region: string) => provider.invoke('arung:index:getRouters', { region });
    expect((await routersOf('73.08'))['routers']).toContainEqual(expect.objectContaining({ name: device }));
    await expect(routersOf('kahu')).rejects.toThrow(
      /"kahu" is no code of a region. Give a code .* for example 73.08.01/,
    );
    await expect(routersOf('730802')).rejects.toThrow(/"730802" is no code/);
    await expect(routersOf('73.08.99')).rejects.toThrow(/there is no region 73.08.99 in Arung. Give a code/);
  });

  it('leaves secret variables to Arung, and rolls again when one has another value', async () => {
    const variable = { scope: 'network', name: 'kolam', value: '10.8.1.2-10.8.1.9', secret: true };
    await network.ask('PUT', '/variables', variable);
    expect(await provider.invoke('arung:index:getVariables', { device: 'rtr-a-01' })).toEqual({
      variables: { kolam: '{{variable:kolam}}' },
    });
    const values = { name: 'kolam', ranges: '{{variable:kolam}}' };
    const { inputs } = await provider.check('v', 'RouterosItem', { device: 'rtr-a-01', menu: '/ip/pool', values });
    const { managedBy = '', content = '' } = (await provider.create('v', 'RouterosItem', inputs)).outputs;
    const stages = [{ device: 'rtr-a-01', managedBy, content, isWhole: false }];
    const options = { pauseS: 0, rollbackS: 60, forcedReason: 'uji variabel', stages };
    const rolled = await provider.create('rollout-v', 'Rollout', options);
    expect(network.hands.rows('rtr-a-01', '/ip/pool')).toMatchObject([{ ranges: '10.8.1.2-10.8.1.9' }]);
    await network.ask('PUT', '/variables', { ...variable, value: '10.8.2.2-10.8.2.9' });
    await anew();
    const behind = await provider.read('rollout-v', 'Rollout', rolled);
    expect(behind?.outputs).toMatchObject({ behind: ['rtr-a-01'] });
    await provider.update('rollout-v', 'Rollout', behind ?? rolled, options);
    expect(network.hands.rows('rtr-a-01', '/ip/pool')).toMatchObject([{ ranges: '10.8.2.2-10.8.2.9' }]);
    // The same where a template says something else.
    await network.ask('PUT', '/templates', {
      name: 'nama',
      driver: 'routeros',
      fragments: [{ key: 'dns', subject: '/ip/dns', values: { servers: '10.73.0.53' } }],
      places: [{ scope: 'device', key: 'rtr-a-01' }],
    });
    await anew();
    const templated = await provider.read('rollout-v', 'Rollout', rolled);
    expect(templated?.outputs).toMatchObject({ behind: ['rtr-a-01'] });
    await provider.update('rollout-v', 'Rollout', templated ?? rolled, options);
    expect(network.hands.rows('rtr-a-01', '/ip/dns')).toMatchObject([{ servers: '10.73.0.53' }]);
    await network.ask('DELETE', '/templates/nama');
  });

  it('stages sections of a switch, each list as several lines, and names what is wrong in one', async () => {
    const sections = {
      'interface gi2': { description: 'ke balai', shutdown: false },
      global: { 'ntp.server': ['10.73.0.1', '10.73.0.2'] },
    };
    const given = { device: 'sw-b-01', sections };
    const { inputs, failures } = await provider.check('sw', 'SwitchConfig', given);
    expect(failures).toEqual([]);
    const made = await provider.create('sw', 'SwitchConfig', inputs);
    const { items } = await network.ask<{ items: { driver: string; fragments: { key: string; values: object }[] }[] }>(
      'GET',
      '/intents/sw-b-01/parts',
    );
    expect(items[0]?.driver).toBe('cli');
    expect(items[0]?.fragments).toMatchObject([
      { key: 'global', values: { 'ntp.server': '10.73.0.1\n10.73.0.2' } },
      { key: 'interface-gi2', values: { description: 'ke balai', shutdown: 'no' } },
    ]);
    expect(await provider.read('sw', 'SwitchConfig', made)).toEqual(made);
    const other = { 'interface gi2': { description: 'lain', shutdown: false } };
    const news = (await provider.check('sw', 'SwitchConfig', { device: 'sw-b-01', sections: other })).inputs;
    expect(await provider.diff('sw', 'SwitchConfig', made, news)).toEqual([
      'sections.global DELETE',
      'sections["interface gi2"].description UPDATE',
    ]);
    const bad = await provider.check('sw', 'SwitchConfig', {
      device: 'sw-b-01',
      sections: { global: { reload: 'now' } },
    });
    expect(bad.failures[0]).toMatch(/^sections\["global"\]\.reload: .*is no line of a configuration/);
    await provider.delete('sw', 'SwitchConfig', made);
    expect(await network.ask('GET', '/intents/sw-b-01')).toMatchObject({ staged: null });
  });

  it('stages settings of an attendance terminal, its comm key secret', async () => {
    const given = { device: 'abs-c-01', time: { zone: '+08:00', drift: 5 }, comm: { key: 123_456 } };
    const { inputs, failures } = await provider.check('abs', 'AttendanceTerminal', given);
    expect(failures).toEqual([]);
    expect(secretsIn(inputs)).toEqual(['comm.key']);
    const made = await provider.create('abs', 'AttendanceTerminal', inputs);
    expect(await provider.read('abs', 'AttendanceTerminal', made)).toEqual(made);
    const part = await network.ask('GET', '/intents/abs-c-01/parts');
    expect(part).toMatchObject({
      items: [{ driver: 'zkteco', fragments: [{ subject: 'time' }, { secret: ['key'] }] }],
    });
    const bad = await provider.check('abs', 'AttendanceTerminal', { device: 'abs-c-01', time: { zone: 'WITA' } });
    expect(bad.failures).toEqual([expect.stringMatching(/^time\.zone: /)]);
    await provider.delete('abs', 'AttendanceTerminal', made);
  });

  it('keeps addresses of people secret', async () => {
    const given = { name: 'Meja Jaga', level: 2, channels: [{ channel: 'inbox', address: 'kenari-alamat' }] };
    const { inputs } = await provider.check('jaga', 'NotificationRoute', given);
    expect(secretsIn(inputs)).toEqual(['channels.0.address']);
    const made = await provider.create('jaga', 'NotificationRoute', inputs);
    const read = await provider.read('jaga', 'NotificationRoute', made);
    expect(secretsIn(read?.inputs ?? {})).toEqual(['channels.0.address']);
    expect(await provider.diff('jaga', 'NotificationRoute', read ?? made, inputs)).toEqual([]);
    await provider.delete('jaga', 'NotificationRoute', made);
  });

  it('waits for a controller that is away, and says so', async () => {
    const { port } = new URL(network.url);
    await network.stopController();
    const before = provider.said.length;
    const asked = provider.read('x', 'MonitoredSite', { id: 'a', ...nothing });
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    await network.startController(port);
    expect(await asked).toMatchObject({ inputs: { code: 'a' } });
    expect(provider.said.slice(before).join('\n')).toMatch(/status: Arung at .* does not answer \(ECONNREFUSED\)/);
  });
});
