import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Demo } from '../support/demo.ts';
import { mayMount, SmallDisk } from './small-disk.ts';

interface Readiness {
  readonly status: string;
  readonly checks: Readonly<Record<string, string>>;
}

describe.skipIf(!mayMount)(`a full disk${mayMount ? '' : ' (skipped: only root may mount a small one)'}`, () => {
  let disk: SmallDisk;
  let demo: Demo;

  const readiness = async (): Promise<Readiness> => (await (await fetch(`${demo.url}/readyz`)).json()) as Readiness;
  const importOf = (name: string): Promise<Response> =>
    demo.post('/api/v1/inventory/import', {
      format: 'arung-inventory/1',
      contacts: Array.from({ length: 4_000 }, (_, at) => ({ name: `${name} ${at}`, role: 'x'.repeat(80) })),
    });

  beforeAll(async () => {
    disk = new SmallDisk(400);
    demo = new Demo({ ARUNG_DATA_DIR: join(disk.path, 'data') });
    await demo.start();
    await demo.until((status) => status.sites.up === 453, 300_000);
  }, 900_000);
  afterAll(async () => {
    await demo.remove();
    disk.remove();
  });

  it('is said, changes no state, and is over by itself when there is space again', async () => {
    const kept = await demo.post('/api/v1/contacts', { name: 'Sebelum penuh' });
    expect(kept.status).toBe(201);
    const since = new Date().toISOString();
    disk.fill();
    await expect.poll(async () => (await readiness()).status, { timeout: 120_000 }).toBe('not-ready');
    const refused = await importOf('penuh');
    expect(refused.status).toBe(503);
    expect(((await refused.json()) as { detail: string }).detail).toMatch(
      /disk of the database is full|does not answer/,
    );
    await new Promise((done) => setTimeout(done, 30_000));
    expect((await fetch(`${demo.url}/healthz`)).status).toBe(200);

    disk.free();
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
    disk.fill();
    await expect(demo.start()).rejects.toThrow(/disk is full/);
    disk.free();
    await demo.start();
    const { items } = await demo.get<{ items: unknown[] }>('/api/v1/contacts?q=lapang&limit=10');
    expect(items).toHaveLength(10);
  });
});
