import { spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, afterEach, expect, it } from 'vitest';
import { describeWithPeer } from '../../tests/support/peers.ts';
import { MqttClientLink } from './mqtt-client.ts';
import type { MqttMessage } from './mqtt-link.ts';
import { allTerminals, terminalTopic } from './topics.ts';

const folder = mkdtempSync(join(tmpdir(), 'arung-mosquitto-'));
// Mosquitto gives up root, and reads its configuration again as its own user.
chmodSync(folder, 0o755);
const running: ChildProcess[] = [];
const links: MqttClientLink[] = [];

afterEach(async () => {
  for (const link of links.splice(0)) await link.stop();
  for (const child of running.splice(0)) {
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    await gone;
  }
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

async function until(condition: () => boolean): Promise<void> {
  for (let i = 0; i < 500 && !condition(); i++) await new Promise((resolve) => setTimeout(resolve, 20));
  expect(condition()).toBe(true);
}

describeWithPeer('mosquitto', 'MqttClientLink with Debian’s Mosquitto', (mosquitto) => {
  it('comes back by itself after the broker was away, subscriptions and all, and tells up and down', async () => {
    const port = await freePort();
    const config = join(folder, 'mosquitto.conf');
    writeFileSync(config, `listener ${port} 127.0.0.1\nallow_anonymous true\npersistence false\n`);
    const start = (): ChildProcess => {
      const child = spawn(mosquitto, ['-c', config], { stdio: 'ignore' });
      running.push(child);
      return child;
    };
    const link = new MqttClientLink({
      url: `mqtt://127.0.0.1:${port}`,
      clientId: 'arung-test',
      logger: pino({ enabled: false }),
    });
    links.push(link);
    const states: boolean[] = [];
    const received: MqttMessage[] = [];
    link.onConnection((up) => states.push(up));
    link.subscribe(allTerminals('status'), (message) => received.push(message));
    // The broker is not there yet: that is no reason not to start.
    await link.start();
    const first = start();
    await until(() => link.connected);
    await until(() => {
      link.publish(terminalTopic('A1', 'status'), '{"n":1}', { qos: 1, retain: true });
      return received.length > 0;
    });
    expect(received[0]).toMatchObject({ topic: terminalTopic('A1', 'status'), retained: false });
    const gone = new Promise((resolve) => first.once('exit', resolve));
    first.kill('SIGKILL');
    await gone;
    running.length = 0;
    await until(() => !link.connected);
    link.publish(terminalTopic('A1', 'status'), 'lost: nobody is there');
    received.length = 0;
    start();
    await until(() => link.connected);
    await until(() => {
      link.publish(terminalTopic('A1', 'status'), '{"n":2}', { qos: 1 });
      return received.length > 0;
    });
    // Messages of QoS 1 that were under way may come again; what was sent into the void never does.
    expect(received.some(({ payload }) => payload.toString().startsWith('lost'))).toBe(false);
    expect(states).toEqual([false, true, false, true]);
  });

  it('tries again when the broker refused its login, and says once what to do', async () => {
    const port = await freePort();
    const config = join(folder, 'refusing.conf');
    const listener = `listener ${port} 127.0.0.1\npersistence false\n`;
    writeFileSync(config, `${listener}allow_anonymous false\n`);
    const broker = spawn(mosquitto, ['-c', config], { stdio: 'ignore' });
    running.push(broker);
    const lines: { msg: string; reason?: string }[] = [];
    const link = new MqttClientLink({
      url: `mqtt://127.0.0.1:${port}`,
      clientId: 'arung-test',
      logger: pino({ level: 'error' }, { write: (line) => void lines.push(JSON.parse(line)) }),
    });
    links.push(link);
    await link.start();
    const refusals = (): number => lines.filter(({ reason }) => reason?.includes('Not authorized') === true).length;
    await until(() => refusals() > 0);
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    writeFileSync(config, `${listener}allow_anonymous true\n`);
    broker.kill('SIGHUP');
    await until(() => link.connected);
    expect(refusals()).toBe(1);
    expect(lines.find(({ reason }) => reason?.includes('Not authorized'))?.msg).toContain('check its user name');
  });

  it('tries a message again whose receiver throws, and goes on', async () => {
    const port = await freePort();
    const config = join(folder, 'throwing.conf');
    writeFileSync(config, `listener ${port} 127.0.0.1\nallow_anonymous true\npersistence false\n`);
    running.push(spawn(mosquitto, ['-c', config], { stdio: 'ignore' }));
    const link = new MqttClientLink({
      url: `mqtt://127.0.0.1:${port}`,
      clientId: 'arung-test',
      logger: pino({ enabled: false }),
    });
    links.push(link);
    let times = 0;
    link.subscribe(allTerminals('status'), () => {
      times += 1;
      if (times === 1) throw new Error('a fault of the receiver');
    });
    await link.start();
    await until(() => link.connected);
    await until(() => {
      if (times === 0) link.publish(terminalTopic('A1', 'status'), '{}', { qos: 1 });
      return times > 1;
    });
  });

  it('ends in seconds though the broker hangs', async () => {
    const port = await freePort();
    const config = join(folder, 'hanging.conf');
    writeFileSync(config, `listener ${port} 127.0.0.1\nallow_anonymous true\npersistence false\n`);
    const broker = spawn(mosquitto, ['-c', config], { stdio: 'ignore' });
    running.push(broker);
    const link = new MqttClientLink({
      url: `mqtt://127.0.0.1:${port}`,
      clientId: 'arung-test',
      logger: pino({ enabled: false }),
    });
    await link.start();
    await until(() => link.connected);
    broker.kill('SIGSTOP');
    try {
      link.subscribe(allTerminals('status'), () => undefined)();
      const began = performance.now();
      await link.stop();
      expect(performance.now() - began).toBeLessThan(10_000);
    } finally {
      broker.kill('SIGCONT');
    }
  });
});
