import { ciscoPort, common, businessOnly, iosOnly, vlansOf } from './cisco-lines.ts';
import { top, type CliConfig } from './config.ts';
import type { Box, ExecCommand, Maker, Mode, SectionFound, Terminal } from './maker.ts';

/**
 * Cisco's command lines: IOS, and that of the Business series, which looks alike and is another program. The pages behind
 * each command are named in `src/provisioning/drivers/cli/dialects/`; what they do not say is listed in the README.
 */

function sectionOf(isIos: boolean): Maker['section'] {
  return (line, box): SectionFound | { readonly refusal: string } | null => {
    const vlan = /^interface vlan ?(\d{1,4})$/i.exec(line)?.[1];
    if (vlan !== undefined) {
      if (!isIos && !vlansOf(box.running).has(Number(vlan))) return { refusal: '% VLAN does not exist' };
      return { kind: 'svi', header: isIos ? `interface Vlan${vlan}` : `interface vlan ${vlan}` };
    }
    if (line.startsWith('interface ')) {
      const port = ciscoPort(line.slice(10));
      const has = box.host.ports.some((name) => ciscoPort(name) === port);
      return has ? { kind: 'interface', header: `interface ${port}` } : { refusal: "% Invalid input detected at '^' marker." }; // prettier-ignore
    }
    if (isIos && /^vlan \d{1,4}$/.test(line)) return { kind: 'vlan', header: line };
    if (!isIos && line === 'vlan database') return { kind: 'vlans', header: line };
    if (isIos && line === 'archive') return { kind: 'archive', header: line };
    if (/^line (vty \d+ \d+|console 0|con 0|ssh|telnet)$/.test(line)) return { kind: 'line', header: line };
    return null;
  };
}

function modeOf(mode: Mode, header: string): string {
  if (mode === 'exec') return '';
  if (mode === 'config') return '(config)';
  const kinds = [[/^interface/, 'if'], [/^vlan/, 'vlan'], [/^line/, 'line'], [/^archive/, 'archive']] as const; // prettier-ignore
  return `(config-${kinds.find(([start]) => start.test(header))?.[1] ?? 'x'})`;
}

function shown(config: CliConfig, ends: { readonly section: string; readonly last: readonly string[] }): string[] {
  const global = [...config.entries(top).values()].map(({ text }) => text);
  const sections = [...config.sections].filter(([header]) => header !== top);
  return [
    ...global,
    '!',
    ...sections.flatMap(([header, entries]) => [header, ...[...entries.values()].map(({ text }) => ` ${text}`), ends.section]), // prettier-ignore
    ...ends.last,
  ];
}

function minutesIn(text: string): number {
  const [hours = 0, minutes] = text.split(':').map(Number);
  return minutes === undefined ? hours : hours * 60 + minutes;
}

function inWords(seconds: number): string {
  const minutes = Math.floor(seconds / 60);
  return minutes === 0 ? `${Math.ceil(seconds)} seconds` : `${minutes} minute${minutes === 1 ? '' : 's'}`;
}

export const show = (
  which: 'running' | 'startup',
  head: (config: CliConfig, box: Box) => readonly string[],
  maker: () => Maker,
): ExecCommand => ({
  pattern: new RegExp(`^show ${which}-config$`),
  run: (_, box, terminal) => terminal.write([...head(box[which], box), ...maker().show(box[which], box)]),
});

const at = (seconds: number): string => new Date(seconds * 1_000).toISOString().slice(11, 19);

