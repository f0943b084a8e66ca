import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { WiredSession, type Wire } from './sessions.ts';

let server: Server | null = null;
let client: Socket | null = null;

afterEach(() => {
  client?.destroy();
  server?.close();
});

/** A session at a device, and what its client hears. */
async function sessionOf(wire: Wire): Promise<{ readonly session: WiredSession; readonly heard: () => string }> {
  const opened = Promise.withResolvers<WiredSession>();
  server = createServer((socket) => opened.resolve(new WiredSession(socket, wire, () => undefined)));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  client = connect((server.address() as AddressInfo).port, '127.0.0.1');
  let text = '';
  client.on('data', (chunk: Buffer) => (text += chunk.toString()));
  return { session: await opened.promise, heard: () => text };
}

const letters = [...'abcdefghijklmnopqrstuvwxyz'];

describe('a session of a simulated router', () => {
  it('carries what was said in order, however long each takes', async () => {
    let said = 0;
    const { session, heard } = await sessionOf({ delayMs: () => 40 - said++, arrives: () => true, boots: () => 1 });
    for (const letter of letters) {
      session.send(letter);
      // Parts of a millisecond, as they pass while a device looks for its answer.
      for (const end = performance.now() + 0.3; performance.now() < end;);
    }
    await expect.poll(heard).toHaveLength(letters.length);
    expect(heard()).toBe(letters.join(''));
  });

  it('leaves no gap where the path was gone for a moment', async () => {
    let isThere = true;
    const { session, heard } = await sessionOf({ delayMs: () => 1, arrives: () => isThere, boots: () => 1 });
    session.send('a');
    await expect.poll(heard).toBe('a');
    isThere = false;
    session.send('b');
    await new Promise((resolve) => setTimeout(resolve, 30));
    isThere = true;
    session.send('c');
    await expect.poll(heard).toBe('abc');
  });
});
