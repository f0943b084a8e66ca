import type { Logger } from 'pino';
import type { LongLived } from '../../domain/lifecycle.ts';

export interface HeartbeatOptions {
  /** Called while all is well; the same with `/fail` behind it when something is not. Null: nobody is called. */
  readonly url: string | null;
  /** What is not well, in words of Arung's own parts; empty: all is well. */
  readonly faults: () => readonly string[];
  readonly logger: Logger;
  readonly everyMs?: number;
}

/**
 * The dead man's switch: somebody else's program is called every minute, and tells people when the calls stop. So it is
 * noticed when Arung, its machine or its network is dead, of which Arung itself can tell nobody.
 */
export class Heartbeat implements LongLived {
  readonly name = 'heartbeat';
  readonly #options: HeartbeatOptions;
  #timer: NodeJS.Timeout | null = null;
  #isFailing = false;

  constructor(options: HeartbeatOptions) {
    this.#options = options;
  }

  async start(): Promise<void> {
    if (this.#options.url === null) return;
    this.#timer = setInterval(() => void this.beat(), this.#options.everyMs ?? 60_000);
    // The program must not wait for a stranger to start.
    void this.beat();
  }

  async stop(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer);
  }

  /** Never rejects. */
  async beat(): Promise<void> {
    const { url, faults, logger } = this.#options;
    if (url === null) return;
    const found = faults();
    const target = found.length === 0 ? url : `${url}/fail`;
    try {
      const answer = await fetch(target, {
        method: 'POST',
        body: found.join(', '),
        redirect: 'manual',
        signal: AbortSignal.timeout(10_000),
      });
      await answer.body?.cancel();
      if (!answer.ok) throw new Error(`it answered ${answer.status}`);
      if (this.#isFailing) logger.info('the heartbeat is heard again');
      this.#isFailing = false;
    } catch (error) {
      // The address is a secret: only the kind of the failure is told, and only once.
      const reason = error instanceof Error ? error.message.replaceAll(url, '…') : 'unknown';
      if (!this.#isFailing) logger.warn({ reason }, 'the heartbeat is not heard: check ARUNG_HEARTBEAT_URL');
      this.#isFailing = true;
    }
  }
}