export const iosExec: readonly ExecCommand[] = [
  { pattern: /^terminal length (\d+)$/, run: ([, lines], _, terminal) => void (terminal.pageLines = Number(lines)) },
  { pattern: /^terminal width \d+$/, run: () => undefined },
  { pattern: /^enable$/, run: () => undefined },
  {
    pattern: /^show version$/,
    run: (_, { host }, terminal) =>
      terminal.write([
        'Cisco IOS Software, C2960X Software (C2960X-UNIVERSALK9-M), Version 15.2(7)E4, RELEASE SOFTWARE (fc2)',
        `${host.name} uptime is ${Math.floor(host.uptimeS() / 60)} minutes`,
        `cisco ${host.model} (APM86XXX) processor`,
        `System serial number            : ${host.serial}`,
      ]),
  },
  show('running', (config) => ['Building configuration...', '', `Current configuration : ${config.asText().length} bytes`, '!'], () => ciscoIos), // prettier-ignore
  show(
    'startup',
    (config) => [`Using ${config.asText().length} out of 524288 bytes`, '!'],
    () => ciscoIos,
  ),
  {
    pattern: /^(?:copy running-config startup-config|write(?: memory)?)$/,
    run: ([line], box, terminal) => {
      const save = (): void => {
        terminal.write(['Building configuration...', box.save() ? '[OK]' : 'startup-config file open failed (Not enough space)']); // prettier-ignore
      };
      if (line.startsWith('write')) save();
      else terminal.ask('Destination filename [startup-config]? ', save);
    },
  },
  { pattern: /^configure terminal$/, run: (_, __, terminal) => {
    terminal.write('Enter configuration commands, one per line.  End with CNTL/Z.');
    terminal.configure();
  } }, // prettier-ignore
  {
    pattern: /^configure terminal revert timer (\d+)$/,
    run: ([, minutes], box, terminal) => {
      if (!box.running.entry('archive', 'path')) return terminal.write('% Archive path is not configured, so no rollback is possible.'); // prettier-ignore
      box.revertIn(Number(minutes) * 60);
      terminal.write(`Rollback Confirmed Change: Backing up current running config to ${box.running.entry('archive', 'path')?.text.slice(5) ?? ''}-1`); // prettier-ignore
      terminal.configure();
    },
  },
  { pattern: /^configure revert timer (\d+)$/, run: ([, minutes], box, terminal) => {
    if (box.revertInS() === null) terminal.write('%No Rollback Confirmed Change pending');
    else box.revertIn(Number(minutes) * 60);
  } }, // prettier-ignore
  { pattern: /^configure confirm$/, run: (_, box, terminal) => {
    if (!box.confirmRevert()) terminal.write('%No Rollback Confirmed Change pending');
  } }, // prettier-ignore
  { pattern: /^configure revert now$/, run: (_, box, terminal) => {
    terminal.write(box.revertNow() ? ['Rollback Confirmed Change: rolling to: archive', 'Total number of passes: 1', 'Rollback Done'] : '%No Rollback Confirmed Change pending'); // prettier-ignore
  } }, // prettier-ignore
  {
    pattern: /^show archive config rollback timer$/,
    run: (_, box, terminal) => {
      const leftS = box.revertInS();
      if (leftS === null) return terminal.write('No Rollback Confirmed Change pending');
      terminal.write(['Time configured(or extended): 2 minutes', `Time remaining: ${leftS < 60 ? `${Math.ceil(leftS)} seconds` : `${Math.floor(leftS / 60)} minutes`}`, `User that issued the change: ${terminal.user}`]); // prettier-ignore
    },
  },
  { pattern: /^show reload$/, run: (_, box, terminal) => {
    const leftS = box.reloadInS();
    if (leftS === null) return terminal.write('No reload is scheduled.');
    terminal.write([`Reload scheduled for ${at(box.host.clockS() + leftS)} UTC (in ${inWords(leftS)}) by ${terminal.user} on vty0`, 'Reload reason: arung']); // prettier-ignore
  } }, // prettier-ignore
  { pattern: /^reload cancel$/, run: (_, box, terminal) => {
    terminal.write(box.cancelReload() ? ['', '***', '*** --- SHUTDOWN ABORTED ---', '***'] : '%No reload is scheduled.'); // prettier-ignore
  } }, // prettier-ignore
  {
    pattern: /^reload(?: in (\d+(?::\d+)?)(?: .*)?)?$/,
    run: ([, when], box, terminal) => {
      const proceed = (): void => {
        const seconds = minutesIn(when ?? '0') * 60;
        const text = when === undefined ? 'Proceed with reload? [confirm]' : `Reload scheduled in ${minutesIn(when)} minutes by ${terminal.user} on vty0\r\nProceed with reload? [confirm]`; // prettier-ignore
        terminal.ask(text, () => {
          if (when === undefined) box.reboot();
          else box.reloadIn(seconds);
        });
      };
      if (box.isSaved()) return proceed();
      terminal.ask('\r\nSystem configuration has been modified. Save? [yes/no]: ', (answer) => {
        if (/^y/i.test(answer)) box.save();
        proceed();
      });
    },
  },
];

const businessSave = (box: Box, terminal: Terminal): void => {
  terminal.ask('Overwrite file [startup-config].... (Y/N)[N] ?', (answer) => {
    if (!/^y/i.test(answer)) return;
    box.save();
    terminal.write(`${new Date(box.host.clockS() * 1_000).toISOString().slice(11, 19)} %COPY-N-TRAP: The copy operation was completed successfully`); // prettier-ignore
  });
};

