import { networkInterfaces } from 'node:os';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SnmpAgent } from '../../tests/support/snmp-agent.ts';
import { systemClock } from '../domain/clock.ts';
import { newId, type AgentId, type DeviceId, type SiteId } from '../domain/ids.ts';
import type { PollTarget } from '../domain/plan.ts';
import { PollingEngine } from './engine.ts';
import { Exchange } from './exchange.ts';
import { SnmpClient } from './snmp/client.ts';

const hasIpv6 = Object.values(networkInterfaces()).some((all) => all?.some((one) => one.address === '::1'));
const logger = pino({ level: 'silent' });
const uptime = '1.3.6.1.2.1.1.3.0';

function targetAt(port: number, address = '127.0.0.1'): PollTarget {
  return {
    deviceId: newId<DeviceId>(),
    siteId: newId<SiteId>(),
    agentId: newId<AgentId>(),
    name: 'rtr-test-01',
    role: 'router',
    gateway: true,
    protocol: 'snmp',
    address,
    port,
    serial: '',
    secret: { kind: 'snmp-v2c', community: 'public' },
    profile: null,
    interfaces: [],
    backbone: false,
  };
}

class Unheeded extends Exchange {
  decode(): boolean {
    return true;
  }

  answered(): void {
    // Nobody waits for it.
  }

  failed(): void {
    // Nobody waits for it.
  }
}

describe('PollingEngine', () => {
  let engine: PollingEngine;
  let client: SnmpClient;
  let agent: SnmpAgent;
  let target: PollTarget;

  beforeEach(async () => {
    engine = new PollingEngine({ clock: systemClock, logger, options: { minTimeoutMs: 60, maxTimeoutMs: 300 } });
    await engine.start();
    client = new SnmpClient(engine);
    const rows = Array.from(
      { length: 200 },
      (_, i) => [`1.3.6.1.2.1.2.2.1.10.${i + 1}`, { type: 'counter32' as const, value: i }] as const,
    );
    agent = new SnmpAgent([[uptime, { type: 'timeticks', value: 12_345 }], ...rows]);
    target = targetAt(await agent.listen());
  });
  afterEach(async () => {
    await engine.stop();
    await agent.close();
  });

  const read = async (): Promise<unknown> => (await client.get(target, [uptime])).get(uptime)?.value;

  it('tries again what got lost', async () => {
    agent.misbehaviour = { loss: 0.3 };
    const answers = await Promise.allSettled(Array.from({ length: 60 }, read));
    const answered = answers.filter((answer) => answer.status === 'fulfilled').length;
    // Four tries at 51 % loss of a try each: 93 %.
    expect(answered).toBeGreaterThan(45);
    expect(engine.counters.timeouts).toBeGreaterThan(20);
  });

  it('counts a duplicate, and takes it for nothing else', async () => {
    agent.misbehaviour = { twice: true };
    expect(await read()).toBe(12_345);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(engine.counters.duplicates).toBe(1);
  });

  it('learns from an answer that comes too late how long the device takes', async () => {
    agent.misbehaviour = { delayMs: 1_600 };
    await expect(read()).rejects.toThrow('timed out');
    await new Promise((resolve) => setTimeout(resolve, 700));
    expect(engine.counters.late).toBe(1);
    expect(engine.peer(target).rtt.smoothedMs).toBeGreaterThan(1_590);
  });

  it('takes no answer from another port, and says where it came from', async () => {
    agent.misbehaviour = { otherPort: true };
    await expect(read()).rejects.toThrow('timed out');
    expect(engine.counters.wrongSource).toBeGreaterThan(0);
    expect(engine.peer(target).stranger).toMatch(/^127\.0\.0\.1:\d+$/);
  });

  it('takes answers whose variables come in another order', async () => {
    agent.misbehaviour = { reverse: true };
    const oids = Array.from({ length: 20 }, (_, i) => `1.3.6.1.2.1.2.2.1.10.${i + 1}`);
    const found = await client.get(target, oids);
    expect(oids.map((oid) => found.get(oid)?.value)).toEqual(oids.map((_, i) => i));
  });

  it('walks past a device that says tooBig or loses large answers', async () => {
    agent.misbehaviour = { lostBeyondBytes: 300 };
    expect(await client.walk(target, '1.3.6.1.2.1.2.2.1.10', { maxRows: 30 })).toHaveLength(30);
  });

  it('counts what the kernel refuses to send, and goes on', async () => {
    // 255.255.255.255 without SO_BROADCAST: EACCES.
    const peer = engine.peer(targetAt(161, '255.255.255.255'));
    const request = peer.form.encode(0xa0, [Buffer.from('2b06010201010300', 'hex')]);
    const probe = new Unheeded({ engine, peer, request, tries: 1, urgent: true });
    engine.begin(probe);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(engine.counters.sendErrors).toBe(1);
    expect(peer.lastSendError).not.toBeNull();
    expect(await read()).toBe(12_345);
  });

  it('does not let one silent device delay another', async () => {
    const mute = new SnmpAgent([]);
    mute.misbehaviour = { silent: true };
    const silent = targetAt(await mute.listen());
    void client.get(silent, [uptime]).catch(() => undefined);
    const start = performance.now();
    for (let i = 0; i < 20; i += 1) await read();
    expect(performance.now() - start).toBeLessThan(600);
    await mute.close();
  });

  it.skipIf(!hasIpv6)('speaks IPv6', async () => {
    const other = new SnmpAgent([[uptime, { type: 'timeticks', value: 6 }]], 'public', 'udp6');
    const six = targetAt(await other.listen('::1'), '0:0:0:0:0:0:0:1');
    expect((await client.get(six, [uptime])).get(uptime)?.value).toBe(6);
    await other.close();
  });
});
