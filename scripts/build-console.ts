import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, globSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildPhone } from '../dashboards/phone/build.ts';

/** Builds the console and the technician's page unless the build that is there was made of the same sources. `--force` builds in any case. */
const root = join(import.meta.dirname, '..');
const marker = join(root, 'dashboards/console/dist/.sources');
const phonePage = join(root, 'dashboards/phone/dist/hashes.json');

function sourcesHash(): string {
  const hash = createHash('sha256');
  const files = globSync(['dashboards/{console,phone}/**/*', 'src/**/*.ts', 'package-lock.json'], {
    cwd: root,
    exclude: (entry) => entry.name === 'dist' || entry.name === 'node_modules',
    withFileTypes: true,
  })
    .filter((entry) => entry.isFile() && !entry.name.endsWith('.test.ts'))
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted();
  for (const path of files) hash.update(path.slice(root.length)).update('\0').update(readFileSync(path)).update('\0');
  return hash.digest('hex');
}

const wanted = sourcesHash();
const built = existsSync(marker) && existsSync(phonePage) ? readFileSync(marker, 'utf8') : '';
if (built !== wanted || process.argv.includes('--force')) {
  const vite = join(root, 'node_modules', '.bin', 'vite');
  const done = spawnSync(vite, ['build', '--config', 'dashboards/console/vite.config.ts', '--logLevel', 'warn'], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  if (done.status !== 0) {
    console.error('The console could not be built: see above.');
    process.exit(1);
  }
  await buildPhone();
  writeFileSync(marker, wanted);
}
