import { markPrefix, type Answer, type CliCommand, type CliRollback, type Dialect, type RunMark } from '../dialect.ts';
import { lists } from '../help.ts';
import { globalSection } from '../sections.ts';
import { vlansListed } from '../vlan-ranges.ts';
import { briefly, ciscoIos } from './cisco-ios.ts';
import { saysNothing, secondsLeft } from './shown-by-help.ts';

/** Kept for the mark: the last of the IP ACLs. */
const markAcl = 'access-list create 999';

const inConfiguration = (command: CliCommand): readonly CliCommand[] => [{ line: 'configure' }, command, { line: 'end' }]; // prettier-ignore

/** As TP-Link asks: `Reboot system in 5 minutes. Continue? (Y/N):`. */
const yes: Answer = { to: /\(Y\/N\) ?:? ?$/i, say: 'Y' };

const arm = (minutes: number): readonly CliCommand[] => inConfiguration({ line: `reboot-schedule in ${minutes}`, answers: [yes] }); // prettier-ignore

/** A restart that saves first would come back with the change. */
const savesFirst = (answer: string): boolean => /save before reboot\s{0,9}[:-]\s{0,9}yes/i.test(briefly(answer));

/**
 * Goes back by a restart.
 * - "CLI Reference Guide, Managed Switches" (1900002754, chapter 5): `reboot-schedule in 1-43200 [save_before_reboot]` and
 *   `reboot-schedule cancel`, in configuration mode; ACLs with a name.
 * - That an unsaved change is gone after it, to the second, and that `cancel` cancels: measured by others on an SX3832
 *   (tuist, `infra/rack`, 2026-09-22).
 *
 * No page says how the time that is left is asked for: only a switch whose help lists `show reboot-schedule` is changed.
 */
const restart: CliRollback = {
  shownBy: [lists('show ', 'reboot-schedule')],
  // Whose ACL of this number is not ours keeps it.
  isUsable: (sections) => !(sections.get(globalSection) ?? []).some((line) => /^access-list (\S+ )?999\b/.test(line)),
  arm,
  status: { line: 'show reboot-schedule' },
  remainingS: (answer) => (savesFirst(answer) ? null : secondsLeft(answer)),
  isIdle: (answer) => !savesFirst(answer) && saysNothing(answer),
  // Nobody here has seen whether this asks, too.
  cancel: inConfiguration({ line: 'reboot-schedule cancel', answers: [yes] }),
  // What `reboot` asks was never seen; what this asks was, when it was armed.
  now: arm(1),
  nowAfterS: 60,
  restarts: true,
};

/** An ACL that is bound to no port filters nothing. */
const aclMark: RunMark = {
  set: (run) => [`${markAcl} name ${markPrefix}${run}`],
  clear: () => [`no ${markAcl}`],
  find: (sections) => {
    const start = `${markAcl} name ${markPrefix}`;
    const line = (sections.get(globalSection) ?? []).find((one) => unquoted(one).startsWith(start));
    return line === undefined ? null : unquoted(line).slice(start.length);
  },
  owns: (subject, line) =>
    subject === globalSection && line !== null && unquoted(line).startsWith(`${markAcl} name ${markPrefix}`),
};

/**
 * TP-Link's JetStream and Omada switches. By the guide above, and configurations that people published of TL-SG2210MP, TL-SG3210 and
 * SX3832: `name>` and `enable`, `show system-info` for a version, `configure`, `show startup-config`, `Saving user config OK!`,
 * `Error: Bad command`, names and texts in quotes, `vlan 10,20-22` above the VLANs that have a name. Pages cannot be switched off.
 */
export const tpLink: Dialect = {
  ...ciscoIos,
  name: 'tp-link',
  isSpokenBy: (version) => /^ {0,4}System Description +- .{0,200}\b(JetStream|Omada)\b|^ {0,4}Hardware Version +- (TL-|T\d|S[GLX]\d)/im.test(version), // prettier-ignore
  prepare: [],
  refusal: /^(Error ?:.*|% ?[A-Za-z].*)$/i,
  notice: /^\*{3}.*$/,
  enter: 'configure',
  noise: /^(!|#|end$)/,
  end: /^end$/,
  heads: /^(interface |vlan \d{1,4}$|line )/,
  endsBySign: true,
  removable: /^(interface vlan |vlan \d)/i,
  expand: expanded,
  negate: negated,
  save: { line: 'copy running-config startup-config', deadlineMs: 120_000 },
  saved: /saving user config ok/i,
  mark: aclMark,
  // The time of the restart is shown as one of day; and which file a restart loads is what it goes back to.
  cancelsRollback: /^(no )?(sy|bo)/i,
  rollbacks: [restart],
};

function unquoted(line: string): string {
  return line.replace(/"([^"\s]+)"/g, '$1');
}

/** A text of several words stands in quotes, another may. */
const texts = /^(description|name|hostname|location|contact-info) ([^"].* .*)$/;

/** Lists of VLANs as one line for each; quotes only where they are needed. */
function expanded(line: string): readonly string[] {
  const [, words, list = '', rest = ''] = /^(vlan|switchport general allowed vlan) ([\d,-]+)( (?:un)?tagged)?$/.exec(line) ?? []; // prettier-ignore
  if (words !== undefined && /[,-]/.test(list)) return vlansListed(list).map((vlan) => `${words} ${vlan}${rest}`);
  const bare = unquoted(line);
  const [, word, text] = texts.exec(bare) ?? [];
  return [word === undefined || text === undefined ? bare : `${word} "${text.replaceAll('"', '')}"`];
}

/** Words that `no` takes alone, without what they were set to. */
const named =
  /^(hostname|description|name|location|contact-info|switchport pvid|switchport general allowed vlan \d+|ip address|user name \S+|snmp-server community \S+|logging host index \d+|access-list create \d+|speed|duplex)(?= |$)/;

function negated(line: string, words: string | null): readonly string[] {
  // A port is in VLAN 1 without a tag until it is taken out, and a switch wants to hear how.
  if (/^no switchport general allowed vlan \d+$/.test(line)) return [`${line.slice(3)} untagged`];
  if (line.startsWith('no ')) return [line.slice(3)];
  const found = named.exec(line);
  if (found !== null) return [`no ${found[0]}`];
  return words === null || words === line ? [`no ${line}`] : [`no ${line}`, `no ${words}`];
}
