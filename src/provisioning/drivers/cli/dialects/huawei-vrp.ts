import type { CliRollback, Dialect, RunMark } from '../dialect.ts';
import { markPrefix } from '../dialect.ts';
import { vlansOf } from '../vlan-ranges.ts';

/** Kept for the mark: the last of the advanced ACLs. */
const markAcl = 'acl number 3999';

/**
 * Goes back by a restart, since the configuration that it loads was saved before the change. `commit trial` of VRP 8 wants
 * the whole change in one candidate and one commit, and it forgets a change that another user commits meanwhile; there
 * the immediate mode (`system-view immediately`) does as VRP 5 does, and the same rollback serves both.
 */
const scheduled: CliRollback = {
  isUsable: () => true,
  arm: (minutes) => [
    {
      line: `schedule reboot delay ${minutes}`,
      answers: [
        // "The configuration has been modified, save it?"
        { to: /sav(e|ed|ing)\b.*\[Y\/N\][^\]]*:? ?$/i, say: 'n' },
        { to: /\[Y\/N\][^\]]*:? ?$/i, say: 'y' },
      ],
    },
  ],
  status: { line: 'display schedule reboot' },
  remainingS: (answer) => {
    const found = /in (\d+) hours? and (\d+) minutes?/i.exec(answer);
    if (found !== null) return Number(found[1]) * 3_600 + Number(found[2]) * 60;
    return /reboot (at|for) /i.test(answer) ? 0 : null;
  },
  cancel: [{ line: 'undo schedule reboot' }],
  now: [
    {
      line: 'reboot fast',
      answers: [{ to: /\[Y\/N\][^\]]*:? ?$/i, say: 'y' }],
    },
  ],
  restarts: true,
};

const aclMark: RunMark = {
  set: (run) => [markAcl, `description ${markPrefix}${run}`, 'quit'],
  clear: () => [`undo ${markAcl}`],
  find: (sections) => {
    const start = `description ${markPrefix}`;
    const line = (sections.get(markAcl) ?? []).find((one) => one.startsWith(start));
    return line?.slice(start.length) ?? null;
  },
  owns: (subject) => subject === markAcl,
};

/**
 * Huawei VRP 5 and 8. By Huawei's command references (support.huawei.com; a copy at a10.tagan.ru/huawei):
 * `schedule reboot { at | delay }`, `undo schedule reboot`, `display schedule reboot` (its precision is a minute), `save`,
 * `display saved-configuration`, `reboot fast` (without saving), `screen-length 0 temporary`, `vlan batch`,
 * `port trunk allow-pass vlan`, `local-user … password irreversible-cipher`.
 */
export const huaweiVrp: Dialect = {
  name: 'huawei-vrp',
  isSpokenBy: (version) => /Huawei Versatile Routing Platform|\bVRP\b/i.test(version),
  prompts: 'angle',
  prepare: ['screen-length 0 temporary', 'screen-width 200'],
  refusal: /^(Error ?:.*|Error\(.*|\^ ?$|.*(?:Unrecognized|Incomplete|Ambiguous) command.*)$/i,
  notice: /^([A-Z][a-z]{2} +\d+ \d{4} [\d:+-]+ .*%%.*|\*{3}.*|REBOOT IN .*)$/i,
  enter: 'system-view',
  up: 'quit',
  leave: 'return',
  show: { running: 'display current-configuration', saved: 'display saved-configuration' },
  noise: /^(#|!|return$|Last configuration was)/,
  end: /^return$/,
  heads: /^(interface|vlan \d|aaa$|user-interface|acl |bgp|ospf|rip|local-aaa-server$|ip pool )/,
  removable: /^(interface (Vlanif|LoopBack|Tunnel|Eth-Trunk)|vlan \d|acl |ospf |ip pool )/i,
  expand: expanded,
  negate: (line, words) => {
    if (line.startsWith('undo ')) return [line.slice(5)];
    const user = /^local-user \S+/.exec(line);
    if (user !== null && /\bpassword\b/.test(line)) return [`undo ${user[0]}`];
    // Some undo commands take the whole line, others the words alone; which is which, the device says.
    return words === null || words === line ? [`undo ${line}`] : [`undo ${line}`, `undo ${words}`];
  },
  save: {
    line: 'save',
    answers: [
      { to: /\[Y\/N\][^\]]*:? ?$/i, say: 'y' },
      { to: /file name.*:? ?$/i, say: '' },
    ],
    deadlineMs: 120_000,
  },
  saved: /successfully|has been saved|configuration file had been saved/i,
  mark: aclMark,
  rollbacks: [scheduled],
};

/** Commands that add VLANs to a list: one line for each of them. */
const lists = /^(vlan batch|port trunk allow-pass vlan|port hybrid (?:un)?tagged vlan) ([\d to]+)$/;

function expanded(line: string): readonly string[] {
  const [, words = '', list = ''] = lists.exec(line) ?? [];
  if (words === '') return [line];
  const ranges: [number, number][] = [];
  const numbers = list.trim().split(/ +/);
  for (let at = 0; at < numbers.length; at += 1) {
    const from = Number(numbers[at]);
    const isRange = numbers[at + 1] === 'to';
    const to = isRange ? Number(numbers[at + 2]) : from;
    ranges.push([from, to]);
    if (isRange) at += 2;
  }
  return vlansOf(ranges).map((vlan) => `${words} ${vlan}`);
}
