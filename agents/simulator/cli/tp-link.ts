import { vlansOf } from './cisco-lines.ts';
import { top, type CliConfig, type Entry } from './config.ts';
import { clearOf, hashed } from './hashes.ts';
import { flag, many, vlanList, vlansIn, type LineContext, type LineKind } from './lines.ts';
import type { Box, ExecCommand, Maker, Mode, SectionFound } from './maker.ts';

/**
 * TP-Link's JetStream, as its TL-SG2008 and TL-SG2210P run it. Pages behind the commands:
 * `src/provisioning/drivers/cli/dialects/tp-link.ts`; what they do not say is listed in the README.
 */
const ipv4 = '\\d{1,3}(?:\\.\\d{1,3}){3}';
const lists = { between: ',', range: '-' } as const;
const noVlan = 'Error: VLAN does not exist.';

/** As a running configuration names a port, however the network does. */
export function tpLinkPort(name: string): string {
  return name.replace(/^gi\w*\s*(?=\d)/i, 'gigabitEthernet ');
}

/** A text that is shown in quotes, and has to be typed in them where it has blanks. */
function quoted(section: string, words: string, most: number): LineKind {
  return {
    in: section,
    pattern: new RegExp(`^${words} (?:"([^"]{0,${most}})"|([^\\s"]{1,${most}}))$`),
    key: () => words,
    entry: ([, inQuotes, bare = '']) => ({ text: `${words} "${inQuotes ?? bare}"` }),
  };
}

const membership = 'switchport general allowed vlan';
const keyOf = (form: string): string => `${membership} ${form}`;

/** The VLANs that a port carries with a tag, or without. */
export function carriedBy(config: CliConfig, header: string, form: 'tagged' | 'untagged'): readonly number[] {
  return vlansIn(config.entry(header, keyOf(form))?.text.split(' ')[4] ?? '').filter((vlan) => vlan > 0);
}

function carry({ config, header }: LineContext, form: 'tagged' | 'untagged', vlans: readonly number[]): void {
  if (vlans.length === 0) config.unset(header, keyOf(form));
  else config.set(header, keyOf(form), { text: `${membership} ${vlanList(vlans, lists)} ${form}` });
}

const members: LineKind = {
  in: 'interface',
  pattern: /^switchport general allowed vlan ([\d,-]+)(?: (tagged|untagged))?$/,
  key: () => membership,
  refusal: ([, list = '', form], { config }) => {
    if (form === undefined) return 'Error: Invalid parameter.';
    return vlansIn(list).every((vlan) => vlansOf(config).has(vlan)) ? null : noVlan;
  },
  change: ([, list = '', form], context) => {
    const [own, other] = form === 'tagged' ? (['tagged', 'untagged'] as const) : (['untagged', 'tagged'] as const);
    const given = vlansIn(list);
    const { config, header } = context;
    carry(context, own, [...carriedBy(config, header, own), ...given]);
    carry(context, other, carriedBy(config, header, other).filter((vlan) => !given.includes(vlan)));
  },
  undo: ([, list = ''], context) => {
    for (const form of ['tagged', 'untagged'] as const) {
      const has = carriedBy(context.config, context.header, form);
      carry(context, form, has.filter((vlan) => !vlansIn(list).includes(vlan)));
    }
  },
}; // prettier-ignore

