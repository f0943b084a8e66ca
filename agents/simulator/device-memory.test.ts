import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RouterHands } from '../../tests/support/router-hands.ts';
import { SwitchHands } from '../../tests/support/switch-hands.ts';
import { smallBackbone, type SmallBackbone } from './routeros/testing/small-backbone.ts';

const router = 'rtr-c-01';
const terminal = 'abs-c-01';

describe('devices of a simulator that ends and starts again', () => {
  let folder = '';
  const complaints: string[] = [];
  let backbone: SmallBackbone;
  let hands: RouterHands;
  let atSwitches: SwitchHands;
  const start = async () => {
    backbone = await smallBackbone(138, { memory: folder, complain: (sentence) => complaints.push(sentence) });
    hands = new RouterHands(backbone);
    atSwitches = new SwitchHands(backbone);
  };
  const startAgain = async () => {
    await backbone.simulator.stop();
    await start();
  };
  const isReached = (name: string) => backbone.simulator.network.devices.get(name)?.reachable;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'arung-devices-'));
    await start();
  });
  afterAll(async () => {
    await backbone.simulator.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('hold what was set on a router, its files and its ids; its log is empty', async () => {
    hands.byHand(router, '/ip/firewall/address-list/add', { list: 'tamu', address: '10.9.0.0/24' });
    hands.byHand(router, '/ip/firewall/address-list/add', { list: 'tamu', address: '10.9.1.0/24' });
    const removed = hands.idOf(router, '/ip/firewall/address-list', { address: '10.9.1.0/24' });
    hands.byHand(router, '/ip/firewall/address-list/remove', { '.id': removed });
    hands.byHand(router, '/system/identity/set', { name: 'nama-baru' });
    hands.byHand(router, '/system/backup/save', { name: 'flash/simpanan', password: 'rahasia' });
    hands.byHand(router, '/system/scheduler/add', { name: 'pagi', 'start-time': '05:00:00', interval: '1d' });
    const before = ['/ip/firewall/address-list', '/ip/address', '/user', '/interface/wireguard', '/system/scheduler'].map((menu) => hands.rows(router, menu)); // prettier-ignore

    await startAgain();
    expect(hands.rows(router, '/system/identity')).toMatchObject([{ name: 'nama-baru' }]);
    const after = ['/ip/firewall/address-list', '/ip/address', '/user', '/interface/wireguard', '/system/scheduler'].map((menu) => hands.rows(router, menu)); // prettier-ignore
    expect(after).toEqual(before);
    expect(hands.rows(router, '/file').map(({ name }) => name)).toContain('flash/simpanan.backup');
    expect(hands.rows(router, '/log')).toMatchObject([{ message: 'router rebooted' }]);
    hands.byHand(router, '/ip/firewall/address-list/add', { list: 'tamu', address: '10.9.2.0/24' });
    const added = hands.idOf(router, '/ip/firewall/address-list', { address: '10.9.2.0/24' });
    expect(Number.parseInt(added.slice(1), 16)).toBeGreaterThan(Number.parseInt(removed.slice(1), 16));
  });

  it('are as dark as before where what was set on them cuts them off', async () => {
    hands.byHand('rtr-b-01', '/ip/address/remove', {
      '.id': hands.idOf('rtr-b-01', '/ip/address', { interface: 'ether2' }),
    });
    expect(isReached(router)).toBe(false);
    await startAgain();
    expect(isReached(router)).toBe(false);
    expect(isReached('rtr-b-01')).toBe(true);
  });

  it('start with what a switch saved, and not with what it ran', async () => {
    atSwitches.byHand('sw-a-01', 'sysname tersimpan');
    atSwitches.box('sw-a-01').save();
    atSwitches.byHand('sw-b-01', 'hostname tidak-tersimpan');
    await startAgain();
    expect(atSwitches.box('sw-a-01').name).toBe('tersimpan');
    expect(atSwitches.box('sw-b-01').name).toBe('sw-b-01');
  });

  it('hold the options of a terminal and how far its clock is off', async () => {
    const box = () => backbone.simulator.terminalBoxes.box(terminal);
    box()?.set('ComKey', '13579');
    box()?.setWall((box()?.wallS() ?? 0) + 3_600);
    const aheadS = (box()?.wallS() ?? 0) - Date.now() / 1_000;
    await startAgain();
    expect(box()?.option('ComKey')).toBe('13579');
    expect((box()?.wallS() ?? 0) - Date.now() / 1_000).toBeCloseTo(aheadS, 0);
  });

  it('keep their passwords from others, and start as they were set up first where a file is damaged', async () => {
    await backbone.simulator.stop();
    const files = readdirSync(folder);
    expect(files).toContain(`${router}.json`);
    expect(files.filter((file) => file.endsWith('.new'))).toEqual([]);
    for (const file of files) expect(statSync(join(folder, file)).mode & 0o077).toBe(0);
    const whole = readFileSync(join(folder, `${router}.json`));
    writeFileSync(join(folder, `${router}.json`), whole.subarray(0, whole.length / 2));
    await start();
    expect(complaints).toMatchObject([expect.stringContaining(`${router}.json is damaged`)]);
    expect(hands.rows(router, '/system/identity')).toMatchObject([{ name: router }]);
  });
});
