import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
  smallBackbone,
  user,
  type SmallBackbone,
} from '../../../../agents/simulator/routeros/testing/small-backbone.ts';
import { RouterOsApi, type ApiAddress } from './api-client.ts';
import { sentenceBytes, SentenceParser } from './words.ts';

const open: RouterOsApi[] = [];
const servers: Server[] = [];
const sockets: Socket[] = [];
afterEach(() => {
  for (const api of open.splice(0)) api.close();
  for (const socket of sockets.splice(0)) socket.destroy();
  for (const server of servers.splice(0)) server.close();
});

async function session(address: ApiAddress, deadlineMs = 10_000): Promise<RouterOsApi> {
  const api = await RouterOsApi.open(address, { deadlineMs });
  open.push(api);
  return api;
}

describe('a session with a simulated router', () => {
  let backbone: SmallBackbone;
  const at = (device: string, more: Partial<ApiAddress> = {}): ApiAddress => ({
    host: backbone.addressOf(device),
    port: backbone.ports.api,
    user: user.name,
    password: user.password,
    ...more,
  });
  beforeAll(async () => {
    backbone = await smallBackbone(44, { rebootMs: 400 });
  });
  afterAll(() => backbone.simulator.stop());

  it('takes an answer without rows: `!empty`, which RouterOS sends from 7.18 on', async () => {
    const api = await session(at('rtr-a-01'));
    expect(await api.run({ path: '/ip/pool/print' })).toEqual({ rows: [], ret: null });
    expect((await api.run({ path: '/system/identity/print' })).rows).toEqual([{ name: 'rtr-a-01' }]);
  });

  it('keeps every letter of a name, and tells answers apart that overlap', async () => {
    const api = await session(at('rtr-a-01'));
    const name = 'Kecamatan Ulawéng — ᨅᨚᨊᨙ ✓';
    const added = await api.run({ path: '/ip/pool/add', values: { name, ranges: '10.8.0.2-10.8.0.9' } });
    const [pools, identity] = await Promise.all([
      api.run({ path: '/ip/pool/print', queries: [`name=${name}`] }),
      api.run({ path: '/system/identity/print' }),
    ]);
    expect(pools.rows).toMatchObject([{ '.id': added.ret, name }]);
    expect(identity.rows).toEqual([{ name: 'rtr-a-01' }]);
    await api.run({ path: '/ip/pool/remove', values: { '.id': added.ret ?? '' } });
  });

  it('says what the device refuses, and goes on', async () => {
    const api = await session(at('rtr-a-01'));
    await expect(
      api.run({ path: '/ip/address/add', values: { address: '10.9.9.9/99', interface: 'bridge' } }),
    ).rejects.toMatchObject({
      code: 'router.trap',
      message: expect.stringContaining('invalid value for argument address') as string,
    });
    expect(api.isOpen).toBe(true);
  });

  it('says that the password is wrong, and nothing of it', async () => {
    const failed = session(at('rtr-a-01', { password: 'salah-sekali' }));
    await expect(failed).rejects.toMatchObject({ kind: 'forbidden', code: 'router.sign-in' });
    await expect(failed).rejects.not.toThrow('salah-sekali');
  });

  it('ends with a deadline where the way is cut, and never takes a late answer for another', async () => {
    const api = await session(at('rtr-c-01'), 400);
    backbone.simulator.cut('b--c', true);
    await expect(api.run({ path: '/system/identity/print' })).rejects.toMatchObject({ code: 'router.timeout' });
    backbone.simulator.cut('b--c', false);
    await expect(api.run({ path: '/ip/pool/print' })).rejects.toMatchObject({ code: 'router.timeout' });
    const again = await session(at('rtr-c-01'));
    expect((await again.run({ path: '/system/identity/print' })).rows).toEqual([{ name: 'rtr-c-01' }]);
  });

  it('notices a half-open session: the router restarted and knows nothing of it', async () => {
    const api = await session(at('rtr-c-01'), 3_000);
    const isBack = new Promise<void>((resolve) => {
      backbone.simulator.network.onChange(() => {
        if (backbone.simulator.network.devices.get('rtr-c-01')?.on === true) resolve();
      });
    });
    backbone.simulator.reboot('rtr-c-01');
    await isBack;
    await expect(api.run({ path: '/system/identity/print' })).rejects.toMatchObject({ code: 'router.closed' });
    expect(api.isOpen).toBe(false);
  });
});

