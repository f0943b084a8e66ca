import type { Clock } from '../../domain/clock.ts';
import { isLoss } from './device-errors.ts';
import type { ApplyOptions, DeviceCredential } from './driver.ts';
import { ended, lostOn } from './endings.ts';

/** What a change is made over: a connection that can be opened anew. */
interface Reopened {
  /** For messages. */
  readonly name: string;
  reopen(untilMs: number, after: DeviceCredential | null, signal?: AbortSignal): Promise<void>;
}

/** A change under an armed rollback, whatever the device: its end in time, its being stopped, and a session that was lost. */
export class Attempt {
  readonly #line: Reopened;
  readonly #clock: Clock;
  readonly #options: Pick<ApplyOptions, 'until' | 'signal'>;
  readonly #after: DeviceCredential;
  #reconnects = 0;

  constructor(options: {
    readonly line: Reopened;
    readonly clock: Clock;
    readonly options: Pick<ApplyOptions, 'until' | 'signal'>;
    readonly credentialAfter: DeviceCredential;
  }) {
    this.#line = options.line;
    this.#clock = options.clock;
    this.#options = options.options;
    this.#after = options.credentialAfter;
  }

  get reconnects(): number {
    return this.#reconnects;
  }

  /** Throws when the time is over, or whoever asked wants no more. */
  mayGoOn(): void {
    const { until, signal } = this.#options;
    if (signal?.aborted === true) throw ended(this.#line.name, 'apply.stopped');
    if (this.#clock.now() >= until) throw ended(this.#line.name, 'apply.too-late');
  }

  /** The session is lost: by a change, perhaps. Looks for the device until the time is over. */
  async find(lost: unknown): Promise<void> {
    const { until, signal } = this.#options;
    this.#reconnects += 1;
    try {
      await this.#line.reopen(until, this.#after, signal);
    } catch (cause) {
      if (signal?.aborted === true) throw ended(this.#line.name, 'apply.stopped');
      throw lostOn(this.#line.name, isLoss(cause) ? lost : cause);
    }
  }
}
