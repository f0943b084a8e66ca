import { describe, expect, it } from 'vitest';
import { documentOf, fragment } from '../../../../tests/support/router-bench.ts';
import type { IntentDocument } from '../../../domain/intent.ts';
import { phasesOf } from './phases.ts';

const address = (key: string, value: string, on = 'ether1') => fragment(key, '/ip/address', { address: value, interface: on }); // prettier-ignore
const route = (gateway: string) => fragment('way', '/ip/route', { gateway });
const rule = (key: string, values: Readonly<Record<string, string>>) => fragment(key, '/ip/firewall/filter', { chain: 'input', ...values }); // prettier-ignore

/** Of each part its name and what it holds: `key=first value`. */
function shortly(applied: IntentDocument | null, wanted: IntentDocument): readonly string[] {
  return phasesOf(applied, wanted).map(
    ({ phase, document }) =>
      `${phase}: ${document.fragments.map(({ key, values }) => `${key}=${Object.values(values).at(-1) ?? ''}`).join(' ')}`,
  );
}

describe('a change in parts', () => {
  it('puts the new address of a link beside the old, then switches the route, then takes the old away', () => {
    const before = documentOf(fragment('up', '/ip/address', { interface: 'ether1', address: '172.16.0.2/30' }), route('172.16.0.1')); // prettier-ignore
    const after = documentOf(fragment('up', '/ip/address', { interface: 'ether1', address: '172.20.0.2/30' }), route('172.20.0.1')); // prettier-ignore
    expect(shortly(before, after)).toEqual([
      'add: up.before=172.16.0.2/30 up=172.20.0.2/30 way=172.16.0.1',
      'switch: up.before=172.16.0.2/30 up=172.20.0.2/30 way=172.20.0.1',
      'remove: up=172.20.0.2/30 way=172.20.0.1',
    ]);
  });

  it('goes on where a rollout ended after its first part', () => {
    const after = documentOf(address('up', '172.20.0.2/30'), route('172.20.0.1'));
    const [add] = phasesOf(documentOf(address('up', '172.16.0.2/30'), route('172.16.0.1')), after);
    if (add === undefined) throw new Error('no part');
    expect(phasesOf(add.document, after).map(({ phase }) => phase)).toEqual(['switch', 'remove']);
  });

  it('goes back where a rollout ended before its last part: each entry stands once, under the key that it is wanted by', () => {
    const before = documentOf(address('up', '172.16.0.2/30'), address('lan', '10.0.0.1/24'));
    const after = documentOf(address('up', '172.20.0.2/30'), address('lan', '10.0.0.1/24'));
    const [add] = phasesOf(before, after);
    if (add === undefined) throw new Error('no part');
    const entries = phasesOf(add.document, before).map(
      ({ phase, document }) =>
        `${phase}: ${document.fragments.map(({ key, values }) => `${key}=${values['address'] ?? ''}`).join(' ')}`,
    );
    expect(entries).toEqual([
      'add: up.before2=172.20.0.2/30 up=172.16.0.2/30 lan=10.0.0.1/24',
      'remove: up=172.16.0.2/30 lan=10.0.0.1/24',
    ]);
  });

  it('takes an entry that gets another key for one entry', () => {
    const was = documentOf(address('one', '10.0.0.1/24'), address('two', '10.1.0.1/24'));
    const isTwice = ({ document }: { readonly document: IntentDocument }): boolean =>
      new Set(document.fragments.map(({ values }) => values['address'])).size < document.fragments.length;
    for (const will of [
      documentOf(address('other', '10.0.0.1/24'), address('two', '10.1.0.1/24')),
      documentOf(address('one', '10.1.0.1/24'), address('two', '10.0.0.1/24')),
      documentOf(address('two', '10.0.0.1/24'), address('three', '10.1.0.1/24'), address('one', '10.2.0.1/24')),
    ]) {
      const parts = phasesOf(was, will);
      expect(parts.filter(isTwice)).toEqual([]);
      expect(parts.at(-1)?.document).toEqual(will);
    }
  });

  it('is one part where nothing has another end, or nothing is known of what is there', () => {
    const before = documentOf(fragment('id', '/system/identity', { name: 'a' }));
    const after = documentOf(fragment('id', '/system/identity', { name: 'b' }));
    expect(phasesOf(before, after).map(({ phase }) => phase)).toEqual(['switch']);
    expect(phasesOf(null, after)).toEqual([{ phase: 'switch', document: after }]);
    expect(phasesOf(after, after)).toEqual([]);
    expect(phasesOf(before, documentOf(...before.fragments, address('lan', '10.0.0.1/24')))).toMatchObject([{ phase: 'add' }]); // prettier-ignore
    expect(phasesOf(documentOf(address('lan', '10.0.0.1/24')), documentOf()).map(({ phase }) => phase)).toEqual(['remove']); // prettier-ignore
  });

  it('changes in place what cannot stand twice: another length of the same network, a key of a tunnel, a VLAN of the same name', () => {
    for (const [before, after] of [
      [address('lan', '10.0.0.1/24'), address('lan', '10.0.0.1/23')],
      [address('lan', '10.0.0.1/24'), address('lan', '10.0.0.2/24', 'ether2')],
      [fragment('wg', '/interface/wireguard', { name: 'wg1', 'private-key': 'a' }), fragment('wg', '/interface/wireguard', { name: 'wg1', 'private-key': 'b' })],
      [fragment('v', '/interface/vlan', { name: 'v10', interface: 'bridge', 'vlan-id': '10' }), fragment('v', '/interface/vlan', { name: 'v10', interface: 'bridge', 'vlan-id': '20' })],
      [fragment('v', '/interface/vlan', { name: 'v10', interface: 'bridge', 'vlan-id': '10' }), fragment('v', '/interface/vlan', { name: 'new', interface: 'bridge', 'vlan-id': '10' })],
      [fragment('p', '/interface/wireguard/peers', { interface: 'wg1', 'public-key': 'a' }), fragment('p', '/interface/wireguard/peers', { interface: 'wg1', 'public-key': 'b' })],
    ] as const) // prettier-ignore
      expect(phasesOf(documentOf(before), documentOf(after))).toEqual([{ phase: 'switch', document: documentOf(after) }]); // prettier-ignore
  });

  it('opens the firewall first and shuts it last; what it drops changes in between, in its place', () => {
    const before = documentOf(rule('old', { 'dst-port': '22' }), rule('rest', { action: 'drop' }));
    const after = documentOf(
      rule('new', { 'dst-port': '8728' }),
      rule('bad', { action: 'drop', 'src-address': '10.9.0.0/16' }),
      rule('rest', { action: 'drop' }),
    );
    expect(phasesOf(before, after).map(({ phase, document }) => [phase, ...document.fragments.map(({ key }) => key)])).toEqual([
      ['add', 'old', 'new', 'rest'],
      ['switch', 'old', 'new', 'bad', 'rest'],
      ['remove', 'new', 'bad', 'rest'],
    ]); // prettier-ignore
  });

  it('takes routes away with the switch, and keeps the ways that they lead over until the end', () => {
    const tunnel = (n: number) => fragment(`wg${n}`, '/interface/wireguard', { name: `wg${n}`, 'listen-port': String(n) }); // prettier-ignore
    const before = documentOf(tunnel(1), address('t1', '10.1.0.2/30', 'wg1'), fragment('r1', '/ip/route', { gateway: '10.1.0.1' })); // prettier-ignore
    const after = documentOf(tunnel(2), address('t2', '10.2.0.2/30', 'wg2'), fragment('r2', '/ip/route', { gateway: '10.2.0.1' })); // prettier-ignore
    expect(phasesOf(before, after).map(({ phase, document }) => [phase, ...document.fragments.map(({ key }) => key)])).toEqual([
      ['add', 'wg1', 't1', 'r1', 'wg2', 't2'],
      ['switch', 'wg1', 't1', 'wg2', 't2', 'r2'],
      ['remove', 'wg2', 't2', 'r2'],
    ]); // prettier-ignore
  });

  it('never gives two fragments one key', () => {
    const key = `k${'x'.repeat(63)}`;
    const before = documentOf(address(key, '10.0.0.1/24'), address(`${key.slice(0, 57)}.before`, '10.5.0.1/24'));
    const after = documentOf(address(key, '10.1.0.1/24'), address(`${key.slice(0, 57)}.before`, '10.5.0.1/24'));
    for (const { document } of phasesOf(before, after)) {
      const keys = document.fragments.map((one) => one.key);
      expect(new Set(keys).size).toBe(keys.length);
      expect(Math.max(...keys.map(({ length }) => length))).toBeLessThanOrEqual(64);
    }
  });
});
