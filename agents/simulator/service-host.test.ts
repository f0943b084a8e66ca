import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Simulator, UnknownName } from './simulator.ts';
import { smallInventory } from './small-inventory.ts';

let simulator: Simulator;
let url: string;

beforeAll(async () => {
  const small = await smallInventory(97);
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  url = `http://127.0.0.1:${port}/`;
  const services = [
    { code: 'e-planning', name: 'e-Planning <b>', device: 'srv-app-01', url },
    { code: 'elsewhere', name: 'x', url: 'http://192.0.2.1:80/' },
  ];
  simulator = new Simulator({ inventory: { ...small.inventory, services }, broker: null, startedMs: Date.now() });
  await simulator.start();
});
afterAll(() => simulator.stop());

it('hosts an application on loopback alone, and breaks and mends it', async () => {
  expect(await (await fetch(url)).text()).toContain('e-Planning  b>');
  expect(simulator.state()['services']).toMatchObject([{ code: 'e-planning', mode: 'up', listening: true }]);
  await simulator.service('e-planning', 'down');
  await expect(fetch(url)).rejects.toThrow();
  await simulator.service('e-planning', 'slow');
  const began = performance.now();
  await (await fetch(url)).text();
  expect(performance.now() - began).toBeGreaterThan(2_900);
  await simulator.service('e-planning', 'up');
  expect((await fetch(url)).status).toBe(200);
  expect(() => simulator.service('e-plan', 'up')).toThrow(UnknownName);
});

it('says nothing while its server is off', async () => {
  simulator.reboot('srv-app-01');
  await expect(fetch(url, { signal: AbortSignal.timeout(300) })).rejects.toThrow(/timeout/);
});