const lines: readonly LineKind[] = [
  quoted('global', 'hostname', 32),
  quoted('global', 'location', 32),
  quoted('global', 'contact-info', 32),
  many('global', new RegExp(`^ip route ${ipv4} ${ipv4} ${ipv4}$`)),
  { in: 'global', pattern: new RegExp(`^logging host index ([1-4]) ${ipv4} [0-7]$`), key: ([, at]) => `logging host index ${at}` }, // prettier-ignore
  { in: 'global', pattern: /^system-time ntp (UTC[+-]\d\d:\d\d .*)$/, key: () => 'system-time ntp' },
  flag('global', 'ip ssh server'),
  flag('global', 'ip http server'),
  flag('global', 'lldp'),
  flag('global', 'snmp-server'),
  {
    in: 'global',
    pattern: /^snmp-server community "?([^\s"]{1,64})"? (read-only|read-write)(?: "?([^\s"]{1,16})"?)?$/,
    key: ([, name]) => `snmp-server community ${name}`,
    entry: ([, name, right, view = 'viewDefault']) => ({ text: `snmp-server community "${name}" ${right} "${view}"` }),
  },
  {
    in: 'global',
    pattern: /^access-list create (\d{1,4})(?: name "?([^\s"]+)"?)?$/,
    key: ([, id]) => `access-list create ${id}`,
    entry: ([, id, name]) => ({ text: `access-list create ${id} name "${name ?? `ACL_${id}`}"` }),
  },
  {
    in: 'global',
    pattern: /^user name (\S{1,16}) privilege (admin|operator|power_user|user) (?:secret|password)(?: ([057]))? (\S+)$/,
    key: ([, name]) => `user name ${name}`,
    entry: ([, name, level, form = '0', secret = ''], { device }): Entry => {
      const start = `user name ${name} privilege ${level} secret 5 `;
      if (form !== '0') return { text: `${start}${secret}`, ...clearOf(secret) };
      return { text: `${start}${hashed(secret, device, { start: '$1$' })}`, secret };
    },
  },
  quoted('vlan', 'name', 16),
  quoted('interface', 'description', 64),
  flag('interface', 'shutdown'),
  members,
  {
    in: 'interface',
    pattern: /^switchport pvid (\d{1,4})$/,
    key: () => 'switchport pvid',
    entry: ([line, vlan]) => (vlan === '1' ? null : { text: line }),
    refusal: ([, vlan], { config }) => (vlansOf(config).has(Number(vlan)) ? null : noVlan),
  },
  flag('svi', 'shutdown'),
  quoted('svi', 'description', 64),
  { in: 'svi', pattern: new RegExp(`^ip address (${ipv4} ${ipv4})$`), key: () => 'ip address' },
];

function section(line: string, box: Box): SectionFound | { readonly refusal: string } | null {
  const svi = /^interface vlan (\d{1,4})$/.exec(line)?.[1];
  if (svi !== undefined) return vlansOf(box.running).has(Number(svi)) ? { kind: 'svi', header: line } : { refusal: noVlan }; // prettier-ignore
  const port = /^interface (gigabitEthernet \S+)$/i.exec(line)?.[1];
  if (port !== undefined) {
    const own = tpLinkPort(port);
    const has = box.host.ports.some((name) => tpLinkPort(name) === own);
    return has ? { kind: 'interface', header: `interface ${own}` } : { refusal: 'Error: Invalid port.' };
  }
  return /^vlan \d{1,4}$/.test(line) ? { kind: 'vlan', header: line } : null;
}

function shown(config: CliConfig, { host }: Pick<Box, 'host'>): readonly string[] {
  const sections = [...config.sections].filter(([header]) => header !== top);
  const isVlan = (header: string): boolean => /^vlan \d+$/.test(header);
  const vlans = sections.flatMap(([header]) => (isVlan(header) ? [Number(header.slice(5))] : []));
  const written = sections.filter(([header, entries]) => !isVlan(header) || entries.size > 0);
  const blocks = written.flatMap(([header, entries]) => [header, ...[...entries.values()].map(({ text }) => `${isVlan(header) ? ' ' : '  '}${text}`), '#']); // prettier-ignore
  return [
    `!${host.model}`,
    '#',
    ...(vlans.length === 0 ? [] : [`vlan ${vlanList(vlans, lists)}`, '#']),
    ...[...config.entries(top).values()].flatMap(({ text }) => [text, '#']),
    ...blocks,
    'end',
  ];
}

function show(which: 'running' | 'startup'): ExecCommand {
  return { pattern: new RegExp(`^show ${which}-config$`), run: (_, box, terminal) => terminal.write(shown(box[which], box)) }; // prettier-ignore
}

const at = (seconds: number): string => new Date(seconds * 1_000).toISOString().slice(0, 16).replace('T', ' ');

