import type { Clock } from '../domain/clock.ts';
import type { AgentId } from '../domain/ids.ts';
import type { PointBatch, PointConsumer } from '../domain/point.ts';
import type { LookReason, ServiceStatus } from '../domain/service-state.ts';
import { looksIn } from './service-points.ts';
import { ServiceWatch, type CheckOutcome } from './service-watch.ts';

/** What an Agent said of a service holds for so long; then nobody there has looked. */
const heldMs = 300_000;
const nothingBetween = { host: null, maintenance: false } as const;

/** How Agents at other places see the services: out of their points, by the rules that hold here. */
export class Vantages implements PointConsumer {
  readonly name = 'services seen by agents';
  readonly #own: AgentId;
  readonly #clock: Clock;
  readonly #watches = new Map<string, ServiceWatch>();
  /** The last that was told, by agent and service. */
  readonly #reasons = new Map<string, LookReason>();
  readonly #changed: (serviceId: string, agent: AgentId, before: ServiceStatus) => void;

  constructor(options: {
    readonly own: AgentId;
    readonly clock: Clock;
    /** A service changed its state as that Agent sees it. */
    readonly changed: (serviceId: string, agent: AgentId, before: ServiceStatus) => void;
  }) {
    this.#own = options.own;
    this.#clock = options.clock;
    this.#changed = options.changed;
  }

  accept(batch: PointBatch): void {
    if (batch.measurement !== 'service' || batch.agent === this.#own) return;
    for (const { serviceId, at, outcomes } of looksIn(batch)) {
      const key = `${batch.agent} ${serviceId}`;
      const watch = this.#watches.get(key) ?? new ServiceWatch();
      this.#watches.set(key, watch);
      const before = watch.status;
      // A queue that is emptied late tells of the past: that is in the store, and no news.
      if (!this.#holds(at) || (before.at !== null && at <= before.at)) continue;
      if (watch.looked(this.#explained(key, at, outcomes), nothingBetween, at))
        this.#changed(serviceId, batch.agent, before);
    }
  }

  /** Null when that Agent has not looked at it lately. */
  seenBy(agent: AgentId, serviceId: string): ServiceStatus | null {
    const status = this.#watches.get(`${agent} ${serviceId}`)?.status;
    if (status === undefined || status.at === null || status.state === 'unknown') return null;
    return this.#holds(status.at) ? status : null;
  }

  explain(agent: AgentId, reasons: readonly LookReason[]): void {
    for (const reason of reasons) this.#reasons.set(`${agent} ${reason.serviceId}`, reason);
  }

  /** Forgets services that are no longer there. */
  keepOnly(serviceIds: ReadonlySet<string>): void {
    for (const kept of [this.#watches, this.#reasons]) {
      for (const key of kept.keys()) if (!serviceIds.has(key.slice(key.indexOf(' ') + 1))) kept.delete(key);
    }
  }

  #holds(at: number): boolean {
    return this.#clock.now() - at <= heldMs;
  }

  #explained(key: string, at: number, outcomes: readonly CheckOutcome[]): readonly CheckOutcome[] {
    const told = this.#reasons.get(key);
    if (told === undefined || told.at * 1_000 !== at) return outcomes;
    return outcomes.map((outcome) => (outcome.state === 'up' ? outcome : { ...outcome, reason: told.reason }));
  }
}
