import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { InventoryDocument } from '../inventory/document.ts';
import { demoInventory } from './demo.ts';

describe('the inventory of the demo', () => {
  const taken = createServer();
  afterEach(() => taken.close());

  it('leaves a port alone that another demo has on some other address', async () => {
    // A switch of Bone. Where a demo runs beside this test, the port is taken as well.
    await new Promise<void>((resolve) => {
      taken.once('error', () => resolve());
      taken.listen(2222, '127.73.0.8', resolve);
    });
    const dataDir = await mkdtemp(join(tmpdir(), 'arung-demo-'));
    const document = await demoInventory(dataDir);
    const ports = new Set((document.devices ?? []).map(({ managementPort }) => managementPort));
    expect(ports.size).toBeGreaterThan(3);
    expect(ports).not.toContain(2222);
    await rm(dataDir, { recursive: true });
  });

  it('has ports of its own beside another one that is made at the same moment, and has them again', async () => {
    const folders = await Promise.all([1, 2, 3].map(() => mkdtemp(join(tmpdir(), 'arung-demo-'))));
    const all = await Promise.all(folders.map(demoInventory));
    const portsOf = ({ devices = [] }: InventoryDocument): readonly string[] => [
      ...new Set(devices.flatMap(({ port }) => (port === undefined ? [] : [`udp ${port}`]))),
      ...new Set(
        devices.flatMap(({ managementPort }) => (managementPort === undefined ? [] : [`tcp ${managementPort}`])),
      ),
    ];
    const ports = all.flatMap(portsOf);
    expect(ports.length).toBeGreaterThanOrEqual(12);
    expect(new Set(ports).size).toBe(ports.length);
    expect(await demoInventory(folders[1] ?? '')).toEqual(all[1]);
    for (const folder of folders) await rm(folder, { recursive: true });
  });
});
