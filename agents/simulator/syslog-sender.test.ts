import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Network } from './network.ts';
import { SyslogReceiver } from './routeros/testing/syslog-receiver.ts';
import { smallInventory } from './small-inventory.ts';
import { SyslogSender } from './syslog-sender.ts';

let receiver: SyslogReceiver;
const sender = new SyslogSender();
beforeEach(async () => {
  receiver = await SyslogReceiver.start();
});
afterEach(() => {
  vi.useRealTimers();
  sender.stop();
  receiver.stop();
});

async function router() {
  const { inventory, addressOf } = await smallInventory(54);
  const network = new Network(inventory, Date.now());
  const device = network.devices.get('rtr-c-01');
  if (device === undefined) throw new Error('there is no such router');
  return { network, device, address: addressOf('rtr-c-01'), to: { address: '127.0.0.1', port: receiver.port } };
}

/** UDP sockets of this machine at an address (proc(5): the octets of an IPv4 address, reversed, in hexadecimal). */
function socketsAt(address: string): number {
  const hexadecimal = Buffer.from(address.split('.').map(Number).toReversed()).toString('hex').toUpperCase();
  return readFileSync('/proc/net/udp', 'utf8').split(`: ${hexadecimal}:`).length - 1;
}

describe('what a simulated device sends to its log server', () => {
  it('comes from its own address, through one socket', async () => {
    const { device, address, to } = await router();
    for (const text of ['satu', 'dua', 'tiga']) sender.send(device, to, text);
    expect(socketsAt(address)).toBe(1);
    expect(await receiver.heard()).toEqual(['satu', 'dua', 'tiga'].map((text) => ({ from: address, text })));
  });

  it('keeps no program running', async () => {
    const program = `
      import { SyslogSender } from ${JSON.stringify(new URL('syslog-sender.ts', import.meta.url).href)};
      const device = { address: '127.74.54.99', paths: null, tellsAgent: () => true };
      new SyslogSender().send(device, { address: '127.0.0.1', port: ${receiver.port} }, 'satu');`;
    await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program], { timeout: 4_000 });
    expect(await receiver.heard()).toEqual([{ from: '127.74.54.99', text: 'satu' }]);
  });

  it('leaves no socket open, neither when it stops nor when nothing was sent for a while', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const { device, address, to } = await router();
    sender.send(device, to, 'satu');
    vi.advanceTimersByTime(4_000);
    sender.send(device, to, 'dua');
    vi.advanceTimersByTime(4_000);
    expect(socketsAt(address)).toBe(1);
    vi.advanceTimersByTime(2_000);
    await expect.poll(() => socketsAt(address)).toBe(0);
    vi.useRealTimers();
    sender.send(device, to, 'tiga');
    expect(await receiver.texts()).toEqual(['satu', 'dua', 'tiga']);
    sender.stop();
    expect(socketsAt(address)).toBe(0);
  });

  it('is nothing where it is off, cut off, or would leave loopback', async () => {
    const { network, device, address, to } = await router();
    for (const other of ['10.73.0.1', '::1', 'arung.local', '127.999.0.1', '0.0.0.0']) {
      sender.send(device, { ...to, address: other }, other);
    }
    for (const port of [0, 65_536]) sender.send(device, { ...to, port }, String(port));
    device.on = false;
    sender.send(device, to, 'off');
    device.on = true;
    const link = network.links.find(({ name }) => name === 'b--c');
    if (link !== undefined) link.cut = true;
    network.changed();
    sender.send(device, to, 'cut');
    expect(socketsAt(address)).toBe(0);
    if (link !== undefined) link.cut = false;
    network.changed();
    sender.send(device, to, 'there');
    expect(await receiver.texts()).toEqual(['there']);
  });
});
