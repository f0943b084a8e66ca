import { randomBytes } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import { connect, type AddressInfo, type Socket as NetSocket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { io, type Socket } from 'socket.io-client';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { systemClock } from '../domain/clock.ts';
import { newId } from '../domain/ids.ts';
import { StatusBoard } from '../status/board.ts';
import { backbone } from '../status/test-network.ts';
import { Live } from './live.ts';

const logger = pino({ level: 'silent' });
const patience = { timeout: 10_000, interval: 20 };

/** A text frame of a client (RFC 6455, section 5.2), for texts below 126 bytes. */
function frame(text: string): Buffer {
  const mask = randomBytes(4);
  const masked = Buffer.from(text).map((byte, at) => byte ^ (mask[at % 4] ?? 0));
  return Buffer.concat([Buffer.from([0x81, 0x80 | masked.length]), mask, masked]);
}

describe('the live stream among those who misuse it', () => {
  let server: Server;
  let board: StatusBoard;
  let live: Live;
  let port: number;
  const open: { destroy(): void }[] = [];

  /** A connection by hand; with a name it joins. */
  function byHand(options: { from?: string; user?: string }): NetSocket {
    const socket = connect({ port, host: '127.0.0.1', localAddress: options.from ?? '127.0.0.1' });
    open.push(socket);
    socket.on('error', () => undefined);
    socket.write(
      'GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
        `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${randomBytes(16).toString('base64')}\r\n` +
        `X-User: ${options.user ?? ''}\r\n\r\n`,
    );
    return socket;
  }
  function reader(): Socket {
    const url = `http://127.0.0.1:${port}`;
    const headers = { 'x-user': 'all' };
    const socket = io(url, { transports: ['websocket'], forceNew: true, extraHeaders: headers });
    open.push({ destroy: () => socket.close() });
    return socket;
  }

  beforeEach(async () => {
    const network = backbone(1, 1);
    const topology = { current: () => network.topology, onChange: () => () => undefined };
    server = createServer((_, response) => response.end());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    ({ port } = server.address() as AddressInfo);
    const restore = () => Promise.resolve(new Map());
    board = new StatusBoard({ topology, clock: systemClock, logger, probeSoon: () => undefined, restore });
    await board.start();
    live = new Live({
      httpServer: server,
      authenticate: (headers) =>
        Promise.resolve(
          headers['x-user'] === 'all'
            ? { kind: 'user', id: null, name: 'all', grants: [{ role: 'viewer', regionCode: null }] }
            : null,
        ),
      isSameOrigin: () => true,
      onAccessRevoked: () => () => undefined,
      board,
      topology,
      services: { summaries: () => [], onChange: () => () => undefined },
      incidents: { views: () => [], onChange: () => () => undefined },
      own: { faults: [], onChange: () => () => undefined },
      clock: systemClock,
      logger,
      flushMs: 10,
      mostSockets: 16,
      mostStrangersOfOne: 10,
      mostUnread: 20,
    });
    await live.start();
  });
  afterEach(async () => {
    for (const one of open.splice(0)) one.destroy();
    await live.stop();
    await board.stop();
    await new Promise((resolve) => server.close(resolve));
  });

  it('lets readers in while strangers of several addresses hold every place', async () => {
    const silent = ['127.0.0.2', '127.0.0.3'].flatMap((from) => Array.from({ length: 8 }, () => byHand({ from })));
    await vi.waitFor(() => expect(silent.every((socket) => socket.bytesRead > 200)).toBe(true), patience);
    const one = reader();
    await vi.waitFor(() => expect(one.connected).toBe(true), patience);
  });

  it('keeps no stream without end for one who is there and reads nothing', async () => {
    const deaf = byHand({ user: 'all' });
    let said = '';
    deaf.on('data', (chunk) => (said += chunk.toString('latin1')));
    await vi.waitFor(() => expect(said).toContain('pingInterval'), patience);
    deaf.write(frame('40'));
    const one = reader();
    await vi.waitFor(() => expect(live.statistics.sockets).toBe(2), patience);
    deaf.pause();
    const text = 'x'.repeat(500_000);
    for (let told = 0; told < 200 && live.statistics.sockets === 2; told++) {
      live.tell({
        event: {
          id: newId(),
          at: Date.now(),
          key: 'inventory.imported',
          entityKind: 'inventory',
          entityId: null,
          entityName: text,
          siteId: null,
          regionCode: null,
          cause: null,
          arguments: {},
        },
        causeRegionCodes: [],
      });
      await sleep(15);
      deaf.write(frame('3'));
    }
    expect(live.statistics.sockets).toBe(1);
    expect(one.connected).toBe(true);
  }, 30_000);
});