/** What waits, as it is told when it is set. */
function planned(box: Box): readonly string[] {
  const leftS = box.reloadInS();
  if (leftS === null) return ['No reboot schedule is set.'];
  return ['Reboot Schedule Settings', '---------------------------', `Reboot schedule at ${at(box.host.clockS() + leftS)} (in ${Math.floor(leftS / 60)} minutes)`, 'Save before reboot: No']; // prettier-ignore
}

const exec: readonly ExecCommand[] = [
  { pattern: /^enable$/, run: (_, __, terminal) => terminal.enable() },
  {
    pattern: /^show system-info$/,
    run: (_, box, terminal) =>
      terminal.write([
        ' System Description   - JetStream 8-Port Gigabit Smart Switch',
        ` System Name          - ${box.name}`,
        ` Hardware Version     - ${box.host.model} 4.0`,
        ` Software Version     - ${box.host.firmware}`,
        ` Serial Number        - ${box.host.serial}`,
        ` Running Time         - 0 day - 0 hour - ${Math.floor(box.host.uptimeS() / 60)} min`,
      ]),
  },
  show('running'),
  show('startup'),
  {
    pattern: /^copy running-config startup-config$/,
    run: (_, box, terminal) => terminal.write(['Start to save user config......', box.save() ? 'Saving user config OK!' : 'Error: Saving user config failed!']), // prettier-ignore
  },
  { pattern: /^configure$/, run: (_, __, terminal) => terminal.configure() },
  { pattern: /^show reboot-schedule$/, run: (_, box, terminal) => terminal.write(planned(box)) },
  {
    pattern: /^reboot$/,
    run: (_, box, terminal) =>
      terminal.ask('The switch will be rebooted. Continue? (Y/N):', (answer) => {
        if (/^y/i.test(answer)) box.reboot();
      }),
  },
];

/** What configuration mode takes and no configuration shows. */
const configuring: readonly ExecCommand[] = [
  {
    pattern: /^reboot-schedule in (\d{1,5})( save_before_reboot)?$/,
    run: ([, minutes], box, terminal) =>
      terminal.ask(`Reboot system in ${minutes} minutes. Continue? (Y/N):`, (answer) => {
        if (!/^y/i.test(answer)) return;
        box.reloadIn(Number(minutes) * 60);
        terminal.write(planned(box));
      }),
  },
  { pattern: /^reboot-schedule cancel$/, run: (_, box, terminal) => {
    box.cancelReload();
    terminal.write('Reboot schedule is cancelled.');
  } },
]; // prettier-ignore

function modeOf(mode: Mode, header: string): string {
  if (mode === 'exec') return '';
  if (mode === 'config') return '(config)';
  return header.startsWith('vlan') ? '(config-vlan)' : '(config-if)';
}

const nameIn = (config: CliConfig): string | null => /^hostname "(.*)"$/.exec(config.entry(top, 'hostname')?.text ?? '')?.[1] ?? null; // prettier-ignore

export const tpLink: Maker = {
  name: 'tp-link',
  prompt: (device, mode, header) => `${device}${modeOf(mode, header)}#`,
  isLimitedFirst: true,
  more: 'Press any key to continue (Q to quit)',
  leave: /^end$/,
  up: /^exit$/,
  no: 'no',
  lines,
  section,
  removable: /^(interface vlan \d+|vlan \d+)$/,
  exec,
  configuring,
  unknown: ['', 'Error: Bad command', ''],
  help: [
    { after: 'show', words: [['interface', 'Interface information'], ['reboot-schedule', 'Restart that is planned'], ['running-config', 'What it runs'], ['startup-config', 'What it starts with'], ['system-info', 'System information'], ['vlan', 'VLANs']] }, // prettier-ignore
  ],
  show: shown,
  nameIn,
  users: (config) => new Map([...config.entries(top)].flatMap(([key, { secret }]) => (key.startsWith('user name ') && secret !== undefined ? [[key.slice(10), secret] as const] : []))), // prettier-ignore
};
