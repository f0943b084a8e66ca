import type { Said } from './stack.ts';

/** A program with every type of resources on the small network, in three shapes; and the secrets that are in it. */
type Resources = Said['resources'];
type Resource = Resources[number];

export const [router, other] = ['rtr-c-01', 'rtr-d-01'];

const canary = 'kenari';
export const wireguardKey = Buffer.from(`${canary}-wireguard`.padEnd(32, 'x')).toString('base64');
const commKey = '135790';
/** What the stack's configuration holds, by name. */
export const configuration = {
  sandi: `${canary}-sandi`,
  wireguard: wireguardKey,
  sakelar: `password ${canary}-sakelar privilege 1`,
  kunci: commKey,
};
/** Addresses of people stand in the audit log of who writes people, and nowhere else. */
export const address = `${canary}-alamat`;
export const community = `${canary}-komunitas`;
const secrets = [`${canary}-sandi`, `${canary}-sakelar`, community, wireguardKey];

/** Which of the secrets a text holds. Six digits in the middle of a hash are no comm key. */
export function secretsIn(text: string): readonly string[] {
  const found = secrets.filter((secret) => text.includes(secret));
  return new RegExp(`(?<![0-9A-Fa-f])${commKey}(?![0-9A-Fa-f])`).test(text) ? [...found, commKey] : found;
}

const resource = (type: Resource['type'], name: string, args: object): Resource => ({ type, name, args });
export const item = (name: string, menu: string, values: object, more: object = {}): Resource =>
  resource('RouterosItem', name, { device: router, menu, values, ...more });
export const lan = (net: string, more: object = {}): Resource =>
  item('lan', '/ip/address', { address: net, interface: 'bridge' }, more);
export const fragment = (key: string, subject: string, values: object) => ({ key, subject, values });
const bridgeAddress = (net: string) => fragment('lan', '/ip/address', { address: net, interface: 'bridge' });
const pool = (device: string) =>
  resource('DeviceIntent', 'e', {
    device,
    fragments: [fragment('tamu', '/ip/pool', { name: 'tamu', ranges: '10.73.4.10-10.73.4.99' })],
  });

export const options = { pauseS: 0, rollbackS: 60 };
export const program = (...resources: Resources): Said => ({ resources, rollout: options });

const site = { code: 'desa-baru', name: 'Kantor Desa Baru', kind: 'village', network: 'smart-city', region: '73.08' };
const device = {
  name: 'rtr-baru-01',
  site: { $of: 'desa', is: 'id' },
  role: 'router',
  protocol: 'none',
  tags: ['uji'],
};
const link = {
  name: 'b--baru',
  medium: 'radio',
  capacityBps: 1e8,
  a: { device: 'rtr-b-01', interface: 'ether3' },
  b: { device: { $of: 'baru', is: 'id' }, interface: 'ether1' },
};
const rule = {
  key: 'uplink.busy',
  name: 'Uplink penuh',
  severity: 'warning',
  forS: 300,
  condition: { kind: 'threshold', measurement: 'interface', field: 'in_bps', percentOf: 'speed', above: 85 },
  scope: { carriesLink: true },
};
const route = { name: 'Meja Jaga', regionCodes: ['73.08'], level: 2, channels: [{ channel: 'inbox', address }] };

const inventoryOf = (more: Readonly<Record<'site' | 'device' | 'link' | 'rule' | 'route', object>>): Resources => [
  resource('MonitoredSite', 'desa', { ...site, ...more.site }),
  resource('MonitoredDevice', 'baru', { ...device, ...more.device }),
  resource('MonitoredLink', 'kabel', { ...link, ...more.link }),
  resource('AlertRule', 'penuh', { ...rule, ...more.rule }),
  resource('NotificationRoute', 'jaga', { ...route, ...more.route }),
];
export const inventory = inventoryOf({ site: {}, device: {}, link: {}, rule: {}, route: {} });

/** Sections of a Cisco Business switch, as one of them is set up. */
const business = {
  'interface GigabitEthernet3': { description: 'ruang tamu', shutdown: false },
  global: {
    'sntp.server': ['10.73.0.1 poll', '10.73.0.2 poll'],
    'username.kedua': { $config: 'sakelar' },
  },
};

export const configured: Resources = [
  lan('10.73.8.1/24'),
  item('ani', '/user', { name: 'ani', group: 'read', password: { $config: 'sandi' } }),
  // Nobody says that it is one: the provider learns it from the driver.
  item('snmp', '/snmp/community', { name: community, addresses: '10.73.0.0/24' }),
  resource('RouterosSettings', 'dns', {
    device: router,
    menu: '/ip/dns',
    values: { servers: ['10.73.0.53', '10.73.0.54'], 'allow-remote-requests': true },
  }),
  resource('RouterosSettings', 'jam', {
    device: router,
    menu: '/system/ntp/client',
    values: { enabled: true, servers: '10.73.0.1' },
  }),
  resource('DeviceIntent', 'd', {
    device: other,
    fragments: [
      fragment('id', '/system/identity', { name: 'rtr-d-01' }),
      fragment('wg', '/interface/wireguard', { name: 'wg-hub', 'private-key': { $config: 'wireguard' } }),
      bridgeAddress('10.73.9.1/24'),
    ],
  }),
  pool('ap-b-01'),
  resource('SwitchConfig', 'sw', { device: 'sw-b-01', sections: business }),
  resource('AttendanceTerminal', 'abs', {
    device: 'abs-d-01',
    time: { zone: '+08:00', drift: 5 },
    server: { address: '10.73.0.20', port: 8088 },
    comm: { key: { $config: 'kunci' } },
  }),
];
export const without = (...names: readonly string[]): Resources =>
  configured.filter(({ name }) => !names.includes(name));