/** A server that lets anyone in, and then does as it is told with each sentence. */
async function strangeServer(answer: (socket: Socket, tag: string, path: string) => void): Promise<ApiAddress> {
  const server = createServer((socket) => {
    sockets.push(socket);
    const parser = new SentenceParser();
    socket.on('error', () => undefined);
    socket.on('data', (bytes) => {
      for (const words of parser.push(bytes)) {
        const tag = words.find((word) => word.startsWith('.tag=')) ?? '';
        if (words[0] === '/login') socket.write(sentenceBytes(['!done', tag]));
        else answer(socket, tag, words[0] ?? '');
      }
    });
  });
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return {
    host: '127.0.0.1',
    port: typeof address === 'object' && address !== null ? address.port : 0,
    user: 'x',
    password: 'y',
  };
}

describe('a session with what behaves strangely', () => {
  it.each([
    ['a reserved control byte', Buffer.from([0xff, 0x01, 0x02])],
    ['a length of four gigabytes', Buffer.from([0xf0, 0xff, 0xff, 0xff, 0xff])],
    ['a web page', Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n<html>'.repeat(40))],
  ])('ends with a clear error on %s', async (_, bytes) => {
    const address = await strangeServer((socket) => void socket.write(bytes));
    const api = await session(address, 1_000);
    await expect(api.run({ path: '/x/print' })).rejects.toMatchObject({
      code: expect.stringMatching(/^router\.(garbage|timeout)$/) as string,
    });
    expect(api.isOpen).toBe(false);
  });

  it('reads an answer that comes byte by byte, also within a letter', async () => {
    const address = await strangeServer((socket, tag) => {
      const bytes = Buffer.concat([sentenceBytes(['!re', '=name=Pattiró Bajo ✓', tag]), sentenceBytes(['!done', tag])]);
      const drip = (at: number): void => {
        if (at >= bytes.length) return;
        socket.write(bytes.subarray(at, at + 1));
        setImmediate(() => drip(at + 1));
      };
      drip(0);
    });
    const api = await session(address);
    expect((await api.run({ path: '/x/print' })).rows).toEqual([{ name: 'Pattiró Bajo ✓' }]);
  });

  it('passes over answers that nobody asked for, and text that steers a terminal', async () => {
    const address = await strangeServer((socket, tag) => {
      socket.write(sentenceBytes(['!re', '=name=stranger', '.tag=999']));
      socket.write(sentenceBytes(['!trap', '=message=\u001B[2Jbad\nthing', tag]));
      socket.write(sentenceBytes(['!done', tag]));
    });
    const api = await session(address);
    await expect(api.run({ path: '/x/add' })).rejects.toMatchObject({
      message: expect.stringMatching(/^127\.0\.0\.1:\d+ refuses \/x\/add: \[2Jbad thing\.$/) as string,
    });
  });

  it('puts a long word together in no more time than it takes to come', () => {
    const parser = new SentenceParser();
    const bytes = sentenceBytes(['!re', `=ret=${'x'.repeat(15_000_000)}`]);
    const before = process.cpuUsage();
    let found = 0;
    for (let at = 0; at < bytes.length; at += 1_460) found += parser.push(bytes.subarray(at, at + 1_460)).length;
    expect(found).toBe(1);
    const { user, system } = process.cpuUsage(before);
    expect((user + system) / 1e6).toBeLessThan(2);
  });

  it.each([
    ['rows that are long', '=name=' + 'x'.repeat(1_000_000)],
    ['a sentence that does not end', null],
  ])('ends when an answer is more than a router has: %s', async (_, word) => {
    const address = await strangeServer((socket, tag) => {
      const bytes = word === null ? Buffer.concat(Array.from({ length: 40_000 }, () => Buffer.from('\x03=a='))) : sentenceBytes(['!re', word, tag]); // prettier-ignore
      const more = (): void => {
        while (!socket.destroyed) if (!socket.write(bytes)) return void socket.once('drain', more);
      };
      more();
    });
    const api = await session(address, 60_000);
    await expect(api.run({ path: '/x/print' })).rejects.toMatchObject({
      code: expect.stringMatching(/^router\.(too-much|garbage)$/) as string,
    });
    expect(process.memoryUsage().heapUsed).toBeLessThan(600e6);
  });

  it('refuses all that is under way when the session is ended by the other side', async () => {
    const address = await strangeServer((socket) => void socket.write(sentenceBytes(['!fatal', 'session terminated'])));
    const api = await session(address);
    const both = await Promise.allSettled([api.run({ path: '/a/print' }), api.run({ path: '/b/print' })]);
    expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    await expect(api.run({ path: '/c/print' })).rejects.toMatchObject({ code: 'router.closed' });
  });

  it('says that nobody listens there', async () => {
    const address = await strangeServer(() => undefined);
    servers[0]?.close();
    await expect(session({ ...address, port: 1 })).rejects.toMatchObject({ code: 'router.unreachable' });
  });
});
