import { existsSync, realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** What npm's package `pulumi` tells of itself: it loads the CLI into `$PULUMI_HOME/versions` when it is first asked. */
interface NpmPackage {
  resolve(): Promise<string>;
}

/** Pulumi's CLI is not on this computer, and could not be fetched. Its message says why. */
export class CliNotLoaded extends Error {
  /** What holds the CLI, as Pulumi names its releases: `pulumi-v3.265.0-linux-x64.tar.gz`. */
  readonly archive: string;

  constructor(archive: string, cause: unknown) {
    super(reasonOf(cause), { cause });
    this.name = 'CliNotLoaded';
    this.archive = archive;
  }
}

/** `fetch failed` alone says nothing: its cause does. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}

/**
 * The folder of the CLI itself, where `pulumi` in a folder is the one of npm: that one starts the CLI as a child of its own,
 * and would end before it when both are interrupted. Any other folder is answered as it is. Throws `CliNotLoaded`.
 */
export async function cliFolderBehind(folder: string): Promise<string> {
  const script = realpathSync(join(folder, 'pulumi'));
  const resolver = join(dirname(script), 'lib', 'resolve.js');
  if (!script.endsWith('.js') || !existsSync(resolver)) return folder;
  const required = createRequire(script);
  const { resolve } = required(resolver) as NpmPackage;
  try {
    return dirname(await resolve());
  } catch (error) {
    const { version } = required('./package.json') as { readonly version: string };
    throw new CliNotLoaded(`pulumi-v${version}-${process.platform}-${process.arch}.tar.gz`, error);
  }
}
