import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findProgram } from './program-folder.ts';
import { programHash } from './program-hash.ts';

const packages = join(import.meta.dirname, '../../../node_modules');

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'arung-program-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));
const write = (name: string, text: string): void => writeFileSync(join(folder, name), text);

describe('the folder of a program', () => {
  it('is ready only when everything is there, and says what is missing before', async () => {
    const cliFolder = join(folder, 'bin');
    const look = async (node?: string) => findProgram({ folder, cliFolder }, node);
    expect(await findProgram({ folder: null, cliFolder })).toEqual({ missing: 'folder', folder: null });
    expect(await findProgram({ folder: join(folder, 'none'), cliFolder })).toMatchObject({ missing: 'folder' });
    expect(await look()).toEqual({ missing: 'project', folder });
    write('Pulumi.yaml', 'name: [');
    expect(await look()).toMatchObject({ missing: 'project' });
    write('Pulumi.yaml', 'name: arung\nruntime: nodejs\n');
    expect(await look()).toMatchObject({ missing: 'packages' });
    symlinkSync(packages, join(folder, 'node_modules'));
    expect(await look()).toMatchObject({ missing: 'cli' });
    mkdirSync(cliFolder);
    writeFileSync(join(cliFolder, 'pulumi'), '');
    expect(await look()).toMatchObject({ missing: 'cli' });
    chmodSync(join(cliFolder, 'pulumi'), 0o755);
    expect(await look('20.11.0')).toMatchObject({ missing: 'node' });
    write('Pulumi.kahu.yaml', '');
    write('Pulumi.libureng.yaml', '');
    write('Pulumi.a b.yaml', '');
    expect(await look('24.1.0')).toEqual({
      missing: null,
      place: { folder, project: 'arung', automation: expect.stringMatching(/automation\/index\.js$/), cliFolder },
      stacks: ['kahu', 'libureng'],
    });
  });
});

describe('the hash of a program', () => {
  const state = 'state/.pulumi/stacks/arung';
  beforeEach(() => {
    write('index.ts', 'satu');
    write('Pulumi.kahu.yaml', 'a');
    write('Pulumi.lain.yaml', 'b');
    mkdirSync(join(folder, 'arung'));
    write('arung/x.ts', 'dua');
    mkdirSync(join(folder, state), { recursive: true });
    mkdirSync(join(folder, 'node_modules'));
  });

  it('is another one when the program, the configuration of the stack or its state is', async () => {
    const seen = new Set([await programHash(folder, 'kahu')]);
    const changes: [string, string][] = [
      ['index.ts', 'satu!'],
      ['arung/x.ts', 'dua!'],
      ['arung/baru.ts', ''],
      ['Pulumi.kahu.yaml', 'a!'],
      [`${state}/kahu.json`, '{}'],
      [`${state}/kahu.json`, '{ }'],
    ];
    for (const [name, text] of changes) {
      write(name, text);
      seen.add(await programHash(folder, 'kahu'));
    }
    expect(seen.size).toBe(changes.length + 1);
    for (const hash of seen) expect(hash).toMatch(/^[0-9a-f]{64}$/);
  });

  it('stays the same whatever other stacks, packages and locks do', async () => {
    const before = await programHash(folder, 'kahu');
    write('Pulumi.lain.yaml', 'b!');
    write('node_modules/x.js', '');
    write(`${state}/lain.json`, '{}');
    write('state/.pulumi/meta.yaml', 'x');
    expect(await programHash(folder, 'kahu')).toBe(before);
  });

  it('does not leave the folder by a link, and is not made of a whole disk', async () => {
    symlinkSync('/etc', join(folder, 'etc'));
    await programHash(folder, 'kahu');
    write('disk.img', '');
    truncateSync(join(folder, 'disk.img'), 65 * 1024 * 1024);
    await expect(programHash(folder, 'kahu')).rejects.toMatchObject({ code: 'program.too-large' });
  });
});
