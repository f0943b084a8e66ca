import type { Logger } from 'pino';
import type { AgentPlan, PlannedService } from '../../src/domain/agent-plan.ts';
import type { Clock } from '../../src/domain/clock.ts';
import type { LongLived } from '../../src/domain/lifecycle.ts';
import type { LookReason } from '../../src/domain/service-state.ts';
import { lookAt, type ProbeChecks } from '../../src/services/service-look.ts';
import type { CheckedService } from '../../src/services/service-points.ts';
import { ServiceWatch, worstOf } from '../../src/services/service-watch.ts';

/** After a first failure: the second, soon after, says that it is down. */
const againMs = 2_000;
/** Points have whole seconds: a second look within one would take the place of the first. */
const leastMs = 1_000;
const nothingBetween = { host: null, maintenance: false } as const;

/** What one round of looks told. */
export interface Looks {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly checked: readonly CheckedService[];
  readonly reasons: readonly LookReason[];
}

export interface LookingOptions {
  readonly probe: ProbeChecks;
  /** Takes what a round told; the next round waits for it. */
  readonly told: (looks: Looks) => Promise<void>;
  /** What stands in place of the plan's interval; null: nothing does. */
  readonly everyMs: number | null;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Looks at every service of the plan, again and again, by the rules of the controller's own looks. */
export class Looking implements LongLived {
  readonly name = 'looks at services';
  readonly #options: LookingOptions;
  readonly #stopped = new AbortController();
  #plan: AgentPlan | null = null;
  #watches = new Map<string, ServiceWatch>();
  #timer: NodeJS.Timeout | null = null;
  #round: Promise<void> | null = null;
  /** Monotonic milliseconds of the last look. */
  #lookedAt = Number.NEGATIVE_INFINITY;

  constructor(options: LookingOptions) {
    this.#options = options;
  }

  start(): Promise<void> {
    return Promise.resolve();
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    if (this.#timer !== null) clearTimeout(this.#timer);
    await this.#round;
  }

  /** From now on this is looked at; null: nothing. */
  follow(plan: AgentPlan | null): void {
    this.#plan = plan;
    const ids = new Set(plan?.services.map(({ id }) => id));
    this.#watches = new Map([...this.#watches].filter(([id]) => ids.has(id)));
    if (this.#round === null) this.#later(0);
  }

  #later(delayMs: number): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    if (this.#stopped.signal.aborted || this.#plan === null) return;
    const earliestMs = this.#lookedAt + leastMs - this.#options.clock.monotonic();
    this.#timer = setTimeout(
      () => {
        this.#round = this.#lookAndGoOn();
      },
      Math.max(delayMs, Math.ceil(earliestMs)),
    );
  }

  async #lookAndGoOn(): Promise<void> {
    const followed = this.#plan;
    try {
      await this.#look(followed?.services ?? []);
    } catch (error) {
      this.#options.logger.error({ err: error }, 'a round of looks failed; the next one is made');
    }
    this.#round = null;
    if (this.#plan === null) return;
    const everyMs = this.#options.everyMs ?? this.#plan.everyS * 1_000;
    const doubtful = [...this.#watches.values()].some((watch) => watch.doubtful);
    // A plan that came meanwhile does not wait.
    this.#later(this.#plan === followed ? (doubtful ? Math.min(againMs, everyMs) : everyMs) : 0);
  }

  async #look(services: readonly PlannedService[]): Promise<void> {
    const { probe, told, clock } = this.#options;
    if (services.length === 0) return;
    const found = await lookAt(services, probe, this.#stopped.signal);
    if (this.#stopped.signal.aborted) return;
    const at = clock.now();
    this.#lookedAt = clock.monotonic();
    const reasons: LookReason[] = [];
    for (const { service, outcomes } of found) {
      const watch = this.#watches.get(service.id) ?? new ServiceWatch();
      this.#watches.set(service.id, watch);
      watch.looked(outcomes, nothingBetween, at);
      const reason = worstOf(outcomes)?.reason ?? null;
      if (reason !== null) reasons.push({ serviceId: service.id, at: Math.floor(at / 1_000), reason });
    }
    await told({ at, checked: found.flatMap(({ checked }) => checked), reasons });
  }
}
