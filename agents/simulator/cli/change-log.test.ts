import { once } from 'node:events';
import { duplexPair } from 'node:stream';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { catalyst, smallBackbone, type SmallBackbone } from '../routeros/testing/small-backbone.ts';
import { SyslogReceiver } from '../routeros/testing/syslog-receiver.ts';
import { masked } from './change-log.ts';
import { CliSession } from './cli-session.ts';

const [vrp, business, ios, comware] = ['sw-a-01', 'sw-b-01', 'sw-c-01', 'sw-d-01'] as const;

let backbone: SmallBackbone;
let receiver: SyslogReceiver;
beforeAll(async () => {
  backbone = await smallBackbone(53, { as: { [ios]: catalyst, [comware]: { vendor: 'H3C', model: 'S5130S-28S-EI' } } });
});
afterAll(() => backbone.simulator.stop());
beforeEach(async () => {
  receiver = await SyslogReceiver.start();
});
afterEach(() => receiver.stop());

const from = (device: string) => backbone.addressOf(device);

/** Somebody types lines at a switch, each after a prompt; gives what the switch shows. */
async function typed(device: string, ...lines: readonly string[]): Promise<string> {
  const box = backbone.simulator.switches.device(device);
  if (box === undefined) throw new Error(`there is no switch ${device}`);
  const [near, far] = duplexPair();
  void new CliSession(box, far, { user: 'rina', address: '10.73.0.9' }, () => far.end());
  let shown = '';
  near.on('data', (chunk: Buffer) => (shown += chunk.toString()));
  for (const line of lines) {
    if (!/[>#\]]$/.test(shown)) await once(near, 'data');
    shown = '';
    near.write(/^\p{Cc}$/u.test(line) ? line : `${line}\r`);
    await expect.poll(() => shown).toMatch(/[>#\]]$/);
  }
  near.destroy();
  return shown;
}

describe("a switch with Cisco's IOS", () => {
  const loghost = () => `logging host 127.0.0.1 transport udp port ${receiver.port}`;
  afterEach(async () => {
    await typed(ios, 'configure terminal', `no ${loghost()}`, 'end');
  });

  it.each([['end'], ['exit'], ['\u001a']])('tells once of who configured it, when he leaves by %j', async (leaving) => {
    await typed(ios, 'configure terminal', loghost(), 'interface GigabitEthernet1/0/3', 'description satu');
    expect(await receiver.heard()).toEqual([]);
    await typed(ios, 'configure terminal', 'interface GigabitEthernet1/0/3', 'description dua', ...(leaving === 'exit' ? ['exit', 'exit'] : [leaving])); // prettier-ignore
    const heard = await receiver.heard();
    expect(heard).toEqual([{ from: from(ios), text: expect.stringMatching(/^<189>\d+: \*[A-Z][a-z]{2} [ \d]\d \d{2}:\d{2}:\d{2}\.\d{3}: %SYS-5-CONFIG_I: Configured from console by rina on vty0 \(10\.73\.0\.9\)$/) as string }]); // prettier-ignore
  });

  it('tells nothing where nothing was entered, where it is cut off, or without a log host', async () => {
    await typed(ios, 'configure terminal', loghost(), 'end');
    expect(await receiver.heard()).toHaveLength(1);
    await typed(ios, 'configure terminal', 'end', 'show version');
    backbone.simulator.cut('rtr-c--sw-c', true);
    await typed(ios, 'configure terminal', 'hostname lain', 'end');
    backbone.simulator.cut('rtr-c--sw-c', false);
    await typed(ios, 'configure terminal', `no ${loghost()}`, 'end');
    expect(await receiver.heard()).toEqual([]);
  });

  it('takes a log host without the word, and shows it with it', async () => {
    await typed(ios, 'configure terminal', 'logging 127.0.0.7', 'end');
    const box = backbone.simulator.switches.device(ios);
    expect(box?.maker.show(box.running, box)).toContain('logging host 127.0.0.7');
    await typed(ios, 'configure terminal', 'no logging 127.0.0.7', 'end');
    expect(box?.maker.show(box.running, box)).not.toContain('logging host 127.0.0.7');
  });
});

describe.each([
  [
    "Huawei's VRP",
    vrp,
    (command: string) => new RegExp(`^<189>[A-Z][a-z]{2} [ \\d]\\d \\d{4} [\\d:]{8} ${vrp} %%01SHELL/5/CMDRECORD\\(s\\)\\[\\d+\\]:Recorded command information\\. \\(Task=VT0, Ip=10\\.73\\.0\\.9, VpnName=, User=rina, AuthenticationMethod="Password", Command="${command}"\\)$`), // prettier-ignore
    ['aaa', 'local-user rina password irreversible-cipher Kenari-12', 'return'],
    ['aaa', 'local-user rina password irreversible-cipher \\*{4}', 'return'],
  ],
  [
    "H3C's Comware",
    comware,
    (command: string) => new RegExp(`^<190>[A-Z][a-z]{2} [ \\d]\\d [\\d:]{8} \\d{4} ${comware} %%10SHELL/6/SHELL_CMD: -Line=vty0-IPAddr=10\\.73\\.0\\.9-User=rina; Command is ${command}$`), // prettier-ignore
    ['local-user rina', 'password simple Kenari-12', 'quit', 'snmp-agent community read Kenari-12', 'quit'],
    ['local-user rina', 'password simple \\*{4}', 'quit', 'snmp-agent community read \\*{4}', 'quit'],
  ],
] as const)('a switch with %s', (_, device, form, lines, told) => {
  const loghost = () => `info-center loghost 127.0.0.1 port ${receiver.port}`;
  afterEach(async () => {
    await typed(device, 'system-view', 'undo info-center loghost 127.0.0.1', 'return');
  });

  it('tells of each command that it takes, without what is secret in it', async () => {
    await typed(device, 'system-view', loghost(), 'return');
    expect(await receiver.heard()).toHaveLength(2);
    await typed(device, 'system-view', 'tak ada perintah ini', ...lines);
    const heard = await receiver.heard();
    expect(heard).toEqual(told.map((command) => ({ from: from(device), text: expect.stringMatching(form(command)) as string }))); // prettier-ignore
    expect(JSON.stringify(heard)).not.toContain('Kenari');
  });

  it('tells nothing without a log host', async () => {
    await typed(device, 'system-view', `sysname ${device}`, 'return');
    expect(await receiver.heard()).toEqual([]);
  });
});

it("tells nothing on a switch of Cisco's Business series, whose words nobody here has read", async () => {
  await typed(business, 'configure terminal', 'logging host 127.0.0.1', 'hostname lain', 'end');
  expect(await receiver.heard()).toEqual([]);
});

describe('a line as it is told', () => {
  it.each([
    ['snmp-agent community read cipher rahasia', 'snmp-agent community read cipher ****'],
    ['snmp-agent community write rahasia acl 2000', 'snmp-agent community write **** **** ****'],
    ['super password level 3 cipher rahasia', 'super password **** **** cipher ****'],
    ['snmp-agent community read simple', 'snmp-agent community read ****'],
    ['authentication-mode password', 'authentication-mode password'],
    ['description kantor camat', 'description kantor camat'],
  ])('of %s is %s', (line, told) => {
    expect(masked(line)).toBe(told);
  });
});
