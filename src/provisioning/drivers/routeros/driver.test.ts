import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { documentOf, fragment, RouterBench, transportNames } from '../../../../tests/support/router-bench.ts';
import type { IntentDocument } from '../../../domain/intent.ts';
import type { ConfigurationStep } from '../driver.ts';
import { knownMenus } from './menus/menus.ts';

let bench: RouterBench;
beforeAll(async () => {
  bench = await RouterBench.start(51, { isDriven: false });
});
afterAll(() => bench.stop());

/** A document of much that a router of a village has. */
const village = documentOf(
  fragment('identity', '/system/identity', { name: 'rtr-kahu-✓' }),
  fragment('dns', '/ip/dns', { servers: '10.0.0.53', 'allow-remote-requests': 'yes' }),
  fragment('br', '/interface/bridge', { name: 'br-desa', 'vlan-filtering': 'yes', comment: 'Desa Pattiró — ✓' }),
  fragment('br-20', '/interface/bridge/vlan', { bridge: 'br-desa', 'vlan-ids': '20', tagged: 'br-desa' }),
  fragment('v20', '/interface/vlan', { name: 'v20', interface: 'br-desa', 'vlan-id': '20' }),
  fragment('lan', '/ip/address', { address: '10.20.0.1/24', interface: 'v20' }),
  fragment('pool', '/ip/pool', { name: 'desa', ranges: '10.20.0.100-10.20.0.200' }),
  fragment('dhcp', '/ip/dhcp-server', { name: 'desa', interface: 'v20', 'address-pool': 'desa', 'lease-time': '24h' }),
  fragment('dhcp-net', '/ip/dhcp-server/network', { address: '10.20.0.0/24', gateway: '10.20.0.1' }),
  fragment('wg', '/interface/wireguard', { name: 'wg-kab', 'private-key': Buffer.alloc(32, 9).toString('base64') }, ['private-key']), // prettier-ignore
  fragment('ntp', '/system/ntp/client', { enabled: 'yes', servers: '10.0.0.123' }),
  fragment('admins', '/ip/firewall/address-list', { list: 'admin', address: '127.0.0.0/8' }),
  fragment('in-1', '/ip/firewall/filter', { chain: 'input', action: 'accept', 'src-address-list': 'admin' }),
  fragment('in-2', '/ip/firewall/filter', { chain: 'input', action: 'drop', protocol: 'tcp', 'dst-port': '23,2323' }),
  fragment('queue', '/queue/simple', { name: 'desa', target: '10.20.0.0/24', 'max-limit': '10M/2M' }),
  fragment('ops', '/user', { name: 'ops', group: 'read', password: 'kata-sandi-ops' }, ['password']),
  fragment('note', '/system/script', { name: 'catat', source: ':log info "masuk"\n:log info "keluar"' }),
);