const businessExec: readonly ExecCommand[] = [
  { pattern: /^terminal datadump$/, run: (_, __, terminal) => void (terminal.pageLines = 0) },
  { pattern: /^terminal width \d+$/, run: () => undefined },
  {
    pattern: /^show version$/,
    run: (_, { host }, terminal) =>
      terminal.write([`Active-image: flash://system/images/image_tesla_hybrid_${host.firmware}_release_cisco_signed.bin`, `  Version: ${host.firmware}`, '  Date: 15-Mar-2023', 'Inactive-image: none']), // prettier-ignore
  },
  show('running', (_, { host }) => ['config-file-header', host.name, `v${host.firmware} / RTESLA3.3_930_181_119`, 'CLI v1.0', 'file SSD indicator encrypted', '@', 'ssd-control-start', 'ssd config', 'ssd file passphrase control unrestricted', 'no ssd file integrity control', 'ssd-control-end cb0a3fdb1f3a1af4e4430033719968c0', '!'], () => ciscoBusiness), // prettier-ignore
  show(
    'startup',
    () => ['config-file-header', '!'],
    () => ciscoBusiness,
  ),
  { pattern: /^(?:copy running-config startup-config|write(?: memory)?)$/, run: (_, box, terminal) => businessSave(box, terminal) }, // prettier-ignore
  { pattern: /^configure(?: terminal)?$/, run: (_, __, terminal) => terminal.configure() },
  { pattern: /^show reload$/, run: (_, box, terminal) => {
    const leftS = box.reloadInS();
    terminal.write(leftS === null ? 'No reload is scheduled' : `Reload scheduled for ${at(box.host.clockS() + leftS)} UTC (in ${inWords(leftS)})`); // prettier-ignore
  } }, // prettier-ignore
  { pattern: /^reload cancel$/, run: (_, box, terminal) => {
    terminal.write(box.cancelReload() ? 'Reload cancelled.' : 'No reload is scheduled');
  } }, // prettier-ignore
  {
    pattern: /^reload(?: in (\d+(?::\d+)?))?$/,
    run: ([, when], box, terminal) => {
      if (when === undefined) {
        return terminal.ask('This command will reset the whole system and disconnect your current session. Do you want to continue ? (Y/N)[N] ', (answer) => { if (/^y/i.test(answer)) box.reboot(); }); // prettier-ignore
      }
      const seconds = minutesIn(when) * 60;
      terminal.write(
        'This command will reset the whole system and disconnect your current session. Reload is scheduled for',
      );
      terminal.ask(`${at(box.host.clockS() + seconds)} UTC (in ${minutesIn(when)} minutes). Do you want to continue ? (Y/N)[N] `, (answer) => { if (/^y/i.test(answer)) box.reloadIn(seconds); }); // prettier-ignore
    },
  },
];

const nameIn = (config: CliConfig): string | null => config.entry(top, 'hostname')?.text.slice(9) ?? null;

function users(config: CliConfig): ReadonlyMap<string, string> {
  return new Map([...config.entries(top)].flatMap(([key, { secret }]) => (key.startsWith('username ') && secret !== undefined ? [[key.slice(9), secret] as const] : []))); // prettier-ignore
}

const cisco = {
  prompt: (device: string, mode: Mode, header: string) => `${device}${modeOf(mode, header)}#`,
  leave: /^end$/,
  up: /^exit$/,
  no: 'no',
  nameIn,
  users,
} as const;

export const ciscoIos: Maker = {
  ...cisco,
  name: 'cisco-ios',
  more: ' --More-- ',
  lines: [...common, ...iosOnly],
  section: sectionOf(true),
  removable: /^(interface Vlan\d+|vlan \d+)$/,
  exec: iosExec,
  unknown: ['                      ^', "% Invalid input detected at '^' marker.", ''],
  show: (config) => shown(config, { section: '!', last: ['end'] }),
};

export const ciscoBusiness: Maker = {
  ...cisco,
  name: 'cisco-business',
  more: 'More: <space>,  Quit: q or CTRL+Z, One line: <return> ',
  lines: [...common, ...businessOnly],
  section: sectionOf(false),
  removable: /^interface vlan \d+$/,
  exec: businessExec,
  unknown: ['% Unrecognized command'],
  show: (config) => shown(config, { section: '!', last: ['exit'] }),
};
