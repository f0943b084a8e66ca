import { readdirSync, readFileSync } from 'node:fs';

/** A process as Linux tells of it in /proc. */
export interface ProcessUse {
  readonly pid: number;
  readonly parent: number;
  readonly command: string;
  /** User and system time of its own, and of its children that have ended and were waited for. */
  readonly ownCpuS: number;
  readonly endedCpuS: number;
}

const ticksPerSecond = 100;

/** A process and all below it; those that end meanwhile are left out. */
export function processTree(root: number): readonly ProcessUse[] {
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => processUse(Number(pid)) ?? []);
  const found = all.filter(({ pid }) => pid === root);
  for (const { pid } of found) found.push(...all.filter(({ parent }) => parent === pid));
  return found;
}

function processUse(pid: number): ProcessUse | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(') ') + 2).split(' ');
    const seconds = (from: number): number => (Number(fields[from]) + Number(fields[from + 1])) / ticksPerSecond;
    return {
      pid,
      parent: Number(fields[1]),
      command: readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim(),
      ownCpuS: seconds(11),
      endedCpuS: seconds(13),
    };
  } catch {
    return null;
  }
}

/** Memory that these processes hold in megabytes; what they share is counted once (Pss). */
export function memoryMb(pids: readonly number[]): number {
  let kilobytes = 0;
  for (const pid of pids) {
    try {
      kilobytes += Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1] ?? 0);
    } catch {
      // it ended meanwhile
    }
  }
  return Math.round(kilobytes / 1024);
}