describe.each(transportNames)('RouterOS by %s', (transport) => {
  const device = transport === 'api' ? 'rtr-a-01' : 'rtr-b-01';
  let run = 0;
  let applied: IntentDocument | null = null;
  beforeEach(() => {
    run += 1;
  });

  /** The whole way of a change: arm, apply, and confirm over a new session. */
  async function change(document: IntentDocument): Promise<readonly ConfigurationStep[]> {
    const name = `${transport}-${run}`;
    const steps = await bench.with(bench.target(device, transport), async (session) => {
      const { until } = await session.arm(name, 60);
      return (await session.apply(document, { run: name, applied, until })).steps;
    });
    const confirmed = await bench.with(bench.target(device, transport), (session) => session.confirm(document, { run: name, applied })); // prettier-ignore
    expect(confirmed).toEqual({ confirmed: true });
    applied = document;
    return steps;
  }
  const drift = (document: IntentDocument): Promise<readonly ConfigurationStep[]> =>
    bench.with(bench.target(device, transport), async (session) =>
      bench.driver.plan(document, await session.read([document]), applied),
    );

  it('brings a router to a document: added, set, and equal when read back', async () => {
    const steps = await change(village);
    expect(steps.filter(({ kind }) => kind === 'add')).toHaveLength(14);
    expect(bench.rows(device, '/system/identity')).toMatchObject([{ name: 'rtr-kahu-✓' }]);
    expect(bench.rows(device, '/interface/bridge')).toContainEqual(
      expect.objectContaining({ name: 'br-desa', 'vlan-filtering': 'true', comment: 'Desa Pattiró — ✓ arung:br' }),
    );
    expect(await drift(village)).toEqual([]);
  });

  it('does nothing when there is nothing to do', async () => {
    expect(await change(village)).toEqual([]);
  });

  it('leaves no rollback behind once it is confirmed', async () => {
    expect(bench.files(device)).toEqual([]);
    expect(bench.rows(device, '/system/scheduler')).toEqual([]);
    await bench.with(bench.target(device, transport), async (session) => {
      expect(await session.rollbacks()).toEqual([]);
    });
  });

  it('finds what a hand changed, removed and added, and sets it right', async () => {
    bench.byHand(device, '/ip/address/set', { '.id': bench.idOf(device, '/ip/address', { interface: 'v20' }), disabled: 'yes' }); // prettier-ignore
    bench.byHand(device, '/ip/pool/remove', { '.id': bench.idOf(device, '/ip/pool', { name: 'desa' }) });
    bench.byHand(device, '/ip/firewall/filter/add', { chain: 'input', action: 'drop', protocol: 'udp', 'place-before': bench.idOf(device, '/ip/firewall/filter', { action: 'accept' }) }); // prettier-ignore
    const found = await drift(village);
    expect(found.map(({ kind, fragment: key }) => `${kind} ${key}`)).toEqual(['add pool', 'set lan', 'move null']);
    expect(found[1]?.changes).toEqual([{ property: 'disabled', secret: false, before: 'yes', after: 'no' }]);
    await change(village);
    expect(bench.rows(device, '/ip/firewall/filter').map(({ protocol }) => protocol)).toEqual([undefined, 'tcp', 'udp']); // prettier-ignore
  });

  it('puts rules in another order', async () => {
    const { fragments } = village;
    const [one, two] = ['in-1', 'in-2'].map((key) => fragments.findIndex((item) => item.key === key));
    const turned = documentOf(...fragments.with(one ?? 0, fragments[two ?? 0] ?? fragment('x', '/x')).with(two ?? 0, fragments[one ?? 0] ?? fragment('x', '/x'))); // prettier-ignore
    expect((await change(turned)).map(({ kind }) => kind)).toEqual(['move']);
    expect(bench.rows(device, '/ip/firewall/filter').map(({ action }) => action)).toEqual(['drop', 'accept', 'drop']);
    await change(village);
  });

  it('adopts what a person made, and does not add it twice', async () => {
    bench.byHand(device, '/ip/address/add', { address: '10.30.0.1/24', interface: 'bridge', comment: 'oleh Pak Andi' });
    const before = bench.rows(device, '/ip/address').length;
    const document = documentOf(...village.fragments, fragment('andi', '/ip/address', { address: '10.30.0.1/24', interface: 'bridge' })); // prettier-ignore
    expect(await change(document)).toMatchObject([{ kind: 'set', fragment: 'andi', adopts: true }]);
    expect(bench.rows(device, '/ip/address')).toHaveLength(before);
    expect(bench.rows(device, '/ip/address')).toContainEqual(expect.objectContaining({ comment: 'oleh Pak Andi arung:andi' })); // prettier-ignore
  });

  it('tells what it has as fragments that change nothing but its marks', async () => {
    await bench.with(bench.target(device, transport), async (session) => {
      const all = [...knownMenus.keys()].filter((path) => path !== '/interface');
      const configuration = await session.read([documentOf(...all.map((path, at) => fragment(`k${at}`, path)))]);
      const fragments = all.flatMap((path) => bench.driver.fragments(configuration, path));
      const document = documentOf(...fragments);
      expect(fragments.length).toBeGreaterThan(40);
      bench.driver.check(document);
      const changed = bench.driver.plan(document, configuration, applied).flatMap(({ kind, changes }) => changes.map(({ property }) => `${kind} ${property}`)); // prettier-ignore
      expect(new Set(changed)).toEqual(new Set(['set comment']));
      expect(fragments.find(({ subject }) => subject === '/interface/wireguard')?.secret).toEqual(['private-key']);
    });
  });

  it('removes what is no longer listed, in the order in which nothing hangs in the air, and nothing else', async () => {
    const hand = bench.rows(device, '/ip/firewall/filter').filter(({ comment = '' }) => !comment.includes('arung:'));
    const steps = await change(documentOf(fragment('identity', '/system/identity', { name: device })));
    const removed = steps.filter(({ kind }) => kind === 'remove').map(({ subject }) => subject);
    expect(removed.indexOf('/ip/address')).toBeLessThan(removed.indexOf('/interface/vlan'));
    expect(removed.indexOf('/interface/vlan')).toBeLessThan(removed.indexOf('/interface/bridge'));
    expect(bench.rows(device, '/ip/firewall/filter')).toEqual(hand);
    expect(bench.rows(device, '/user').map(({ name }) => name)).toEqual(['arung']);
  });

  it('adds and removes what has no room for a mark', async () => {
    const log = documentOf(fragment('log', '/system/logging/action', { name: 'arung', target: 'remote', remote: '10.0.0.9' })); // prettier-ignore
    await change(log);
    expect(bench.rows(device, '/system/logging/action')).toContainEqual(expect.objectContaining({ name: 'arung' }));
    await change(documentOf());
    expect(bench.rows(device, '/system/logging/action').map(({ name }) => name)).not.toContain('arung');
  });

  it('undoes what it did when the device refuses a step, and says which and why', async () => {
    const before = bench.stateOf(device);
    const document = documentOf(
      fragment('ok', '/ip/pool', { name: 'baik', ranges: '10.1.0.2-10.1.0.9' }),
      fragment('name', '/system/identity', { name: 'berubah' }),
      fragment('bad', '/ip/address', { address: '10.1.0.1/24', interface: 'tidak-ada' }),
    );
    await expect(change(document)).rejects.toMatchObject({
      code: 'apply.undone',
      arguments: { fragment: 'bad', subject: '/ip/address', said: expect.stringMatching(/interface/) as string },
    });
    expect(bench.stateOf(device)).toBe(before);
    expect(bench.files(device)).toEqual([]);
  });

  it('undoes what the device takes and does not keep, and does not try for ever', async () => {
    const before = bench.contentOf(device);
    const told: ConfigurationStep[] = [];
    const document = documentOf(fragment('dns', '/ip/dns', { 'cache-size': '04096' }));
    const apply = bench.with(bench.target(device, transport), async (session) => {
      const { until } = await session.arm('keeps-not', 60);
      return session.apply(document, { run: 'keeps-not', applied, until, onStep: (step) => told.push(step) });
    });
    await expect(apply).rejects.toMatchObject({ code: 'apply.undone', arguments: { fragment: 'dns' } });
    expect(told).toHaveLength(3);
    expect(bench.contentOf(device)).toBe(before);
  });

  it('does what leans on a later step when that step is done', async () => {
    const port = device === 'rtr-a-01' ? 'sfp-sfpplus2' : 'ether3';
    const document = documentOf(
      fragment('on', '/ip/address', { address: '10.40.0.1/30', interface: 'ke-kahu' }),
      fragment('port', '/interface/ethernet', { 'default-name': port, name: 'ke-kahu' }),
    );
    expect((await change(document)).map(({ fragment: key }) => key)).toEqual(['port', 'on']);
    await change(documentOf(fragment('port', '/interface/ethernet', { 'default-name': port, name: port })));
  });

  it('refuses to change anything without an armed rollback', async () => {
    const apply = bench.with(bench.target(device, transport), (session) =>
      session.apply(village, { run: 'other', applied: null, until: Date.now() + 60_000 }),
    );
    await expect(apply).rejects.toMatchObject({ code: 'rollback.not-armed' });
    expect(await drift(documentOf())).toEqual([]);
  });

  it('says so when the device lacks a menu that the document names, and changes nothing', async () => {
    const before = bench.stateOf(device);
    const document = documentOf(fragment('x', '/ip/cloud', { 'ddns-enabled': 'yes' }), ...village.fragments);
    await expect(change(document)).rejects.toMatchObject({ code: 'router.trap', arguments: { command: '/ip/cloud/print' } }); // prettier-ignore
    expect(bench.stateOf(device)).toBe(before);
  });

  it('sets the password that it comes with, and goes on with the new one', async () => {
    const rotated = documentOf(fragment('me', '/user', { name: 'arung', group: 'full', password: 'baru-sekali' }, ['password'])); // prettier-ignore
    const target = bench.target(device, transport);
    await bench.with(target, async (session) => {
      const { until } = await session.arm('rotate', 60);
      await session.apply(rotated, { run: 'rotate', applied, until });
    });
    const credential = bench.driver.credentialAfter(rotated, target.credential);
    expect(credential).toEqual({ user: 'arung', password: 'baru-sekali' });
    await expect(bench.driver.open(target)).rejects.toMatchObject({ code: 'router.sign-in' });
    await bench.with({ ...target, alternative: { credential } }, async (session) => {
      expect(await session.confirm(rotated, { run: 'rotate', applied })).toEqual({ confirmed: true });
    });
    bench.byHand(device, '/user/set', { '.id': bench.idOf(device, '/user', { name: 'arung' }), password: target.credential.password }); // prettier-ignore
    applied = rotated;
  });
});

