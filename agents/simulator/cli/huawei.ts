import { top, type CliConfig, type Entry } from './config.ts';
import { clearOf, hashed } from './hashes.ts';
import { flag, many, valued, vlanList, vlansIn, type LineContext, type LineKind } from './lines.ts';
import type { Box, ExecCommand, Maker, SectionFound } from './maker.ts';

/**
 * Huawei's VRP 5, as its S series runs it. Pages behind the commands: `src/provisioning/drivers/cli/dialects/huawei-vrp.ts`; what
 * they do not say is listed in the README.
 */
const ipv4 = '\\d{1,3}(?:\\.\\d{1,3}){3}';
const lists = { between: ' ', range: ' to ' } as const;
const wrong = ['                     ^', "Error: Unrecognized command found at '^' position."] as const;
const noVlan = 'Error: The VLAN does not exist.';

/** A line that adds VLANs to a list, and whose undo takes them from it. */
export function vlanListLine(section: string, words: string): LineKind {
  const key = words;
  const has = ({ config, header }: LineContext): readonly number[] =>
    vlansIn(config.entry(header, key)?.text.slice(words.length + 1) ?? '').filter((vlan) => vlan > 0);
  const put = (context: LineContext, vlans: readonly number[]): void => {
    if (vlans.length === 0) context.config.unset(context.header, key);
    else context.config.set(context.header, key, { text: `${words} ${vlanList(vlans, lists)}` });
  };
  return {
    in: section,
    pattern: new RegExp(`^${words} ([\\d ]+(?:to [\\d ]+)*)$`),
    key: () => key,
    change: ([, list = ''], context) => put(context, [...has(context), ...vlansIn(list)]),
    undo: ([, list = ''], context) => {
      const gone = vlansIn(list);
      put(context, has(context).filter((vlan) => !gone.includes(vlan))); // prettier-ignore
    },
  };
}

function linkTypeOf({ config, header }: LineContext): string {
  return config.entry(header, 'port link-type')?.text.split(' ').at(-1) ?? 'hybrid';
}

const lines: readonly LineKind[] = [
  valued('global', 'sysname', '\\S{1,246}'),
  {
    ...vlanListLine('global', 'vlan batch'),
    undo: (found, context) => {
      vlanListLine('global', 'vlan batch').undo?.(found, context);
      for (const vlan of vlansIn(found[1] ?? '')) context.config.drop(`interface Vlanif${vlan}`);
    },
  },
  many('global', new RegExp(`^ntp-service unicast-server ${ipv4}$`)),
  many('global', new RegExp(`^ip route-static ${ipv4} (?:${ipv4}|\\d{1,2}) ${ipv4}$`)),
  { in: 'global', pattern: new RegExp(`^info-center loghost (${ipv4})(?: port \\d{1,5})?$`), key: ([, host]) => `info-center loghost ${host}` }, // prettier-ignore
  {
    in: 'global',
    pattern: /^snmp-agent community (read|write)(?: (cipher))? (\S+)$/,
    key: ([, right]) => `snmp-agent community ${right}`,
    entry: ([, right, , secret = ''], { device }): Entry => {
      const isHidden = secret.startsWith('%^%#');
      const shown = isHidden ? secret : hashed(secret, device, { start: '%^%#', end: '%^%#' });
      return { text: `snmp-agent community ${right} cipher ${shown}`, ...(isHidden ? clearOf(secret) : { secret }) };
    },
  },
  valued('global', 'snmp-agent sys-info location'),
  valued('global', 'snmp-agent sys-info contact'),
  flag('global', 'snmp-agent'),
  flag('global', 'stelnet server enable'),
  flag('global', 'telnet server enable'),
  {
    in: 'aaa',
    pattern: /^local-user (\S+) password irreversible-cipher (\S+)$/,
    key: ([, name]) => `local-user ${name} password`,
    entry: ([, name, secret = ''], { device }): Entry => {
      const isHidden = secret.startsWith('$1a$');
      const shown = isHidden ? secret : hashed(secret, device, { start: '$1a$', end: '$' });
      return { text: `local-user ${name} password irreversible-cipher ${shown}`, ...(isHidden ? clearOf(secret) : { secret }) }; // prettier-ignore
    },
  },
  { in: 'aaa', pattern: /^local-user (\S+) privilege level (\d{1,2})$/, key: ([, name]) => `local-user ${name} privilege level` }, // prettier-ignore
  { in: 'aaa', pattern: /^local-user (\S+) service-type ((?:ssh|telnet|terminal|http| )+)$/, key: ([, name]) => `local-user ${name} service-type` }, // prettier-ignore
  valued('acl', 'description', '.{1,127}'),
  { in: 'acl', pattern: /^rule (\d+) (permit|deny) .+$/, key: ([, number]) => `rule ${number}` },
  valued('user-interface', 'authentication-mode', '(?:aaa|password|none)'),
  valued('user-interface', 'protocol inbound', '(?:ssh|telnet|all)'),
  valued('user-interface', 'idle-timeout', '\\d+(?: \\d+)?'),
  valued('vlan', 'name', '\\S{1,31}'),
  valued('vlan', 'description', '.{1,80}'),
  valued('interface', 'description', '.{1,242}'),
  flag('interface', 'shutdown'),
  {
    ...valued('interface', 'port link-type', '(?:access|trunk|hybrid)'),
    // A port whose VLANs were set up for one type wants them gone before it takes another.
    refusal: ([, type], context) => {
      const keys = ['port default vlan', 'port trunk allow-pass vlan', 'port trunk pvid vlan'];
      const isSet = keys.some((key) => context.config.entry(context.header, key) !== undefined);
      return isSet && type !== linkTypeOf(context) ? 'Error: Please renew the default configurations.' : null;
    },
  },
  {
    ...valued('interface', 'port default vlan', '\\d{1,4}'),
    refusal: ([, vlan], context) => {
      if (!vrpVlans(context.config).has(Number(vlan))) return noVlan;
      return linkTypeOf(context) === 'trunk' ? 'Error: The command is not supported on a trunk port.' : null;
    },
  },
  {
    ...vlanListLine('interface', 'port trunk allow-pass vlan'),
    refusal: (_, context) => (linkTypeOf(context) === 'trunk' ? null : 'Error: The port is not a trunk port.'),
  },
  valued('interface', 'port trunk pvid vlan', '\\d{1,4}'),
  valued('vlanif', 'description', '.{1,242}'),
  flag('vlanif', 'shutdown'),
  valued('vlanif', 'ip address', `${ipv4} (?:${ipv4}|\\d{1,2})`),
];

