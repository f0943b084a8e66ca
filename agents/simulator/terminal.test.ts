import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectAsync } from 'mqtt';
import type { MqttClient } from 'mqtt';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWithPeer } from '../../tests/support/peers.ts';
import { Simulator } from './simulator.ts';
import { smallInventory } from './small-inventory.ts';

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

async function until(what: string, holds: () => boolean, ms = 10_000): Promise<void> {
  for (const end = Date.now() + ms; Date.now() < end; await pause(20)) if (holds()) return;
  throw new Error(`Waited ${ms} ms in vain until ${what}.`);
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return port;
}

describeWithPeer('mosquitto', 'the simulated attendance terminals at a real broker', (mosquitto) => {
  let folder = '';
  let port = 0;
  let broker: ChildProcess;
  let simulator: Simulator;
  let reader: MqttClient;
  const messages: { topic: string; body: Record<string, unknown>; at: number }[] = [];

  function startBroker(): ChildProcess {
    return spawn(mosquitto, ['-c', join(folder, 'mosquitto.conf')], { stdio: 'ignore' });
  }

  const last = (leaf: string, serial = 'TERM-C') =>
    messages.findLast((message) => message.topic === `arung/v1/terminals/${serial}/${leaf}`);

  async function ask(id: string, op: string, serial = 'TERM-C'): Promise<void> {
    await reader.publishAsync(`arung/v1/terminals/${serial}/request`, JSON.stringify({ id, op }), { qos: 1 });
  }

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'arung-terminals-'));
    port = await freePort();
    writeFileSync(
      join(folder, 'mosquitto.conf'),
      `listener ${port} 127.0.0.1\nallow_anonymous true\npersistence false\n`,
    );
    broker = startBroker();
    const small = await smallInventory(4);
    simulator = new Simulator({
      inventory: small.inventory,
      broker: { host: '127.0.0.1', port },
      startedMs: Date.parse('2026-11-25T02:00:00Z'),
      publishEveryMs: 1500,
      rebootMs: 300,
    });
    await simulator.start();
    await pause(300);
    reader = await connectAsync(`mqtt://127.0.0.1:${port}`, { reconnectPeriod: 200 });
    reader.on('message', (topic, payload) => {
      messages.push({ topic, body: JSON.parse(payload.toString()) as Record<string, unknown>, at: Date.now() });
    });
    await reader.subscribeAsync('arung/v1/terminals/#', { qos: 1 });
    await until(
      'both terminals are there',
      () => last('status', 'TERM-C') !== undefined && last('status', 'TERM-D') !== undefined,
    );
  });

  afterAll(async () => {
    await reader.endAsync(true);
    await simulator.stop();
    broker.kill();
    rmSync(folder, { recursive: true, force: true });
  });

  it('publishes its status, retained, and again after a while', async () => {
    expect(last('status')?.body).toMatchObject({ serial: 'TERM-C', model: 'X606-S', capacity: 100_000 });
    const { users, records, lastPunch, time } = last('status')?.body ?? {};
    expect(users).toBeGreaterThan(0);
    expect(records).toBeGreaterThan(0);
    // 10:00 in Bone on a Wednesday: the last punch was before 08:00 WITA that day.
    expect(Date.parse(String(lastPunch))).toBeGreaterThan(Date.parse('2026-11-24T23:15:00Z'));
    expect(Date.parse(String(lastPunch))).toBeLessThanOrEqual(Date.parse('2026-11-25T00:00:00Z'));
    expect(Math.abs(Date.parse(String(time)) - Date.parse('2026-11-25T02:00:00Z'))).toBeLessThan(20 * 60_000);
    const before = messages.length;
    await until('it publishes again', () => messages.length > before, 4000);
  });

  it('answers requests with their id, after the time of its path', async () => {
    const asked = Date.now();
    await Promise.all([ask('r1', 'status'), ask('r2', 'ping', 'TERM-D')]);
    await until(
      'both answered',
      () => last('response')?.body['id'] === 'r1' && last('response', 'TERM-D') !== undefined,
    );
    expect(last('response')?.body).toMatchObject({ id: 'r1', serial: 'TERM-C', model: 'X606-S' });
    expect((last('response', 'TERM-D')?.at ?? 0) - asked).toBeGreaterThanOrEqual(44);
  });

  it('goes silent with its connection open when its path is cut, and goes on when it is mended', async () => {
    simulator.cut('b--c', true);
    const cutAt = Date.now();
    await ask('r3', 'ping');
    await pause(2000);
    expect(
      messages.filter(
        (message) => message.topic.includes('TERM-C/') && message.topic.endsWith('/response') && message.at > cutAt,
      ),
    ).toEqual([]);
    expect(messages.filter((message) => message.topic.endsWith('TERM-C/status') && message.at > cutAt + 50)).toEqual(
      [],
    );
    expect(messages.some((message) => message.topic.endsWith('TERM-D/status') && message.at > cutAt)).toBe(true);
    simulator.cut('b--c', false);
    await until('the waiting request is answered', () => last('response')?.body['id'] === 'r3', 3000);
    await ask('r4', 'ping');
    await until('it answers again', () => last('response')?.body['id'] === 'r4', 3000);
  });

  it('comes back by itself after the broker restarted', async () => {
    broker.kill('SIGKILL');
    await pause(300);
    messages.length = 0;
    broker = startBroker();
    await until(
      'both publish again',
      () => last('status', 'TERM-C') !== undefined && last('status', 'TERM-D') !== undefined,
      15_000,
    );
    await ask('r5', 'ping');
    await until('it answers', () => last('response')?.body['id'] === 'r5', 5000);
  });

  it('comes back soon after a cut during which the broker gave it up', async () => {
    simulator.cut('b--c', true);
    await pause(100);
    broker.kill('SIGKILL');
    await pause(500);
    broker = startBroker();
    await pause(3000);
    messages.length = 0;
    simulator.cut('b--c', false);
    await until('it publishes again', () => last('status', 'TERM-C') !== undefined, 6000);
  });

  it('starts anew after a restart, with its uptime at zero', async () => {
    simulator.reboot('abs-c-01');
    await pause(800);
    messages.length = 0;
    // The broker speaks its last will for the old connection first.
    // On a busy machine something of the old connection may still come after it.
    await until('it publishes anew', () => Number(last('status')?.body['uptimeS'] ?? Infinity) < 10, 20_000);
  });
});
