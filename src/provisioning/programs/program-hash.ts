import { createHash } from 'node:crypto';
import { lstat, readdir, readFile, readlink } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { ArungError } from '../../domain/errors.ts';

/** What is installed or written by a run, and says nothing of what the program is. */
const left: ReadonlySet<string> = new Set(['node_modules', '.git', '.pulumi', 'state']);
const most = { files: 5_000, bytes: 64 * 1024 * 1024 } as const;

/** `Pulumi.kahu.yaml` is the configuration of the stack `kahu`. */
export const stackFile = /^Pulumi\.(.+)\.ya?ml$/;

/**
 * Names what a stack of a program is: every file of the folder with its content, the configuration of this stack and not
 * of the others, and, where it lies below `state/`, what the stack was when something was last done with it. SHA-256,
 * 64 hexadecimal digits. Throws `program.too-large`.
 */
export async function programHash(folder: string, stack: string): Promise<string> {
  const hash = createHash('sha256');
  let [files, bytes] = [0, 0];
  const take = async (path: string): Promise<void> => {
    const stat = await lstat(path);
    files++;
    bytes += stat.isFile() ? stat.size : 0;
    if (files > most.files || bytes > most.bytes) throw tooLarge(folder);
    hash.update(JSON.stringify([relative(folder, path), stat.isSymbolicLink() ? await readlink(path) : stat.size]));
    if (stat.isFile()) hash.update(await readFile(path));
  };
  const walk = async (within: string, wanted: (name: string) => boolean): Promise<void> => {
    const entries = await readdir(within, { withFileTypes: true });
    for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
      if (!wanted(entry.name)) continue;
      const path = join(within, entry.name);
      if (entry.isDirectory()) await walk(path, () => true);
      else if (entry.isFile() || entry.isSymbolicLink()) await take(path);
    }
  };
  await walk(folder, (name) => !left.has(name) && (stackFile.exec(name)?.[1] ?? stack) === stack);
  for (const path of await checkpoints(join(folder, 'state', '.pulumi', 'stacks'), stack)) await take(path);
  return hash.digest('hex');
}

/** `PROJECT/STACK.json`, as Pulumi's file backend keeps them. */
async function checkpoints(stacks: string, stack: string): Promise<readonly string[]> {
  const projects = await readdir(stacks, { withFileTypes: true }).catch(() => []);
  const found: string[] = [];
  for (const project of projects) {
    const path = join(stacks, project.name, `${stack}.json`);
    const stat = await lstat(path).catch(() => null);
    if (stat?.isFile() === true) found.push(path);
  }
  return found.toSorted();
}

function tooLarge(folder: string): ArungError {
  return new ArungError(
    'conflict',
    `The folder ${folder} holds more than ${most.files} files or 64 MiB: a program is a few small files. Take away what does not belong to it, or name another folder in ARUNG_PULUMI_DIR.`,
    { code: 'program.too-large', arguments: { folder } },
  );
}
