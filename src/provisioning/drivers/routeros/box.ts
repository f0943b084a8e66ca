import type { ApiRow } from './api-client.ts';

/** Properties as they are in what comes from the box, which an export leaves out. help.mikrotik.com has a page for each menu. */
const settings: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  '/system/identity': { name: 'MikroTik' },
  // The name of the zone is found by the device itself while nobody sets it.
  '/system/clock': { 'time-zone-autodetect': 'yes' },
  '/system/note': { note: '', 'show-at-login': 'yes' },
  '/system/ntp/client': { enabled: 'no', mode: 'unicast', servers: '' },
  '/snmp': {
    enabled: 'no',
    contact: '',
    location: '',
    'trap-target': '',
    'trap-community': 'public',
    'trap-version': '1',
  },
  '/ip/dns': { servers: '', 'allow-remote-requests': 'no', 'cache-size': '2048' },
  '/interface/ethernet': { disabled: 'no', comment: '', mtu: '1500' },
};

/** Services of `/ip/service`, and whether they are on from the box. */
const services: Readonly<Record<string, boolean>> = {
  telnet: true,
  ftp: true,
  www: true,
  ssh: true,
  'www-ssl': false,
  api: true,
  winbox: true,
  'api-ssl': true,
};

export const serviceNames: readonly string[] = Object.keys(services);

/** Services that answer unless an export says otherwise. */
export function isOnFromTheBox(service: string): boolean {
  return services[service] === true;
}

/**
 * What a property is where an export does not name it; undefined: nobody here knows. The ports of services among these: a
 * restore must not close the door that it came by.
 */
export function fromTheBox(path: string, row: ApiRow, property: string): string | undefined {
  if (path === '/ip/service') {
    const isOn = services[row['name'] ?? ''];
    if (property === 'disabled') return isOn === undefined ? undefined : isOn ? 'no' : 'yes';
    return property === 'address' ? '' : undefined;
  }
  if (path === '/interface/ethernet' && property === 'name') return row['default-name'];
  return settings[path]?.[property];
}

/** Entries of lists that were there from the box: an export does not add them, and they cannot be taken away. */
export function isOfTheBox(path: string, row: ApiRow): boolean {
  // Its four rules (help.mikrotik.com, "Log"): information, errors and warnings to the memory, what is critical to the screen.
  if (path === '/system/logging' && /^(memory|echo)$/.test(row['action'] ?? '')) return true;
  return isYes(row['default']) || isYes(row['builtin']);
}

function isYes(value: string | undefined): boolean {
  return value === 'true' || value === 'yes';
}
