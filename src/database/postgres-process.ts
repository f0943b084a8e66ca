import type { ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';

const setpriv = '/usr/bin/setpriv';

/**
 * The command that makes the kernel send SIGINT (fast shutdown) to a process when we die, however that happens: then
 * SIGKILL leaves no orphan. Without util-linux's setpriv the process runs plainly, and the next start stops an orphan.
 */
export function endingWithUs(command: string, args: readonly string[]): [command: string, args: string[]] {
  if (!existsSync(setpriv)) return [command, [...args]];
  return [setpriv, ['--pdeathsig', 'INT', command, ...args]];
}

/** Resolves when a process has ended, or never began (then -1): never rejects. */
export function exitCode(child: ChildProcess): Promise<number> {
  return new Promise((resolve) => {
    child.once('error', () => resolve(-1));
    child.once('exit', (code) => resolve(code ?? -1));
  });
}
