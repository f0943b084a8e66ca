import type { Plan, PollTarget } from '../domain/plan.ts';

/** Who makes plans (discovery): identifies the device, keeps its facts, compiles. */
export interface PlanSource {
  /**
   * The plan for a target. With `rewalk` the device is identified anew (its answers no longer fit); without, facts that
   * are recent may be used. Rejects with a sentence when the device cannot be identified.
   */
  planFor(target: PollTarget, ask: { readonly rewalk: boolean }): Promise<Plan>;
}
