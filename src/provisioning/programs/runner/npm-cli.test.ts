import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { CliNotLoaded, cliFolderBehind } from './npm-cli.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'arung-cli-'));
  mkdirSync(join(folder, '.bin'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it('a CLI that is one is run where it lies', async () => {
  writeFileSync(join(folder, '.bin/pulumi'), '');
  expect(await cliFolderBehind(join(folder, '.bin'))).toBe(join(folder, '.bin'));
});

it('behind the package of npm the CLI that it has loaded is run', async () => {
  // The files of npm's `pulumi` 3.265.0 that matter.
  mkdirSync(join(folder, 'pulumi/lib'), { recursive: true });
  writeFileSync(join(folder, 'pulumi/run.js'), '');
  writeFileSync(
    join(folder, 'pulumi/lib/resolve.js'),
    `module.exports = { resolve: async () => ${JSON.stringify(join(folder, 'versions/3.265.0/bin/pulumi'))} };`,
  );
  symlinkSync('../pulumi/run.js', join(folder, '.bin/pulumi'));
  expect(await cliFolderBehind(join(folder, '.bin'))).toBe(join(folder, 'versions/3.265.0/bin'));
});

it('a CLI that cannot be loaded is said to be missing, with the reason and what holds it', async () => {
  mkdirSync(join(folder, 'pulumi/lib'), { recursive: true });
  writeFileSync(join(folder, 'pulumi/run.js'), '');
  writeFileSync(join(folder, 'pulumi/package.json'), '{"version":"3.265.0"}');
  writeFileSync(
    join(folder, 'pulumi/lib/resolve.js'),
    `module.exports = { resolve: async () => { throw new TypeError('fetch failed', { cause: new Error('getaddrinfo EAI_AGAIN get.pulumi.com') }); } };`,
  );
  symlinkSync('../pulumi/run.js', join(folder, '.bin/pulumi'));
  const failed = cliFolderBehind(join(folder, '.bin'));
  await expect(failed).rejects.toThrow(CliNotLoaded);
  await expect(failed).rejects.toMatchObject({
    message: 'fetch failed: getaddrinfo EAI_AGAIN get.pulumi.com',
    archive: `pulumi-v3.265.0-${process.platform}-${process.arch}.tar.gz`,
  });
});
