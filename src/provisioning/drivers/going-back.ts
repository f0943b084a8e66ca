import type { Clock } from '../../domain/clock.ts';
import { isLoss } from './device-errors.ts';
import { notLoaded } from './endings.ts';
import type { Connection, Ways } from './ways.ts';

const pauseMs = 500;

/**
 * Waits until a device that was told to go back is there again, and its rollback is not. Throws `rollback.not-loaded` where it
 * still waits at a moment, and as `Ways.reopen`.
 */
export async function untilBack(options: {
  readonly line: Pick<Ways<Connection>, 'name' | 'reopen'>;
  readonly clock: Clock;
  /** Milliseconds since the epoch. */
  readonly untilMs: number;
  /** Whether the rollback is still there. */
  readonly waits: () => Promise<boolean>;
}): Promise<void> {
  const { line, clock, untilMs, waits } = options;
  for (;;) {
    await line.reopen(untilMs, null);
    const isStillThere = await waits().catch((error: unknown) => {
      // It was not gone yet when it answered.
      if (!isLoss(error)) throw error;
      return true;
    });
    if (!isStillThere) return;
    if (clock.now() >= untilMs) throw notLoaded(line.name);
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
}
