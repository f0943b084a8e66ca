import { describe, expect, it } from 'vitest';
import { documentOf, fragment } from '../../../../tests/support/router-bench.ts';
import type { IntentDocument } from '../../../domain/intent.ts';
import type { ApiRow } from './api-client.ts';
import { RouterOsConfiguration } from './configuration.ts';
import { planActions } from './plan.ts';

const holding = (menus: Readonly<Record<string, readonly ApiRow[]>>): RouterOsConfiguration =>
  new RouterOsConfiguration(0, new Map(Object.entries(menus)));

function plan(
  document: IntentDocument,
  menus: Readonly<Record<string, readonly ApiRow[]>>,
  { before = null }: { readonly before?: IntentDocument | null } = {},
) {
  const asked = Object.fromEntries(document.fragments.map(({ subject }) => [subject, []]));
  return planActions(holding({ ...asked, ...menus }), { document, before, written: before });
}

/** What is done, in short: `set /ip/address lan address`. */
const shortly = (actions: ReturnType<typeof plan>): string[] =>
  actions.map(({ step }) =>
    [step.kind, step.subject, step.fragment ?? '-', ...step.changes.map(({ property }) => property)].join(' '),
  );

const lan = fragment('lan', '/ip/address', { address: '10.0.0.1/24', interface: 'bridge' });

