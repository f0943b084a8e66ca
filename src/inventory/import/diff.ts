import { isIP } from 'node:net';
import { inScope, scopeFor, type Access, type Scope } from '../../domain/access.ts';
import type { CredentialKind, CredentialSecret, ManagementProtocol } from '../../domain/device.ts';
import { ArungError } from '../../domain/errors.ts';
import { isRegionCode, parentOfCode } from '../../domain/region.ts';
import { isTimeZone } from '../calendars.ts';
import { unreachableBecause } from '../devices.ts';
import { secretFrom, type CredentialSecretInput } from '../secrets.ts';
import { lists, listNames, type Fields, type ListName } from './lists.ts';
import { nearest, type Problems } from './problems.ts';
import type { Row } from './rows.ts';
import type { Kept, Snapshot } from './snapshot.ts';

/** What an import would do with one thing. */
export interface Difference {
  readonly list: ListName;
  readonly key: string;
  readonly action: 'create' | 'change';
  /** Of a change, the fields that differ; of a creation, all that the file says. Secrets are never among them. */
  readonly fields: Readonly<Record<string, { readonly before: unknown; readonly after: unknown }>>;
}

export interface Work extends Difference {
  /** Null for what is to be created. */
  readonly id: string | null;
  /** Every field as it will be. */
  readonly value: Fields;
  readonly secret: CredentialSecret | null;
  /** Where it will lie; null for what belongs to no region. */
  readonly regionCode: string | null;
}

export interface Diff {
  readonly work: readonly Work[];
  readonly unchanged: Readonly<Record<ListName, number>>;
}

export type ImportMode = 'merge' | 'create' | 'update';

/**
 * Compares the file with the inventory and finds everything that is wrong with it. Pure: it reads no database and
 * writes none. `merge` creates and changes, `create` leaves alone what is there, `update` leaves out what is not.
 */
export function diffRows(options: {
  readonly rows: readonly Row[];
  readonly snapshot: Snapshot;
  readonly access: Access;
  readonly mode: ImportMode;
  readonly problems: Problems;
  /** The secret that is kept for a credential, to see whether the file's is another. */
  readonly keptSecret: (id: string) => CredentialSecret | null;
}): Diff {
  const diff = new Differ(options);
  return diff.run();
}

const defaults: Readonly<Record<ListName, Fields>> = {
  regions: {},
  calendars: { holidays: [] },
  contacts: { role: '', phone: '', email: '' },
  credentials: { user: '' },
  sharedRisks: { sites: [] },
  sites: {
    rolloutStatus: 'planned',
    latitude: null,
    longitude: null,
    address: '',
    accessNotes: '',
    calendar: '',
    contacts: [],
    tags: [],
  },
  devices: {
    protocol: 'snmp',
    address: '',
    port: 0,
    credential: '',
    vendor: '',
    model: '',
    serial: '',
    tags: [],
  },
  interfaces: { description: '', mac: '' },
  links: { trunk: false, sharedRisks: [], tags: [] },
  services: { device: '', url: '' },
  agents: {},
};

/** Lists whose order says nothing. */
const unordered = new Set(['tags', 'sharedRisks', 'sites', 'attachedTo', 'holidays']);

class Differ {
  readonly #rows: readonly Row[];
  readonly #snapshot: Snapshot;
  readonly #access: Access;
  readonly #mode: ImportMode;
  readonly #problems: Problems;
  readonly #keptSecret: (id: string) => CredentialSecret | null;
  readonly #writes: Scope;
  /** What each list holds when the file is in: the inventory with the file over it. */
  readonly #after: Readonly<Record<ListName, Map<string, Fields>>>;