describe('a router that may have moved', () => {
  it('is found at its other address', async () => {
    const target = bench.target('rtr-c-01');
    const moved = { ...target, address: '127.74.51.250' };
    await expect(bench.driver.open(moved)).rejects.toMatchObject({ code: 'router.unreachable' });
    await bench.with({ ...moved, alternative: { address: target.address } }, async (session) => {
      expect(await session.rollbacks()).toEqual([]);
    });
  });

  it('is not spoken to in a way that nobody knows', async () => {
    const target = { ...bench.target('rtr-c-01'), transport: 'telnet' };
    await expect(bench.driver.open(target)).rejects.toMatchObject({ code: 'router.transport' });
  });

  it('is one at a time: who comes second waits, and is told so', async () => {
    const target = bench.target('rtr-c-01');
    await bench.with(target, async () => {
      const second = bench.driver.open(target, { commandTimeoutMs: 100 });
      await expect(second).rejects.toMatchObject({ code: 'router.busy' });
    });
    await bench.with(target, (session) => session.rollbacks());
  });
});

describe('a document for RouterOS', () => {
  it.each([
    ['a subject that is no path', fragment('a', 'vlan'), 'intent.subject'],
    ['a property that is missing', fragment('a', '/ip/address', { interface: 'bridge' }), 'intent.property-needed'],
    ['a setting of the device that names nothing', fragment('a', '/ip/service', { disabled: 'yes' }), 'intent.property-needed'], // prettier-ignore
    ['a number that is none', fragment('a', '/interface/vlan', { name: 'v', interface: 'b', 'vlan-id': '1 0' }), 'intent.value-kind'], // prettier-ignore
    ["a remark that ends as Arung's mark", fragment('a', '/interface/list', { name: 'x', comment: 'x arung:b' }), 'intent.comment-mark'], // prettier-ignore
    ["the name of Arung's own timer", fragment('a', '/system/scheduler', { name: 'arung-rollback.x' }), 'intent.name-kept'], // prettier-ignore
    ['a key that is none', fragment('A!', '/interface/list', { name: 'x' }), 'intent.key'],
  ])('is refused with %s', (_, wrong, code) => {
    expect(() => bench.driver.check(documentOf(wrong))).toThrowError(
      expect.objectContaining({ code: 'intent.invalid', details: [expect.objectContaining({ code })] }) as Error,
    );
  });

  it('is refused where two fragments say of one setting different things', () => {
    const jam = (key: string, values: Readonly<Record<string, string>>) => fragment(key, '/system/ntp/client', values);
    const first = jam('ntp', { enabled: 'yes', servers: '10.73.0.1' });
    expect(() => bench.driver.check(documentOf(first, jam('jam', { enabled: 'yes', servers: '10.73.2.1' })))).toThrow(
      expect.objectContaining({ details: [expect.objectContaining({ code: 'intent.same-entry', arguments: { fragment: 'jam', property: '', hint: 'ntp' } })] }) as Error, // prettier-ignore
    );
    expect(() => bench.driver.check(documentOf(first, jam('jam', { enabled: 'true', mode: 'unicast' })))).not.toThrow();
  });

  it('is refused where two fragments are the same entry', () => {
    const same = ['a', 'b'].map((key) => fragment(key, '/ip/address', { address: '10.0.0.1/24', interface: 'bridge' }));
    expect(() => bench.driver.check(documentOf(...same))).toThrowError(
      expect.objectContaining({ details: [expect.objectContaining({ code: 'intent.same-entry', arguments: { fragment: 'b', property: '', hint: 'a' } })] }) as Error, // prettier-ignore
    );
  });

  it('is taken with everything that a village needs', () => {
    expect(() => bench.driver.check(village)).not.toThrow();
  });
});
