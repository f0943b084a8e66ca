import type { CliConfig, Entry } from './config.ts';
import { clearOf, hashed } from './hashes.ts';
import { flag, many, valued, vlanList, vlansIn, type LineContext, type LineKind } from './lines.ts';

/** What can be set on Cisco's switches: on both kinds, on IOS, on the Business series. */
const ipv4 = '\\d{1,3}(?:\\.\\d{1,3}){3}';
const lists = { between: ',', range: '-' } as const;

export const common: readonly LineKind[] = [
  valued('global', 'hostname', '\\S{1,63}'),
  valued('global', 'ip default-gateway', ipv4),
  valued('global', 'ip domain name', '\\S+'),
  { in: 'global', pattern: new RegExp(`^ip host (\\S+) ${ipv4}$`), key: ([, name]) => `ip host ${name}` },
  many('global', new RegExp(`^ip route ${ipv4} ${ipv4} ${ipv4}$`)),
  many('global', new RegExp(`^logging host ${ipv4}$`)),
  { in: 'global', pattern: /^snmp-server community (\S+)(?: (ro|rw))?$/i, key: ([, name]) => `snmp-server community ${name}` }, // prettier-ignore
  valued('global', 'snmp-server location'),
  valued('global', 'snmp-server contact'),
  valued('global', 'spanning-tree mode', '(?:rstp|mst|rapid-pvst|stp)'),
  flag('global', 'ip http server'),
  flag('global', 'service password-encryption'),
  valued('line', 'exec-timeout', '\\d+(?: \\d+)?'),
  valued('line', 'transport input', '(?:ssh|telnet|all|none)'),
  valued('interface', 'description'),
  flag('interface', 'shutdown'),
  valued('interface', 'speed', '(?:auto|10|100|1000)'),
  valued('interface', 'switchport mode', '(?:access|trunk)'),
  {
    ...valued('interface', 'switchport access vlan', '\\d{1,4}'),
    refusal: ([, vlan], context) => unknownVlan(Number(vlan), context),
  },
  valued('interface', 'switchport trunk native vlan', '\\d{1,4}'),
  {
    in: 'interface',
    pattern: /^switchport trunk allowed vlan (add |remove )?([\d,-]+|all|none)$/,
    key: () => 'switchport trunk allowed vlan',
    entry: ([, how = '', list = ''], { config, header }) => {
      if (list === 'all') return null;
      const before = config.entry(header, 'switchport trunk allowed vlan')?.text.split(' ').at(-1) ?? '1-4094';
      const given = vlansIn(list === 'none' ? '' : list).filter((vlan) => vlan > 0);
      const has = vlansIn(before);
      const vlans =
        how === '' ? given : how === 'add ' ? [...has, ...given] : has.filter((vlan) => !given.includes(vlan));
      return { text: `switchport trunk allowed vlan ${vlans.length === 0 ? 'none' : vlanList(vlans, lists)}` };
    },
  },
  flag('interface', 'spanning-tree portfast'),
  valued('svi', 'description'),
  flag('svi', 'shutdown'),
  valued('svi', 'ip address', `${ipv4} ${ipv4}`),
];

/** As a running configuration has it, where `host` was left out, too. */
function logHost(host: string, port: string | undefined): string {
  return `logging host ${host}${port === undefined ? '' : ` transport udp port ${port}`}`;
}

export const iosOnly: readonly LineKind[] = [
  many('global', new RegExp(`^ntp server ${ipv4}$`)),
  {
    in: 'global',
    pattern: new RegExp(`^logging (?:host )?(${ipv4})(?: transport udp port (\\d{1,5}))?$`),
    key: ([, host = '', port]) => logHost(host, port),
    entry: ([, host = '', port]) => ({ text: logHost(host, port) }),
  },
  valued('global', 'ip ssh version', '[12]'),
  {
    in: 'global',
    pattern: /^username (\S+)(?: privilege (\d+))? (?:secret|password)(?: ([0-9]))? (\S+)$/,
    key: ([, name]) => `username ${name}`,
    entry: ([, name, level, form = '0', secret = ''], { device }): Entry => {
      const start = `username ${name}${level === undefined ? '' : ` privilege ${level}`} secret 9 `;
      if (form !== '0') return { text: `${start}${secret}`, ...clearOf(secret) };
      return { text: `${start}${hashed(secret, device, { start: '$9$' })}`, secret };
    },
  },
  valued('archive', 'path', '\\S+'),
  valued('archive', 'maximum', '\\d+'),
  valued('vlan', 'name', '\\S{1,32}'),
];

export const businessOnly: readonly LineKind[] = [
  many('global', new RegExp(`^sntp server ${ipv4}(?: poll)?$`)),
  flag('global', 'ip ssh server'),
  {
    in: 'global',
    pattern: /^username (\S+) password (encrypted )?(\S+)(?: privilege (\d+))?$/,
    key: ([, name]) => `username ${name}`,
    entry: ([, name, form, secret = '', level = '1'], { device }): Entry => {
      const shown = (text: string): string => `username ${name} password encrypted ${text} privilege ${level}`;
      if (form !== undefined) return { text: shown(secret), ...clearOf(secret) };
      return { text: shown(hashed(secret, device, { start: '$15$' })), secret };
    },
  },
  {
    in: 'vlans',
    pattern: /^vlan ([\d,-]+)$/,
    key: () => 'vlan',
    entry: ([, list = ''], context) => vlanEntry([...databaseVlans(context.config), ...vlansIn(list)]),
    undo: ([, list = ''], context) => {
      const gone = vlansIn(list);
      const left = databaseVlans(context.config).filter((vlan) => !gone.includes(vlan));
      const entry = vlanEntry(left);
      if (entry === null) context.config.unset(context.header, 'vlan');
      else context.config.set(context.header, 'vlan', entry);
      for (const vlan of gone) context.config.drop(`interface vlan ${vlan}`);
    },
  },
  valued('svi', 'name', '\\S{1,32}'),
];

function vlanEntry(vlans: readonly number[]): Entry | null {
  const others = vlans.filter((vlan) => vlan > 1);
  return others.length === 0 ? null : { text: `vlan ${vlanList(others, lists)}` };
}

function databaseVlans(config: CliConfig): readonly number[] {
  return vlansIn(config.entry('vlan database', 'vlan')?.text.slice(5) ?? '').filter((vlan) => vlan > 0);
}

/** The VLANs of a switch, of either command line. */
export function vlansOf(config: CliConfig): ReadonlySet<number> {
  const own = [...config.sections].flatMap(([header]) => /^vlan (\d+)$/.exec(header)?.[1] ?? []);
  return new Set([1, ...databaseVlans(config), ...own.map(Number)]);
}

function unknownVlan(vlan: number, { config }: LineContext): string | null {
  // IOS makes the VLAN; the Business series wants it first. Both refuse what is none.
  if (vlan < 1 || vlan > 4_094) return "% Invalid input detected at '^' marker.";
  return config.has('vlan database') && !vlansOf(config).has(vlan) ? '% VLAN does not exist' : null;
}

/** `gi1`, `gigabitEthernet 1/0/1` as a running configuration writes them. */
export function ciscoPort(name: string): string {
  return name.replace(/\s+/g, '').replace(/^(gigabitethernet|gi)(?=\d)/i, 'GigabitEthernet').replace(/^(tengigabitethernet|te)(?=\d)/i, 'TenGigabitEthernet'); // prettier-ignore
}
