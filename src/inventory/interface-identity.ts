import type { InterfaceId } from '../domain/ids.ts';
import type { InterfaceFacts } from '../domain/plan.ts';

/** An interface as the inventory has it. */
export interface KnownInterface {
  readonly id: InterfaceId;
  readonly name: string;
  readonly mac: string;
  /** The device itself has shown it before. */
  readonly seen: boolean;
}

export interface InterfaceMatches {
  /** What the device shows now, with the interface of the inventory that it is; null for a new one. */
  readonly shown: readonly { readonly facts: InterfaceFacts; readonly id: InterfaceId | null }[];
  /** Interfaces of the inventory that the device does not show any more. */
  readonly vanished: readonly InterfaceId[];
}

/**
 * Which interface is which: identity follows ifName and MAC, never the ifIndex, which devices renumber at a restart or
 * when a module is plugged (RFC 2863, section 3.1.5). In this order: the same name and MAC; the same name; a MAC that is
 * unique on both sides (it was renamed); and for what a person wrote before the device was ever read, the same name in
 * another spelling (`Gi0/1` for `GigabitEthernet0/1`).
 */
export function matchInterfaces(known: readonly KnownInterface[], shown: readonly InterfaceFacts[]): InterfaceMatches {
  const found = new Map<number, InterfaceId>();
  const free = new Map(known.map((one) => [one.id, one]));
  const facts = withOwnNames(shown);

  const pass = (keyOfKnown: (one: KnownInterface) => string | null, keyOfShown: (one: InterfaceFacts) => string) => {
    const candidates = uniqueBy([...free.values()], keyOfKnown);
    const open = facts.map((one, index) => ({ one, index })).filter(({ index }) => !found.has(index));
    for (const [key, { index }] of uniqueBy(open, ({ one }) => keyOfShown(one))) {
      const match = candidates.get(key);
      if (match === undefined) continue;
      found.set(index, match.id);
      free.delete(match.id);
    }
  };
  const both = (one: { name: string; mac: string }) => `${one.name}\n${one.mac}`;
  pass(both, both);
  pass(
    (one) => one.name,
    (one) => one.name,
  );
  // Unique among all, not only among those that are still open: VLANs and bridges share the MAC of their port.
  const macsBefore = uniqueBy(known, (one) => one.mac);
  const macsNow = uniqueBy(facts, (one) => one.mac);
  const ownMac = (one: { mac: string }) => (macsBefore.has(one.mac) && macsNow.has(one.mac) ? one.mac : '');
  pass(ownMac, ownMac);
  pass(
    (one) => (one.seen ? null : spelledOut(one.name)),
    (one) => spelledOut(one.name),
  );

  return {
    shown: facts.map((one, index) => ({ facts: one, id: found.get(index) ?? null })),
    vanished: [...free.keys()],
  };
}

/** Things by a key that only one of them has; those without a key or with a shared one are left out. */
function uniqueBy<T>(things: readonly T[], key: (thing: T) => string | null): Map<string, T> {
  const unique = new Map<string, T>();
  const shared = new Set<string>();
  for (const thing of things) {
    const k = key(thing);
    if (k === null || k === '') continue;
    if (unique.has(k)) shared.add(k);
    unique.set(k, thing);
  }
  for (const k of shared) unique.delete(k);
  return unique;
}

/** Some devices show one name several times; the later ones get their ifIndex behind it, so that all can be kept. */
function withOwnNames(shown: readonly InterfaceFacts[]): InterfaceFacts[] {
  const taken = new Set<string>();
  return shown.map((one) => {
    let name = one.name === '' ? `if${one.ifIndex}` : one.name;
    if (taken.has(name)) name = `${name} (${one.ifIndex})`;
    while (taken.has(name)) name += "'";
    taken.add(name);
    return { ...one, name };
  });
}

const shortForms: readonly (readonly [RegExp, string])[] = [
  [/^(gi|gig|gigabitethernet|ge)(?=[\d/-])/, 'gigabitethernet'],
  [/^(te|ten|tengige|tengigabitethernet|xge|xgigabitethernet)(?=[\d/-])/, 'tengigabitethernet'],
  [/^(fa|fastethernet|fe)(?=[\d/-])/, 'fastethernet'],
  [/^(eth|et|ethernet|ether)(?=[\d/-])/, 'ethernet'],
  [/^(po|port-channel)(?=[\d/-])/, 'port-channel'],
  [/^(vl|vlan|vlanif)(?=[\d/-])/, 'vlan'],
];

function spelledOut(name: string): string {
  const plain = name.toLowerCase().replace(/\s+/g, '');
  for (const [short, long] of shortForms) if (short.test(plain)) return plain.replace(short, long);
  return plain;
}
