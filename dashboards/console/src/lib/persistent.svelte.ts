import { ApiError } from './api.ts';
import { backoffMs } from './backoff.ts';
import { currentTime } from './now.svelte.ts';
import { sentenceOf } from './problem.ts';

/**
 * One thing that a page cannot do without: read, and after a failure read again by itself, later each time, until it is
 * here. What was read before stays. Ends only with the session (401) or with `stop`.
 */
export class Persistent<T> {
  value: T | null = $state.raw(null);
  /** Why the last try failed; null after one that did not. */
  problem: string | null = $state(null);
  /** When it is tried again, milliseconds by the controller's clock; null while nothing failed. */
  retryAt: number | null = $state(null);
  readonly #read: () => Promise<T>;
  #failures = 0;
  #run = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(read: () => Promise<T>) {
    this.#read = read;
  }

  /** Reads now; a try that is under way counts no more. */
  async load(): Promise<void> {
    clearTimeout(this.#timer);
    this.retryAt = null;
    const run = ++this.#run;
    try {
      const value = await this.#read();
      if (run !== this.#run) return;
      this.value = value;
      this.problem = null;
      this.#failures = 0;
    } catch (error) {
      if (run !== this.#run) return;
      if (error instanceof ApiError && error.status === 401) return;
      const waitMs = Math.max(
        backoffMs(++this.#failures),
        error instanceof ApiError ? (error.retryAfterS ?? 0) * 1000 : 0,
      );
      this.problem = sentenceOf(error);
      this.retryAt = currentTime() + waitMs;
      this.#timer = setTimeout(() => void this.load(), waitMs);
    }
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#run++;
  }
}