/** The VLANs of a switch. */
export function vrpVlans(config: CliConfig): ReadonlySet<number> {
  const batch = vlansIn(config.entry(top, 'vlan batch')?.text.slice(11) ?? '').filter((vlan) => vlan > 0);
  return new Set([1, ...batch]);
}

function section(line: string, box: Box): SectionFound | { readonly refusal: string } | null {
  const vlanif = /^interface Vlanif ?(\d{1,4})$/i.exec(line)?.[1];
  if (vlanif !== undefined) {
    if (!vrpVlans(box.running).has(Number(vlanif))) return { refusal: noVlan };
    return { kind: 'vlanif', header: `interface Vlanif${vlanif}` };
  }
  if (line.startsWith('interface ')) {
    const port = line.slice(10).replace(/\s+/g, '').toLowerCase();
    const name = box.host.ports.find((one) => one.toLowerCase() === port);
    return name === undefined ? { refusal: 'Error: Wrong parameter found at \'^\' position.' } : { kind: 'interface', header: `interface ${name}` }; // prettier-ignore
  }
  const vlan = /^vlan (\d{1,4})$/.exec(line)?.[1];
  if (vlan !== undefined) {
    if (!vrpVlans(box.running).has(Number(vlan))) return { refusal: noVlan };
    return { kind: 'vlan', header: line };
  }
  if (/^acl number [23]\d{3}$/.test(line)) return { kind: 'acl', header: line };
  if (line === 'aaa') return { kind: 'aaa', header: line };
  if (/^user-interface (vty \d+ \d+|con 0)$/.test(line)) return { kind: 'user-interface', header: line };
  return null;
}

function shown(config: CliConfig): readonly string[] {
  const global = [...config.entries(top).values()].map(({ text }) => text);
  const sections = [...config.sections].filter(([header]) => header !== top);
  return [...global, '#', ...sections.flatMap(([header, entries]) => [header, ...[...entries.values()].map(({ text }) => ` ${text}`), '#']), 'return']; // prettier-ignore
}

function show(pattern: RegExp, which: 'running' | 'startup'): ExecCommand {
  return {
    pattern,
    run: (_, box, terminal) => {
      const head = which === 'running' ? [`!Software Version ${box.host.firmware}`, '#'] : ['!Last configuration was saved at 2026-11-30 08:00:00+08:00 by arung', '#']; // prettier-ignore
      terminal.write([...head, ...shown(box[which])]);
    },
  };
}

