import { describe, it } from 'vitest';
import { expectLinear, hostileLines } from '../../../../tests/support/growth.ts';
import { backupOf } from './export.ts';
import { commandsOf } from './export-commands.ts';
import { factsOf } from './facts.ts';
import { readComment } from './mark.ts';
import { remarksOf } from './remarks.ts';
import { RouterOsDriver } from './driver.ts';
import { canonical, expectation, valueKinds } from './values.ts';

const head = '# 2026-12-01 10:00:00 by RouterOS 7.18.2';
const exported = (lines: readonly string[]): string => `${[head, ...lines].join('\n')}\n`;
const driver = new RouterOsDriver();
const begins = [
  '',
  '/ip address add comment=',
  '/system script add source=',
  '/user add name=',
  '# user name=',
  'set ',
  'add name=',
];
/** Exports may be megabytes: lines are longer than those of a screen. */
const sizeOfLine = 20_000;

/** What is not whole is refused; that takes no longer either. */
function attempt(work: () => unknown): void {
  try {
    work();
  } catch {
    // Refused.
  }
}

describe('what a router says that means to stop its reader takes the time that its length takes', () => {
  it.each(Object.entries(hostileLines))('as an export: %s', (name, line) => {
    for (const begin of begins) {
      expectLinear(`${begin}${name}`, sizeOfLine, (size) => {
        const text = exported([`/ip address`, begin + line(size), `${begin}"${line(size)}"`, '/snmp', 'set enabled=yes']);
        const cut = exported([`/ip address`, `${begin + line(size)}\\`, '     x=1']);
        return () => {
          for (const one of [text, cut]) {
            attempt(() => backupOf('10.0.0.1', one));
            attempt(() => driver.restoring(one));
            attempt(() => driver.leftOut(one, exported([])));
            factsOf(one);
            commandsOf(one);
          }
        };
      });
    }
  });

  it.each(Object.entries(hostileLines))('as a value of the API: %s', (name, line) => {
    expectLinear(name, sizeOfLine, (size) => {
      const text = line(size);
      return () => {
        valueKinds.map((kind) => [canonical(kind, text), expectation(kind, text)]);
        readComment(`${text} arung:`);
        remarksOf([{ name: text, group: text }], [{ name: text }]);
      };
    });
  });

  it.each([
    ['menus', (at: number) => [`/ip address add address=10.0.${at >> 8}.${at & 255}/24`, '/snmp community', `add name=k${at}`]],
    ['services', (at: number) => ['/ip service', `set s${at} disabled=no`]],
    ['lines that go on', (at: number) => ['/system script', `add name=s${at} source="a\\`, '    b"']],
    ['remarks', (at: number) => [`# user name=u${at}`, `# snmp community name=c${at}`]],
    ['entries found by what they are', (at: number) => ['/interface ethernet', `set [ find default-name=ether${at} ] comment=x`]],
    ['actions of logging', (at: number) => ['/system logging action', `add name=a${at} remote=10.0.0.1`, '/system logging', `add action=a${at}`]],
  ] as const)('with thousands of %s', (name, linesOf) => {
    expectLinear(name, 500, (size) => {
      const text = exported(Array.from({ length: size }, (_, at) => linesOf(at)).flat());
      return () => {
        attempt(() => backupOf('10.0.0.1', text));
        attempt(() => driver.restoring(text));
        attempt(() => driver.leftOut(text, exported([])));
        factsOf(text);
      };
    });
  });
}); // prettier-ignore
