import { execFileSync } from 'node:child_process';

/**
 * This process, all its threads, and what it starts from now on runs on that processor. Where that cannot be said
 * (`taskset` of util-linux) it runs where the system puts it.
 */
export function runOn(processor: number): void {
  const what = ['--all-tasks', '--cpu-list', '--pid', String(processor), String(process.pid)];
  try {
    execFileSync('taskset', what, { stdio: 'ignore' });
  } catch {
    console.error(`no processor ${processor} of its own (taskset): not all that is compared has the same neighbours`);
  }
}
