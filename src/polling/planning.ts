import type { Logger } from 'pino';
import { ArungError } from '../domain/errors.ts';
import type { Plan, PollTarget } from '../domain/plan.ts';
import type { PlanSource } from './plan-source.ts';
import type { PollProblem } from './refusal.ts';
import type { Scheduler } from './scheduler.ts';

/** A device that wants a plan. */
export interface PlanWanter {
  readonly target: PollTarget;
  /** Whether it still is there and answers. */
  readonly wantsPlan: boolean;
  usePlan(plan: Plan): void;
  planFailed(problem: PollProblem): void;
}

interface Wish {
  readonly wanter: PlanWanter;
  rewalk: boolean;
  failures: number;
}

const firstRetryMs = 5_000;
const longestRetryMs = 600_000;

/**
 * Has plans made, a few devices at a time: first for those that have none, and of these first for the backbone, whose
 * ports say what failed. A device that cannot be identified is tried again
 * later and ever more rarely, and holds up nobody.
 */
export class Planning {
  readonly #plans: PlanSource;
  readonly #scheduler: Scheduler;
  readonly #logger: Logger;
  readonly #concurrency: number;
  readonly #deadlineMs: number;
  readonly #wishes = new Map<PlanWanter, Wish>();
  readonly #queues = { backbone: new Set<Wish>(), first: new Set<Wish>(), renewals: new Set<Wish>() };
  #running = 0;
  #stopped = false;
  made = 0;
  failed = 0;

  constructor(options: {
    readonly plans: PlanSource;
    readonly scheduler: Scheduler;
    readonly logger: Logger;
    readonly concurrency: number;
    readonly deadlineMs: number;
  }) {
    this.#plans = options.plans;
    this.#scheduler = options.scheduler;
    this.#logger = options.logger;
    this.#concurrency = options.concurrency;
    this.#deadlineMs = options.deadlineMs;
  }

  /** Devices that wait for a plan or whose plan is being made. */
  get waiting(): number {
    return this.#all.reduce((sum, queue) => sum + queue.size, this.#running);
  }

  request(wanter: PlanWanter, ask: { readonly rewalk: boolean; readonly first: boolean }): void {
    const known = this.#wishes.get(wanter);
    if (known !== undefined) {
      known.rewalk ||= ask.rewalk;
      return;
    }
    const wish = { wanter, rewalk: ask.rewalk, failures: 0 };
    this.#wishes.set(wanter, wish);
    const { backbone, first, renewals } = this.#queues;
    (!ask.first ? renewals : wanter.target.backbone ? backbone : first).add(wish);
    this.#next();
  }

  forget(wanter: PlanWanter): void {
    const wish = this.#wishes.get(wanter);
    if (wish === undefined) return;
    this.#wishes.delete(wanter);
    for (const queue of this.#all) queue.delete(wish);
  }

  stop(): void {
    this.#stopped = true;
    for (const queue of this.#all) queue.clear();
    this.#wishes.clear();
  }

  /** What comes first, first. */
  get #all(): readonly Set<Wish>[] {
    return [this.#queues.backbone, this.#queues.first, this.#queues.renewals];
  }

  #next(): void {
    while (!this.#stopped && this.#running < this.#concurrency) {
      const queue = this.#all.find((one) => one.size > 0);
      const [wish] = queue ?? [];
      if (queue === undefined || wish === undefined) return;
      queue.delete(wish);
      this.#running += 1;
      void this.#make(wish).finally(() => {
        this.#running -= 1;
        this.#next();
      });
    }
  }

  async #make(wish: Wish): Promise<void> {
    const { wanter } = wish;
    if (!wanter.wantsPlan) {
      this.#wishes.delete(wanter);
      return;
    }
    try {
      const plan = await this.#withDeadline(wanter.target, wish.rewalk);
      if (this.#wishes.get(wanter) !== wish) return;
      this.#wishes.delete(wanter);
      this.made += 1;
      wanter.usePlan(plan);
    } catch (error) {
      if (this.#wishes.get(wanter) !== wish) return;
      this.failed += 1;
      wish.failures += 1;
      if (!(error instanceof ArungError)) {
        this.#logger.error({ err: error, device: wanter.target.name }, 'making the plan of a device failed');
      }
      wanter.planFailed(problemOf(error, wanter.target.name));
      const delayMs = Math.min(firstRetryMs * 2 ** (wish.failures - 1), longestRetryMs) * (0.75 + Math.random() / 2);
      this.#scheduler.after(delayMs, () => {
        if (this.#wishes.get(wanter) !== wish) return;
        this.#queues.renewals.add(wish);
        this.#next();
      });
    }
  }

  async #withDeadline(target: PollTarget, rewalk: boolean): Promise<Plan> {
    return new Promise((resolve, reject) => {
      const timer = this.#scheduler.after(this.#deadlineMs, () => {
        reject(
          new ArungError(
            'unavailable',
            `Identifying ${target.name} took longer than ${Math.round(this.#deadlineMs / 1000)} s: it is tried again later.`,
            {
              code: 'polling.identify-deadline',
              arguments: { device: target.name, seconds: Math.round(this.#deadlineMs / 1000) },
            },
          ),
        );
      });
      this.#plans
        .planFor(target, { rewalk })
        .then(resolve, reject)
        .finally(() => this.#scheduler.cancel(timer));
    });
  }
}

function problemOf(error: unknown, device: string): PollProblem {
  if (error instanceof ArungError) return error;
  const reason = error instanceof Error ? error.message : String(error);
  return { code: 'polling.plan-failed', arguments: { device, reason }, message: reason };
}