/** Updated, made anew, and taken away, each type that can be. */
export const changed: Resources = [
  ...inventoryOf({
    site: { name: 'Kantor Desa Lain' },
    device: { tags: ['uji', 'lagi'] },
    link: { capacityBps: 2e8 },
    rule: { key: 'uplink.full' },
    route: { level: 3 },
  }),
  lan('10.73.18.1/24'),
  // Another key: another entry. The DNS settings and the community leave the program.
  item('ani', '/user', { name: 'ani', group: 'full', password: { $config: 'sandi' } }, { key: 'ani-dua' }),
  resource('RouterosSettings', 'jam', {
    device: other,
    menu: '/system/ntp/client',
    values: { enabled: true, servers: '10.73.0.2' },
  }),
  resource('DeviceIntent', 'd', { device: other, fragments: [bridgeAddress('10.73.9.1/24')] }),
  pool('rtr-b-01'),
  // Of another maker, in its own words.
  resource('SwitchConfig', 'sw', {
    device: 'sw-c-01',
    sections: {
      'interface GigabitEthernet1/0/3': { description: 'ruang rapat', shutdown: false },
      global: { 'ntp.server': ['10.73.0.1', '10.73.0.2'], 'username.kedua': `privilege 1 secret ${canary}-sakelar` },
    },
  }),
  resource('AttendanceTerminal', 'abs', { device: 'abs-c-01', server: { address: '10.73.0.20', port: 8090 } }),
];

const tangan = { code: 'tangan', name: 'Tangan', kind: 'pop', network: 'smart-city', region: '73.08' };
/** What is made by hand in the console, before it is taken over. */
export const byHand = {
  site: tangan,
  devices: ['rtr-tangan-01', 'rtr-tangan-02'],
  link: { name: 't1--t2', medium: 'copper', capacityBps: 1e9 },
  person: { name: 'Meja Lain', regionCodes: ['73.08.02'] },
  intents: {
    'rtr-b-01': { driver: 'routeros', fragments: [bridgeAddress('10.73.7.1/24')] },
    'sw-a-01': {
      driver: 'cli',
      fragments: [fragment('global', 'global', { 'ntp-service.unicast-server': '10.73.0.1' })],
    },
    'abs-c-01': { driver: 'zkteco', fragments: [fragment('server', 'server', { port: '8091' })] },
  },
} as const;

/** Ids to import by; those of entries of devices name the keys that Arung has made for them. */
export const imports = (keys: { readonly pool: string; readonly note: string }) => ({
  RouterosItem: { kolam: `${router}/ip/pool#${keys.pool}` },
  RouterosSettings: { catatan: `${router}/system/note#${keys.note}` },
  DeviceIntent: { b: 'rtr-b-01' },
  SwitchConfig: { swa: 'sw-a-01' },
  AttendanceTerminal: { absc: 'abs-c-01' },
  MonitoredSite: { tangan: 'tangan' },
  MonitoredDevice: { t1: 'rtr-tangan-01', t2: 'rtr-tangan-02' },
  MonitoredLink: { 't1--t2': 't1--t2' },
  AlertRule: { beban: 'link.load' },
  NotificationRoute: { jaga2: 'Meja Lain' },
});

/** What was taken over, in the program's words; some of it is another now. */
export function adopted(keys: { readonly pool: string; readonly note: string }, linkLoad: object): Resources {
  const end = (of: string) => ({ device: { $of: of, is: 'name' }, interface: 'ether1' });
  const made = (name: string, called: string) =>
    resource('MonitoredDevice', name, {
      name: called,
      site: { $of: 'tangan', is: 'code' },
      role: 'router',
      protocol: 'none',
    });
  return [
    item('kolam', '/ip/pool', { name: 'kolam', ranges: '10.73.8.10-10.73.8.99' }, { key: keys.pool }),
    resource('RouterosSettings', 'catatan', {
      device: router,
      menu: '/system/note',
      key: keys.note,
      values: { note: 'dikelola Arung', 'show-at-login': false },
    }),
    resource('MonitoredSite', 'tangan', tangan),
    resource('DeviceIntent', 'b', { device: 'rtr-b-01', fragments: [bridgeAddress('10.73.7.1/24')] }),
    resource('SwitchConfig', 'swa', {
      device: 'sw-a-01',
      sections: { global: { 'ntp-service.unicast-server': ['10.73.0.1', '10.73.0.2'] } },
    }),
    resource('AttendanceTerminal', 'absc', { device: 'abs-c-01', server: { port: 8092 } }),
    made('t1', 'rtr-tangan-01'),
    made('t2', 'rtr-tangan-02'),
    resource('MonitoredLink', 't1--t2', { ...byHand.link, a: end('t1'), b: end('t2') }),
    resource('AlertRule', 'beban', { ...linkLoad, forS: 420 }),
    resource('NotificationRoute', 'jaga2', byHand.person),
  ];
}
