import type { EntityState } from '../domain/reachability.ts';
import type { ServiceReason, ServiceState, ServiceStatus } from '../domain/service-state.ts';

/** What one check of a service told. */
export interface CheckOutcome {
  readonly state: 'up' | 'degraded' | 'down';
  readonly reason: ServiceReason | null;
  readonly values: Readonly<Record<string, number | undefined>>;
}

/** One failed look is nothing: the second, soon after, says that it is down. */
const failuresToBeDown = 2;
const severity = { up: 0, degraded: 1, down: 2 } as const;

/** The state of one service out of what looks at it tell and what is known of the network before it. */
export class ServiceWatch {
  #status: ServiceStatus = { state: 'unknown', since: null, at: null, reason: null, cause: null, values: {} };
  #failures = 0;
  #firstFailureAt = 0;

  get status(): ServiceStatus {
    return this.#status;
  }

  /** A failure that has not been told yet: look again soon. */
  get doubtful(): boolean {
    return this.#failures > 0 && this.#failures < failuresToBeDown;
  }

  /** Takes the outcomes of all its checks; `host` is what carries it. Returns whether its state has changed. */
  looked(
    outcomes: readonly CheckOutcome[],
    network: { host: EntityState | null; maintenance: boolean },
    at: number,
  ): boolean {
    const worst = worstOf(outcomes);
    if (worst === null) return this.#set('unknown', at, { at, reason: null, cause: null, values: {} });
    const values = Object.fromEntries(
      outcomes
        .flatMap((outcome) => Object.entries(outcome.values))
        .filter((entry): entry is [string, number] => Number.isFinite(entry[1])),
    );
    if (worst.state !== 'down') {
      this.#failures = 0;
      return this.#set(worst.state, at, { at, reason: worst.reason, cause: null, values });
    }
    if (this.#failures++ === 0) this.#firstFailureAt = at;
    if (this.#failures < failuresToBeDown && this.#status.state !== 'down') {
      this.#status = { ...this.#status, at };
      return false;
    }
    const { host, maintenance } = network;
    const told = { at, reason: worst.reason, cause: host?.cause ?? null, values };
    // From behind a cut nobody sees whether it works; where it stands it may.
    if (maintenance) return this.#set('maintenance', this.#firstFailureAt, told);
    if (host?.state === 'unreachable' || host?.state === 'unknown')
      return this.#set('unknown', this.#firstFailureAt, told);
    return this.#set('down', this.#firstFailureAt, told);
  }

  #set(state: ServiceState, since: number, more: Omit<ServiceStatus, 'state' | 'since'>): boolean {
    const before = this.#status;
    const same = before.state === state && before.since !== null;
    this.#status = { state, since: same ? before.since : since, ...more };
    return !same || before.reason?.code !== more.reason?.code || before.cause?.id !== more.cause?.id;
  }
}

export function worstOf(outcomes: readonly CheckOutcome[]): CheckOutcome | null {
  return outcomes.reduce<CheckOutcome | null>(
    (worst, one) => (worst === null || severity[one.state] > severity[worst.state] ? one : worst),
    null,
  );
}
