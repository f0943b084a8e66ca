import { isDeepStrictEqual } from 'node:util';
import type { IntentDocument, IntentFragment } from '../../../domain/intent.ts';
import type { PhaseDocument, PhasedChange } from '../driver.ts';
import { menuAt } from './menus/menus.ts';
import { canonical } from './values.ts';
import { isSameEntry, sameEntries } from './match.ts';

/** What carries traffic between two routers: it can stand beside what it takes the place of. */
const ways: ReadonlySet<string> = new Set([
  '/ip/address',
  '/interface/vlan',
  '/interface/bridge/vlan',
  '/interface/wireguard',
  '/interface/wireguard/peers',
]);
/** Lists of permissions: one more accepts more, and harms nobody. */
const permissions: ReadonlySet<string> = new Set([
  '/ip/firewall/filter',
  '/ip/firewall/address-list',
  '/interface/list/member',
]);

/** At the end of the key of what stays for a while beside what has taken its key. */
const before = '.before';

/**
 * Divides a change so that both ends of a way can be changed one after the other: first everything that can stand beside what
 * is there (new addresses, VLANs, tunnels, what the firewall accepts), then what chooses between old and new (routes, and all
 * else), last the old ways go. Phases in which nothing changes are left out.
 * @param applied what was confirmed on the device last; null is one phase: nothing on the device is known as ours.
 */
export function phasesOf(applied: IntentDocument | null, wanted: IntentDocument): readonly PhaseDocument[] {
  const isBackup = wanted.whole === true || applied?.whole === true;
  if (applied === null || isBackup || applied.driver !== wanted.driver) return [{ phase: 'switch', document: wanted }];
  const old = new Map(applied.fragments.map((one) => [one.key, one]));
  const wantedKeys = new Set(wanted.fragments.map(({ key }) => key));

  const leaving = leavingAfter(applied, wantedKeys);
  const goneAfter = (key: string | null): readonly IntentFragment[] => leaving.get(key) ?? [];
  const added = [...goneAfter(null)];
  const switched = goneAfter(null).filter(isAdditive);
  for (const fragment of wanted.fragments) {
    const was = old.get(fragment.key);
    if (was === undefined) {
      if (isAdditive(fragment)) added.push(fragment);
      switched.push(fragment);
    } else if (standBeside(was, fragment)) {
      const kept = { ...was, key: freeKey(was.key, old, wantedKeys) };
      added.push(kept, fragment);
      switched.push(kept, fragment);
    } else {
      added.push(was);
      switched.push(fragment);
    }
    added.push(...goneAfter(fragment.key));
    switched.push(...goneAfter(fragment.key).filter(isAdditive));
  }

  const phases: PhaseDocument[] = [];
  let last = applied;
  const add = (phase: PhaseDocument['phase'], document: IntentDocument): void => {
    if (areSame(last, document)) return;
    phases.push({ phase, document });
    last = document;
  };
  add('add', { ...wanted, fragments: eachOnce(added, wanted) });
  add('switch', { ...wanted, fragments: eachOnce(switched, wanted) });
  add('remove', wanted);
  return phases;
}

/**
 * An entry that goes under one key and is wanted under another is one entry: a rollout that ended after its first phase left
 * it beside what took its key, and now it is wanted back, or somebody gave a fragment another key.
 */
function eachOnce(fragments: readonly IntentFragment[], wanted: IntentDocument): readonly IntentFragment[] {
  const stays = new Set(wanted.fragments);
  const bySubject = Map.groupBy(fragments, ({ subject }) => subject);
  const pairs = [...bySubject].flatMap(([subject, some]) => sameEntries(menuAt(subject), some));
  const twice = new Set(pairs.filter((pair) => pair.some((one) => stays.has(one))).flat());
  return fragments.filter((one) => stays.has(one) || !twice.has(one));
}

