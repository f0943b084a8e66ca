import { afterEach, describe, expect, it } from 'vitest';
import { DeviceMemory } from '../device-memory.ts';
import { Network } from '../network.ts';
import { inventoryOf } from '../inventory.ts';
import { smallInventory } from '../small-inventory.ts';
import { Routers } from './routers.ts';
import { DrivenTimers } from './testing/driven-timers.ts';

let stop: (() => Promise<void>) | null = null;
afterEach(async () => {
  await stop?.();
  stop = null;
});

async function backbone() {
  const { document } = await smallInventory(43);
  const network = new Network(inventoryOf(document), Date.now());
  const timers = new DrivenTimers();
  const boot = (name: string): void => {
    const device = network.devices.get(name);
    if (device === undefined) return;
    device.on = false;
    network.changed();
    timers.after(30, () => {
      device.on = true;
      network.boot(device);
      network.changed();
    });
  };
  const routers = new Routers({
    network,
    credentials: [],
    reboot: boot,
    timers,
    ports: null,
    memory: new DeviceMemory(null),
  });
  stop = () => routers.stop();
  const run = (name: string, path: string, values: Readonly<Record<string, string>> = {}) => {
    const router = routers.router(name);
    if (router === undefined) throw new Error(`no router ${name}`);
    return router.run({ path, arguments: new Map(Object.entries(values)), queries: [] });
  };
  const idOf = (name: string, menu: string, of: Readonly<Record<string, string>>): string => {
    const row = routers
      .router(name)
      ?.rows(menu)
      .find((one) => Object.entries(of).every(([key, value]) => one[key] === value));
    return row?.['.id'] ?? '';
  };
  const reached = () =>
    [...network.devices.values()].flatMap((device) => (device.reachable ? [device.name] : [])).sort();
  return { network, timers, run, idOf, reached, reboot: boot };
}

const all = (names: readonly string[]) => [...names].sort();

