import { createHash } from 'node:crypto';
import { lstat, readdir, readFile, readlink } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { ArungError } from '../../domain/errors.ts';

/** What is installed or written by a run, and says nothing of what the program is. */
const left: ReadonlySet<string> = new Set(['node_modules', '.git', '.pulumi', 'state']);
const most = { files: 5_000, bytes: 64 * 1024 * 1024 } as const;
const atOnce = 200;

/** `Pulumi.kahu.yaml` is the configuration of the stack `kahu`. */
export const stackFile = /^Pulumi\.(.+)\.ya?ml$/;

/**
 * Names what a stack of a program is: every file of the folder with its content, the configuration of this stack and not
 * of the others, and, where it lies below `state/`, what the stack was when something was last done with it. SHA-256,
 * 64 hexadecimal digits. Throws `program.too-large`.
 */
export async function programHash(folder: string, stack: string): Promise<string> {
  const isWanted = (name: string): boolean => !left.has(name) && (stackFile.exec(name)?.[1] ?? stack) === stack;
  const found = await Promise.all([
    filesIn(folder, isWanted),
    checkpoints(join(folder, 'state', '.pulumi', 'stacks'), stack),
  ]);
  const paths = found.flat();
  if (paths.length > most.files) throw tooLarge(folder);
  const stats = await Promise.all(paths.map((path) => lstat(path)));
  if (stats.reduce((bytes, stat) => bytes + (stat.isFile() ? stat.size : 0), 0) > most.bytes) throw tooLarge(folder);
  const hash = createHash('sha256');
  // Many at once: on a busy machine each wait is a long one.
  for (let from = 0; from < paths.length; from += atOnce) {
    const contents = await Promise.all(
      paths.slice(from, from + atOnce).map(async (path, at) => {
        const stat = stats[from + at];
        if (stat?.isSymbolicLink() === true) return { path, link: await readlink(path), content: null };
        return { path, link: null, content: await readFile(path) };
      }),
    );
    for (const { path, link, content } of contents) {
      hash.update(JSON.stringify([relative(folder, path), link, content?.length ?? null]));
      if (content !== null) hash.update(content);
    }
  }
  return hash.digest('hex');
}

/** In the order of their names, also those of folders within; links are not followed. */
async function filesIn(folder: string, isWanted: (name: string) => boolean = () => true): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const found = await Promise.all(
    entries
      .filter(({ name }) => isWanted(name))
      .toSorted((a, b) => (a.name < b.name ? -1 : 1))
      .map((entry) => {
        const path = join(folder, entry.name);
        if (entry.isDirectory()) return filesIn(path);
        return entry.isFile() || entry.isSymbolicLink() ? [path] : [];
      }),
  );
  return found.flat();
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
