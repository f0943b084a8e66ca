import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { Listeners } from './listeners.ts';

const sockets: Socket[] = [];
const seen = { accepted: 0 };
const listeners = new Listeners((socket) => {
  seen.accepted++;
  sockets.push(socket.on('error', () => undefined));
});

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await listeners.close();
});

describe('Listeners', () => {
  it('accepts many connections in few turns of the event loop', async () => {
    await listeners.listen({ host: '127.0.0.1', port: 0, sockets: 16 });
    const wanted = 300;
    for (let n = 0; n < wanted; n++) {
      sockets.push(connect(listeners.port ?? 0, '127.0.0.1').on('error', () => undefined));
    }
    let turns = 0;
    while (seen.accepted < wanted && turns < 10_000) {
      await setImmediate();
      turns++;
    }
    expect(seen.accepted).toBe(wanted);
    // One listening socket takes as many turns as there are connections.
    expect(turns).toBeLessThan(wanted / 2);
  });

  it('refuses a port that another program has, and one that another of ours has', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => other.once('listening', resolve));
    const { port } = other.address() as AddressInfo;
    await expect(listeners.listen({ host: '127.0.0.1', port, sockets: 4 })).rejects.toThrow(/EADDRINUSE/);
    await new Promise((resolve) => other.close(resolve));
    await listeners.listen({ host: '127.0.0.1', port, sockets: 4 });
    expect(listeners.port).toBe(port);
    const second = new Listeners(() => undefined);
    await expect(second.listen({ host: '127.0.0.1', port, sockets: 4 })).rejects.toThrow(/EADDRINUSE/);
  });
});
