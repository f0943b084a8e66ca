import { execFileSync, spawnSync } from 'node:child_process';
import { createServer, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { UplinkSign } from '../../domain/own-uplink.ts';
import { OwnUplink } from './own-uplink.ts';
import { routeOf } from './routes.ts';

const looker = join(import.meta.dirname, 'testing/look.ts');
const here = `arung-here-${process.pid}`;
const there = `arung-there-${process.pid}`;
const ip = (...args: readonly string[]): string => execFileSync('ip', args, { encoding: 'utf8' });

/** Whether this process may make network namespaces: as root on Linux with iproute2. */
const mayMakeNamespaces = ((): boolean => {
  if (spawnSync('ip', ['netns', 'add', here]).status !== 0) return false;
  ip('netns', 'del', here);
  return true;
})();

describe('routeOf', () => {
  const ipv4 = [
    'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT',
    'eth0\t00000000\t0102000A\t0003\t0\t0\t100\t00000000\t0\t0\t0',
    'wan0\t00000000\t0103000A\t0003\t0\t0\t50\t00000000\t0\t0\t0',
    'eth1\t0000490A\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0',
    'eth2\t0008490A\tFE02000A\t0003\t0\t0\t0\t00FFFFFF\t0\t0\t0',
  ].join('\n');
  const ipv6 = [
    `fd730000000000000000000000000000 40 ${'0'.repeat(32)} 00 ${'0'.repeat(32)} 00000100 00000001 00000000 00000001     eth1`,
    `${'0'.repeat(32)} 00 ${'0'.repeat(32)} 00 fd730000000000000000000000000001 00000400 00000001 00000000 00000003     eth0`,
    `${'0'.repeat(32)} 00 ${'0'.repeat(32)} 00 ${'0'.repeat(32)} ffffffff 00000001 00000000 00200200       lo`,
  ].join('\n');

  it('takes the longest prefix, then the least metric', () => {
    const of = (address: string) => routeOf(address, { ipv4, ipv6 });
    expect(of('10.73.1.9')).toEqual({ interface: 'eth1', gateway: null });
    expect(of('10.73.8.9')).toEqual({ interface: 'eth2', gateway: '10.0.2.254' });
    expect(of('192.0.2.1')).toEqual({ interface: 'wan0', gateway: '10.0.3.1' });
    expect(of('fd73::9')).toEqual({ interface: 'eth1', gateway: null });
    expect(of('2001:db8::1')).toEqual({ interface: 'eth0', gateway: 'fd73:0000:0000:0000:0000:0000:0000:0001' });
  });

  it('has none where none is, and for what is no address', () => {
    expect(routeOf('10.73.1.9', { ipv4: ipv4.split('\n')[0] ?? '', ipv6: '' })).toBeNull();
    expect(routeOf('router', { ipv4, ipv6 })).toBeNull();
  });
});

describe('OwnUplink', () => {
  it('says that the way is fine to what is on this machine itself', async () => {
    expect(await new OwnUplink({ neighbours: [] }).look(['127.73.0.1'])).toEqual({ kind: 'works', by: '127.73.0.1' });
  });

  it('believes a neighbour that answers or refuses, and not one that does neither', async () => {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    // A machine without a routing table to read: neighbours are all that is left.
    const look = (...neighbours: readonly string[]) =>
      new OwnUplink({ neighbours, patienceMs: 300, readText: () => Promise.reject(new Error('no such file')) }).look([
        '192.0.2.9',
      ]);
    const open = `127.0.0.1:${port}`;
    expect(await look(open)).toEqual({ kind: 'works', by: open });
    server.close();
    await once(server, 'close');
    expect(await look(open)).toEqual({ kind: 'works', by: open });
    expect(await look()).toEqual({ kind: 'unclear' });
    expect(await look('nobody.invalid')).toEqual({ kind: 'unclear' });
  });
});

describe.skipIf(!mayMakeNamespaces)('OwnUplink in a network namespace of its own (needs root and iproute2)', () => {
  /** What a machine sees whose only cable leads to the other namespace. */
  const look = (address: string, neighbours = ''): UplinkSign =>
    JSON.parse(
      execFileSync('ip', ['netns', 'exec', here, process.execPath, looker, address, neighbours], { encoding: 'utf8' }),
    ) as UplinkSign;

  beforeAll(() => {
    for (const name of [here, there]) ip('netns', 'add', name);
    // The kernel tells itself over the loopback that nobody has an address.
    ip('-n', here, 'link', 'set', 'lo', 'up');
    ip('-n', here, 'link', 'add', 'up0', 'type', 'veth', 'peer', 'name', 'down0', 'netns', there);
    ip('-n', here, 'addr', 'add', '10.73.0.2/24', 'dev', 'up0');
    ip('-n', there, 'addr', 'add', '10.73.0.1/24', 'dev', 'down0');
    ip('-n', here, 'link', 'set', 'up0', 'up');
    ip('-n', there, 'link', 'set', 'down0', 'up');
    ip('-n', here, 'route', 'add', '10.80.0.0/16', 'via', '10.73.0.1');
  });
  afterAll(() => {
    for (const name of [here, there]) spawnSync('ip', ['netns', 'del', name]);
  });

  it('tells a router that refuses a connection from one that is gone, a cable that is out, and a way that is missing', () => {
    expect(look('10.73.0.1')).toEqual({ kind: 'works', by: '10.73.0.1' });
    expect(look('10.80.7.9')).toEqual({ kind: 'works', by: '10.73.0.1' });
    expect(look('10.90.0.1')).toEqual({ kind: 'no-route', address: '10.90.0.1' });
    // Nobody on the cable has this address.
    expect(look('10.73.0.77')).toEqual({ kind: 'first-hop-silent', interface: 'up0', address: '10.73.0.77' });
    // The core router is dead, and the server beside it is not: our own way is fine.
    expect(look('10.73.0.77', '10.73.0.1:22')).toEqual({ kind: 'works', by: '10.73.0.1:22' });
    ip('-n', there, 'addr', 'del', '10.73.0.1/24', 'dev', 'down0');
    ip('-n', here, 'neigh', 'flush', 'all');
    expect(look('10.80.7.9')).toEqual({ kind: 'first-hop-silent', interface: 'up0', address: '10.73.0.1' });
    ip('-n', there, 'link', 'set', 'down0', 'down');
    expect(look('10.73.0.1')).toEqual({ kind: 'no-carrier', interface: 'up0' });
    expect(look('10.80.7.9', '127.0.0.1:9')).toEqual({ kind: 'no-carrier', interface: 'up0' });
    ip('-n', here, 'link', 'set', 'up0', 'down');
    expect(look('10.80.7.9')).toEqual({ kind: 'no-route', address: '10.80.7.9' });
  }, 60_000);
});
