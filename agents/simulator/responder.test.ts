import { createSocket } from 'node:dgram';
import type { Socket } from 'node:dgram';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { smallInventory } from './small-inventory.ts';
import type { Small } from './small-inventory.ts';
import { Simulator } from './simulator.ts';

let small: Small;
let simulator: Simulator;
let socket: Socket;
const answers: { at: number; data: Buffer; from: string }[] = [];

beforeAll(async () => {
  small = await smallInventory(5);
  simulator = new Simulator({ inventory: small.inventory, broker: null, startedMs: Date.now() });
  await simulator.start();
  socket = createSocket({ type: 'udp4', recvBufferSize: 4e6 });
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  socket.on('message', (data, from) => answers.push({ at: performance.now(), data, from: from.address }));
});
afterAll(async () => {
  socket.close();
  await simulator.stop();
});

let id = 1;
function request(): Buffer {
  const packet = getUptime();
  packet.writeInt32BE(id++, packet.indexOf(Buffer.from([0x02, 0x04])) + 2);
  return packet;
}

/** GET sysUpTime.0, version 2c, community `rahasia`, with a request id of four bytes to be patched. */
function getUptime(): Buffer {
  const name = Buffer.from('06082b060102010103000500', 'hex');
  const binding = Buffer.concat([Buffer.from([0x30, name.length]), name]);
  const list = Buffer.concat([Buffer.from([0x30, binding.length]), binding]);
  const body = Buffer.concat([Buffer.from('020400000000020100020100', 'hex'), list]);
  const pdu = Buffer.concat([Buffer.from([0xa0, body.length]), body]);
  const message = Buffer.concat([
    Buffer.from('020101', 'hex'),
    Buffer.from('0407', 'hex'),
    Buffer.from('rahasia'),
    pdu,
  ]);
  return Buffer.concat([Buffer.from([0x30, message.length]), message]);
}

/** As fast as the device reads, so that the kernel drops none. */
async function read(count: number): Promise<void> {
  while (simulator.counters.received < count) await new Promise((resolve) => setTimeout(resolve, 1));
}

async function send(device: string, count: number, waitMs: number): Promise<typeof answers> {
  answers.length = 0;
  const before = simulator.counters.received;
  for (let i = 0; i < count; i++) {
    socket.send(request(), small.port, small.addressOf(device));
    if (i % 20 === 19) await read(before + i + 1);
  }
  await new Promise((resolve) => setTimeout(resolve, waitMs));
  return [...answers];
}

describe('the responder of a simulated device', () => {
  it('answers from its own address, after the time of its path', async () => {
    const started = performance.now();
    const [near] = await send('rtr-dc-01', 1, 100);
    expect(near?.from).toBe(small.addressOf('rtr-dc-01'));
    const before = performance.now();
    const [far] = await send('rtr-d-01', 1, 200);
    expect((far?.at ?? 0) - before).toBeGreaterThan(24);
    expect((near?.at ?? 0) - started).toBeLessThan(50);
  });

  it('loses in each direction the share that it is told to', async () => {
    simulator.loss(5);
    const got = await send('rtr-dc-01', 4000, 300);
    simulator.loss(0);
    expect(got.length / 4000).toBeGreaterThan(0.875);
    expect(got.length / 4000).toBeLessThan(0.93);
    expect((await send('rtr-dc-01', 200, 200)).length).toBe(200);
  });

  it('loses what passes one bad link, and no more', async () => {
    simulator.loss(100, 'b--c');
    expect((await send('rtr-c-01', 20, 150)).length).toBe(0);
    expect((await send('rtr-b-01', 20, 150)).length).toBe(20);
    simulator.loss(0, 'b--c');
  });

  it('answers late when it is slow, and garbage when it is garbled, until it is healed', async () => {
    const [whole] = await send('rtr-a-01', 1, 100);
    simulator.slow('rtr-a-01', 150);
    const before = performance.now();
    const [late] = await send('rtr-a-01', 1, 400);
    expect((late?.at ?? 0) - before).toBeGreaterThanOrEqual(149);
    simulator.garble('rtr-a-01');
    simulator.slow('rtr-a-01', 0);
    const garbage = await send('rtr-a-01', 300, 200);
    expect(garbage.length).toBeGreaterThan(200);
    expect(garbage.filter((answer) => answer.data.length !== whole?.data.length).length).toBeGreaterThan(100);
    simulator.heal('rtr-a-01');
    expect((await send('rtr-a-01', 10, 100)).map((answer) => answer.data.length)).toEqual(
      Array(10).fill(whole?.data.length),
    );
  });
});
