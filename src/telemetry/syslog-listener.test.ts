import { execFile } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { promisify } from 'node:util';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DeviceNetworks } from '../domain/device-networks.ts';
import { MemoryCounters } from './counters.ts';
import { SyslogListener, type HeardSyslog } from './syslog-listener.ts';

const run = promisify(execFile);

describe('syslog of devices', () => {
  let counters: MemoryCounters;
  let listener: SyslogListener;
  let heard: HeardSyslog[];
  const listenerAt = (port: number, networks = ['127.0.0.0/16']) =>
    new SyslogListener({ host: '127.0.0.1', port, networks: new DeviceNetworks(networks), counters, logger: pino({ level: 'silent' }) }); // prettier-ignore

  beforeEach(async () => {
    counters = new MemoryCounters();
    listener = listenerAt(0);
    heard = [];
    listener.onMessage((message) => heard.push(message));
    await listener.start();
  });
  afterEach(() => listener.stop());

  /** `logger` of util-linux, which every Debian has. */
  const logged = (...options: string[]) =>
    run('logger', ['--server', '127.0.0.1', '--port', String(listener.port), '--udp', ...options]);

  it('is heard from the logger of util-linux, in both forms, with the address and the name it came from', async () => {
    await logged('--rfc3164', '--tag', 'router', 'filter rule added by admin');
    await logged('--rfc5424', '--tag', 'router', 'address changed by admin');
    await expect
      .poll(() => heard.map(({ text }) => text), { timeout: 5_000 })
      .toEqual([
        expect.stringMatching(/^router.*: filter rule added by admin$/),
        expect.stringMatching(/address changed by admin$/),
      ]);
    for (const { from, host } of heard) expect({ from, hasHost: (host ?? '').length > 0 }).toEqual({ from: '127.0.0.1', hasHost: true }); // prettier-ignore
    expect(counters.value('syslog_messages', 'heard')).toBe(2);
  });

  it('is not heard from outside the networks of devices, and what is none is counted', async () => {
    const socket = createSocket('udp4');
    await new Promise<void>((resolve) => socket.bind(0, '127.9.0.1', resolve));
    socket.send('<30>system,info item changed by admin', listener.port ?? 0, '127.0.0.1');
    await expect.poll(() => counters.value('syslog_messages', 'outside-networks'), { timeout: 5_000 }).toBe(1);
    socket.close();
    const other = createSocket('udp4');
    await new Promise<void>((resolve) => other.send('<999>', listener.port ?? 0, '127.0.0.1', () => resolve()));
    await expect.poll(() => counters.value('syslog_messages', 'malformed'), { timeout: 5_000 }).toBe(1);
    other.close();
    expect(heard).toEqual([]);
  });

  it('says what to do where the port is taken', async () => {
    const { port } = listener;
    const second = listenerAt(port ?? 0);
    await expect(second.start()).rejects.toMatchObject({ code: 'syslog.port', message: expect.stringContaining('ARUNG_SYSLOG_PORT') as string }); // prettier-ignore
    await second.stop();
  });
});
