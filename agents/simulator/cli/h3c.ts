import { ciscoPort } from './cisco-lines.ts';
import { top, type CliConfig, type Entry } from './config.ts';
import { clearOf, hashed } from './hashes.ts';
import { huaweiExec, huaweiVrp, vlanListLine } from './huawei.ts';
import { flag, many, valued, type LineKind } from './lines.ts';
import type { Box, ExecCommand, Maker, SectionFound } from './maker.ts';

/**
 * H3C's Comware 7, as its S5130 and HPE's 5130 run it. Pages behind the commands: `src/provisioning/drivers/cli/dialects/h3c-comware.ts`;
 * what they do not say is listed in the README.
 */
const ipv4 = '\\d{1,3}(?:\\.\\d{1,3}){3}';
const wrong = ['                     ^', " % Unrecognized command found at '^' position."] as const;

const lines: readonly LineKind[] = [
  valued('global', 'sysname', '\\S{1,64}'),
  { in: 'global', pattern: new RegExp(`^ip host (\\S{1,253}) ${ipv4}$`), key: ([, name]) => `ip host ${name}` },
  many('global', new RegExp(`^ntp-service unicast-server ${ipv4}$`)),
  many('global', new RegExp(`^ip route-static ${ipv4} (?:${ipv4}|\\d{1,2}) ${ipv4}$`)),
  { in: 'global', pattern: new RegExp(`^info-center loghost (${ipv4})(?: port \\d{1,5})?$`), key: ([, host]) => `info-center loghost ${host}` }, // prettier-ignore
  valued('global', 'snmp-agent sys-info location'),
  { in: 'global', pattern: /^snmp-agent community (read|write) (?:simple )?(\S+)$/, key: ([, right]) => `snmp-agent community ${right}`, entry: ([, right, secret = '']) => ({ text: `snmp-agent community ${right} ${secret}` }) }, // prettier-ignore
  flag('global', 'snmp-agent'),
  flag('global', 'ssh server enable'),
  {
    in: 'user',
    pattern: /^password (simple|hash) (\S+)$/,
    key: () => 'password',
    entry: ([, form, secret = ''], { device }): Entry =>
      form === 'hash' ? { text: `password hash ${secret}`, ...clearOf(secret) } : { text: `password hash ${hashed(secret, device, { start: '$h$6$' })}`, secret }, // prettier-ignore
  },
  valued('user', 'service-type', '(?:ssh|telnet|terminal|http| )+'),
  valued('user', 'authorization-attribute user-role', '\\S+'),
  valued('line', 'authentication-mode', '(?:scheme|password|none)'),
  valued('line', 'idle-timeout', '\\d+(?: \\d+)?'),
  valued('vlan', 'name', '.{1,32}'),
  valued('vlan', 'description', '.{1,255}'),
  valued('interface', 'description', '.{1,255}'),
  flag('interface', 'shutdown'),
  valued('interface', 'port link-type', '(?:access|trunk|hybrid)'),
  valued('interface', 'port access vlan', '\\d{1,4}'),
  {
    ...vlanListLine('interface', 'port trunk permit vlan'),
    refusal: (_, { config, header }) => (config.entry(header, 'port link-type')?.text === 'port link-type trunk' ? null : 'Please configure the port as a trunk port first. % Wrong parameter'), // prettier-ignore
  },
  valued('interface', 'port trunk pvid vlan', '\\d{1,4}'),
  valued('svi', 'description', '.{1,255}'),
  flag('svi', 'shutdown'),
  valued('svi', 'ip address', `${ipv4} (?:${ipv4}|\\d{1,2})`),
];

function section(line: string, box: Box): SectionFound | { readonly refusal: string } | null {
  const svi = /^interface Vlan-interface ?(\d{1,4})$/i.exec(line)?.[1];
  if (svi !== undefined) {
    return box.running.has(`vlan ${svi}`) ? { kind: 'svi', header: `interface Vlan-interface${svi}` } : { refusal: ' % Wrong parameter found: the VLAN does not exist.' }; // prettier-ignore
  }
  if (line.startsWith('interface ')) {
    const port = ciscoPort(line.slice(10));
    const has = box.host.ports.some((name) => ciscoPort(name) === port);
    return has
      ? { kind: 'interface', header: `interface ${port}` }
      : { refusal: " % Wrong parameter found at '^' position." };
  }
  if (/^vlan \d{1,4}$/.test(line)) return { kind: 'vlan', header: line };
  const user = /^local-user (\S+)(?: class manage)?$/.exec(line)?.[1];
  if (user !== undefined) return { kind: 'user', header: `local-user ${user} class manage` };
  if (/^line (vty \d+ \d+|aux 0)$/.test(line)) return { kind: 'line', header: line };
  return null;
}

