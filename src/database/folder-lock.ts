import { accessSync, constants, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { ArungError } from '../domain/errors.ts';

/**
 * Keeps a second controller off a data folder. The lock is the kernel's (SQLite's fcntl lock on an empty file), so it
 * ends with the process however that dies, and no stale file ever needs a person; the pid beside it is only for the
 * message.
 */
export interface FolderLock {
  release(): void;
}

/** `controller`: who works on the state. `backup`: who makes one, also beside a controller. */
export function lockFolder(folder: string, purpose: 'controller' | 'backup' = 'controller'): FolderLock {
  makeDataFolder(folder);
  const file = join(folder, `${purpose}.lock`);
  const pidFile = join(folder, 'controller.pid');
  const lock = new DatabaseSync(file);
  try {
    lock.exec('pragma busy_timeout = 0; begin exclusive');
  } catch (cause) {
    lock.close();
    if (!(cause instanceof Error && /locked|busy/i.test(cause.message))) throw cause;
    if (purpose === 'backup') {
      throw new ArungError('conflict', `Another backup of ${folder} is being made: wait until it is done.`, {
        code: 'backup.running',
        arguments: { folder },
      });
    }
    const pid = readPid(pidFile);
    throw new ArungError(
      'conflict',
      `The data folder ${folder} is in use by another Arung${pid === null ? '' : ` (process ${pid})`}: ` +
        'stop that one, or give this one a folder of its own with ARUNG_DATA_DIR.',
      { code: 'database.in-use', arguments: { folder, pid: pid ?? 0 } },
    );
  }
  if (purpose === 'controller') writeFileSync(pidFile, `${process.pid}\n`);
  return {
    release: () => {
      if (lock.isOpen) lock.close();
    },
  };
}

function makeDataFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    accessSync(folder, constants.W_OK | constants.X_OK);
  } catch (cause) {
    throw new ArungError(
      'unavailable',
      `The data folder ${folder} cannot be used: ${cause instanceof Error ? cause.message : String(cause)}. ` +
        'Make it writable for the account that runs Arung, or name another with ARUNG_DATA_DIR.',
      { code: 'data-folder.unusable', arguments: { folder }, cause },
    );
  }
}

function readPid(file: string): number | null {
  try {
    const pid = Number.parseInt(readFileSync(file, 'utf8'), 10);
    return Number.isNaN(pid) ? null : pid;
  } catch {
    return null;
  }
}
