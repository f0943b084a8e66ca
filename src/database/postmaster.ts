import { readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Clock } from '../domain/clock.ts';

/** The postmaster that a cluster's `postmaster.pid` names, if it lives and is really PostgreSQL on this cluster. */
export function runningPostmaster(cluster: string): number | null {
  let pid: number;
  try {
    pid = Number.parseInt(readFileSync(join(cluster, 'postmaster.pid'), 'utf8'), 10);
  } catch {
    return null;
  }
  if (!Number.isInteger(pid) || pid <= 1 || pid === process.pid) return null;
  return isPostmasterOf(pid, cluster) ? pid : null;
}

/** Whether a postmaster takes connections: it says so in the last line of `postmaster.pid` (LOCK_FILE_LINE_PM_STATUS). */
export function isReady(cluster: string, pid: number): boolean {
  try {
    const lines = readFileSync(join(cluster, 'postmaster.pid'), 'utf8').split('\n');
    return Number(lines[0]) === pid && lines[7]?.trim() === 'ready';
  } catch {
    return false;
  }
}

/** A pid is used again after a restart of the machine: believe only a `postgres` that was started on this folder. */
function isPostmasterOf(pid: number, cluster: string): boolean {
  try {
    const argv = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
    if (!(argv[0] ?? '').endsWith('postgres')) return false;
    const named = argv[argv.indexOf('-D') + 1];
    if (argv.includes('-D')) return named === cluster;
    return readlinkSync(`/proc/${pid}/cwd`) === cluster;
  } catch {
    return false;
  }
}

/**
 * Stops a postmaster that outlived its controller (killed with SIGKILL): we could use it, but not see it die nor read
 * its exit, and a start takes less than a tenth of a second. Fast shutdown first, then immediate, which only costs a
 * recovery from the write-ahead log.
 */
export async function stopOrphan(cluster: string, clock: Clock, logger: Logger): Promise<void> {
  const pid = runningPostmaster(cluster);
  if (pid === null) return;
  logger.warn({ postmaster: pid }, 'a PostgreSQL that outlived its controller is stopped');
  for (const [signal, patienceMs] of [
    ['SIGINT', 10_000],
    ['SIGQUIT', 5_000],
    ['SIGKILL', 5_000],
  ] as const) {
    kill(pid, signal);
    const deadline = clock.monotonic() + patienceMs;
    while (clock.monotonic() < deadline) {
      if (!isPostmasterOf(pid, cluster)) return;
      await sleep(10);
    }
  }
}

/**
 * Removes what a server that died left behind when its number is another program's by now: PostgreSQL takes any living
 * process of the same account for its own and refuses to start. What names a PostgreSQL is left for PostgreSQL to judge.
 */
export function removeStaleLocks(cluster: string, socketFolder: string): void {
  const locks = [join(cluster, 'postmaster.pid')];
  try {
    for (const name of readdirSync(socketFolder)) if (name.endsWith('.lock')) locks.push(join(socketFolder, name));
  } catch {
    // the folder of the socket is not there yet
  }
  for (const lock of locks) if (namesAnother(lock)) rmSync(lock, { force: true });
}

/** Whether a lock file names a living process that is no PostgreSQL. */
function namesAnother(lock: string): boolean {
  try {
    const pid = Number.parseInt(readFileSync(lock, 'utf8'), 10);
    const [program = ''] = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
    return program !== '' && !program.includes('postgres');
  } catch {
    return false;
  }
}

function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // it went by itself in between
  }
}
