import { execFileSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmdirSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Demo } from '../support/demo.ts';

interface Readiness {
  readonly status: string;
  readonly checks: Readonly<Record<string, string>>;
}

/** A disk of its own in memory (tmpfs), which only root may mount. */
const isRoot = process.getuid?.() === 0;

describe.skipIf(!isRoot)(`a full disk${isRoot ? '' : ' (skipped: only root may mount a small one)'}`, () => {
  let disk: string;
  let demo: Demo;
  const filler = (): string => join(disk, 'filler');

  /** Takes every byte that is left. */
  const fill = (): void => {
    const file = openSync(filler(), 'w');
    const bytes = Buffer.alloc(65_536);
    try {
      for (;;) writeSync(file, bytes);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
    } finally {
      closeSync(file);
    }
  };
  const readiness = async (): Promise<Readiness> => (await (await fetch(`${demo.url}/readyz`)).json()) as Readiness;
  const importOf = (name: string): Promise<Response> =>
    demo.post('/api/v1/inventory/import', {
      format: 'arung-inventory/1',
      contacts: Array.from({ length: 4_000 }, (_, at) => ({ name: `${name} ${at}`, role: 'x'.repeat(80) })),
    });

  beforeAll(async () => {
    disk = mkdtempSync(join(tmpdir(), 'arung-disk-'));
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=400m,mode=711', 'tmpfs', disk]);
    demo = new Demo({ ARUNG_DATA_DIR: join(disk, 'data') });
    await demo.start();
    await demo.until((status) => status.sites.up === 453, 300_000);
  }, 900_000);
  afterAll(async () => {
    await demo.remove();
    execFileSync('umount', [disk]);
    rmdirSync(disk);
  });

  it('is said, changes no state, and is over by itself when there is space again', async () => {
    const kept = await demo.post('/api/v1/contacts', { name: 'Sebelum penuh' });
    expect(kept.status).toBe(201);
    const since = new Date().toISOString();
    fill();
    await expect.poll(async () => (await readiness()).status, { timeout: 120_000 }).toBe('not-ready');
    const refused = await importOf('penuh');
    expect(refused.status).toBe(503);
    expect(((await refused.json()) as { detail: string }).detail).toMatch(
      /disk of the database is full|does not answer/,
    );
    await new Promise((done) => setTimeout(done, 30_000));
    expect((await fetch(`${demo.url}/healthz`)).status).toBe(200);

    rmSync(filler());
    await expect.poll(async () => (await readiness()).status, { timeout: 120_000 }).toBe('ready');
    const metrics = await (await demo.call('GET', '/metrics')).text();
    expect(/^arung_metric_lost_rows (\d+)$/m.exec(metrics)?.[1]).toBe('0');
    expect((await importOf('lapang')).status).toBe(200);
    const { items } = await demo.get<{ items: { name: string }[] }>('/api/v1/contacts?q=Sebelum');
    expect(items.map((one) => one.name)).toEqual(['Sebelum penuh']);
    const { items: half } = await demo.get<{ items: unknown[] }>('/api/v1/contacts?q=penuh%201');
    expect(half).toEqual([]);
    const events = await demo.get<{ items: { key: string; entityName: string }[] }>(
      `/api/v1/events?key=device.down,device.unreachable,site.down,site.unreachable&from=${since}`,
    );
    expect(events.items.map((event) => `${event.key} ${event.entityName}`)).toEqual([]);
    expect(JSON.parse(await demo.cli('audit', 'verify', '--json'))).toMatchObject({ ok: true });
  });

  it('refuses a start with a sentence, and the next start has everything', async () => {
    await demo.stop();
    fill();
    await expect(demo.start()).rejects.toThrow(/disk is full/);
    rmSync(filler());
    await demo.start();
    const { items } = await demo.get<{ items: unknown[] }>('/api/v1/contacts?q=lapang&limit=10');
    expect(items).toHaveLength(10);
  });
});
