import { execFile } from 'node:child_process';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWithPeer } from '../../tests/support/peers.ts';
import { inventoryOf } from './inventory.ts';
import { Simulator } from './simulator.ts';
import { smallInventory } from './small-inventory.ts';
import type { Small } from './small-inventory.ts';

function run(program: string, args: readonly string[]): Promise<{ code: number; text: string }> {
  return new Promise((resolve) => {
    execFile(program, [...args], { maxBuffer: 20e6 }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code ?? 1), text: stdout + stderr });
    });
  });
}

const authKey = 'kunci-autentikasi';
const privKey = 'kunci-kerahasiaan';

/** A device with a user for each pair of digest and cipher; the words of Debian's tools for them. */
const users = [
  ['rtr-a-01', 'md5', 'aes128', 'MD5', 'AES'],
  ['sw-a-01', 'sha1', 'aes192', 'SHA', 'AES-192'],
  ['sw-b-01', 'sha224', 'aes256', 'SHA-224', 'AES-256'],
  ['sw-c-01', 'sha256', 'aes128', 'SHA-256', 'AES'],
  ['ups-a-01', 'sha384', 'aes192', 'SHA-384', 'AES-192'],
  ['rtr-d-01', 'sha512', 'aes256', 'SHA-512', 'AES-256'],
  ['rtr-b-01', 'md5', 'aes256', 'MD5', 'AES-256'],
  ['ap-b-01', 'sha1', 'aes256c', 'SHA', 'AES-256-C'],
] as const;

let small: Small;
let simulator: Simulator;

beforeAll(async () => {
  small = await smallInventory(11);
  const { document } = small;
  const names = new Set<string>(users.map(([device]) => device));
  const devices = Array.isArray(document['devices']) ? document['devices'] : [];
  const credentials = Array.isArray(document['credentials']) ? document['credentials'] : [];
  const inventory = inventoryOf({
    ...document,
    credentials: [
      ...credentials,
      { name: 'terbuka', kind: 'snmp-v3', user: 'terbuka', secret: { level: 'noAuthNoPriv' } },
      ...users.map(([name, authProtocol, privProtocol]) => ({
        name,
        kind: 'snmp-v3',
        user: `u-${name}`,
        secret: { authProtocol, authKey, privProtocol, privKey },
      })),
    ],
    devices: devices.map((device: { name: string }) => ({
      ...device,
      ...(names.has(device.name) && { credential: device.name }),
      ...(device.name === 'srv-app-01' && { credential: 'terbuka' }),
    })),
  });
  simulator = new Simulator({ inventory, broker: null, startedMs: Date.now() });
  await simulator.start();
});
afterAll(() => simulator.stop());

describeWithPeer('snmpbulkwalk', "the simulated devices to Debian's snmp tools over SNMPv3", (snmpbulkwalk) => {
  const tool = (name: string) => snmpbulkwalk.replace(/snmpbulkwalk$/, name);
  const target = (device: string) => `${small.addressOf(device)}:${small.port}`;
  const asUser = (device: string, change: Readonly<Record<string, string>> = {}) => {
    const found = users.find(([name]) => name === device);
    if (found === undefined) throw new Error(`no user of ${device}`);
    const options = {
      '-u': `u-${device}`,
      '-l': 'authPriv',
      '-a': found[3],
      '-A': authKey,
      '-x': found[4],
      '-X': privKey,
    };
    return ['-v3', '-On', '-t', '3', '-r', '2', ...Object.entries({ ...options, ...change }).flat()];
  };

  it.each(users)('%s walks whole with %s and %s, and GETNEXT finds the same rows', async (device) => {
    const [bulk, walk] = await Promise.all([
      run(snmpbulkwalk, [...asUser(device), '-Cr30', target(device), '.1.3.6.1.2.1']),
      run(tool('snmpwalk'), [...asUser(device), target(device), '.1.3.6.1.2.1.1']),
    ]);
    expect(bulk.code, bulk.text.slice(-300)).toBe(0);
    const names = (text: string) => text.split('\n').flatMap((line) => /^\.(\S+) = /.exec(line)?.[1] ?? []);
    expect(names(bulk.text).length).toBeGreaterThan(50);
    const system = names(bulk.text).filter((oid) => oid.startsWith('1.3.6.1.2.1.1.'));
    expect(system.length).toBeGreaterThan(5);
    expect(names(walk.text)).toEqual(system);
  });

  it('answers a user without keys', async () => {
    const get = await run(tool('snmpget'), [
      '-v3',
      '-u',
      'terbuka',
      '-l',
      'noAuthNoPriv',
      target('srv-app-01'),
      '.1.3.6.1.2.1.1.5.0',
    ]);
    expect(get.text).toContain('srv-app-01');
  });

  it('says in a Report what it does not like', async () => {
    const device = 'rtr-a-01';
    const name = '.1.3.6.1.2.1.1.5.0';
    const ask = async (change: Readonly<Record<string, string>>) =>
      (await run(tool('snmpget'), [...asUser(device, change), target(device), name])).text;
    expect(await ask({ '-u': 'lain' })).toContain('Unknown user name');
    expect(await ask({ '-A': 'kunci-yang-salah' })).toContain('Authentication failure');
    expect(await ask({ '-l': 'authNoPriv' })).toContain('authorizationError');
    expect(await ask({})).toContain('rtr-a-01');
  });

  it('is silent to a community', async () => {
    const get = await run(tool('snmpget'), [
      '-v2c',
      '-c',
      'rahasia',
      '-t',
      '0.3',
      '-r',
      '0',
      target('rtr-a-01'),
      '.1.3.6.1.2.1.1.5.0',
    ]);
    expect(get.text).toContain('Timeout');
  });
});
