import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { ArungError } from '../domain/errors.ts';
import { writeControllerNote } from '../state.ts';
import { whenFree } from './when-free.ts';

const folder = mkdtempSync(join(tmpdir(), 'arung-when-free-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const inUseBy = (pid: number): ArungError =>
  new ArungError('conflict', 'in use', { code: 'database.in-use', arguments: { folder, pid } });

describe('whenFree', () => {
  it.each([
    ['a command at work on it', 4242],
    ['one that has taken it and not yet said who it is', 0],
  ])('waits for %s', async (_, pid) => {
    let tries = 0;
    const opened = await whenFree(folder, () => (++tries < 3 ? Promise.reject(inUseBy(pid)) : Promise.resolve('open')));
    expect([opened, tries]).toEqual(['open', 3]);
  });

  it('tells at once of a controller that runs', async () => {
    writeControllerNote(folder, { pid: 77, url: '', localUrl: '', databaseUrl: null, mqttPort: null });
    await expect(whenFree(folder, () => Promise.reject(inUseBy(77)))).rejects.toThrow('in use');
  });

  it('passes on every other failure', async () => {
    await expect(whenFree(folder, () => Promise.reject(new Error('disk full')))).rejects.toThrow('disk full');
  });
});