describe('a change that cuts the way to a router', () => {
  it('is harmless where it cuts nothing', async () => {
    const { run, reached } = await backbone();
    const before = reached();
    run('rtr-c-01', '/system/identity/set', { name: 'lain' });
    run('rtr-c-01', '/ip/pool/add', { name: 'kolam', ranges: '10.8.0.2-10.8.0.9' });
    expect(reached()).toEqual(before);
  });

  it.each([
    ['its address', '/ip/address', { interface: 'bridge' }, '/ip/address/disable', {}, ['rtr-c-01']],
    [
      'its uplink address',
      '/ip/address',
      { interface: 'ether1' },
      '/ip/address/set',
      { address: '172.16.9.9/30' },
      ['rtr-c-01', 'sw-c-01', 'abs-c-01'],
    ],
    ['its gateway', '/ip/route', {}, '/ip/route/set', { gateway: '172.30.0.1' }, ['rtr-c-01', 'sw-c-01', 'abs-c-01']],
    [
      'its uplink port',
      '/interface/ethernet',
      { name: 'ether1' },
      '/interface/ethernet/disable',
      {},
      ['rtr-c-01', 'sw-c-01', 'abs-c-01'],
    ],
    [
      'an uplink that joins a bridge',
      '',
      {},
      '/interface/bridge/port/add',
      { interface: 'ether1', bridge: 'bridge' },
      ['rtr-c-01', 'sw-c-01', 'abs-c-01'],
    ],
  ] as const)(
    'by %s: it is dark, with what it carries, and nothing else',
    async (_, menu, of, command, values, dark) => {
      // prettier-ignore
      const { run, idOf, reached } = await backbone();
      const before = reached();
      const target: Record<string, string> = menu === '' ? {} : { '.id': idOf('rtr-c-01', menu, of) };
      run('rtr-c-01', command, { ...target, ...values });
      expect(before.filter((name) => !reached().includes(name))).toEqual(all(dark));
    },
  );

  it('by a filter: what its rules drop does not arrive, and what they accept before does', async () => {
    const { network, run } = await backbone();
    const device = network.devices.get('rtr-c-01');
    const arrives = (source: string) => device?.paths?.admits({ source, protocol: 'tcp', port: 8728, state: 'new' });
    run('rtr-c-01', '/ip/firewall/filter/add', { chain: 'input', action: 'accept', 'src-address': '127.0.0.1' });
    run('rtr-c-01', '/ip/firewall/filter/add', { chain: 'input', action: 'drop' });
    expect([arrives('127.0.0.1'), arrives('127.0.0.2')]).toEqual([true, false]);
    expect(device?.paths?.admits({ source: '127.0.0.1', protocol: 'udp', port: 161, state: 'new' })).toBe(true);
  });

  it('by a filter on the way: what it drops of others does not arrive behind it, and it answers itself', async () => {
    const { network, run, idOf } = await backbone();
    const isReached = (name: string, protocol: 'tcp' | 'udp' = 'udp', port = 161): boolean =>
      network.devices.get(name)?.isReachedBy({ source: '127.0.0.1', protocol, port, state: 'new' }) ?? false;
    const behind = ['rtr-c-01', 'sw-c-01'];
    const drop = (values: Readonly<Record<string, string>>) =>
      run('rtr-b-01', '/ip/firewall/filter/add', { chain: 'forward', action: 'drop', ...values });
    const dropsNoMore = () =>
      run('rtr-b-01', '/ip/firewall/filter/remove', {
        '.id': idOf('rtr-b-01', '/ip/firewall/filter', { action: 'drop' }),
      });
    drop({});
    expect(['rtr-b-01', ...behind, 'rtr-a-01'].map((name) => isReached(name))).toEqual([true, false, false, true]);
    expect(network.devices.get('abs-c-01')?.reachesAgent({ protocol: 'tcp', port: 1883 })).toBe(false);
    dropsNoMore();
    expect(behind.every((name) => isReached(name))).toBe(true);
    // By where it goes, by where it came in, and what only answers.
    drop({ protocol: 'tcp', 'dst-port': '8728' });
    expect([isReached('rtr-c-01'), isReached('rtr-c-01', 'tcp', 8728)]).toEqual([true, false]);
    dropsNoMore();
    drop({ 'out-interface': 'ether2' });
    expect(['rtr-c-01', 'sw-b-01'].map((name) => isReached(name))).toEqual([false, true]);
    dropsNoMore();
    drop({ 'in-interface': 'ether2', 'connection-state': 'established', protocol: 'udp', 'src-port': '161' });
    expect([isReached('rtr-c-01'), isReached('rtr-c-01', 'tcp', 8728)]).toEqual([false, true]);
    dropsNoMore();
    drop({ 'connection-state': 'new', 'in-interface': '!ether2' });
    expect(isReached('rtr-c-01')).toBe(false);
  });

  it('by a VLAN of another number: an access point behind a router', async () => {
    const { run, idOf, reached } = await backbone();
    run('ap-b-01', '/interface/vlan/set', {
      '.id': idOf('ap-b-01', '/interface/vlan', { name: 'vlan-mgmt' }),
      'vlan-id': '98',
    });
    expect(reached()).not.toContain('ap-b-01');
    run('ap-b-01', '/interface/vlan/set', {
      '.id': idOf('ap-b-01', '/interface/vlan', { name: 'vlan-mgmt' }),
      'vlan-id': '99',
    });
    expect(reached()).toContain('ap-b-01');
  });

  it('by a key of its tunnel: a router behind a mobile network', async () => {
    const { run, idOf, reached } = await backbone();
    const key = Buffer.alloc(32, 7).toString('base64');
    run('rtr-d-01', '/interface/wireguard/set', {
      '.id': idOf('rtr-d-01', '/interface/wireguard', {}),
      'private-key': key,
    });
    expect(reached()).not.toContain('rtr-d-01');
  });

  it('by a filter at the hub: what calls it through a tunnel, and nothing else', async () => {
    const { run, reached } = await backbone();
    const before = reached();
    const rule = (values: Readonly<Record<string, string>>) =>
      run('rtr-dc-01', '/ip/firewall/filter/add', { chain: 'input', ...values });
    rule({ action: 'accept', 'connection-state': 'established' });
    rule({ action: 'accept', 'src-address': '127.0.0.0/8' });
    const { ret } = rule({ action: 'drop' });
    expect(before.filter((name) => !reached().includes(name))).toEqual(all(['rtr-d-01', 'sw-d-01', 'abs-d-01']));
    rule({
      action: 'accept',
      protocol: 'udp',
      'dst-port': '13231',
      'in-interface': 'l2tp-d',
      'place-before': ret ?? '',
    });
    expect(reached()).toEqual(before);
  });

  it('goes round the other side of a ring when one gateway is taken away', async () => {
    const { run, idOf, reached } = await backbone();
    const before = reached();
    run('rtr-a-01', '/ip/route/remove', { '.id': idOf('rtr-a-01', '/ip/route', { distance: '1' }) });
    expect(reached()).toEqual(before);
  });
});

