import { execFile } from 'node:child_process';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWithPeer } from '../../tests/support/peers.ts';
import { smallInventory } from './small-inventory.ts';
import type { Small } from './small-inventory.ts';
import { Simulator } from './simulator.ts';
import { compareOid } from './snmp/oid.ts';

/** Runs one of Debian's snmp tools; gives its exit code and all it said. */
function run(program: string, args: readonly string[]): Promise<{ code: number; text: string }> {
  return new Promise((resolve) => {
    execFile(program, [...args], { maxBuffer: 20e6 }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code ?? 1), text: stdout + stderr });
    });
  });
}

/** `oid = value` lines of an answer, in its order. */
function rows(text: string): { oid: string; value: string }[] {
  return text
    .split('\n')
    .map((line) => /^\.([0-9.]+) = (.*)$/.exec(line))
    .flatMap((match) => (match === null ? [] : [{ oid: match[1] ?? '', value: match[2] ?? '' }]))
    .filter((row) => !row.value.startsWith('No more variables'));
}

let small: Small;
let simulator: Simulator;

beforeAll(async () => {
  small = await smallInventory(2);
  simulator = new Simulator({ inventory: small.inventory, broker: null, startedMs: Date.now() });
  await simulator.start();
});
afterAll(() => simulator.stop());

const kinds = ['rtr-a-01', 'sw-a-01', 'sw-b-01', 'sw-c-01', 'ups-a-01', 'srv-app-01', 'rtr-d-01', 'ap-b-01'];

