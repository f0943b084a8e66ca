import { ciscoIos, iosExec, show } from './cisco.ts';
import type { ExecCommand, HelpPage, Maker } from './maker.ts';

/**
 * Switches whose command line follows Cisco's and whose maker nobody knows: one that restarts after minutes, one that does not.
 * That a question mark lists words with what they mean, and leaves the line as it was: Accton's ES4626 manual (1.2.1.4), QTECH's
 * QSW-2800 manual (1.2.4). What follows `reload`: Cisco's command reference (cisco.com/E-Learning/…/cmdrefs/reload.htm), with what
 * it asks and shows as uni-koeln.de/~pbogusze/posts/IOS-XR_reload_in_10.html recorded it. How D-Link saves: its "DGS-1510 Series
 * CLI Reference Guide". The meanings beside the words are ours.
 */

const version = (lines: (model: string, firmware: string) => readonly string[]): ExecCommand => ({
  pattern: /^show version$/,
  run: (_, { host }, terminal) => terminal.write(lines(host.model, host.firmware)),
});

const shows = ['show running-config', 'show startup-config'] as const;

/** What IOS has, too, by lines that it takes. */
function fromIos(...lines: readonly string[]): readonly ExecCommand[] {
  return lines.flatMap((line) => iosExec.filter(({ pattern }) => pattern.test(line)));
}

const showHelp: HelpPage['words'] = [
  ['interfaces', 'Interface status and configuration'],
  ['running-config', 'Current operating configuration'],
  ['startup-config', 'Contents of startup configuration'],
  ['version', 'System hardware and software status'],
];

export const noName: Maker = {
  ...ciscoIos,
  name: 'no-name',
  exec: [
    version((model, firmware) => [`${model} Switch Software, Version ${firmware}`]),
    ...fromIos('terminal length 0', 'enable', ...shows, 'copy running-config startup-config', 'configure terminal'),
    ...fromIos('show reload', 'reload cancel', 'reload in 5'),
  ],
  help: [
    { after: 'show', words: [...showHelp, ['reload', 'Restart that is planned']] },
    { after: 'reload', words: [['at', 'Restart at a time of day'], ['cancel', 'Take a planned restart back'], ['in', 'Restart after some time'], ['LINE', 'Reason'], ['<cr>', '']] }, // prettier-ignore
    { after: 'reload in', words: [['[hh:]mm', 'Hours and minutes, or minutes']] },
  ],
};

/** D-Link's: `reboot`, at once. */
export const dLink: Maker = {
  ...ciscoIos,
  name: 'd-link',
  exec: [
    version((model, firmware) => [`System MAC Address: F0-7D-68-15-10-00`, `Module Name ${model} H/W:A1 Runtime:${firmware}`]), // prettier-ignore
    ...fromIos('terminal length 0', 'terminal width 255', 'enable', 'configure terminal'),
    show('running', () => ['Building configuration...', '!'], () => ciscoIos),
    show('startup', () => ['!'], () => ciscoIos),
    {
      pattern: /^copy running-config startup-config$/,
      run: (_, box, terminal) =>
        terminal.ask('Destination filename startup-config? [y/n]: ', (answer) => {
          if (!/^y/i.test(answer)) return;
          box.save();
          terminal.write('Saving all configurations to NV-RAM.......... Done.');
        }),
    },
    {
      pattern: /^reboot$/,
      run: (_, box, terminal) =>
        terminal.ask('Are you sure you want to proceed with the system reboot?(y/n) ', (answer) => {
          if (/^y/i.test(answer)) box.reboot();
        }),
    },
  ],
  help: [{ after: 'show', words: showHelp }],
}; // prettier-ignore
