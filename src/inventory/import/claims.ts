import { isIP } from 'node:net';
import { canonicalAddress } from '../../domain/canonical-address.ts';
import { sharedBecause, type SignedInTo } from '../shared-addresses.ts';
import type { Fields } from './lists.ts';
import type { Outcome } from './outcome.ts';
import type { Problems } from './problems.ts';
import type { Row } from './rows.ts';
import type { Snapshot } from './snapshot.ts';

interface Context {
  readonly snapshot: Snapshot;
  readonly outcome: Outcome;
  readonly problems: Problems;
}

/** One address and port, one device; one serial number, one terminal: over the inventory and the file together. */
export function checkAddresses(rows: readonly Row[], { snapshot, outcome, problems }: Context): void {
  const addresses = new Map<string, string>();
  const serials = new Map<string, string>();
  for (const row of rows.filter((one) => one.list === 'devices')) {
    const value = outcome.get('devices', row.key);
    claim(row, addresses, { key: addressOf(value), field: 'address', code: 'address-taken' }, problems);
    claim(row, serials, { key: serialOf(value), field: 'serial', code: 'serial-taken' }, problems);
  }
  const named = new Set(rows.filter((row) => row.list === 'devices').map((row) => row.key));
  checkSharedAddresses(rows, { snapshot, outcome, problems });
  for (const [name, kept] of snapshot.devices) {
    if (named.has(name)) continue;
    const address = addressOf(kept.value);
    const serial = serialOf(kept.value);
    for (const [taken, key, field, code] of [
      [addresses, address, 'address', 'address-taken'],
      [serials, serial, 'serial', 'serial-taken'],
    ] as const) {
      const by = key === null ? undefined : taken.get(key);
      const row = by === undefined ? undefined : rows.find((one) => one.list === 'devices' && one.key === by);
      if (row !== undefined && key !== null)
        tellTaken(row, { field, code, value: key, by: kept.visible ? name : null }, problems);
    }
  }
}

/** As for a single device: what is signed in to has an address of its own, or shares it with what its writer may write. */
function checkSharedAddresses(rows: readonly Row[], { snapshot, outcome, problems }: Context): void {
  const written = new Set(rows.filter((row) => row.list === 'devices').map((row) => row.key));
  const byAddress = new Map<string, { name: string; value: Fields; writable: boolean }[]>();
  for (const name of new Set([...snapshot.devices.keys(), ...written])) {
    const kept = snapshot.devices.get(name);
    const value = written.has(name) ? outcome.get('devices', name) : (kept?.value ?? {});
    const address = canonicalAddress(String(value['address'] ?? ''));
    if (address === '') continue;
    const there = byAddress.get(address);
    const one = { name, value, writable: kept?.writable ?? true };
    if (there === undefined) byAddress.set(address, [one]);
    else there.push(one);
  }
  for (const row of rows) {
    if (row.list !== 'devices') continue;
    const value = outcome.get('devices', row.key);
    const before = snapshot.devices.get(row.key)?.value;
    if (opens(before) === opens(value)) continue;
    for (const other of byAddress.get(canonicalAddress(String(value['address'] ?? ''))) ?? []) {
      // The same port, too, is told as taken.
      if (other.name === row.key || addressOf(other.value) === addressOf(value)) continue;
      const wrong = sharedBecause(signedInTo(value), {
        name: other.name,
        managed: signedInTo(other.value).managed,
        managementPort: signedInTo(other.value).managementPort,
        writable: other.writable,
        sameAgent: true,
      });
      if (wrong === null) continue;
      const { code, message: says } = wrong;
      const given = { value: String(value['address']), by: wrong.by };
      problems.add({ code: code.replace('device.', ''), list: 'devices', place: row.place('address'), field: 'address', says, arguments: given }); // prettier-ignore
      break;
    }
  }
}

/** What decides with which device one speaks. */
function opens(value: Fields | undefined): string {
  const fields = ['address', 'port', 'credential', 'managementCredential', 'managementPort'];
  return JSON.stringify(fields.map((field) => value?.[field] ?? null));
}

function signedInTo(value: Fields): SignedInTo {
  const given = (field: string): boolean => (value[field] ?? '') !== '';
  return {
    address: String(value['address'] ?? ''),
    read: given('credential'),
    managed: given('managementCredential'),
    managementPort: Number(value['managementPort'] ?? 0),
  };
}

function claim(
  row: Row,
  taken: Map<string, string>,
  wanted: { key: string | null; field: string; code: string },
  problems: Problems,
): void {
  const { key, field, code } = wanted;
  if (key === null) return;
  const other = taken.get(key);
  if (other === undefined) taken.set(key, row.key);
  else tellTaken(row, { field, code, value: key, by: other }, problems);
}

/** An interface carries one link at most, and a link has two ends. */
export function checkLinkEnds(rows: readonly Row[], { snapshot, outcome, problems }: Context): void {
  const links = rows.filter((row) => row.list === 'links');
  const named = new Set(links.map((row) => row.key));
  const taken = new Map<string, string | null>();
  for (const [name, kept] of snapshot.links) {
    if (named.has(name)) continue;
    for (const end of ['a', 'b']) taken.set(String(kept.value[end]), kept.visible ? name : null);
  }
  for (const row of links) {
    const value = outcome.get('links', row.key);
    const a = String(value['a']);
    if (a === value['b']) {
      problems.add({
        code: 'same-ends',
        list: 'links',
        place: row.place('b'),
        field: 'b',
        arguments: { value: a },
        says: `Both ends of ${row.key} are ${a}.`,
      });
      continue;
    }
    for (const end of ['a', 'b']) {
      const at = String(value[end]);
      const other = taken.get(at);
      if (other === undefined) taken.set(at, row.key);
      else tellTaken(row, { field: end, code: 'end-taken', value: at, by: other }, problems);
    }
  }
}

function tellTaken(
  row: Row,
  taken: { field: string; code: string; value: string; by: string | null },
  problems: Problems,
): void {
  const { field, code, value, by } = taken;
  const shown = code === 'address-taken' ? value.replace(/\/0$/, '').replace(/\/(\d+)$/, ' port $1') : value;
  problems.add({
    code,
    list: row.list,
    place: row.place(field),
    field,
    arguments: { value: shown, by: by ?? '' },
    says: `${shown} is taken already${by === null ? '' : ` by ${by}`}.`,
  });
}

function addressOf(value: Fields): string | null {
  const address = String(value['address'] ?? '');
  return address === '' || isIP(address) === 0 ? null : `${address}/${Number(value['port'] ?? 0)}`;
}

function serialOf(value: Fields): string | null {
  const serial = String(value['serial'] ?? '');
  return value['protocol'] === 'mqtt' && serial !== '' ? serial : null;
}
