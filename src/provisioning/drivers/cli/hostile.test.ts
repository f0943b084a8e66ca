import { duplexPair } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { expectLinear, hostileLines } from '../../../../tests/support/growth.ts';
import { backupOf } from './export.ts';
import { factsOf } from './facts.ts';
import { dialects } from './dialects/dialects.ts';
import { promptIn } from './prompts.ts';
import { documentOfRunning, leftOut } from './restore.ts';
import { Shell } from './shell.ts';

/** Of each maker, what its configurations are recognised by. */
const makers = {
  'Cisco IOS': ['hostname sw1', 'end'],
  'Cisco Business': ['config-file-header', 'hostname sw1', ''],
  Huawei: ['sysname sw1', 'return'],
  'TP-Link': ['!TL-SG2008', 'hostname "sw1"', 'end'],
  H3C: [' version 7.1', ' sysname sw1', 'return'],
} as const;
const configured = (maker: keyof typeof makers, lines: readonly string[]): string => {
  const words = [...makers[maker]];
  const end = words.pop();
  return `${[...words, ...lines, ...(end === '' ? [] : [end])].join('\n')}\n`;
};
/** What a line may begin with, so that a rule looks at it at all. */
const begins = ['', 'vlan ', 'description "', 'switchport general allowed vlan ', 'vlan batch ', 'port trunk allow-pass vlan ', 'username a ', 'logging ', 'Jan 1 2026 1:1:1 ', '%', '* ']; // prettier-ignore
const sizeOfLine = 8_000;

describe('what a device says that means to stop its reader takes the time that its length takes', () => {
  it.each(Object.entries(hostileLines))('as an answer: %s', (name, line) => {
    for (const {
      name: dialect,
      isSpokenBy,
      refusal,
      notice,
      noise,
      heads,
      removable,
      saved,
      end,
      rollbacks,
    } of dialects) {
      for (const begin of begins) {
        const look = (text: string): void => {
          isSpokenBy(text);
          for (const one of [notice, noise, heads, removable, saved, ...(end === null ? [] : [end])]) one.test(text);
          refusal.test(text);
          rollbacks.map((way) => [way.remainingS(text), way.isIdle?.(text)]);
          promptIn(text);
        };
        expectLinear(`${dialect}, ${begin}${name}`, sizeOfLine, (size) => {
          const text = begin + line(size);
          return () => look(text);
        });
      }
    }
  });

  it.each(Object.entries(hostileLines))('as a configuration with lines of %s', (name, line) => {
    for (const maker of Object.keys(makers) as (keyof typeof makers)[]) {
      for (const begin of begins) {
        expectLinear(`${maker}, ${begin}${name}`, sizeOfLine, (size) => {
          const text = configured(maker, ['vlan database', begin + line(size), ` ${begin}${line(size)}`]);
          return () => [factsOf(text), documentOfRunning(text), leftOut(text, configured(maker, []))];
        });
      }
    }
  });

  it.each([
    ['terminals', (at: number) => [`line vty ${at}`, ' transport input ssh']],
    ['user interfaces', (at: number) => [`user-interface vty ${at}`, ` acl ${at} inbound`]],
    ['sections in sections', (at: number) => [`${' '.repeat(at % 40)}interface ${at}`, `${' '.repeat((at % 40) + 1)}no shutdown`]],
    ['sections with long names', (at: number) => [`${' '.repeat(at % 40)}interface ${at}${'x'.repeat(at % 40 === 0 ? 60_000 : 1)}`, `${' '.repeat((at % 40) + 1)}no shutdown`]],
    ['lists of all VLANs', (at: number) => [`interface ${at}`, ` port trunk allow-pass vlan 2 to ${4_094 - (at % 9)}`, 'vlan database', ` vlan 1-${4_094 - (at % 4_000)}`, '#', `vlan 1-${4_094 - (at % 4_000)}`]],
    ['keys', (at: number) => [`crypto pki certificate ${at}`, '  30820229 30820192 A0030201']],
    ['texts', (at: number) => [`banner motd ^C${at}`, 'no no no']],
  ] as const)('with thousands of %s', (name, linesOf) => {
    for (const maker of Object.keys(makers) as (keyof typeof makers)[]) {
      expectLinear(`${maker}, ${name}`, name.includes('VLAN') ? 10 : 500, (size) => {
        const text = configured(maker, Array.from({ length: size }, (_, at) => linesOf(at)).flat());
        return () => [factsOf(text), documentOfRunning(text), leftOut(text, configured(maker, []))];
      });
    }
  }); // prettier-ignore

  it.each(Object.entries(hostileLines))('as a backup, masked: %s', (name, line) => {
    for (const dialect of dialects) {
      expectLinear(`${dialect.name}, ${name}`, sizeOfLine, (size) => {
        const text = ['hostname sw1', 'interface 1', ` ${line(size)}`, line(size), 'return', 'end'].join('\n');
        return () => backupOf('10.0.0.1', text, { dialect: { ...dialect, end: null } });
      });
    }
  });

  it('also with a session between: eight lines of blanks, and a line that is erased letter by letter', async () => {
    for (const dialect of dialects) {
      for (const line of [`${' '.repeat(65_000)}x`, `${'x'.repeat(60_000)}${'x\b'.repeat(4_000)}`]) {
        const [near, device] = duplexPair();
        device.on('data', (typed: Buffer) => device.write(`${typed.toString().trim()}\r\n${`${line}\r\n`.repeat(8)}sw1#`)); // prettier-ignore
        device.write('\r\nsw1#');
        const shell = await Shell.open(near, '10.0.0.1:22', 20_000);
        shell.notices = dialect.notice;
        const { user } = process.cpuUsage();
        await shell.run({ line: 'show running-config' }, { deadlineMs: 20_000, refusal: dialect.refusal });
        expect((process.cpuUsage().user - user) / 1_000, dialect.name).toBeLessThan(1_000);
        device.destroy();
      }
    }
  }, 120_000);
});
