import type { Clock } from '../domain/clock.ts';
import type { DeviceId } from '../domain/ids.ts';
import type { DeviceFacts, FactsSink, Plan, PollTarget } from '../domain/plan.ts';
import { compilePlan, type PlanIntervals } from './compile.ts';
import { identify } from './identify.ts';
import type { SnmpReader } from './snmp-reader.ts';

/** Where the facts of an earlier identification are kept. */
export interface FactsMemory {
  lastFacts(deviceId: DeviceId): Promise<DeviceFacts | null>;
}

export interface PlannerOptions {
  /** How a device is read: its sockets and limits are those of the polls. */
  readonly readerFor: (target: PollTarget) => SnmpReader;
  readonly sink: FactsSink;
  readonly memory: FactsMemory;
  readonly clock: Clock;
  readonly intervals: PlanIntervals;
}

/** Facts younger than this need no new walk after a restart of the controller. */
const factsFreshMs = 3_600_000;

/** Makes plans: identifies a device, has the facts kept, and compiles what is to be read. */
export class Planner {
  readonly #options: PlannerOptions;
  readonly #walked = new Set<DeviceId>();

  constructor(options: PlannerOptions) {
    this.#options = options;
  }

  /**
   * The plan for a device. Walks it unless this is the first plan since the start and facts under an hour old are kept;
   * `rewalk` walks in any case (its answers no longer fit). Rejects with the reason when the device does not answer.
   */
  async planFor(target: PollTarget, { rewalk }: { readonly rewalk: boolean }): Promise<Plan> {
    const { clock, memory, readerFor, sink, intervals } = this.#options;
    const first = !this.#walked.has(target.deviceId);
    if (first && !rewalk) {
      const kept = await memory.lastFacts(target.deviceId);
      if (
        kept !== null &&
        clock.now() - kept.at < factsFreshMs &&
        target.interfaces.some((one) => one.ifIndex !== null)
      ) {
        this.#walked.add(target.deviceId);
        return compilePlan(target, kept, intervals);
      }
    }
    const facts = await identify(target.deviceId, readerFor(target), clock.now());
    const known = await sink.record(facts);
    this.#walked.add(target.deviceId);
    return compilePlan(known, facts, intervals);
  }
}
