import { markPrefix, type CliRollback, type Dialect, type RunMark } from '../dialect.ts';
import { globalSection } from '../sections.ts';

/**
 * Cisco IOS and IOS XE. By Cisco's pages:
 * - "Configuration Rollback Confirmed Change" (cisco.com, ios-xml/ios/config-mgmt/configuration/…/
 *   cm-config-rollback-confirmed-change.html): `configure terminal revert timer`, `configure confirm`, `configure revert`,
 *   `show archive config rollback timer`; it needs `path` under `archive`.
 * - "Configuration Replace and Configuration Rollback" (cm-config-rollback.html): how configurations are indented.
 * - "Cisco IOS Configuration Fundamentals Command Reference", `reload`, `show reload`, `terminal length`, `ip host`.
 */
const reload: CliRollback = {
  isUsable: () => true,
  arm: (minutes) => [
    {
      line: `reload in ${minutes} arung`,
      answers: [
        // Saved, the new configuration would be what the restart loads.
        { to: /save\? \[yes\/no\]: ?$/i, say: 'no' },
        { to: /\[confirm\] ?$/i, say: '' },
      ],
    },
  ],
  status: { line: 'show reload' },
  remainingS: (answer) => (/reload scheduled/i.test(answer) ? secondsIn(answer) : null),
  cancel: [{ line: 'reload cancel' }],
  now: [{ line: 'reload', answers: [{ to: /save\? \[yes\/no\]: ?$/i, say: 'no' }, { to: /\[confirm\] ?$/i, say: '' }] }], // prettier-ignore
  restarts: true,
};

/** Goes back without a restart, to the copy that the archive made when the timer was set. */
const archive: CliRollback = {
  isUsable: (sections) => (sections.get('archive') ?? []).some((line) => line.startsWith('path ')),
  arm: (minutes, isRenewal) =>
    isRenewal
      ? [{ line: `configure revert timer ${minutes}` }]
      : [{ line: `configure terminal revert timer ${minutes}` }, { line: 'end' }],
  status: { line: 'show archive config rollback timer' },
  remainingS: (answer) => {
    const found = /time remaining\s*:\s*(\d+)\s*(minute|second)/i.exec(briefly(answer));
    if (found === null) return null;
    return Number(found[1]) * (found[2]?.toLowerCase() === 'minute' ? 60 : 1);
  },
  cancel: [{ line: 'configure confirm' }],
  now: [{ line: 'configure revert now', deadlineMs: 120_000 }],
  restarts: false,
};

/** The answer to the question what waits: real ones are some lines. Of more no more is looked at than this. */
export function briefly(answer: string): string {
  return answer.slice(0, 2_000);
}

/** `in 1 hour and 2 minutes`, `in 59 seconds`: null where it says no time. */
export function secondsIn(text: string): number | null {
  const units = { hour: 3_600, minute: 60, second: 1 } as const;
  const found = [...briefly(text).matchAll(/\b(\d{1,6}) (hour|minute|second)s?\b/gi)];
  if (found.length === 0) return null;
  return found.reduce(
    (sum, [, count, unit]) => sum + Number(count) * units[unit?.toLowerCase() as keyof typeof units],
    0,
  );
}

/** An entry of the table of hosts: it harms nobody, and the reason of a reload is not shown by every version. */
export const hostMark: RunMark = {
  set: (run) => [`ip host ${markPrefix}${run} 192.0.2.1`],
  clear: (run) => [`no ip host ${markPrefix}${run}`],
  find: (sections) => {
    const line = (sections.get(globalSection) ?? []).find((one) => one.startsWith(`ip host ${markPrefix}`));
    return line?.split(' ')[2]?.slice(markPrefix.length) ?? null;
  },
  owns: (subject, line) => subject === globalSection && line?.startsWith(`ip host ${markPrefix}`) === true,
};

/** `no` before it; where it says no already, without. A user goes by name. */
export function negated(line: string, words: string | null): readonly string[] {
  if (line.startsWith('no ')) return [line.slice(3)];
  const user = /^username \S+/.exec(line);
  if (user !== null) return [`no ${user[0]}`];
  return words === null || words === line ? [`no ${line}`] : [`no ${line}`, `no ${words}`];
}

export const ciscoIos: Dialect = {
  name: 'cisco-ios',
  isSpokenBy: (version) => /Cisco IOS|IOS-XE|Internetwork Operating System/i.test(version),
  prompts: 'hash',
  prepare: ['terminal length 0', 'terminal width 511'],
  refusal: /^(% ?(?!Warning)[A-Za-z0-9].*|Command rejected.*|.*Invalid input detected.*)$/i,
  notice: /^(\*{3}.*|(?:\*|\.)?[A-Z][a-z]{2} +\d+ .*%[A-Z0-9_]+-\d-.*|%[A-Z0-9_]+-\d-.*)$/,
  enter: 'configure terminal',
  up: 'exit',
  leave: 'end',
  show: { running: 'show running-config', saved: 'show startup-config' },
  noise: /^(!|Building configuration|Current configuration|Using \d+ (out of|bytes)|end$|ntp clock-period )/,
  end: /^end$/,
  heads:
    /^(interface|vlan \d|line|router|ip access-list|route-map|class-map|policy-map|vrf definition|key chain|archive$|aaa group|ip dhcp pool|redundancy$)/,
  removable:
    /^(interface (Vlan|Loopback|Tunnel|Port-channel)|vlan \d|router |ip access-list |route-map |class-map |policy-map |ip dhcp pool |key chain )/i,
  expand: (line) => [line],
  negate: negated,
  save: {
    line: 'copy running-config startup-config',
    answers: [
      { to: /\[startup-config\]\? ?$/i, say: '' },
      { to: /\[confirm\] ?$/i, say: '' },
    ],
    deadlineMs: 120_000,
  },
  saved: /\[OK\]|bytes copied/i,
  mark: hostMark,
  rollbacks: [archive, reload],
};