function shown(config: CliConfig): readonly string[] {
  const global = [...config.entries(top).values()].map(({ text }) => ` ${text}`);
  const sections = [...config.sections].filter(([header]) => header !== top);
  return [
    ...global.flatMap((line) => [line, '#']),
    ...sections.flatMap(([header, entries]) => [header, ...[...entries.values()].map(({ text }) => ` ${text}`), '#']),
    'return',
  ];
}

const version = 'H3C Comware Software, Version 7.1.070, Release 6318P01';

function show(pattern: RegExp, which: 'running' | 'startup'): ExecCommand {
  const head = ['#', ' version 7.1.070, Release 6318P01', '#'];
  return { pattern, run: (_, box, terminal) => terminal.write([...head, ...shown(box[which])]) };
}

const at = (seconds: number): string => new Date(seconds * 1_000).toISOString().replace(/^(\d+)-(\d+)-(\d+)T([\d:]+).*$/, '$4 $2/$3/$1'); // prettier-ignore
const inWords = (seconds: number): string => `in ${Math.floor(seconds / 3_600)} hours and ${Math.floor((seconds % 3_600) / 60)} minutes`; // prettier-ignore

const exec: readonly ExecCommand[] = [
  { pattern: /^screen-length disable$/, run: (_, __, terminal) => void (terminal.pageLines = 0) },
  {
    pattern: /^display version$/,
    run: (_, { host }, terminal) => terminal.write([version, `H3C ${host.model} uptime is 0 weeks, 0 days`]),
  },
  show(/^display current-configuration$/, 'running'),
  show(/^display saved-configuration$/, 'startup'),
  {
    pattern: /^save$/,
    run: (_, box, terminal) =>
      terminal.ask('The current configuration will be written to the device. Are you sure? [Y/N]:', (sure) => {
        if (!/^y/i.test(sure)) return;
        terminal.write('Please input the file name(*.cfg)[flash:/startup.cfg]');
        terminal.ask('(To leave the existing filename unchanged, press the enter key):', () => {
          terminal.ask('flash:/startup.cfg exists, overwrite? [Y/N]:', (over) => {
            if (!/^y/i.test(over)) return;
            box.save();
            terminal.write(['Validating file. Please wait...', 'Saved the current configuration to mainboard device successfully.']); // prettier-ignore
          });
        });
      }),
  },
  ...huaweiExec.filter(({ pattern }) => pattern.test('system-view')),
  {
    pattern: /^scheduler reboot delay (\d+)$/,
    run: ([, minutes], box, terminal) => {
      const seconds = Number(minutes) * 60;
      terminal.ask(`Reboot system at ${at(box.host.clockS() + seconds)} (${inWords(seconds)}). Confirm? [Y/N]:`, (answer) => { if (/^y/i.test(answer)) box.reloadIn(seconds); }); // prettier-ignore
    },
  },
  {
    pattern: /^display scheduler reboot$/,
    run: (_, box, terminal) => {
      const leftS = box.reloadInS();
      if (leftS !== null) terminal.write(`System will reboot at ${at(box.host.clockS() + leftS)} (${inWords(leftS)}).`);
    },
  },
  { pattern: /^undo scheduler reboot$/, run: (_, box) => void box.cancelReload() },
];

export const h3cComware: Maker = {
  ...huaweiVrp,
  name: 'h3c-comware',
  more: '---- More ----',
  lines,
  section,
  removable: /^(interface Vlan-interface\d+|vlan \d+|local-user \S+ class manage)$/,
  exec,
  unknown: wrong,
  help: [
    { after: 'display scheduler', words: [['job', 'Job'], ['logfile', 'Log file'], ['reboot', 'Restart that is planned'], ['schedule', 'Schedule']] }, // prettier-ignore
    { after: 'scheduler reboot', words: [['at', 'Time of the restart'], ['delay', 'Time until the restart']] },
    { after: 'scheduler reboot delay', words: [['STRING<1-6>', 'Time until the restart (hh:mm or mm)']] },
  ],
  show: shown,
  users: (config) => new Map([...config.sections].flatMap(([header, entries]) => {
    const secret = entries.get('password')?.secret;
    const name = /^local-user (\S+) /.exec(header)?.[1];
    return name === undefined || secret === undefined ? [] : [[name, secret] as const];
  })),
}; // prettier-ignore
