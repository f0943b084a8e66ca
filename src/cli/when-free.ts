import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock as clock } from '../domain/clock.ts';
import { ArungError } from '../domain/errors.ts';
import { readControllerNote } from '../state.ts';

const patienceMs = 60_000;
const retryMs = 250;

/**
 * Opens a data folder, for a controller or for a command. A command at work on it, or a controller that is still starting,
 * has it to itself for a moment only and is waited
 * for; a controller that runs is not, and is told of at once.
 */
export async function whenFree<T>(dataDir: string, start: () => Promise<T>): Promise<T> {
  const until = clock.monotonic() + patienceMs;
  for (;;) {
    try {
      return await start();
    } catch (error) {
      const inUse = error instanceof ArungError && error.code === 'database.in-use';
      if (!inUse || isController(error, dataDir) || clock.monotonic() > until) throw error;
    }
    await sleep(retryMs);
  }
}

/** Whether who holds the folder is the controller that left its note there. Who has just taken it has not said its pid yet. */
function isController(error: ArungError, dataDir: string): boolean {
  const holder = Number(error.arguments['pid'] ?? 0);
  return holder !== 0 && readControllerNote(dataDir)?.pid === holder;
}
