import type { CliRollback, Dialect } from '../dialect.ts';
import { vlansListed } from '../vlan-ranges.ts';
import { ciscoIos, hostMark, negated, secondsIn } from './cisco-ios.ts';

const yes = { to: /\(Y\/N\) ?\[[YN]\] ?\??:? ?$/i, say: 'Y' } as const;

/** A restart, with the new configuration unsaved. */
const reload: CliRollback = {
  isUsable: () => true,
  arm: (minutes) => [{ line: `reload in ${minutes}`, answers: [yes] }],
  status: { line: 'show reload' },
  remainingS: (answer) => (/reload (is )?scheduled/i.test(answer) ? secondsIn(answer) : null),
  cancel: [{ line: 'reload cancel' }],
  now: [{ line: 'reload', answers: [yes] }],
  restarts: true,
};

/**
 * Cisco Business 250 and 350, and the Small Business 300 to 550 before them: like IOS, and not IOS. By Cisco's "CBS350
 * Product line Command Line Interface Reference Guide": `terminal datadump`, `reload in`, `reload cancel`, `show reload`,
 * `copy running-config startup-config`, `ip host`, `vlan database`.
 */
export const ciscoBusiness: Dialect = {
  ...ciscoIos,
  name: 'cisco-business',
  isSpokenBy: (version) => /Active-image:|SW version.{0,200}\n.{0,200}Boot version/i.test(version),
  prepare: ['terminal datadump', 'terminal width 0'],
  refusal: /^(% ?[A-Za-z0-9].*|.*Unrecognized command.*|.*(?:Wrong number of|bad) parameter.*)$/i,
  notice: /^(\d\d-[A-Z][a-z]{2}-\d{4} [\d:]+ :?%.*|\*{3}.*)$/,
  noise:
    /^(!|#|exit$|end$|config-file-header|file SSD indicator|ssd-control-(start|end)|ssd (config|file) .*|@$|v\d+(\.\d+)+ \/ .*|CLI v[\d.]+$|no ssd file integrity control|unit-type(-control-(start|end)| .*)$)/,
  end: null,
  heads: /^(interface|vlan database$|line|ip access-list|ip dhcp pool|mac access-list)/,
  removable: /^(interface vlan |ip access-list |mac access-list |ip dhcp pool )/i,
  expand: expanded,
  negate: negated,
  save: { ...ciscoIos.save, line: 'copy running-config startup-config', answers: [yes] },
  saved: /copy succeeded|copied|COPY-N-TRAP|%COPY|succe/i,
  mark: hostMark,
  rollbacks: [reload],
};

/** `vlan 10,20-22` of the VLAN database, one line each. */
function expanded(line: string): readonly string[] {
  const list = /^vlan ([\d,-]+)$/.exec(line)?.[1];
  if (list === undefined) return [line];
  return vlansListed(list).map((vlan) => `vlan ${vlan}`);
}
