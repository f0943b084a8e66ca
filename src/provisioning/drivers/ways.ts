import type { Clock } from '../../domain/clock.ts';
import { isLoss, isSignInRefused } from './device-errors.ts';
import type { DeviceCredential, DeviceTarget } from './driver.ts';

/** Where and as whom a device may be found; the next one is tried when one does not work. */
export interface Way {
  readonly address: string;
  readonly credential: DeviceCredential;
}

/** What is opened to a device. */
export interface Connection {
  /** Whether it can still be used. */
  readonly isOpen: boolean;
  close(): void;
}

const firstPauseMs = 250;
const longestPauseMs = 3_000;

/** The connection to one device, opened anew when it is lost: it outlives a session. */
export class Ways<T extends Connection> {
  readonly #options: WaysOptions<T>;
  #open: T | null = null;
  #way: Way;
  #isClosed = false;

  constructor(options: WaysOptions<T>) {
    this.#options = options;
    const { address, credential } = options.target;
    this.#way = { address, credential };
  }

  /** `10.73.8.1:8728`, for messages. */
  get name(): string {
    return `${this.#way.address}:${this.#options.port}`;
  }

  /** What is open; null when nothing is any more. */
  get current(): T | null {
    return this.#open;
  }

  /** Tries each way once. Throws as `open` does. */
  connect(): Promise<void> {
    return this.#tryEach(this.#ways(null), () => this.#options.timeoutMs);
  }

  /**
   * Tries until the device answers again or a moment passes; throws what the last try met. It may answer at another
   * address by now, or want another password.
   * @param untilMs milliseconds since the epoch.
   */
  async reopen(untilMs: number, after: DeviceCredential | null, signal?: AbortSignal): Promise<void> {
    this.#open?.close();
    const { clock, timeoutMs } = this.#options;
    const ways = this.#ways(after);
    const leftMs = (): number => untilMs - clock.now();
    let pauseMs = firstPauseMs;
    for (;;) {
      try {
        return await this.#tryEach(ways, () => Math.min(timeoutMs, Math.max(leftMs(), 50)));
      } catch (error) {
        const isOver = leftMs() <= pauseMs || this.#isClosed || signal?.aborted === true;
        if (isOver || (!isLoss(error) && !isSignInRefused(error))) throw error;
      }
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
      pauseMs = Math.min(pauseMs * 2, longestPauseMs);
    }
  }

  /** Ends the session that is open, and the way to others. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#open?.close();
    this.#options.onClose();
  }

  /** Throws what the first way met: the others are second best. */
  async #tryEach(ways: readonly Way[], timeoutMs: () => number): Promise<void> {
    let met: unknown = null;
    for (const way of ways) {
      try {
        this.#open = await this.#options.open(way, timeoutMs());
        this.#way = way;
        return;
      } catch (error) {
        if (!isLoss(error) && !isSignInRefused(error)) throw error;
        met ??= error;
      }
    }
    throw met;
  }

  #ways(after: DeviceCredential | null): readonly Way[] {
    const { address, credential, alternative = {} } = this.#options.target;
    const addresses = new Set([this.#way.address, address, ...(alternative.address ? [alternative.address] : [])]);
    const credentials = [this.#way.credential, after, credential, alternative.credential].filter(
      (one) => one !== null && one !== undefined,
    );
    const different = credentials.filter((one, at) => credentials.findIndex((other) => other.password === one.password && other.user === one.user) === at); // prettier-ignore
    return [...addresses].flatMap((one) => different.map((as) => ({ address: one, credential: as })));
  }
}

export interface WaysOptions<T> {
  readonly target: DeviceTarget;
  readonly port: number;
  /** For each try, milliseconds. */
  readonly timeoutMs: number;
  readonly clock: Clock;
  open(way: Way, deadlineMs: number): Promise<T>;
  /** The session is at an end. */
  onClose(): void;
}
