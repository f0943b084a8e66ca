import { spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, connectAsync, type MqttClient } from 'mqtt';
import { afterEach, describe, expect, it } from 'vitest';
import { describeWithPeer } from '../../tests/support/peers.ts';
import type { MqttCredential } from './credentials.ts';
import { mosquittoFiles } from './mosquitto-files.ts';
import { agentTopic, terminalTopic } from './topics.ts';

const logins = new Map<string, MqttCredential>([
  ['arung', { principal: { kind: 'controller' }, password: 'secret-arung' }],
  ['A1', { principal: { kind: 'terminal', serial: 'A1' }, password: 'secret-A1' }],
  ['A2', { principal: { kind: 'terminal', serial: 'A2' }, password: 'secret-A2' }],
  ['kahu', { principal: { kind: 'agent', agent: 'kahu' }, password: 'secret-kahu' }],
  ['lib', { principal: { kind: 'agent', agent: 'lib' }, password: 'secret-lib' }],
]);

describe('the files for Mosquitto', () => {
  it('leave out names that would break a line, and hold no password in the clear', async () => {
    const hostile = ['x\nuser y', 'a:b', '#c', ' d', ''].map((user): [string, MqttCredential] => [
      user,
      { principal: { kind: 'terminal', serial: 'Z' }, password: 'secret-Z' },
    ]);
    const files = await mosquittoFiles(new Map([...logins, ...hostile]));
    expect(files.leftOut).toEqual(hostile.map(([user]) => user));
    expect(files.passwords.trim().split('\n')).toHaveLength(logins.size);
    expect(files.passwords + files.acl).not.toContain('secret');
    expect(files.acl).not.toContain('/Z/');
  });
});

describeWithPeer('mosquitto', 'Debian’s Mosquitto with these files', (mosquitto) => {
  const folder = mkdtempSync(join(tmpdir(), 'arung-mosquitto-acl-'));
  const clients: MqttClient[] = [];
  let broker: ChildProcess | null = null;
  let port = 0;

  afterEach(async () => {
    for (const client of clients.splice(0)) await client.endAsync(true);
    if (broker !== null) {
      const gone = new Promise((resolve) => broker?.once('exit', resolve));
      broker.kill('SIGTERM');
      await gone;
    }
    rmSync(folder, { recursive: true, force: true });
  });

  const login = (user: string) => ({ username: user, password: `secret-${user}`, reconnectPeriod: 0 });
  async function client(user: string): Promise<MqttClient> {
    const made = await connectAsync(`mqtt://127.0.0.1:${port}`, login(user));
    clients.push(made);
    return made;
  }
  async function until(condition: () => boolean): Promise<void> {
    for (let i = 0; i < 1_000 && !condition(); i++) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(condition()).toBe(true);
  }
  async function start(): Promise<void> {
    port = await freePort();
    const files = await mosquittoFiles(logins);
    chmodSync(folder, 0o755); // Mosquitto gives up root and reads as its own user
    const path = (name: string, text: string): string => {
      writeFileSync(join(folder, name), text);
      return join(folder, name);
    };
    const lines = [
      `listener ${port} 127.0.0.1`,
      'allow_anonymous false',
      `password_file ${path('passwords', files.passwords)}`,
      `acl_file ${path('acl', files.acl)}`,
      'persistence false',
    ];
    broker = spawn(mosquitto, ['-c', path('mosquitto.conf', `${lines.join('\n')}\n`)], { stdio: 'ignore' });
    for (let tries = 0; ; tries++) {
      try {
        await (await connectAsync(`mqtt://127.0.0.1:${port}`, login('arung'))).endAsync();
        return;
      } catch (error) {
        if (tries > 200) throw error;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }
  }

  it('let a terminal and an agent speak for themselves alone, and refuse a wrong password', async () => {
    await start();
    const heard: string[] = [];
    const controller = await client('arung');
    controller.on('message', (topic, payload) => void heard.push(`${topic} ${payload.toString()}`));
    await controller.subscribeAsync('arung/v1/#', { qos: 1 });
    const [terminal, agent] = [await client('A1'), await client('kahu')];
    const tried = [
      { from: terminal, topic: terminalTopic('A2', 'status') },
      { from: terminal, topic: agentTopic('kahu', 'points') },
      { from: agent, topic: agentTopic('lib', 'points') },
      { from: agent, topic: terminalTopic('A1', 'request') },
      { from: terminal, topic: terminalTopic('A1', 'status') },
      { from: agent, topic: agentTopic('kahu', 'points') },
    ];
    for (const { from, topic } of tried) await from.publishAsync(topic, 'x', { qos: 1 });
    await until(() => heard.length >= 2);
    expect(heard.sort()).toEqual([`${agentTopic('kahu', 'points')} x`, `${terminalTopic('A1', 'status')} x`]);

    const asked: string[] = [];
    terminal.on('message', (topic) => void asked.push(topic));
    await terminal.subscribeAsync(terminalTopic('A1', 'request'), { qos: 1 });
    await terminal.subscribeAsync('arung/v1/#', { qos: 1 }).catch(() => undefined);
    for (const serial of ['A2', 'A1']) await controller.publishAsync(terminalTopic(serial, 'request'), 'x', { qos: 1 });
    await until(() => asked.length > 0);
    expect(new Set(asked)).toEqual(new Set([terminalTopic('A1', 'request')]));

    const wrong = connect(`mqtt://127.0.0.1:${port}`, { ...login('A1'), password: 'secret-A2' });
    clients.push(wrong);
    const reason = await new Promise<string>((resolve) => wrong.once('error', (error) => resolve(error.message)));
    expect(reason).toMatch(/Not authorized|Bad username/);
  });
});

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
