import { isIP } from 'node:net';
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