/** The change in phases, with what its other ends are known by. */
export function inPhases(applied: IntentDocument | null, wanted: IntentDocument): PhasedChange {
  const old = new Map(applied?.fragments.map((one) => [one.key, one]));
  const changed = [
    ...wanted.fragments.flatMap((one) => {
      const was = old.get(one.key);
      old.delete(one.key);
      return was === undefined ? [one] : isDeepStrictEqual(was.values, one.values) ? [] : [was, one];
    }),
    ...old.values(),
  ];
  const networks = new Set<string>();
  const vlans = new Set<string>();
  for (const { subject, values } of changed) {
    if (subject === '/ip/address') networks.add(canonical('network', values['address'] ?? ''));
    const ids = subject === '/interface/vlan' ? values['vlan-id'] : subject === '/interface/bridge/vlan' ? values['vlan-ids'] : undefined; // prettier-ignore
    for (const id of ids?.split(',') ?? []) vlans.add(id.trim());
  }
  return { phases: phasesOf(applied, wanted), networks: [...networks], vlans: [...vlans] };
}

function isAdditive({ subject, values }: IntentFragment): boolean {
  if (ways.has(subject)) return true;
  return permissions.has(subject) && (subject !== '/ip/firewall/filter' || (values['action'] ?? 'accept') === 'accept');
}

/** Whether both can be on the device at the same time: two entries, and two networks. */
function standBeside(was: IntentFragment, will: IntentFragment): boolean {
  const { subject } = will;
  if (was.subject !== subject || !isAdditive(was) || !isAdditive(will)) return false;
  const menu = menuAt(subject);
  if (isSameEntry(menu, was.values, will.values)) return false;
  if (subject === '/ip/address') return !overlap(was.values['address'], will.values['address']);
  if (subject === '/interface/vlan') return differ(was, will, 'interface') || differ(was, will, 'vlan-id');
  if (subject === '/interface/wireguard') return differ(was, will, 'listen-port');
  // Of two peers of one tunnel for the same networks, the later one takes them from the other.
  if (subject === '/interface/wireguard/peers') return differ(was, will, 'interface');
  return true;
}

function differ(one: IntentFragment, other: IntentFragment, property: string): boolean {
  return one.values[property] !== other.values[property];
}

/** Whether one of two networks lies in the other. */
function overlap(one = '', other = ''): boolean {
  const bits = Math.min(bitsOf(one), bitsOf(other));
  const within = (address: string): string => canonical('network', `${address.split('/')[0] ?? ''}/${bits}`);
  return within(one) === within(other);
}

function bitsOf(address: string): number {
  const bits = Number(address.split('/')[1] ?? 32);
  return Number.isInteger(bits) && bits >= 0 && bits <= 32 ? bits : 32;
}

function freeKey(key: string, old: ReadonlyMap<string, unknown>, wanted: ReadonlySet<string>): string {
  for (let n = 1; ; n += 1) {
    const end = n === 1 ? before : `${before}${n}`;
    const one = key.slice(0, 64 - end.length) + end;
    if (!old.has(one) && !wanted.has(one)) return one;
  }
}

/** What is no longer wanted, by the key of the nearest before it that stays; null where none does. */
function leavingAfter(
  { fragments }: IntentDocument,
  wanted: ReadonlySet<string>,
): ReadonlyMap<string | null, readonly IntentFragment[]> {
  const leaving = new Map<string | null, IntentFragment[]>();
  let stays: string | null = null;
  for (const fragment of fragments) {
    if (wanted.has(fragment.key)) stays = fragment.key;
    else {
      const some = leaving.get(stays);
      if (some === undefined) leaving.set(stays, [fragment]);
      else some.push(fragment);
    }
  }
  return leaving;
}

function areSame(one: IntentDocument, other: IntentDocument): boolean {
  return JSON.stringify(plain(one)) === JSON.stringify(plain(other));
}

function plain({ driver, fragments }: IntentDocument): unknown {
  return [driver, fragments.map(({ key, subject, values, secret }) => [key, subject, Object.entries(values).sort(), [...secret].sort()])]; // prettier-ignore
}
