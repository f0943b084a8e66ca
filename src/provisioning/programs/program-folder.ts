import { access, constants, readdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { parse } from 'yaml';
import { stackFile } from './program-hash.ts';

/** Name of a stack, as Pulumi takes it, and as far as it can be part of a file's name. */
export const stackNamePattern = '^[A-Za-z0-9_][A-Za-z0-9_.\\-]{0,99}$';
const stackName = new RegExp(stackNamePattern);

/** Where the commands of a system are looked for; a run gets no other PATH. */
export const systemPath = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'] as const;

/**
 * What keeps programs from being run here: no folder is set or it is not there, it is no Pulumi project, its packages
 * are not installed, Pulumi's command line is not there, or our own Node is too old for the provider.
 */
export type Missing = 'folder' | 'project' | 'packages' | 'cli' | 'node';

/** What a run needs. */
export interface ProgramPlace {
  readonly folder: string;
  /** `name` of Pulumi.yaml. */
  readonly project: string;
  /** Path of the Automation API. */
  readonly automation: string;
  /** Folder of Pulumi's command line, `pulumi`. */
  readonly cliFolder: string;
}

export type FoundProgram =
  | { readonly missing: null; readonly place: ProgramPlace; readonly stacks: readonly string[] }
  | { readonly missing: Missing; readonly folder: string | null };

export interface ProgramSettings {
  /** The folder of the program; null: programs are not run from here. */
  readonly folder: string | null;
  /** Folder of Pulumi's command line; null: that of the folder's packages, else the system's. */
  readonly cliFolder: string | null;
}

const leastNode = 24;

/** Looks at what is there, each time anew: somebody who reads what is missing goes and installs it. */
export async function findProgram(
  { folder, cliFolder }: ProgramSettings,
  node = process.versions.node,
): Promise<FoundProgram> {
  if (folder === null || !(await isThere(folder))) return { missing: 'folder', folder };
  const project = await projectOf(folder);
  if (project === null) return { missing: 'project', folder };
  const automation = automationOf(folder);
  if (automation === null) return { missing: 'packages', folder };
  const cli = await cliIn(cliFolder === null ? [join(folder, 'node_modules', '.bin'), ...systemPath] : [cliFolder]);
  if (cli === null) return { missing: 'cli', folder };
  if (Number(node.split('.')[0]) < leastNode) return { missing: 'node', folder };
  const names = (await readdir(folder)).flatMap((name) => stackFile.exec(name)?.[1] ?? []);
  const stacks = [...new Set(names)].filter((name) => stackName.test(name)).toSorted();
  return { missing: null, place: { folder, project, automation, cliFolder: cli }, stacks };
}

async function projectOf(folder: string): Promise<string | null> {
  try {
    const said: unknown = parse(await readFile(join(folder, 'Pulumi.yaml'), 'utf8'));
    const name = typeof said === 'object' && said !== null && 'name' in said ? said.name : null;
    return typeof name === 'string' && name !== '' ? name : null;
  } catch {
    return null;
  }
}

/** The folder's own: Arung itself needs none of Pulumi's packages. */
function automationOf(folder: string): string | null {
  try {
    return createRequire(join(folder, 'package.json')).resolve('@pulumi/pulumi/automation');
  } catch {
    return null;
  }
}

async function cliIn(folders: readonly string[]): Promise<string | null> {
  for (const folder of folders) if (await isThere(join(folder, 'pulumi'), constants.X_OK)) return folder;
  return null;
}

async function isThere(path: string, mode = constants.R_OK): Promise<boolean> {
  return access(path, mode).then(
    () => true,
    () => false,
  );
}