describe('a plan for a router', () => {
  it('adds what is missing, with its mark', () => {
    const actions = plan(documentOf(lan), { '/ip/address': [] });
    expect(actions).toMatchObject([
      { kind: 'add', values: { address: '10.0.0.1/24', interface: 'bridge', comment: 'arung:lan' } },
    ]);
  });

  it('is empty where the device says the same in its own words', () => {
    const document = documentOf(
      fragment('lan', '/ip/address', { address: '10.0.0.1/24', interface: 'bridge', comment: 'Kantor Camat' }),
      fragment('lease', '/ip/dhcp-server', { name: 'dhcp', interface: 'bridge', 'lease-time': '24h', disabled: 'no' }),
      fragment('web', '/ip/firewall/filter', {
        chain: 'input',
        action: 'accept',
        'dst-port': '443,80',
        protocol: 'tcp',
      }),
      fragment('name', '/system/identity', { name: 'rtr-kahu-01' }),
    );
    expect(
      plan(document, {
        '/ip/address': [{ '.id': '*1', address: '10.0.0.1/24', interface: 'bridge', comment: 'Kantor Camat arung:lan', network: '10.0.0.0', disabled: 'false' }],
        '/ip/dhcp-server': [{ '.id': '*2', name: 'dhcp', interface: 'bridge', 'lease-time': '1d', disabled: 'false', 'address-pool': 'static-only', comment: 'arung:lease' }],
        '/ip/firewall/filter': [{ '.id': '*3', chain: 'input', action: 'accept', 'dst-port': '80,443', protocol: 'tcp', log: 'false', 'log-prefix': '', bytes: '77', comment: 'arung:web' }],
        '/system/identity': [{ name: 'rtr-kahu-01' }],
      }), // prettier-ignore
    ).toEqual([]);
  });

  it('sets what a hand changed back, also what the fragment does not name', () => {
    const actions = plan(documentOf(lan), {
      '/ip/address': [
        { '.id': '*1', address: '10.0.0.9/24', interface: 'bridge', disabled: 'true', comment: 'arung:lan' },
      ],
    });
    expect(actions).toMatchObject([
      { kind: 'set', target: { id: '*1' }, values: { address: '10.0.0.1/24', disabled: 'no' }, unset: [] },
    ]);
    expect(actions[0]?.step.changes).toEqual([
      { property: 'address', secret: false, before: '10.0.0.9/24', after: '10.0.0.1/24' },
      { property: 'disabled', secret: false, before: 'yes', after: 'no' },
    ]);
  });

  it('tells before and after in one notation, whoever wrote them', () => {
    const document = documentOf(
      fragment('lease', '/ip/dhcp-server', { name: 'dhcp', interface: 'bridge', 'lease-time': '00:30:00' }),
      fragment('desa', '/queue/simple', { name: 'desa', target: '10.73.8.0/24', 'max-limit': '20M/2M' }),
      fragment('clock', '/system/ntp/client', { enabled: 'yes' }),
      fragment('later', '/a/menu/of/a/later/version', { active: 'true', wait: '48h' }),
    );
    const steps = plan(document, {
      '/ip/dhcp-server': [{ '.id': '*1', name: 'dhcp', interface: 'bridge', 'lease-time': '1d', 'address-pool': 'static-only', disabled: 'true', comment: 'arung:lease' }],
      '/queue/simple': [{ '.id': '*1', name: 'desa', target: '10.73.8.0/24', 'max-limit': '10000000/2500000', comment: 'arung:desa' }],
      '/system/ntp/client': [{ enabled: 'false' }],
      '/a/menu/of/a/later/version': [{ active: 'no', wait: '1d' }],
    }).map(({ step }) => step.changes.map(({ property, before, after }) => `${property}: ${before} -> ${after}`)); // prettier-ignore
    expect(steps.flat().sort()).toEqual([
      'active: no -> yes',
      'disabled: yes -> no',
      'enabled: no -> yes',
      'lease-time: 1d -> 30m',
      'max-limit: 10M/2500k -> 20M/2M',
      'wait: 1d -> 2d',
    ]);
  });

  it('takes away a condition of a rule that nobody asked for', () => {
    const rule = fragment('drop', '/ip/firewall/filter', { chain: 'input', action: 'drop' });
    const rows = [{ '.id': '*1', chain: 'input', action: 'drop', 'src-address': '10.1.1.1', comment: 'arung:drop' }];
    expect(plan(documentOf(rule), { '/ip/firewall/filter': rows })).toMatchObject([{ kind: 'set', values: {}, unset: ['src-address'] }]); // prettier-ignore
  });

  it('adopts what a person made, keeps the remark, and never adds it a second time', () => {
    const rows = [{ '.id': '*7', address: '10.0.0.1/24', interface: 'bridge', comment: 'dari Pak Andi' }];
    const actions = plan(documentOf(lan), { '/ip/address': rows });
    expect(actions).toMatchObject([{ kind: 'set', target: { id: '*7' }, values: { comment: 'dari Pak Andi arung:lan' } }]); // prettier-ignore
    expect(actions[0]?.step).toMatchObject({ adopts: true, fragment: 'lan', name: '10.0.0.1/24 bridge' });
  });

  it('adopts a rule without a name when it says the same, not when it differs', () => {
    const rule = fragment('web', '/ip/firewall/filter', { chain: 'input', action: 'accept', 'dst-port': '80' });
    const same = { '.id': '*1', chain: 'input', action: 'accept', 'dst-port': '80', comment: 'web' };
    expect(shortly(plan(documentOf(rule), { '/ip/firewall/filter': [same] }))).toEqual(['set /ip/firewall/filter web comment']); // prettier-ignore
    expect(shortly(plan(documentOf(rule), { '/ip/firewall/filter': [{ ...same, 'src-address': '10.0.0.1' }] }))[0]).toMatch(/^add/); // prettier-ignore
  });

  it('gives another key to what has the old one, and removes nothing', () => {
    const rows = [{ '.id': '*1', address: '10.0.0.1/24', interface: 'bridge', comment: 'arung:old' }];
    expect(shortly(plan(documentOf(lan), { '/ip/address': rows }))).toEqual(['set /ip/address lan comment']);
  });

  it('removes what bears a mark that nobody has, and a copy of what is managed; leaves what is not marked', () => {
    const actions = plan(documentOf(lan), {
      '/ip/address': [
        { '.id': '*1', address: '10.0.0.2/24', interface: 'bridge', comment: 'arung:lan' },
        { '.id': '*2', address: '10.0.0.1/24', interface: 'bridge', comment: 'arung:lan' },
        { '.id': '*3', address: '10.5.0.1/24', interface: 'ether2', comment: 'lama arung:gone' },
        { '.id': '*4', address: '10.6.0.1/24', interface: 'ether3', comment: 'arung' },
      ],
    });
    expect(actions.map(({ kind, step }) => [kind, step.fragment])).toEqual([['remove', 'lan'], ['remove', 'gone']]); // prettier-ignore
    expect(actions.map((action) => (action.kind === 'remove' ? action.id : ''))).toEqual(['*1', '*3']);
  });

  it('knows by the document before what may go where there is no room for a mark', () => {
    const rows = [{ '.id': '*9', name: 'arung', target: 'remote' }, { '.id': '*8', name: 'memory', target: 'memory' }]; // prettier-ignore
    const before = documentOf(fragment('log', '/system/logging/action', { name: 'arung', target: 'remote' }));
    const menus = { '/system/logging/action': rows };
    expect(plan(documentOf(), menus, { before })).toMatchObject([{ kind: 'remove', id: '*9' }]);
    expect(plan(documentOf(), menus)).toEqual([]);
  });

  it('renames what was taken over by a key that was made of its name, also without a mark', () => {
    const pool = (key: string) => documentOf(fragment(key, '/ip/pool', { name: 'kolam', ranges: '10.0.0.2-10.0.0.9' }));
    const rows = [{ '.id': '*1', name: 'tamu-tangan', ranges: '10.0.0.2-10.0.0.9' }];
    const renamed = ['set /ip/pool ip-pool.tamu-tangan name comment'];
    expect(shortly(plan(pool('ip-pool.tamu-tangan'), { '/ip/pool': rows }))).toEqual(renamed);
    // Whoever has the name already is it; and a key of a person's own means no name.
    const both = [...rows, { '.id': '*2', name: 'kolam', ranges: '10.0.0.2-10.0.0.9' }];
    const [adopted] = plan(pool('ip-pool.tamu-tangan'), { '/ip/pool': both });
    expect(adopted).toMatchObject({ kind: 'set', target: { id: '*2' } });
    expect(shortly(plan(pool('tamu'), { '/ip/pool': rows }))[0]).toMatch(/^add/);
    // What another key manages is left to it.
    const marked = rows.map((row) => ({ ...row, comment: 'arung:tamu' }));
    const two = documentOf(
      fragment('tamu', '/ip/pool', { name: 'tamu-tangan', ranges: '10.0.0.2-10.0.0.9' }),
      fragment('ip-pool.tamu-tangan', '/ip/pool', { name: 'kolam', ranges: '10.1.0.2-10.1.0.9' }),
    );
    expect(shortly(plan(two, { '/ip/pool': marked }))[0]).toMatch(/^add \/ip\/pool ip-pool.tamu-tangan/);
  });

  it('renames by the document before where there is no room for a mark', () => {
    const log = (name: string) => documentOf(fragment('log', '/system/logging/action', { name, target: 'remote' }));
    const rows = [{ '.id': '*9', name: 'arung', target: 'remote' }];
    const actions = plan(log('pusat'), { '/system/logging/action': rows }, { before: log('arung') });
    expect(actions).toMatchObject([{ kind: 'set', target: { id: '*9' }, values: { name: 'pusat' } }]);
  });

  it('puts rules in the order of the document, before what is not managed, with as few moves as can be', () => {
    const rule = (key: string) => fragment(key, '/ip/firewall/filter', { chain: 'input', 'src-address-list': key });
    const row = (id: string, key: string) => ({ '.id': id, chain: 'input', action: 'accept', 'src-address-list': key, comment: `arung:${key}` }); // prettier-ignore
    const hand = { '.id': '*1', chain: 'input', action: 'drop' };
    const actions = plan(documentOf(rule('a'), rule('b'), rule('c')), {
      '/ip/firewall/filter': [hand, row('*2', 'a'), row('*3', 'c')],
    });
    expect(actions).toMatchObject([
      { kind: 'add', key: 'b', before: { id: '*3' } },
      { kind: 'move', target: { id: '*1' }, before: null },
    ]);
  });

  it('adds first what others lean on, removes last and in the reverse order, and sets the clock before all', () => {
    const document = documentOf(
      fragment('in', '/ip/firewall/filter', { chain: 'input', action: 'accept' }),
      fragment('way', '/ip/route', { gateway: '10.0.0.254' }),
      lan,
      fragment('v10', '/interface/vlan', { name: 'v10', interface: 'bridge', 'vlan-id': '10' }),
      fragment('ntp', '/system/ntp/client', { enabled: 'yes' }),
      fragment('id', '/system/identity', { name: 'baru' }),
    );
    const old = (id: string, rest: ApiRow): ApiRow => ({ '.id': id, comment: `arung:old${id.slice(1)}`, ...rest });
    expect(
      shortly(
        plan(document, {
          '/interface/vlan': [old('*1', { name: 'v9' })],
          '/ip/address': [old('*2', { address: '10.9.0.1/24', interface: 'v9' })],
          '/ip/firewall/filter': [old('*3', { chain: 'input', action: 'drop' })],
          '/system/identity': [{ name: 'lama' }],
          '/system/ntp/client': [{ enabled: 'false' }],
        }),
      ).map((line) => line.split(' ').slice(0, 3).join(' ')),
    ).toEqual([
      'set /system/ntp/client ntp',
      'add /interface/vlan v10',
      'add /ip/address lan',
      'add /ip/route way',
      'add /ip/firewall/filter in',
      'set /system/identity id',
      'remove /ip/firewall/filter old3',
      'remove /ip/address old2',
      'remove /interface/vlan old1',
    ]);
  });

  it('lets a new bridge filter only when its VLANs are there', () => {
    const document = documentOf(
      fragment('br', '/interface/bridge', { name: 'br1', 'vlan-filtering': 'yes' }),
      fragment('br-v', '/interface/bridge/vlan', { bridge: 'br1', 'vlan-ids': '10', tagged: 'br1' }),
    );
    const actions = plan(document, { '/interface/bridge': [], '/interface/bridge/vlan': [] });
    expect(actions.map(({ kind, step }) => `${kind} ${step.fragment}`)).toEqual(['add br', 'add br-v', 'set br']);
    expect(actions[0]).not.toHaveProperty(['values', 'vlan-filtering']);
    expect(actions[2]).toMatchObject({ target: { added: 'br' }, values: { 'vlan-filtering': 'yes' } });
  });

  it('sets of settings and of interfaces only what is named', () => {
    const document = documentOf(
      fragment('dns', '/ip/dns', { servers: '10.0.0.53' }),
      fragment('e1', '/interface/ethernet', { 'default-name': 'ether1', comment: 'ke Kahu' }),
    );
    const rows = {
      '/ip/dns': [{ servers: '8.8.8.8', 'allow-remote-requests': 'true' }],
      '/interface/ethernet': [{ '.id': '*1', name: 'uplink', 'default-name': 'ether1', mtu: '9000', comment: '' }],
    };
    expect(plan(document, rows)).toMatchObject([
      { kind: 'set', target: { id: '*1' }, values: { comment: 'ke Kahu' } },
      { kind: 'set', target: null, values: { servers: '10.0.0.53' } },
    ]);
    const missing = documentOf(fragment('e9', '/interface/ethernet', { 'default-name': 'ether9', comment: 'x' }));
    expect(() => plan(missing, rows)).toThrowError(expect.objectContaining({ code: 'router.no-entry' }) as Error);
  });

  it('sets a password that the device never tells when it is not the one set last', () => {
    const user = (password: string) =>
      documentOf(fragment('ops', '/user', { name: 'ops', group: 'full', password }, ['password']));
    const rows = { '/user': [{ '.id': '*1', name: 'ops', group: 'full', address: '', comment: 'arung:ops' }] };
    expect(plan(user('a'), rows, { before: user('a') })).toEqual([]);
    expect(shortly(plan(user('b'), rows, { before: user('a') }))).toEqual(['set /user ops password']);
    expect(shortly(plan(user('a'), rows))).toEqual(['set /user ops password']);
  });

  it('manages a menu that no table has by the names in it, or as one set of settings', () => {
    const document = documentOf(
      fragment('caps', '/interface/wifi/provisioning', { name: 'p1', 'slave-name-format': 'x' }),
      fragment('cloud', '/ip/cloud', { 'ddns-enabled': 'yes' }),
    );
    const rows = {
      '/interface/wifi/provisioning': [{ '.id': '*1', name: 'p1', 'slave-name-format': 'y', comment: 'arung:caps' }],
      '/ip/cloud': [{ 'ddns-enabled': 'false', status: 'x' }],
    };
    expect(shortly(plan(document, rows))).toEqual([
      'set /interface/wifi/provisioning caps slave-name-format',
      'set /ip/cloud cloud ddns-enabled',
    ]);
  });

  it('is not made for what nobody read', () => {
    expect(() => planActions(holding({}), { document: documentOf(lan), before: null, written: null })).toThrow(
      TypeError,
    );
  });

  it('is made in a moment for as many entries as may be', () => {
    const entry = (at: number) => ({ list: 'besar', address: `10.${at >> 16}.${(at >> 8) & 255}.${at & 255}` });
    const rows = Array.from({ length: 40_000 }, (_, at) => ({ '.id': `*${at}`, ...entry(at) }));
    const fragments = Array.from({ length: 2_000 }, (_, at) => fragment(`a${at}`, '/ip/firewall/address-list', entry(at + 39_000))); // prettier-ignore
    const began = performance.now();
    const actions = plan(documentOf(...fragments), { '/ip/firewall/address-list': rows });
    expect(actions.filter(({ kind }) => kind === 'add')).toHaveLength(1_000);
    // One by one it takes half a minute.
    expect(performance.now() - began).toBeLessThan(5_000);
  });

  it('shows no secret, whether the document calls it one or the table does', () => {
    const canary = 'kenari-12345';
    const document = documentOf(
      fragment('wg', '/interface/wireguard', { name: 'wg1', 'private-key': canary }),
      fragment('c', '/snmp/community', { name: `${canary}c` }),
      fragment('u', '/user', { name: 'ops', group: 'full', password: `${canary}p` }, ['password']),
      fragment('s', '/ip/cloud', { 'own-word': `${canary}s` }, ['own-word']),
    );
    const rows = {
      '/interface/wireguard': [{ '.id': '*1', name: 'wg1', 'private-key': 'kenari-lama', comment: 'arung:wg' }],
      '/snmp/community': [{ '.id': '*2', name: 'kenari-hilang', comment: 'arung:gone' }],
      '/ip/cloud': [{ 'own-word': 'kenari-awan' }],
    };
    const steps = plan(document, rows).map(({ step }) => step);
    expect(steps).toHaveLength(5);
    expect(JSON.stringify(steps)).not.toContain('kenari');
    expect(JSON.stringify([holding(rows)])).not.toContain('kenari');
  });
});
