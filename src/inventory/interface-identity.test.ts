import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { InterfaceId } from '../domain/ids.ts';
import type { InterfaceFacts } from '../domain/plan.ts';
import { matchInterfaces, type KnownInterface } from './interface-identity.ts';

function known(id: string, name: string, mac = '', seen = true): KnownInterface {
  return { id: id as InterfaceId, name, mac, seen };
}

function shown(ifIndex: number, name: string, mac = ''): InterfaceFacts {
  return { ifIndex, name, mac, alias: '', ifType: 6, speedBps: 1e9, has64BitCounters: true };
}

const idsOf = (matches: ReturnType<typeof matchInterfaces>) => matches.shown.map((one) => one.id);

describe('the identity of interfaces', () => {
  it('follows the name when a device renumbers its ifIndex', () => {
    const before = [known('a', 'ether1', '02:00:00:00:00:01'), known('b', 'ether2', '02:00:00:00:00:02')];
    const matches = matchInterfaces(before, [
      shown(17, 'ether2', '02:00:00:00:00:02'),
      shown(18, 'ether1', '02:00:00:00:00:01'),
    ]);
    expect(idsOf(matches)).toEqual(['b', 'a']);
    expect(matches.vanished).toEqual([]);
  });

  it('follows a unique MAC when an interface is renamed', () => {
    const before = [known('a', 'ether1', '02:00:00:00:00:01'), known('b', 'ether2', '02:00:00:00:00:02')];
    const matches = matchInterfaces(before, [
      shown(1, 'uplink', '02:00:00:00:00:01'),
      shown(2, 'ether2', '02:00:00:00:00:02'),
    ]);
    expect(idsOf(matches)).toEqual(['a', 'b']);
  });

  it('does not trust a MAC that several interfaces share, as VLANs do', () => {
    const mac = '02:00:00:00:00:01';
    const before = [known('a', 'vlan10', mac), known('b', 'vlan20', mac)];
    const matches = matchInterfaces(before, [shown(5, 'vlan30', mac), shown(6, 'vlan10', mac)]);
    expect(idsOf(matches)).toEqual([null, 'a']);
    expect(matches.vanished).toEqual(['b']);
  });

  it('keeps the port when a device was replaced by one with other MACs', () => {
    const matches = matchInterfaces(
      [known('a', 'ether1', '02:00:00:00:00:01')],
      [shown(1, 'ether1', '02:ff:00:00:00:01')],
    );
    expect(idsOf(matches)).toEqual(['a']);
  });

  it('takes a name that a person wrote in its short form, as long as the device never showed it', () => {
    expect(idsOf(matchInterfaces([known('a', 'Gi0/1', '', false)], [shown(1, 'GigabitEthernet0/1')]))).toEqual(['a']);
    expect(idsOf(matchInterfaces([known('a', 'Gi0/1', '', true)], [shown(1, 'GigabitEthernet0/1')]))).toEqual([null]);
  });

  it('tells interfaces apart that show one name', () => {
    const names = matchInterfaces([], [shown(1, 'port'), shown(2, 'port'), shown(3, '')]).shown.map(
      (one) => one.facts.name,
    );
    expect(names).toEqual(['port', 'port (2)', 'if3']);
  });

  it('is stable: what was matched once is matched again under any order and numbering', () => {
    const names = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(names, fc.infiniteStream(fc.nat(1_000_000)), (all, numbers) => {
        const before = all.map((name, index) => known(`id-${index}`, name, `02:00:00:00:00:${10 + index}`));
        const facts = all.map((name, index) =>
          shown(Number(numbers.next().value), name, `02:00:00:00:00:${10 + index}`),
        );
        const matches = matchInterfaces(before, facts.toReversed());
        expect(idsOf(matches)).toEqual(before.map((one) => one.id).toReversed());
        expect(matches.vanished).toEqual([]);
      }),
    );
  });

  it('gives an id to one interface at most, whatever a device shows', () => {
    const few = fc.constantFrom('', 'a', 'b', 'A', 'Gi0/1', 'GigabitEthernet0/1');
    const one = fc.record({ name: few, mac: fc.constantFrom('', '02:00:00:00:00:01', '02:00:00:00:00:02') });
    fc.assert(
      fc.property(fc.array(one, { maxLength: 8 }), fc.array(one, { maxLength: 8 }), (old, now) => {
        const before = old.map((each, index) =>
          known(`id-${index}`, `${each.name}${index}`, each.mac, index % 2 === 0),
        );
        const matches = matchInterfaces(
          before,
          now.map((each, index) => shown(index, each.name, each.mac)),
        );
        const used = idsOf(matches).filter((id) => id !== null);
        expect(new Set(used).size).toBe(used.length);
        expect(used.length + matches.vanished.length).toBe(before.length);
        expect(new Set(matches.shown.map((each) => each.facts.name)).size).toBe(now.length);
      }),
    );
  });
});
