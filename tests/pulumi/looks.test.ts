import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import { json } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Controller } from '../../pulumi/provider/controller.ts';
import { Looks } from '../../pulumi/provider/looks.ts';

const devices = Array.from({ length: 200 }, (_, i) => ({ deviceId: `id-${i}`, device: `rtr-${i}` }));
const program = 'pulumi arung/kahu';

/** The two routes that looks are made of, as a controller has them whose last devices take their time. */
describe('looks at the devices of a program', () => {
  let server: Server;
  let looks: Looks;
  let calls = 0;
  let answerLast: () => void;

  beforeEach(async () => {
    calls = 0;
    const isLastDue = new Promise<void>((resolve) => (answerLast = resolve));
    server = createServer((request, response) => {
      const answer = (items: unknown) => response.end(JSON.stringify({ items, next: null }));
      if (request.method === 'GET') return void answer(devices);
      calls += 1;
      void (async () => {
        const asked = ((await json(request)) as { devices: string[] }).devices;
        if (asked.includes('rtr-199')) await isLastDue;
        answer(devices.filter(({ device }) => asked.includes(device)));
      })();
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : 0;
    looks = new Looks(new Controller({ url: `http://127.0.0.1:${port}`, token: 't', awayMs: 0 }), 10);
  });
  afterEach(() => {
    answerLast();
    server.closeAllConnections();
    server.close();
  });

  it('go on when the question is answered that began them, and are made once', async () => {
    const first = new AbortController();
    expect(await looks.of('rtr-0', { program, signal: first.signal })).toMatchObject({ device: 'rtr-0' });
    first.abort(new Error('the call is over'));
    const last = looks.of('id-199', { program, signal: new AbortController().signal });
    answerLast();
    expect(await last).toMatchObject({ device: 'rtr-199' });
    expect(await looks.of('rtr-100', { program, signal: new AbortController().signal })).toMatchObject({
      device: 'rtr-100',
    });
    expect(calls).toBe(2);
  });

  it('keep nobody who is stopped', async () => {
    const stopped = new AbortController();
    const last = looks.of('rtr-199', { program, signal: stopped.signal });
    await expect.poll(() => calls).toBe(2);
    stopped.abort(new Error('stopped by the user'));
    await expect(last).rejects.toThrow('stopped by the user');
  });
});
