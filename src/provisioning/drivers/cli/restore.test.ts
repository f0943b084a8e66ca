import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cliDocument, SwitchBench, switches } from '../../../../tests/support/switch-bench.ts';
import type { IntentDocument } from '../../../domain/intent.ts';

let bench: SwitchBench;
beforeAll(async () => {
  bench = await SwitchBench.start(131, { isDriven: true });
});
afterAll(() => bench.stop());

const likeIos = ['vlan 30', ' name TAMU', 'interface GigabitEthernet1/0/3', ' description tamu', 'logging host 10.73.9.9', 'no snmp-server community rahasia', 'username tamu privilege 1 secret kenari-tamu'] as const; // prettier-ignore

/** What hands do to a switch after it was backed up: something new, something other, something gone, and a user. */
const deeds = {
  [switches.vrp]: [
    'vlan batch 30',
    'interface GigabitEthernet0/0/3',
    ' description tamu',
    'interface Vlanif99',
    ' description lain',
    'undo snmp-agent community read rahasia',
    'aaa',
    ' local-user tamu password irreversible-cipher kenari-tamu',
  ],
  [switches.business]: ['vlan database', ' vlan 30', 'interface GigabitEthernet3', ' description tamu', 'sntp server 10.73.9.9 poll', 'no snmp-server community rahasia', 'username tamu password kenari-tamu privilege 1'],
  [switches.ios]: likeIos,
  [switches.noName]: likeIos,
} as const; // prettier-ignore

const secretNote = 'catatan kenari';
const noted = { [switches.vrp]: 'interface GigabitEthernet0/0/4', [switches.business]: 'interface GigabitEthernet4', [switches.ios]: 'interface GigabitEthernet1/0/4', [switches.noName]: 'interface GigabitEthernet1/0/4' } as const; // prettier-ignore

describe.each(Object.entries(switches))(
  'a backup of a switch (%s) with what only a person has called secret',
  (_dialect, device) => {
    const named = new Map([[noted[device], new Set(['description'])]]);
    it('shows it neither in its text nor where it is brought back', async () => {
      const backup = () => bench.with(bench.target(device), (session) => session.backup(named));
      const before = await backup();
      bench.byHand(device, noted[device], ` description ${secretNote}`);
      const { text, masked } = await backup();
      expect(text).toContain(secretNote);
      expect(masked).not.toContain('kenari');
      expect(masked).toContain(' description •••');
      const planned = (backed: string, applied: IntentDocument | null) =>
        bench.with(bench.target(device), async (session) => {
          const document = bench.driver.restoring(backed, named);
          return JSON.stringify(bench.driver.plan(document, await session.read([document]), applied));
        });
      const applied = cliDocument({ key: 'catatan', subject: noted[device], values: { description: secretNote }, secret: ['description'] }); // prettier-ignore
      expect(await planned(before.text, applied)).toMatch(/"secret":true/);
      expect(await planned(before.text, applied)).not.toContain('kenari');
      bench.byHand(device, noted[device], ' description lain');
      expect(await planned(text, null)).not.toContain('kenari');
      bench.byHand(device, noted[device], device === switches.vrp ? ' undo description' : ' no description');
    });
  },
);

describe.each(Object.entries(switches))('a backup of a switch (%s)', (_dialect, device) => {
  it('goes back line by line, and leaves who may sign in', async () => {
    const backup = await bench.with(bench.target(device), async (session) => (await session.backup()).text);
    bench.byHand(device, ...deeds[device]);
    const document = bench.driver.restoring(backup);
    const now = await bench.with(bench.target(device), async (session) => (await session.backup()).text);
    expect(now).not.toBe(backup);
    expect(bench.driver.leftOut(backup, now).length).toBe(1);
    const steps = await bench.with(bench.target(device), async (session) => {
      const plan = bench.driver.plan(document, await session.read([document]), null);
      const { until } = await session.arm('kembali', 60);
      await session.apply(document, { run: 'kembali', applied: null, until });
      return plan;
    });
    expect(JSON.stringify(steps)).toContain('description tamu');
    expect(JSON.stringify(steps)).not.toMatch(/rahasia|kenari-tamu/);
    await bench.with(bench.target(device), async (session) => {
      expect(await session.confirm(document, { run: 'kembali', applied: null })).toEqual({ confirmed: true });
      const { text } = await session.backup();
      // A port that was given something is in a configuration from then on, also when it has nothing more.
      const lines = (of: string) =>
        of
          .split('\n')
          .filter((line) => line !== '' && !/^[#!]|local-user tamu|username tamu|Ethernet\S*3$/.test(line.trim()))
          .sort();
      expect(lines(text)).toEqual(lines(backup));
      expect(text).toMatch(/(username|local-user) tamu/);
    });
  });
});
