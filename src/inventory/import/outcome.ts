import type { Fields, ListName } from './lists.ts';
import { listNames } from './lists.ts';
import type { Row } from './rows.ts';
import type { Snapshot } from './snapshot.ts';

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
    managementCredential: '',
    managementPort: 0,
    vendor: '',
    model: '',
    serial: '',
    tags: [],
  },
  interfaces: { description: '', mac: '' },
  links: { trunk: false, sharedRisks: [], tags: [] },
  services: { device: '', url: '', checks: [], usedBy: [] },
  agents: {},
};

/**
 * The inventory with the file over it: what each list will hold when the import is done. What the reader may not see is
 * not in it.
 */
export class Outcome {
  readonly #lists: Readonly<Record<ListName, Map<string, Fields>>>;

  constructor(snapshot: Snapshot, rows: Iterable<Row>) {
    this.#lists = Object.fromEntries(
      listNames.map((name) => [
        name,
        new Map([...snapshot[name]].filter(([, kept]) => kept.visible).map(([key, kept]) => [key, kept.value])),
      ]),
    ) as Record<ListName, Map<string, Fields>>;
    for (const row of rows) {
      const base = snapshot[row.list].get(row.key)?.value ?? {
        ...defaults[row.list],
        ...(row.list === 'devices' && { gateway: row.value['role'] === 'router' }),
      };
      const { secret: _secret, ...said } = row.value;
      this.#lists[row.list].set(row.key, { ...base, ...said });
    }
  }

  has(list: ListName, key: string): boolean {
    return this.#lists[list].has(key);
  }

  keys(list: ListName): Iterable<string> {
    return this.#lists[list].keys();
  }

  /** A thing with every field; of an unknown one, none. */
  get(list: ListName, key: unknown): Fields {
    return this.#lists[list].get(String(key)) ?? {};
  }

  /** Where a thing will lie: by its region, its site, its device or its first end; null for what lies in no region. */
  regionOf(list: ListName, value: Fields): string | null {
    switch (list) {
      case 'regions':
        return String(value['code']);
      case 'sites':
        return typeof value['region'] === 'string' ? value['region'] : null;
      case 'devices':
      case 'services':
        return this.regionOf('sites', this.get('sites', value['site']));
      case 'interfaces':
        return this.regionOf('devices', this.get('devices', value['device']));
      case 'links':
        return this.regionOfEnd(value['a']);
      default:
        return null;
    }
  }

  regionOfEnd(interfaceKey: unknown): string | null {
    return this.regionOf('interfaces', this.get('interfaces', interfaceKey));
  }
}
