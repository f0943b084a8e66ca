import { markPrefix, type CliRollback, type Dialect, type RunMark } from '../dialect.ts';
import { lists, takesMinutes } from '../help.ts';
import { briefly, hostMark } from './cisco-ios.ts';
import { huaweiVrp } from './huawei-vrp.ts';
import { clockLines } from './shown-by-help.ts';

/**
 * Goes back by a restart. Version 5 has `schedule`, version 7 `scheduler`, else alike; which, the device's help tells.
 * - "Scheduling a device reboot" (H3C WA4600 guide): `schedule reboot delay { hh:mm | mm }`; the last one given counts; "changing
 *   any clock setting can cancel the reboot schedule"; while files are written at that moment it does not restart.
 * - `display scheduler reboot` (H3C Comware 7, device management commands): `System will reboot at … (in 1 hours and 39
 *   minutes).`; nothing where nothing waits, as HPE's users recorded it of both versions.
 */
function restartBy(word: 'schedule' | 'scheduler'): CliRollback {
  const confirm = { to: /\[Y\/N\][^\]]*:? ?$/i, say: 'y' } as const;
  const arm = (minutes: number) => [
    { line: `${word} reboot delay ${minutes}`, answers: [{ to: /sav(e|ed|ing)\b.*\[Y\/N\][^\]]*:? ?$/i, say: 'n' }, confirm] }, // prettier-ignore
  ];
  return {
    shownBy: [
      lists(`display ${word} `, 'reboot'),
      lists(`${word} reboot `, 'delay'),
      takesMinutes(`${word} reboot delay `),
    ],
    isUsable: () => true,
    arm,
    status: { line: `display ${word} reboot` },
    remainingS: (answer) => {
      const found = /will reboot at .*\(in (\d+) hours? and (\d+) minutes?\)/i.exec(briefly(answer));
      return found === null ? null : Number(found[1]) * 3_600 + Number(found[2]) * 60;
    },
    isIdle: (answer) => answer.trim() === '',
    cancel: [{ line: `undo ${word} reboot` }],
    // `reboot` asks whether to save, in words that differ by version; what this asks was seen when it was armed.
    now: arm(1),
    nowAfterS: 60,
    restarts: true,
  };
}

/** `ip host` as HPE's FlexNetwork 5130 EI guide has it ("Configuring static domain name resolution"). */
const mark: RunMark = { ...hostMark, clear: (run) => [`undo ip host ${markPrefix}${run} 192.0.2.1`] };

/**
 * H3C's and HPE's Comware 5 and 7. Their command references (h3c.com, "设备管理命令", "CLI命令", "配置文件管理命令"): prompts
 * `<Sysname>` and `[Sysname]`, `screen-length disable`, `display current-configuration`, `display saved-configuration`, `save`
 * with its three questions, `return`. Lines outside of every section are indented as those in one are, each behind a `#`.
 */
export const h3cComware: Dialect = {
  ...huaweiVrp,
  name: 'h3c-comware',
  isSpokenBy: (version) => /\bComware\b/i.test(version),
  prepare: ['screen-length disable'],
  refusal: /^(% ?[A-Za-z].*|Error ?:.*|\^ ?$|.*(?:Unrecognized|Incomplete|Ambiguous|Too many|Wrong) (?:command|parameter).*)$/i, // prettier-ignore
  notice: /^(%[A-Z][a-z]{2} +\d+ [\d:]+ \d{4} .*|REBOOT IN .*)$/,
  noise: /^(#|!|return$|version \d)/,
  heads:
    /^(interface|vlan \d|local-user|line |user-interface|acl |bgp|ospf|rip|domain |radius scheme|public-key|dhcp server ip-pool)/,
  removable: /^(interface (Vlan-interface|LoopBack|Tunnel|Bridge-Aggregation)|vlan \d|acl |ospf |local-user )/i,
  expand: expanded,
  save: {
    line: 'save',
    answers: [
      { to: /\[Y\/N\][^\]]*:? ?$/i, say: 'y' },
      { to: /press the enter key\):? ?$/i, say: '' },
    ],
    deadlineMs: 120_000,
  },
  saved: /saved? .{0,200}successfully/i,
  mark,
  cancelsRollback: clockLines,
  rollbacks: [restartBy('scheduler'), restartBy('schedule')],
};

/** Commands that add VLANs to a list: one line for each of them. */
const list = /^(port trunk permit vlan|port hybrid vlan) ([\d to]+?)( (?:un)?tagged)?$/;

function expanded(line: string): readonly string[] {
  const [, words = '', vlans = '', rest = ''] = list.exec(line) ?? [];
  if (words === '') return [line];
  // VRP's lists are read alike.
  return huaweiVrp
    .expand(`port trunk allow-pass vlan ${vlans}`)
    .map((one) => `${words} ${one.split(' ').at(-1) ?? ''}${rest}`);
}