describeWithPeer('snmpwalk', "the simulated devices to Debian's snmp tools", (snmpwalk) => {
  const tool = (name: string) => snmpwalk.replace(/snmpwalk$/, name);
  const target = (device: string) => `${small.addressOf(device)}:${small.port}`;
  const v2 = (...more: string[]) => ['-v2c', '-c', 'rahasia', '-On', '-t', '2', '-r', '2', ...more];

  it.each(kinds)('%s walks whole, in order, to the end; snmpbulkwalk finds the same names', async (device) => {
    const [walk, bulk] = await Promise.all([
      run(snmpwalk, v2(target(device), '.1')),
      run(tool('snmpbulkwalk'), v2('-Cr40', target(device), '.1')),
    ]);
    expect(walk.code, walk.text.slice(-300)).toBe(0);
    expect(bulk.code, bulk.text.slice(-300)).toBe(0);
    const names = rows(walk.text).map((row) => row.oid);
    expect(names.length).toBeGreaterThan(60);
    for (let i = 1; i < names.length; i++) {
      const [before, after] = [names[i - 1] ?? '', names[i] ?? ''];
      expect(compareOid(after.split('.').map(Number), before.split('.').map(Number))).toBeGreaterThan(0);
    }
    expect(rows(bulk.text).map((row) => row.oid)).toEqual(names);
  });

  it.each(kinds)('%s shows an SNMPv1 manager the same, without 64-bit counters', async (device) => {
    const [v1, walk] = await Promise.all([
      run(snmpwalk, ['-v1', '-c', 'rahasia', '-On', target(device), '.1']),
      run(snmpwalk, v2(target(device), '.1')),
    ]);
    const expected = rows(walk.text).filter((row) => !row.value.startsWith('Counter64'));
    expect(rows(v1.text).map((row) => row.oid)).toEqual(expected.map((row) => row.oid));
  });

  it('answers with the types of IF-MIB', async () => {
    const { text } = await run(snmpwalk, v2(target('rtr-a-01'), '.1.3.6.1.2.1'));
    const type = (oid: string) =>
      rows(text)
        .find((row) => row.oid.startsWith(oid))
        ?.value.split(':')[0];
    expect({
      uptime: type('1.3.6.1.2.1.1.3.0'),
      object: type('1.3.6.1.2.1.1.2.0'),
      speed: type('1.3.6.1.2.1.2.2.1.5.'),
      oper: type('1.3.6.1.2.1.2.2.1.8.'),
      in32: type('1.3.6.1.2.1.2.2.1.10.'),
      in64: type('1.3.6.1.2.1.31.1.1.1.6.'),
      mac: type('1.3.6.1.2.1.2.2.1.6.2'),
      changed: type('1.3.6.1.2.1.31.1.5.0'),
    }).toEqual({
      uptime: 'Timeticks',
      object: 'OID',
      speed: 'Gauge32',
      oper: 'INTEGER',
      in32: 'Counter32',
      in64: 'Counter64',
      mac: 'Hex-STRING',
      changed: 'Timeticks',
    });
  });

  it('tells an object that it has not from an instance that it has not', async () => {
    const get = await run(
      tool('snmpget'),
      v2(target('rtr-a-01'), '.1.3.6.1.2.1.99.1.0', '.1.3.6.1.2.1.2.2.1.8.999', '.1.3.6.1.2.1.1.5.0'),
    );
    expect(rows(get.text).map((row) => row.value)).toEqual([
      'No Such Object available on this agent at this OID',
      'No Such Instance currently exists at this OID',
      'STRING: "rtr-a-01"',
    ]);
    const v1 = await run(tool('snmpget'), ['-v1', '-c', 'rahasia', '-r0', target('rtr-a-01'), '.1.3.6.1.2.1.99.1.0']);
    expect(v1.text).toContain('noSuchName');
  });

  it('refuses to be written', async () => {
    const set = await run(tool('snmpset'), v2(target('rtr-a-01'), '.1.3.6.1.2.1.1.5.0', 's', 'x'));
    expect(set.text).toContain('noAccess');
  });

  it('says tooBig when a GET needs more than its message holds', async () => {
    const names = Array.from({ length: 8 }, (_, i) =>
      [2, 6, 8, 10, 16].map((column) => `.1.3.6.1.2.1.2.2.1.${column}.${49153 + i}`),
    ).flat();
    const few = await run(tool('snmpget'), v2(target('sw-c-01'), ...names.slice(0, 20)));
    expect(rows(few.text).length).toBe(20);
    const many = await run(tool('snmpget'), v2('-Cf', target('sw-c-01'), ...names, ...names));
    expect(many.text).toContain('tooBig');
  });

  it('is silent to a wrong community, and counts it', async () => {
    const before = simulator.counters.badCommunity;
    const get = await run(tool('snmpget'), [
      '-v2c',
      '-c',
      'salah',
      '-t',
      '0.3',
      '-r',
      '1',
      target('rtr-a-01'),
      '.1.3.6.1.2.1.1.3.0',
    ]);
    expect(get.text).toContain('Timeout');
    expect(simulator.counters.badCommunity - before).toBe(2);
  });

  it('shows its neighbours by LLDP, with their names, ports and addresses', async () => {
    const { text } = await run(snmpwalk, v2(target('rtr-a-01'), '.1.0.8802.1.1.2.1.4'));
    const found = rows(text);
    const names = found.filter((row) => row.oid.startsWith('1.0.8802.1.1.2.1.4.1.1.9.')).map((row) => row.value);
    expect(names.toSorted()).toEqual(['STRING: "rtr-b-01"', 'STRING: "rtr-dc-01"', 'STRING: "sw-a-01"']);
    const address = small.addressOf('rtr-dc-01');
    expect(
      found.some((row) => row.oid.startsWith('1.0.8802.1.1.2.1.4.2.1.3.') && row.oid.endsWith(`.1.4.${address}`)),
    ).toBe(true);
  });

  it('is silent behind a cut and answers again when it is mended', async () => {
    const alive = async (device: string) =>
      (
        await run(tool('snmpget'), [
          '-v2c',
          '-c',
          'rahasia',
          '-t',
          '0.4',
          '-r',
          '0',
          target(device),
          '.1.3.6.1.2.1.1.3.0',
        ])
      ).code === 0;
    simulator.cut('b--c', true);
    expect([await alive('rtr-c-01'), await alive('sw-c-01'), await alive('rtr-b-01')]).toEqual([false, false, true]);
    simulator.cut('b--c', false);
    expect([await alive('rtr-c-01'), await alive('sw-c-01')]).toEqual([true, true]);
  });
});
