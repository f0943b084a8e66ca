import type { Clock } from '../../../domain/clock.ts';
import { ArungError } from '../../../domain/errors.ts';
import type { DeviceCredential, DeviceTarget } from '../driver.ts';
import type { ApiAnswer, ApiCommand } from './api-client.ts';
import { isLoss, isSignInRefused, type Transport } from './transport.ts';
import { transports, usualPort, type TransportName } from './transports.ts';

/** Where and as whom a device may be found; the next one is tried when one does not work. */
interface Way {
  readonly address: string;
  readonly credential: DeviceCredential;
}

const firstPauseMs = 250;
const longestPauseMs = 3_000;

/** The connection to one device, opened anew when it is lost: a `Transport` that outlives a session. */
export class Line implements Transport {
  readonly #target: DeviceTarget;
  readonly #transport: TransportName;
  readonly #timeoutMs: number;
  readonly #clock: Clock;
  readonly #onClose: () => void;
  #open: Transport | null = null;
  #way: Way;
  #isClosed = false;

  constructor(options: {
    readonly target: DeviceTarget;
    readonly transport: TransportName;
    readonly timeoutMs: number;
    readonly clock: Clock;
    readonly onClose: () => void;
  }) {
    this.#target = options.target;
    this.#transport = options.transport;
    this.#timeoutMs = options.timeoutMs;
    this.#clock = options.clock;
    this.#onClose = options.onClose;
    this.#way = { address: options.target.address, credential: options.target.credential };
  }

  get name(): string {
    return `${this.#way.address}:${this.#port}`;
  }

  get isOpen(): boolean {
    return this.#open?.isOpen ?? false;
  }

  /** Tries each way once. Throws as the transport's `open` does. */
  connect(): Promise<void> {
    return this.#tryEach(this.#ways(null), () => this.#timeoutMs);
  }

  run(command: ApiCommand, deadlineMs?: number): Promise<ApiAnswer> {
    if (this.#open === null) return Promise.reject(gone(this.name));
    return this.#open.run(command, deadlineMs);
  }

  /**
   * Tries until the device answers again or a moment passes; throws what the last try met. It may answer at another
   * address by now, or want another password.
   * @param untilMs milliseconds since the epoch.
   */
  async reopen(untilMs: number, after: DeviceCredential | null, signal?: AbortSignal): Promise<void> {
    this.#open?.close();
    const ways = this.#ways(after);
    const leftMs = (): number => untilMs - this.#clock.now();
    let pauseMs = firstPauseMs;
    for (;;) {
      try {
        return await this.#tryEach(ways, () => Math.min(this.#timeoutMs, Math.max(leftMs(), 50)));
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
    this.#onClose();
  }

  /** Throws what the first way met: the others are second best. */
  async #tryEach(ways: readonly Way[], timeoutMs: () => number): Promise<void> {
    let met: unknown = null;
    for (const way of ways) {
      try {
        this.#open = await this.#opened(way, timeoutMs());
        this.#way = way;
        return;
      } catch (error) {
        if (!isLoss(error) && !isSignInRefused(error)) throw error;
        met ??= error;
      }
    }
    throw met ?? gone(this.name);
  }

  get #port(): number {
    return this.#target.port ?? usualPort(this.#transport, this.#target.tls);
  }

  #ways(after: DeviceCredential | null): readonly Way[] {
    const { address, credential, alternative = {} } = this.#target;
    const addresses = new Set([this.#way.address, address, ...(alternative.address ? [alternative.address] : [])]);
    const credentials = [this.#way.credential, after, credential, alternative.credential].filter(
      (one) => one !== null && one !== undefined,
    );
    const different = credentials.filter((one, at) => credentials.findIndex((other) => other.password === one.password && other.user === one.user) === at); // prettier-ignore
    return [...addresses].flatMap((one) => different.map((as) => ({ address: one, credential: as })));
  }

  #opened({ address, credential }: Way, deadlineMs: number): Promise<Transport> {
    const { tls } = this.#target;
    return transports[this.#transport].open(
      { host: address, port: this.#port, ...credential, ...(tls === undefined ? {} : { tls }) },
      { deadlineMs },
    );
  }
}

function gone(address: string): ArungError {
  return new ArungError('unavailable', `The connection to ${address} is closed.`, {
    code: 'router.closed',
    arguments: { address },
  });
}