  constructor(options: Parameters<typeof diffRows>[0]) {
    this.#rows = options.rows;
    this.#snapshot = options.snapshot;
    this.#access = options.access;
    this.#mode = options.mode;
    this.#problems = options.problems;
    this.#keptSecret = options.keptSecret;
    this.#writes = scopeFor(options.access, 'inventory.write');
    this.#after = Object.fromEntries(
      listNames.map((name) => [
        name,
        new Map([...options.snapshot[name]].filter(([, kept]) => kept.visible).map(([key, kept]) => [key, kept.value])),
      ]),
    ) as Record<ListName, Map<string, Fields>>;
  }

  run(): Diff {
    const wanted = new Set(this.#rows.filter((row) => this.#wants(row)));
    for (const row of wanted) this.#after[row.list].set(row.key, this.#merged(row));
    const work: Work[] = [];
    const unchanged = Object.fromEntries(listNames.map((name) => [name, 0])) as Record<ListName, number>;
    for (const row of this.#rows) {
      if (!wanted.has(row)) unchanged[row.list]++;
    }
    for (const row of wanted) {
      const one = this.#differenceOf(row);
      if (one === null) unchanged[row.list]++;
      else if (one !== 'wrong') work.push(one);
    }
    this.#checkAddresses([...wanted]);
    this.#checkLinkEnds([...wanted]);
    return { work, unchanged };
  }

  #wants(row: Row): boolean {
    const exists = this.#snapshot[row.list].has(row.key);
    return this.#mode === 'merge' || (this.#mode === 'update') === exists;
  }

  #merged(row: Row): Fields {
    const kept = this.#snapshot[row.list].get(row.key);
    const base = kept?.value ?? {
      ...defaults[row.list],
      ...(row.list === 'devices' && { gateway: row.value['role'] === 'router' }),
    };
    const { secret: _, ...said } = row.value;
    return { ...base, ...said };
  }

  #differenceOf(row: Row): Work | 'wrong' | null {
    const before = this.#problems.count;
    const kept = this.#snapshot[row.list].get(row.key);
    if (kept?.visible === false) {
      this.#tellOutside(row, row.key);
      return 'wrong';
    }
    const value = this.#after[row.list].get(row.key) ?? row.value;
    this.#checkReferences(row, value);
    this.#checkMeaning(row, value, kept);
    const secret = this.#secretOf(row, value, kept);
    const regionCode = this.#regionOf(row.list, value);
    if (this.#problems.count > before) return 'wrong';

    const fields = differingFields(row, value, kept);
    if (secret !== null) fields['secret'] = { before: kept === undefined ? null : 'sealed', after: 'sealed' };
    if (kept !== undefined && Object.keys(fields).length === 0) return null;
    if (!this.#mayWrite(row, kept, regionCode)) {
      this.#tellOutside(row, row.key);
      return 'wrong';
    }
    const action = kept === undefined ? 'create' : 'change';
    return { list: row.list, key: row.key, action, fields, id: kept?.id ?? null, value, secret, regionCode };
  }

  #mayWrite(row: Row, kept: Kept | undefined, regionCode: string | null): boolean {
    if (kept !== undefined && !kept.writable) return false;
    switch (row.list) {
      case 'credentials': {
        const scope = scopeFor(this.#access, 'credential.manage');
        return scope === 'everywhere' || scope.regionCodes.length > 0;
      }
      case 'calendars':
      case 'contacts':
      case 'sharedRisks':
        return this.#writes === 'everywhere' || this.#writes.regionCodes.length > 0;
      case 'agents':
        return this.#writes === 'everywhere';
      case 'links': {
        const value = this.#after.links.get(row.key) ?? row.value;
        return ['a', 'b'].every((end) => {
          const code = this.#regionOf('interfaces', this.#after.interfaces.get(String(value[end])) ?? {});
          return code !== null && inScope(this.#writes, code);
        });
      }
      default:
        return regionCode !== null && inScope(this.#writes, regionCode);
    }
  }

  /** Where a thing will lie: by its region, its site, its device or its first end. */
  #regionOf(list: ListName, value: Fields): string | null {
    switch (list) {
      case 'regions':
        return String(value['code']);
      case 'sites':
        return typeof value['region'] === 'string' ? value['region'] : null;
      case 'devices':
      case 'services':
        return this.#regionOf('sites', this.#after.sites.get(String(value['site'])) ?? {});
      case 'interfaces':
        return this.#regionOf('devices', this.#after.devices.get(String(value['device'])) ?? {});
      case 'links':
        return this.#regionOf('interfaces', this.#after.interfaces.get(String(value['a'])) ?? {});
      default:
        return null;
    }
  }

  #checkReferences(row: Row, value: Fields): void {
    const refer = (field: string, to: ListName, optional = false) => {
      const names = Array.isArray(value[field]) ? value[field].map(String) : [String(value[field] ?? '')];
      for (const name of names) {
        if ((optional && name === '') || this.#after[to].has(name)) continue;
        // Looking for what was meant is slow: not for more than a person reads.
        const meant = this.#problems.full ? null : nearest(name, this.#after[to].keys());
        const hint =
          to === 'regions' && isRegionCode(name)
            ? ' Import its regency first, or mend the code.'
            : meant === null
              ? ''
              : ` Did you mean ${meant}?`;
        this.#problems.add({
          code: 'does-not-exist',
          list: row.list,
          place: row.place(field),
          field,
          arguments: { value: name, what: lists[to].noun, meant: meant ?? '' },
          says: `${name === '' ? `No ${lists[to].noun} is named` : `${name} does not exist`}.${hint}`,
        });
      }
    };
    switch (row.list) {
      case 'sites':
        refer('region', 'regions');
        refer('calendar', 'calendars', true);
        refer('contacts', 'contacts');
        break;
      case 'devices':
        refer('site', 'sites');
        refer('credential', 'credentials', true);
        break;
      case 'interfaces':
        refer('device', 'devices');
        break;
      case 'links':
        refer('a', 'interfaces');
        refer('b', 'interfaces');
        refer('sharedRisks', 'sharedRisks');
        break;
      case 'sharedRisks':
        refer('sites', 'sites');
        break;
      case 'services':
        refer('site', 'sites');
        refer('device', 'devices', true);
        break;
      case 'agents':
        refer('attachedTo', 'devices');
        break;
      default:
        break;
    }
  }

  #checkMeaning(row: Row, value: Fields, kept: Kept | undefined): void {
    const tell = (code: string, field: string, says: string, args: Record<string, string> = {}) =>
      this.#problems.add({ code, list: row.list, place: row.place(field), field, says, arguments: args });
    switch (row.list) {
      case 'regions': {
        const code = String(value['code']);
        if (!isRegionCode(code)) return tell('bad-region-code', 'code', `${code} is no region code.`, { value: code });
        if (kept !== undefined) return;
        const parent = parentOfCode(code);
        if (value['name'] === undefined || (parent !== null && !this.#after.regions.has(parent))) {
          tell('does-not-exist', 'code', `${code} does not exist. Import its regency first, or mend the code.`, {
            value: code,
            what: 'region',
            meant: '',
          });
        }
        return;
      }
      case 'calendars': {
        const zone = String(value['timeZone']);
        if (!isTimeZone(zone)) {
          tell('bad-time-zone', 'timeZone', `${zone} is no time zone: write for instance Asia/Makassar.`, {
            value: zone,
          });
        }
        return;
      }
      case 'sites':
        if ((value['latitude'] === null) !== (value['longitude'] === null)) {
          const field = value['latitude'] === null ? 'latitude' : 'longitude';
          tell('half-position', field, 'A position needs both latitude and longitude, or neither.');
        }
        return;
      case 'devices': {
        const address = String(value['address']);
        // The schema has seen that the protocol is one of the three.
        const protocol = value['protocol'] as ManagementProtocol;
        const wrong = unreachableBecause({ protocol, address, serial: String(value['serial']) });
        if (wrong !== null) tell(wrong.code.replace('device.', ''), wrong.field, wrong.message, { value: address });
        return;
      }
      case 'services': {
        const device = String(value['device'] ?? '');
        if (device !== '' && this.#after.devices.get(device)?.['site'] !== value['site']) {
          tell('device-elsewhere', 'device', `${device} does not stand at the site of the service.`, { value: device });
        }
        return;
      }
      default:
        return;
    }
  }

  #secretOf(row: Row, value: Fields, kept: Kept | undefined): CredentialSecret | null {
    if (row.list !== 'credentials') return null;
    const typed = row.value['secret'];
    if (typed === undefined || typed === '') return null;
    try {
      // The schema has seen kind and secret.
      const kind = value['kind'] as CredentialKind;
      const secret = secretFrom(kind, String(value['user'] ?? ''), typed as CredentialSecretInput);
      const before = kept === undefined ? null : this.#keptSecret(kept.id);
      return JSON.stringify(before) === JSON.stringify(secret) ? null : secret;
    } catch (error) {
      if (!(error instanceof ArungError)) throw error;
      this.#problems.add({
        code: 'bad-secret',
        list: row.list,
        place: row.place('secret'),
        field: 'secret',
        says: error.message,
      });
      return null;
    }
  }

  /** One address and port, one device; one serial number, one terminal: over the inventory and the file together. */
  #checkAddresses(rows: readonly Row[]): void {
    const addresses = new Map<string, string>();
    const serials = new Map<string, string>();
    for (const row of rows.filter((one) => one.list === 'devices')) {
      const value = this.#after.devices.get(row.key) ?? row.value;
      this.#claim(row, addresses, addressOf(value), 'address', 'address-taken');
      this.#claim(row, serials, serialOf(value), 'serial', 'serial-taken');
    }
    const named = new Set(rows.filter((row) => row.list === 'devices').map((row) => row.key));
    for (const [name, kept] of this.#snapshot.devices) {
      if (named.has(name)) continue;
      const address = addressOf(kept.value);
      const serial = serialOf(kept.value);
      for (const [taken, key, field, code] of [
        [addresses, address, 'address', 'address-taken'],
        [serials, serial, 'serial', 'serial-taken'],
      ] as const) {
        const by = key === null ? undefined : taken.get(key);
        const row = by === undefined ? undefined : rows.find((one) => one.list === 'devices' && one.key === by);
        if (row !== undefined && key !== null) this.#tellTaken(row, field, code, key, kept.visible ? name : null);
      }
    }
  }

  #claim(row: Row, taken: Map<string, string>, key: string | null, field: string, code: string): void {
    if (key === null) return;
    const other = taken.get(key);
    if (other === undefined) taken.set(key, row.key);
    else this.#tellTaken(row, field, code, key, other);
  }

  #checkLinkEnds(rows: readonly Row[]): void {
    const links = rows.filter((row) => row.list === 'links');
    const named = new Set(links.map((row) => row.key));
    const taken = new Map<string, string | null>();
    for (const [name, kept] of this.#snapshot.links) {
      if (named.has(name)) continue;
      for (const end of ['a', 'b']) taken.set(String(kept.value[end]), kept.visible ? name : null);
    }
    for (const row of links) {
      const value = this.#after.links.get(row.key) ?? row.value;
      const a = String(value['a']);
      if (a === value['b']) {
        this.#problems.add({
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
        else this.#tellTaken(row, end, 'end-taken', at, other);
      }
    }
  }

  #tellTaken(row: Row, field: string, code: string, value: string, by: string | null): void {
    const shown = value.replace(/\/0$/, '').replace(/\/(\d+)$/, ' port $1');
    this.#problems.add({
      code,
      list: row.list,
      place: row.place(field),
      field,
      arguments: { value: shown, by: by ?? '' },
      says: `${code === 'end-taken' ? value : shown} is taken already${by === null ? '' : ` by ${by}`}.`,
    });
  }

  #tellOutside(row: Row, key: string): void {
    this.#problems.add({
      code: 'outside-regions',
      list: row.list,
      place: row.place(),
      arguments: { value: key },
      says: `${key} lies, or would lie, outside what you may write.`,
    });
  }
}

function addressOf(value: Fields): string | null {
  const address = String(value['address'] ?? '');
  return address === '' || isIP(address) === 0 ? null : `${address}/${Number(value['port'] ?? 0)}`;
}

function serialOf(value: Fields): string | null {
  const serial = String(value['serial'] ?? '');
  return value['protocol'] === 'mqtt' && serial !== '' ? serial : null;
}

function differingFields(
  row: Row,
  value: Fields,
  kept: Kept | undefined,
): Record<string, { before: unknown; after: unknown }> {
  const fields: Record<string, { before: unknown; after: unknown }> = {};
  for (const field of Object.keys(row.value)) {
    if (field === 'secret') continue;
    const before = kept?.value[field] ?? null;
    const after = value[field] ?? null;
    if (kept !== undefined && comparable(field, before) === comparable(field, after)) continue;
    fields[field] = { before, after };
  }
  return fields;
}

function comparable(field: string, value: unknown): string {
  if (Array.isArray(value) && unordered.has(field)) return JSON.stringify(value.map(String).sort());
  if (Array.isArray(value)) return JSON.stringify(value.map((one: unknown) => sortedKeys(one)));
  return JSON.stringify(value);
}

function sortedKeys(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
