import { setTimeout } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Clock } from './domain/clock.ts';
import type { LongLived } from './domain/lifecycle.ts';
import type { OwnFault, OwnPart } from './domain/own-fault.ts';

export interface OwnCheck {
  /** Rejects with the reason while the part does not do its work. */
  readonly run: () => Promise<void>;
  /** What is kept for it meanwhile. */
  readonly waiting?: () => number;
  /** What is known of its cause while it fails. */
  readonly reason?: () => OwnFault['reason'];
}

export interface OwnChecksOptions {
  readonly checks: Readonly<Record<OwnPart, OwnCheck>>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly everyMs?: number;
  /** A part that takes longer to answer fails. */
  readonly patienceMs?: number;
}

interface Watched {
  /** Under way: a part that hangs is not asked once more. */
  asked: Promise<void> | null;
  /** Since when it fails, by both clocks; null while it works. */
  failing: { readonly monotonic: number; readonly at: number } | null;
}

/** Two readings of the two clocks differ by less; more means that the machine's clock was set. */
const slackMs = 2_000;

/** Looks every few seconds at what the controller needs beside itself, and knows since when which part fails. */
export class OwnChecks implements LongLived {
  readonly name = 'own checks';
  readonly #options: OwnChecksOptions;
  readonly #watched: Readonly<Record<OwnPart, Watched>>;
  #listeners: readonly (() => void)[] = [];
  #timer: NodeJS.Timeout | null = null;

  constructor(options: OwnChecksOptions) {
    this.#options = options;
    const watched = (): Watched => ({ asked: null, failing: null });
    this.#watched = { database: watched(), broker: watched(), metrics: watched() };
  }

  async start(): Promise<void> {
    await this.look();
    this.#timer = setInterval(() => void this.look(), this.#options.everyMs ?? 5_000);
  }

  async stop(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer);
  }

  /** As of the last look. A clock that was set meanwhile moves the times with it. */
  get faults(): readonly OwnFault[] {
    const { clock, checks } = this.#options;
    return this.#parts().flatMap((part): OwnFault[] => {
      const { failing } = this.#watched[part];
      if (failing === null) return [];
      const passed = clock.now() - (clock.monotonic() - failing.monotonic);
      const since = Math.abs(passed - failing.at) < slackMs ? failing.at : passed;
      const { reason, waiting } = checks[part];
      return [{ part, since, reason: reason?.() ?? null, waiting: waiting?.() ?? null }];
    });
  }

  /** Looks now; never rejects. */
  async look(): Promise<readonly OwnFault[]> {
    const before = this.faults.length;
    await Promise.all(this.#parts().map((part) => this.#lookAt(part)));
    // Also while a fault lasts: what waits for it grows.
    if (before > 0 || this.faults.length > 0) for (const listener of this.#listeners) listener();
    return this.faults;
  }

  /** Calls back when a fault begins or ends, and while one lasts; returns the way to stop. */
  onChange(listener: () => void): () => void {
    this.#listeners = [...this.#listeners, listener];
    return () => {
      this.#listeners = this.#listeners.filter((other) => other !== listener);
    };
  }

  #parts(): readonly OwnPart[] {
    return Object.keys(this.#watched) as OwnPart[];
  }

  async #lookAt(part: OwnPart): Promise<void> {
    const { checks, clock, logger, patienceMs = 3_000 } = this.#options;
    const watched = this.#watched[part];
    const begun = { monotonic: clock.monotonic(), at: clock.now() };
    watched.asked ??= checks[part].run().finally(() => {
      watched.asked = null;
    });
    try {
      await within(patienceMs, watched.asked);
    } catch (error) {
      if (watched.failing !== null) return;
      watched.failing = begun;
      // The reason may name hosts and paths: it goes to the log, not to strangers.
      logger.error({ part, reason: error instanceof Error ? error.message : String(error) }, 'a part of Arung fails');
      return;
    }
    if (watched.failing === null) return;
    const seconds = Math.round((clock.monotonic() - watched.failing.monotonic) / 1_000);
    watched.failing = null;
    logger.info({ part, seconds }, 'a part of Arung works again');
  }
}

async function within(ms: number, work: Promise<void>): Promise<void> {
  const waiting = new AbortController();
  const late = setTimeout(ms, undefined, { signal: waiting.signal }).then(() => {
    throw new Error(`no answer within ${ms} ms`);
  });
  try {
    await Promise.race([work, late]);
  } finally {
    waiting.abort();
    late.catch(() => undefined);
  }
}
