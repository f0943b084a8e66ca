import { existsSync, realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** What npm's package `pulumi` tells of itself: it loads the CLI into `$PULUMI_HOME/versions` when it is first asked. */
interface NpmPackage {
  resolve(): Promise<string>;
}

/**
 * The folder of the CLI itself, where `pulumi` in a folder is the one of npm: that one starts the CLI as a child of its own,
 * and would end before it when both are interrupted. Any other folder is answered as it is.
 */
export async function cliFolderBehind(folder: string): Promise<string> {
  const script = realpathSync(join(folder, 'pulumi'));
  const resolver = join(dirname(script), 'lib', 'resolve.js');
  if (!script.endsWith('.js') || !existsSync(resolver)) return folder;
  const { resolve } = createRequire(script)(resolver) as NpmPackage;
  return dirname(await resolve());
}
