import { once } from 'node:events';
import { createServer as createHttpServer, type RequestListener } from 'node:http';
import { createServer, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { RouterOsRest } from './rest-client.ts';

const servers: Server[] = [];
const sockets = new Set<Socket>();
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
  for (const socket of sockets) socket.destroy();
});

async function listening(server: Server): Promise<number> {
  servers.push(server);
  server.on('connection', (socket: Socket) => sockets.add(socket));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

const web = (answer: RequestListener): Promise<number> => listening(createHttpServer(answer));
const open = (port: number, deadlineMs = 500): Promise<RouterOsRest> =>
  RouterOsRest.open({ host: '127.0.0.1', port, user: 'x', password: 'y' }, { deadlineMs });

/** A router that lets everybody in and answers one path with some bytes. */
const answering = (status: number, body: string): Promise<number> =>
  web((request, response) => {
    if (request.url === '/rest/system/identity/print') response.end('[{"name":"r"}]');
    else response.writeHead(status, { 'content-type': 'application/json' }).end(body);
  });

describe('REST of a router', () => {
  it('reads rows, and what is not text in them as text', async () => {
    const rest = await open(await answering(200, '[{".id":"*1","name":"Ulawéng ✓","n":5,"on":true}]'));
    expect(await rest.run({ path: '/x/print' })).toEqual({ rows: [{ '.id': '*1', name: 'Ulawéng ✓', n: '5', on: 'true' }], ret: null }); // prettier-ignore
    rest.close();
  });

  it.each([
    ['the id of what was added', '{"ret":"*9"}', { rows: [], ret: '*9' }],
    ['a text as the only row', '[{"ret":"# export"}]', { rows: [], ret: '# export' }],
    ['nothing', '', { rows: [], ret: null }],
    ['no rows', '[]', { rows: [], ret: null }],
  ])('reads %s', async (_, body, answer) => {
    const rest = await open(await answering(200, body));
    expect(await rest.run({ path: '/x/y' })).toEqual(answer);
    rest.close();
  });

  it('says what the device refuses, in one line, and goes on', async () => {
    const rest = await open(await answering(400, '{"detail":"\\u001b[2Jfailure:\\nsuch name","error":400,"message":"Bad Request"}')); // prettier-ignore
    await expect(rest.run({ path: '/x/add' })).rejects.toMatchObject({ code: 'router.trap', arguments: { said: '[2Jfailure: such name' } }); // prettier-ignore
    expect(rest.isOpen).toBe(true);
    rest.close();
  });

  it('says that user or password are wrong', async () => {
    const port = await web((_, response) => response.writeHead(401).end('Unauthorized'));
    await expect(open(port)).rejects.toMatchObject({ code: 'router.sign-in', arguments: { user: 'x' } });
  });

  it('is over once an answer is late: nothing that comes later is taken for another', async () => {
    const port = await web((request, response) => {
      if (request.url === '/rest/system/identity/print') response.end('[{"name":"r"}]');
    });
    const rest = await open(port, 150);
    const both = await Promise.allSettled([rest.run({ path: '/a/print' }), rest.run({ path: '/b/print' }, 60_000)]);
    expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    await expect(rest.run({ path: '/c/print' })).rejects.toMatchObject({ code: 'router.timeout' });
    expect(rest.isOpen).toBe(false);
  });

  it('says that something else listens there', async () => {
    await expect(open(await web((_, response) => response.end('<html>')))).rejects.toMatchObject({ code: 'router.garbage' }); // prettier-ignore
    const port = await listening(createServer((socket) => socket.end('SSH-2.0-OpenSSH\r\n')));
    await expect(open(port)).rejects.toMatchObject({ code: expect.stringMatching(/^router\.(closed|garbage)$/) as string }); // prettier-ignore
  });

  it('says that an answer broke off', async () => {
    const port = await web((request, response) => {
      if (request.url === '/rest/system/identity/print') response.end('[{"name":"r"}]');
      else {
        response.writeHead(200, { 'content-length': '1000' }).write('[{"name":');
        setTimeout(() => response.destroy(), 20);
      }
    });
    const rest = await open(port);
    await expect(rest.run({ path: '/a/print' })).rejects.toMatchObject({ code: 'router.closed' });
  });

  it('says that nobody listens there', async () => {
    await expect(open(1)).rejects.toMatchObject({ code: 'router.unreachable' });
  });
});
