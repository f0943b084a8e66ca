import { beforeEach, describe, expect, it } from 'vitest';
import { demoDocument } from '../../data/bone/demo.ts';
import type { Port, SimulatedDevice } from './device.ts';
import { Instant } from './flow.ts';
import { inventoryOf } from './inventory.ts';
import { rxPowerMilliDbm } from './kinds/mikrotik.ts';
import { Network } from './network.ts';
import { smallInventory } from './small-inventory.ts';

const morning = Date.parse('2026-11-25T02:00:00Z'); // Wednesday, 10:00 WITA
let network: Network;

function device(name: string): SimulatedDevice {
  const found = network.devices.get(name);
  if (found === undefined) throw new Error(`no ${name}`);
  return found;
}

function port(end: string): Port {
  const [name = '', ifName = ''] = end.split(':');
  const found = device(name).port(ifName);
  if (found === undefined) throw new Error(`no ${end}`);
  return found;
}

function cut(name: string, state: boolean): void {
  const link = network.links.find((candidate) => candidate.name === name);
  if (link === undefined) throw new Error(`no ${name}`);
  link.cut = state;
  network.changed();
}

const dark = () => [...network.devices.values()].filter((item) => !item.reachable).map((item) => item.name);

beforeEach(async () => {
  network = new Network((await smallInventory(3)).inventory, morning);
});

describe('the simulated network', () => {
  it('reaches everything, with the time that the media take', () => {
    expect(dark()).toEqual([]);
    expect(device('rtr-dc-01').latencyMs).toBe(0);
    expect(device('rtr-c-01').latencyMs).toBeCloseTo(3.3);
    expect(device('rtr-d-01').latencyMs).toBe(45);
  });

  it('silences what lies behind a cut, and only that', () => {
    cut('b--c', true);
    expect(dark()).toEqual(['rtr-c-01', 'sw-c-01', 'abs-c-01']);
    cut('b--c', false);
    expect(dark()).toEqual([]);
    cut('rtr-c--sw-c', true);
    expect(dark()).toEqual(['sw-c-01', 'abs-c-01']);
  });

  it('goes the other way round a ring', () => {
    cut('dc--b', true);
    expect(dark()).toEqual([]);
    expect(device('rtr-b-01').latencyMs).toBeCloseTo(0.6);
    cut('a--b', true);
    expect(dark()).toEqual(['rtr-b-01', 'sw-b-01', 'rtr-c-01', 'sw-c-01', 'abs-c-01', 'ap-b-01']);
  });

  it('shows a cut fibre at both ends and in the light, and a cut radio at neither', () => {
    expect(rxPowerMilliDbm(port('rtr-a-01:sfp-sfpplus2'))).toBeGreaterThan(-20_000);
    cut('a--b', true);
    expect([port('rtr-a-01:sfp-sfpplus2').up, port('rtr-b-01:ether4').up]).toEqual([false, false]);
    expect(rxPowerMilliDbm(port('rtr-a-01:sfp-sfpplus2'))).toBe(-40_000);
    cut('b--c', true);
    cut('dc--d', true);
    expect([port('rtr-b-01:ether2').up, port('rtr-dc-01:l2tp-d').up]).toEqual([true, true]);
  });

  it('takes the carrier of its neighbours with a device that is off', () => {
    const router = device('rtr-b-01');
    router.on = false;
    network.changed();
    expect([port('rtr-dc-01:sfp28-2').up, port('rtr-a-01:sfp-sfpplus2').up, port('sw-b-01:gi1').up]).toEqual([
      false,
      false,
      false,
    ]);
    router.on = true;
    network.boot(router);
    network.changed();
    expect(router.uptimeTicks()).toBeLessThan(100);
    expect(port('rtr-b-01:ether1').octetsOut(network.instant())).toBeLessThan(1e6);
    expect(port('sw-b-01:gi1').octetsIn(network.instant())).toBeGreaterThan(1e9);
  });

  it('counts the same octets at both ends of a link', () => {
    const at = (seconds: number) => new Instant(network.nowS() + seconds);
    for (const link of network.links) {
      const [start, end] = [at(0), at(3600)];
      const sent = link.a.octetsOut(end) - link.a.octetsOut(start);
      const received = link.b.octetsIn(end) - link.b.octetsIn(start);
      expect(sent, link.name).toBe(received);
    }
  });
});

describe("Bone's backbone", () => {
  const bone = inventoryOf(demoDocument({ secretFor: () => 'x' }));

  it('loads its links as people would, and one trunk nearly to its limit', () => {
    network = new Network(bone, morning);
    const [start, end] = [new Instant(network.nowS()), new Instant(network.nowS() + 60)];
    const load = new Map(
      network.links.map((link) => {
        const forward = ((link.flow.octetsForward(end) - link.flow.octetsForward(start)) * 8) / 60;
        const back = ((link.flow.octetsBack(end) - link.flow.octetsBack(start)) * 8) / 60;
        return [link.name, Math.max(forward, back) / link.capacityBps] as const;
      }),
    );
    const between = network.links.filter((link) => link.place === 'sites').map((link) => load.get(link.name) ?? 0);
    expect(load.get('mare--tonra')).toBeGreaterThan(0.85);
    expect(load.get('mare--tonra')).toBeLessThan(0.92);
    expect(between.filter((share) => share >= 0.85).length).toBeLessThanOrEqual(2);
    expect(between.filter((share) => share >= 0.05 && share < 0.7).length / between.length).toBeGreaterThan(0.5);
    expect(Math.min(...between)).toBeGreaterThan(0);
  });

  it('never counts backwards nor above the speed of a port, over a week in steps of ten seconds to an hour', () => {
    network = new Network(bone, morning);
    const ports = [...network.devices.values()].flatMap((item) => item.ports).filter((item) => item.flow !== null);
    const some = ports.filter((_, i) => i % 97 === 0);
    expect(some.length).toBeGreaterThan(30);
    for (const item of some) {
      let before = new Instant(network.nowS());
      for (let i = 1; i < 400; i++) {
        const now = new Instant(before.timeS + (i % 3 === 0 ? 10 : i % 3 === 1 ? 60 : 3600));
        const bits = (item.octetsIn(now) - item.octetsIn(before)) * 8;
        expect(bits).toBeGreaterThanOrEqual(0);
        expect(bits / (now.timeS - before.timeS)).toBeLessThanOrEqual(item.speedBps * 1.001);
        expect(item.packetsIn(now)).toBeGreaterThanOrEqual(item.packetsIn(before));
        before = now;
      }
    }
  });

  it('has the same uptime after a restart of the simulator', () => {
    const first = new Network(bone, morning);
    const later = new Network(bone, morning + 3_600_000);
    for (const [name, item] of first.devices) expect(later.devices.get(name)?.bootAtS).toBe(item.bootAtS);
  });

  it('is quick to find its paths again', () => {
    network = new Network(bone, morning);
    const started = performance.now();
    for (let i = 0; i < 10; i++) cut('palattae--kahu', i % 2 === 0);
    expect((performance.now() - started) / 10).toBeLessThan(200);
    cut('palattae--kahu', true);
    const sites = new Set([...network.devices.values()].filter((item) => !item.reachable).map((item) => item.site));
    expect(sites.size).toBe(20);
  });
});
