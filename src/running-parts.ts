import type { Logger } from 'pino';
import type { LongLived } from './domain/lifecycle.ts';

/** What runs, in the order in which it was started; stopped in reverse, so that nothing is left behind. */
export class RunningParts {
  readonly #logger: Logger;
  readonly #running: LongLived[] = [];

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  async start(...parts: readonly LongLived[]): Promise<void> {
    for (const part of parts) {
      await part.start();
      this.#running.push(part);
      this.#logger.debug({ part: part.name }, 'started');
    }
  }

  async stop(): Promise<void> {
    for (let part = this.#running.pop(); part !== undefined; part = this.#running.pop()) {
      try {
        await part.stop();
        this.#logger.debug({ part: part.name }, 'stopped');
      } catch (error) {
        this.#logger.error({ err: error, part: part.name }, 'could not be stopped cleanly');
      }
    }
  }
}
