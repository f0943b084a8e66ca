import { describe, expect, it } from 'vitest';
import { dialects } from '../drivers/cli/dialects/dialects.ts';
import { saidChange } from './said-change.ts';

describe('what a device says of a change', () => {
  it.each([
    ['system,info filter rule added by admin', 'admin'],
    ['system,info address changed by winbox-3.41/tcp-msg(winbox):budi@10.73.0.9', 'budi'],
    [
      'device changed by winbox-3.42/tcp-msg(winbox):budi@10.73.0.9 (/interface set ether3 comment="changed by ani")',
      'budi',
    ],
    ['system,info item moved by api:arung@10.73.0.2/action:4', 'arung'],
    ['45: *Dec  1 21:30:00.123: %SYS-5-CONFIG_I: Configured from console by budi on vty0 (10.73.0.9)', 'budi'],
    ['%SYS-SW1-5-CONFIG_I: Configured from console by budi on vty0 (10.73.0.9)', 'budi'],
    ['%VSHD-5-VSHD_SYSLOG_CONFIG_I: Configured from vty by budi on 10.73.0.9@pts/0', 'budi'],
    ['%PARSER-5-CFGLOG_LOGGEDCMD: User:budi  logged command:interface Vlan20', 'budi'],
    ['%PARSER-5-CFGLOG_LOGGEDCMD: User:budi  logged command:description changed by ani', 'budi'],
    ['%%10SHELL/6/SHELL_CMD: -Line=vty0-IPAddr=10.73.0.9-User=budi; Command is description added by ani', 'budi'],
    [
      '%%01SHELL/5/CMDRECORD(s)[12]:Recorded command information. (Task=VT0, Ip=10.73.0.9, VpnName=, User=budi, AuthenticationMethod="Password", Command="vlan 20")',
      'budi',
    ],
    ['%%10SHELL/6/SHELL_CMD: -Line=vty0-IPAddr=10.73.0.9-User=budi; Command is vlan 20', 'budi'],
    ['%%10SHELL/6/SHELL_CMD(l): -Line=aux0-IPAddr=**-User=**; Command is vlan 20', null],
    ['%%01SHELL/5/CMDRECORD(l)[125]:Record command information. (Task=VT0 , Ip=**, User=**, Command="vlan 20")', null],
    [
      '%%10CFGMAN/5/CFGMAN_CFGCHANGED: -EventIndex=6-CommandSource=snmp-ConfigSource=startup; Configuration changed.',
      null,
    ],
    ["mgd[77]: UI_COMMIT: User 'budi' requested 'commit' operation", 'budi'],
    ['mgd[77]: UI_COMMIT_COMPLETED: commit complete', null],
  ])('%s', (text, by) => {
    expect(saidChange(text)).toEqual({ by });
  });

  it.each([
    'system,info,account user admin logged in from 10.73.0.9 via winbox',
    'interface,info ether2 link down',
    'dhcp,info dhcp1 assigned 10.73.8.20 to 00:11:22:33:44:55',
    '%LINEPROTO-5-UPDOWN: Line protocol on Interface Gi0/1, changed state to up',
    '%%01SHELL/5/CMDRECORD(s)[12]:Recorded command information. (User=budi, Command="display version")',
    '%%10SHELL/6/SHELL_CMD: -Line=vty0-IPAddr=10.73.0.9-User=budi; Command is display interface',
    'script,info changed bytes',
  ])('nothing: %s', (text) => {
    expect(saidChange(text)).toBeNull();
  });

  it('names whole characters, also where the name is cut', () => {
    const { by } = saidChange(`item changed by ${'a'.repeat(63)}\u{1f600}\u{1f600}`) ?? {};
    expect(by).toBe(`${'a'.repeat(63)}\u{1f600}`);
  });

  it.each(dialects.filter(({ prompts }) => prompts === 'angle'))('nothing: what a look of ours says to $name', (dialect) => {
    for (const line of ['display version', ...dialect.prepare, dialect.show.running, dialect.leave]) {
      expect(saidChange(`%%01SHELL/5/CMDRECORD(s)[1]:Recorded command information. (User=arung, Command="${line}")`)).toBeNull();
      expect(saidChange(`%%10SHELL/6/SHELL_CMD: -Line=vty0-IPAddr=10.73.0.2-User=arung; Command is ${line}`)).toBeNull();
    }
  }); // prettier-ignore

  it('is found in the time that the text is long, whatever it repeats', () => {
    const parts = ['changed by ', ':', ' by a', '%SYS-5-', 'CONFIG_', 'User=', 'a@', '/', 'UI_COMMIT', "User '"];
    const took = (length: number): number => {
      const began = performance.now();
      for (const part of parts) {
        const text = part.repeat(Math.ceil(length / part.length));
        for (let times = 0; times < 20; times += 1) saidChange(text);
      }
      return performance.now() - began;
    };
    took(2_000);
    // Sixteen times as long: sixteen times the work, and not the square of it.
    expect(took(32_000)).toBeLessThan(Math.max(took(2_000), 2) * 100);
  });
});
