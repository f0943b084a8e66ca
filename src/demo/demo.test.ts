import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
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
    const { document, releasePort } = await demoInventory(dataDir);
    releasePort();
    const ports = new Set((document.devices ?? []).map(({ managementPort }) => managementPort));
    expect(ports.size).toBeGreaterThan(3);
    expect(ports).not.toContain(2222);
    await rm(dataDir, { recursive: true });
  });
});
