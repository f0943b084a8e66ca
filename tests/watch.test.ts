import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Demo } from './support/demo.ts';
import { freePort } from './support/free-port.ts';
import { WebhookReceiver } from './support/webhook-receiver.ts';

const program = join(import.meta.dirname, '../arung');

/** Two programs as two machines run them: a controller, and a watcher that shares nothing with it but the network. */
describe('./arung watch', { timeout: 600_000 }, () => {
  let folder: string;
  let hook: WebhookReceiver;
  let controller: Demo;
  let watcher: ChildProcess;

  const told = () => hook.calls.map(({ body }) => (JSON.parse(body) as { title: string }).title);
  const patient = { timeout: 200_000, interval: 500 };

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'arung-watch-'));
    hook = new WebhookReceiver();
    controller = new Demo({ ARUNG_PORT: String(await freePort()) });
    await controller.start('serve');
    const file = {
      watch: [{ name: 'Bone', url: controller.url }],
      tell: [
        {
          kind: 'webhook',
          settings: { url: await hook.start() },
          secrets: { key: 'k'.repeat(32) },
          address: 'jaga',
          language: 'en',
        },
      ],
      everyS: 1,
      deadAfterS: 5,
      impairedAfterS: 60,
      aliveAfterS: 2,
    };
    writeFileSync(join(folder, 'watch.json'), JSON.stringify(file), { mode: 0o600 });
    // No setting of the controller reaches it: it needs none.
    const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('ARUNG_')));
    watcher = spawn(program, ['watch', '--file', join(folder, 'watch.json')], { env, stdio: 'ignore' });
  }, 400_000);
  afterAll(async () => {
    if (watcher?.exitCode === null) {
      const ended = once(watcher, 'exit');
      watcher.kill('SIGTERM');
      await ended;
    }
    await controller?.remove();
    await hook?.stop();
    rmSync(folder, { recursive: true, force: true });
  }, 120_000);

  it('tells of a controller that was killed, once, and that it is back', async () => {
    await new Promise((done) => setTimeout(done, 4_000));
    expect(told()).toEqual([]);
    await controller.kill();
    await expect.poll(told, patient).toEqual(['Arung Bone does not answer']);
    await new Promise((done) => setTimeout(done, 8_000));
    expect(told()).toHaveLength(1);
    await controller.start('serve');
    await expect.poll(() => told().slice(1), patient).toEqual(['Arung Bone works again']);
    expect((JSON.parse(hook.calls[1]?.body ?? '{}') as { text: string }).text).toMatch(/^After \d+ /);
  });

  it('looks once on demand, and ends with 1 when one is dead', async () => {
    const once = (args: readonly string[]) =>
      new Promise<{ code: number | null; text: string }>((resolve) => {
        const child = spawn(program, ['watch', '--file', join(folder, 'watch.json'), ...args]);
        let text = '';
        child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
        child.once('close', (code) => resolve({ code, text }));
      });
    const alive = await once(['--once', '--json']);
    expect(alive.code).toBe(0);
    expect(JSON.parse(alive.text)).toEqual({ items: [{ name: 'Bone', state: 'alive' }] });
    await controller.kill();
    const dead = await once(['--once', '--json']);
    expect(dead.code).toBe(1);
    expect(JSON.parse(dead.text)).toMatchObject({ items: [{ name: 'Bone', state: 'dead' }] });
  });
});