describe('a rollback that lies on the device itself', () => {
  /** So many seconds from now, on the device's clock. */
  const inSeconds = (run: Awaited<ReturnType<typeof backbone>>['run'], seconds: number) => {
    const [clock] = run('rtr-c-01', '/system/clock/print').rows;
    const due = new Date(Date.parse(`${clock?.['date']}T${clock?.['time']}Z`) + seconds * 1_000).toISOString();
    return { 'start-date': due.slice(0, 10), 'start-time': due.slice(11, 19) };
  };
  const arm = (run: Awaited<ReturnType<typeof backbone>>['run']): void => {
    run('rtr-c-01', '/system/backup/save', { name: 'arung', password: 'kunci' });
    run('rtr-c-01', '/system/scheduler/add', {
      name: 'arung-rollback',
      interval: '00:02:00',
      ...inSeconds(run, 120),
      'on-event': '/system/backup/load name=arung password="kunci"',
    });
  };

  it('brings back a router that cut itself off, and what lies behind it', async () => {
    const { run, idOf, reached, timers } = await backbone();
    const before = reached();
    arm(run);
    run('rtr-c-01', '/ip/route/set', { '.id': idOf('rtr-c-01', '/ip/route', {}), gateway: '172.30.0.1' });
    expect(reached()).not.toContain('sw-c-01');
    timers.pass(60);
    expect(reached()).not.toContain('sw-c-01');
    timers.pass(120);
    expect(reached()).toEqual(before);
    // What armed it is gone with the change: it is older than both.
    expect(idOf('rtr-c-01', '/system/scheduler', { name: 'arung-rollback' })).toBe('');
  });

  it('does nothing once it is taken away', async () => {
    const { run, idOf, timers } = await backbone();
    arm(run);
    run('rtr-c-01', '/ip/pool/add', { name: 'kolam', ranges: '10.8.0.2-10.8.0.9' });
    run('rtr-c-01', '/system/scheduler/remove', { '.id': 'arung-rollback' });
    timers.pass(600);
    expect(idOf('rtr-c-01', '/ip/pool', { name: 'kolam' })).not.toBe('');
  });

  it('waits for a start that is yet to come, and runs three seconds after it', async () => {
    const { run, idOf, timers, reboot } = await backbone();
    const startup = { 'start-time': 'startup', 'on-event': '/ip/pool/add name=kolam ranges=10.8.0.2-10.8.0.9' };
    const isThere = () => idOf('rtr-c-01', '/ip/pool', { name: 'kolam' }) !== '';
    // The second time it has started lately, and at another time of the day.
    for (const name of ['satu', 'dua']) {
      timers.pass(500);
      run('rtr-c-01', '/system/scheduler/add', { name, ...startup });
      timers.pass(100);
      expect(isThere()).toBe(false);
      reboot('rtr-c-01');
      timers.pass(32);
      expect(isThere()).toBe(false);
      timers.pass(2);
      expect(isThere()).toBe(true);
      run('rtr-c-01', '/ip/pool/remove', { '.id': 'kolam' });
      run('rtr-c-01', '/system/scheduler/remove', { '.id': name });
    }
  });
});
