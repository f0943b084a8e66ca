import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { Server, type ServerConfig } from 'ssh2';
import { afterEach, describe, expect, it } from 'vitest';
import { freePort } from '../../../../tests/support/free-port.ts';
import type { HostKeys } from '../driver.ts';
import { openSsh } from './ssh.ts';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

const rsa = (): string => generateKeyPairSync('rsa', { modulusLength: 2_048, privateKeyEncoding: { type: 'pkcs1', format: 'pem' }, publicKeyEncoding: { type: 'pkcs1', format: 'pem' } }).privateKey; // prettier-ignore

/** An SSH server that lets `arung` in with `rahasia`; gives back its port, and who tried. */
async function server(
  config: Partial<ServerConfig> & { readonly key?: string; readonly method?: 'password' | 'keyboard-interactive' } = {},
): Promise<{ readonly port: number; readonly tried: string[] }> {
  const { key = rsa(), method = 'password', ...rest } = config;
  const tried: string[] = [];
  const made = new Server({ hostKeys: [key], ...rest }, (client) => {
    client.on('error', () => undefined);
    client.on('authentication', (context) => {
      if (context.method === 'keyboard-interactive' && method === context.method) {
        context.prompt([{ prompt: 'Password: ', echo: false }], (answers) => {
          tried.push(answers[0] ?? '');
          if (answers[0] === 'rahasia') context.accept();
          else context.reject([method]);
        });
      } else if (context.method === 'password' && method === context.method) {
        tried.push(context.password);
        if (context.username === 'arung' && context.password === 'rahasia') context.accept();
        else context.reject([method]);
      } else context.reject([method]);
    });
    client.on('session', (accept) => {
      const session = accept();
      session.on('pty', (take) => take?.());
      session.on('shell', (take) => take().write('sw1#'));
    });
  });
  servers.push(made);
  const port = await freePort();
  made.listen(port, '127.0.0.1');
  await once(made, 'listening');
  return { port, tried };
}

function memory(known: string | null = null): HostKeys & { readonly kept: string[] } {
  const kept: string[] = known === null ? [] : [known];
  return {
    kept,
    known: async () => kept.at(-1) ?? null,
    learned: async (fingerprint) => void kept.push(fingerprint),
  };
}

const open = (port: number, hostKeys: HostKeys, more: { readonly password?: string; readonly isLegacy?: boolean } = {}) =>
  openSsh({ host: '127.0.0.1', port, credential: { user: 'arung', password: more.password ?? 'rahasia' }, hostKeys, isLegacy: more.isLegacy ?? false }, 5_000); // prettier-ignore

describe('a device over SSH', () => {
  it('gives a shell to who knows the password, and its key is kept', async () => {
    const { port } = await server();
    const keys = memory();
    const stream = await open(port, keys);
    expect(String((await once(stream, 'data'))[0])).toBe('sw1#');
    expect(keys.kept).toEqual([expect.stringMatching(/^SHA256:[A-Za-z0-9+/]{43}$/)]);
    stream.destroy();
    (await open(port, keys)).destroy();
    expect(keys.kept).toHaveLength(1);
  });

  it('may ask for the password as a question', async () => {
    const { port } = await server({ method: 'keyboard-interactive' });
    (await open(port, memory())).destroy();
  });

  it('gets no password when its key is another than before', async () => {
    const { port, tried } = await server();
    const pinned = `SHA256:${'A'.repeat(43)}`;
    const keys = memory(pinned);
    await expect(open(port, keys)).rejects.toMatchObject({
      code: 'ssh.host-key',
      kind: 'unavailable',
      arguments: { known: pinned, shown: expect.stringMatching(/^SHA256:/) as string },
    });
    expect(tried).toEqual([]);
    expect(keys.kept).toEqual([pinned]);
  });

  it('has its key not kept where the password is wrong', async () => {
    const { port, tried } = await server();
    const keys = memory();
    await expect(open(port, keys, { password: 'salah' })).rejects.toMatchObject({ code: 'device.sign-in' });
    expect(tried).toContain('salah');
    expect(keys.kept).toEqual([]);
  });

  it('that knows only what is outdated is opened when the inventory says so, and only then', async () => {
    const { port } = await server({
      algorithms: { kex: ['diffie-hellman-group14-sha1'], serverHostKey: ['ssh-rsa'], cipher: ['aes128-cbc'], hmac: ['hmac-sha1'] }, // prettier-ignore
    });
    await expect(open(port, memory())).rejects.toMatchObject({ code: 'ssh.algorithms' });
    (await open(port, memory(), { isLegacy: true })).destroy();
  });

  it('is said to be away when nobody listens', async () => {
    await expect(open(await freePort(), memory())).rejects.toMatchObject({ code: 'device.unreachable' });
  });
});