const clock = (seconds: number): string => new Date(seconds * 1_000).toISOString().slice(0, 19).replace('T', ' ').replaceAll('-', '/'); // prettier-ignore

export const huaweiExec: readonly ExecCommand[] = [
  { pattern: /^screen-length (\d+) temporary$/, run: ([, lines], _, terminal) => {
    terminal.pageLines = Number(lines);
    terminal.write('Info: The configuration takes effect on the current user terminal interface only.');
  } }, // prettier-ignore
  { pattern: /^screen-width \d+$/, run: (_, __, terminal) => terminal.write('Info: The configuration takes effect on the current user terminal interface only.') }, // prettier-ignore
  {
    pattern: /^display version$/,
    run: (_, { host }, terminal) =>
      terminal.write(['Huawei Versatile Routing Platform Software', `VRP (R) software, Version 5.170 (S5735 ${host.firmware})`, `HUAWEI ${host.model} Routing Switch uptime is 0 week, ${Math.floor(host.uptimeS() / 86_400)} days`]), // prettier-ignore
  },
  show(/^display current-configuration$/, 'running'),
  show(/^display saved-configuration$/, 'startup'),
  {
    pattern: /^save$/,
    run: (_, box, terminal) => {
      terminal.write('The current configuration will be written to flash:/vrpcfg.zip.');
      terminal.ask('Are you sure to continue?[Y/N]', (answer) => {
        if (!/^y/i.test(answer)) return;
        box.save();
        terminal.write(['Now saving the current configuration to the slot 0 ..', 'Save the configuration successfully.']); // prettier-ignore
      });
    },
  },
  { pattern: /^system-view$/, run: (_, __, terminal) => {
    terminal.write('Enter system view, return user view with Ctrl+Z.');
    terminal.configure();
  } }, // prettier-ignore
  {
    pattern: /^schedule reboot delay (\d+)$/,
    run: ([, minutes], box, terminal) => {
      const seconds = Number(minutes) * 60;
      terminal.write([`Info: Reboot system at ${clock(box.host.clockS() + seconds)} UTC+08:00 (in 0 hours and ${minutes} minutes)`]); // prettier-ignore
      terminal.ask('Confirm?[Y/N]:', (answer) => { if (/^y/i.test(answer)) box.reloadIn(seconds); }); // prettier-ignore
    },
  },
  { pattern: /^display schedule reboot$/, run: (_, box, terminal) => {
    const leftS = box.reloadInS();
    if (leftS === null) return terminal.write('Info: No scheduled reboot is set.');
    terminal.write(`Info: System will reboot at ${clock(box.host.clockS() + leftS)} (in ${Math.floor(leftS / 3_600)} hours and ${Math.floor((leftS % 3_600) / 60)} minutes).`); // prettier-ignore
  } }, // prettier-ignore
  { pattern: /^undo schedule reboot$/, run: (_, box, terminal) => {
    box.cancelReload();
    terminal.write('Info: Reboot schedule canceled.');
  } }, // prettier-ignore
  { pattern: /^reboot fast$/, run: (_, box, terminal) =>
    terminal.ask('System will reboot! Continue ? [y/n]:', (answer) => { if (/^y/i.test(answer)) box.reboot(); }) }, // prettier-ignore
];

export const huaweiVrp: Maker = {
  name: 'huawei-vrp',
  prompt: (device, mode, header) => {
    if (mode === 'exec') return `<${device}>`;
    return mode === 'config' ? `[${device}]` : `[${device}-${viewOf(header)}]`;
  },
  more: '  ---- More ----',
  leave: /^return$/,
  up: /^quit$/,
  no: 'undo',
  lines,
  section,
  removable: /^(interface Vlanif\d+|vlan \d+|acl number \d+)$/,
  exec: huaweiExec,
  unknown: wrong,
  show: shown,
  nameIn: (config) => config.entry(top, 'sysname')?.text.slice(8) ?? null,
  users: (config) => new Map([...config.entries('aaa')].flatMap(([key, { secret }]) => (key.endsWith(' password') && secret !== undefined ? [[key.split(' ')[1] ?? '', secret] as const] : []))), // prettier-ignore
};

function viewOf(header: string): string {
  if (header.startsWith('interface ')) return header.slice(10);
  if (header.startsWith('acl number 2')) return `acl-basic-${header.slice(11)}`;
  if (header.startsWith('acl number ')) return `acl-adv-${header.slice(11)}`;
  return header.startsWith('user-interface ') ? `ui-${header.slice(15).replace(/ /g, '')}` : header.replace(/ /g, '');
}
