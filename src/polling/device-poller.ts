import type { Logger } from 'pino';
import type { MetricGroup, Plan, PollTarget } from '../domain/plan.ts';
import type { PointBatch } from '../domain/point.ts';
import { seriesOf, type Series } from '../domain/point.ts';
import type { Baselines } from './baselines.ts';
import { CompiledGroup } from './compiled-group.ts';
import { DeviceClock } from './device-clock.ts';
import type { PollingEngine } from './engine.ts';
import { GroupPoll, type PolledDevice } from './group-poll.ts';
import type { PacketLimits } from './packet-size.ts';
import type { Peer } from './peer.ts';
import { fractionOf, pollPhase } from './phases.ts';
import type { Planning, PlanWanter } from './planning.ts';
import type { PointRows } from './point-rows.ts';
import type { PollProblem } from './refusal.ts';
import { Prober, type ProbedDevice, type ProbeRows } from './prober.ts';
import type { RegularTask, ScheduledTask, Scheduler } from './scheduler.ts';
import { withSharedSlots } from './shared-slots.ts';
import type { WheelTimer } from './timer-wheel.ts';

/** What all pollers of an agent share. */
export interface AgentParts {
  readonly engine: PollingEngine;
  readonly scheduler: Scheduler;
  readonly planning: Planning;
  readonly baselines: Baselines;
  readonly rows: ProbeRows & { readonly agent: PointRows };
  readonly publish: (batch: PointBatch) => void;
  readonly logger: Logger;
}

/** So many probes lost in a row, and the device's polls pause until it answers. */
const pauseAfterMisses = 3;
/** After the first reading of counters, the second comes so soon. */
const secondReadingMs = 4_000;
/** A device whose answers do not fit is identified anew at most so often for that reason. */
const misfitMs = 300_000;

/**
 * One device that is polled: probed for its life, read by its plan, identified anew when its answers no longer fit.
 * While it is silent only the probes go on; its first answer brings everything back at once.
 */
export class DevicePoller implements PolledDevice, ProbedDevice, PlanWanter {
  /** As the inventory has it now. */
  target: PollTarget;
  readonly peer: Peer;
  readonly prober: Prober;
  readonly clock = new DeviceClock();
  plan: Plan | null = null;
  lastProblem: PollProblem | null = null;
  restarts = 0;

  readonly #parts: AgentParts;
  readonly #agentSeries: Series;
  #polls: readonly GroupPoll[] = [];
  /** Whose polls tell what the device costs. */
  #main: GroupPoll | null = null;
  readonly #tasks: WheelTimer[] = [];
  #probeTask: ScheduledTask;
  #tableChange: number | null = null;
  #lost: { readonly bytes: number; readonly varbinds: number; readonly weight: number } | null = null;
  #lastMisfitMs = Number.NEGATIVE_INFINITY;
  #plannedMs = 0;
  /** So many probes were lost that its polls pause. */
  #isSilent = false;
  #stopped = false;
  phase: number;

  constructor(parts: AgentParts, target: PollTarget, peer: Peer, phase: number) {
    this.#parts = parts;
    this.target = target;
    this.peer = peer;
    this.phase = phase;
    this.#agentSeries = seriesOf('agent', { device: target.deviceId });
    const { engine, scheduler } = parts;
    const own = fractionOf(target.deviceId);
    this.prober = new Prober({
      engine,
      scheduler,
      peer,
      device: this,
      deviceId: target.deviceId,
      rows: parts.rows,
      minutePhase: own,
    });
    this.#probeTask = this.#probeEvery(engine.options.reachabilityMs);
    this.#tasks.push(
      scheduler.every({
        intervalMs: engine.options.inventoryMs,
        phase: own,
        run: () => this.#renew(),
      }),
    );
    this.prober.probe();
  }

  get answers(): boolean {
    return !this.#isSilent && this.peer.hasAnswered && this.peer.form.refusal === null;
  }

  prefetch(steps: number): number {
    if (steps === 0) return (this.plan === null ? 0 : 1) + this.restarts + (this.#isSilent ? 1 : 0);
    return this.peer.prefetch(steps - 1) + this.clock.prefetch(steps - 1);
  }

  get wantsPlan(): boolean {
    return !this.#stopped && this.answers;
  }

  get polls(): readonly GroupPoll[] {
    return this.#polls;
  }

  get nextProbeMs(): number {
    return this.dueMs(this.#probeTask);
  }

  /** When it comes next, monotonic. */
  dueMs(task: RegularTask): number {
    return this.#parts.scheduler.dueMs(task);
  }

  get probeIntervalMs(): number {
    return this.#probeTask.intervalMs;
  }

  movePhase(phase: number): void {
    if (phase === this.phase) return;
    this.phase = phase;
    this.#parts.scheduler.cancel(this.#probeTask);
    this.#probeTask = this.#probeEvery(this.#probeTask.intervalMs);
  }

  /** Polls every group now. */
  pollNow(): void {
    for (const poll of this.#polls) poll.beginNow();
  }

  replan(ask: { readonly rewalk: boolean }): void {
    if (this.plan !== null) this.#wantPlan(ask.rewalk);
  }

  stop(): void {
    this.#stopped = true;
    this.#parts.planning.forget(this);
    for (const task of [this.#probeTask, ...this.#tasks]) this.#parts.scheduler.cancel(task);
    this.prober.stop();
    this.#stopPolls();
  }

  usePlan(made: Plan): void {
    if (this.#stopped) return;
    this.lastProblem = null;
    this.#plannedMs = this.#parts.engine.clock.monotonic();
    this.#tableChange = made.ifTableLastChange;
    if (made.id === this.plan?.id) return;
    const plan = withSharedSlots(made);
    const { engine, scheduler, baselines } = this.#parts;
    const earlier = new Map(this.#polls.map(({ group }) => [group.plan.group, group]));
    this.#stopPolls();
    this.plan = plan;
    const reachability = plan.groups.find((group) => group.group === 'reachability');
    this.prober.usePlan(reachability);
    if (reachability !== undefined && reachability.intervalMs !== this.#probeTask.intervalMs) {
      scheduler.cancel(this.#probeTask);
      this.#probeTask = this.#probeEvery(reachability.intervalMs);
    }
    const polls: GroupPoll[] = [];
    for (const planGroup of plan.groups) {
      if (planGroup.group === 'reachability' || planGroup.slots.length === 0) continue;
      const group = new CompiledGroup(planGroup);
      const before = earlier.get(planGroup.group);
      if (before !== undefined) group.inherit(before);
      const poll = new GroupPoll({
        engine,
        scheduler,
        // Each group has moments of its own: a device is not asked for all at once.
        phase: (pollPhase(this.peer.ordinal) + fractionOf(planGroup.group)) % 1,
        device: this,
        group,
        agent: this.target.agentId,
        readsTableChange: planGroup.group === 'interfaces' && plan.ifTableLastChange !== null,
        publish: this.#parts.publish,
      });
      scheduler.start(poll);
      polls.push(poll);
    }
    this.#polls = polls;
    this.#main = polls.find(({ group }) => group.plan.group === 'interfaces') ?? polls[0] ?? null;
    if (earlier.size === 0) baselines.restore(this);
    if (this.answers) this.pollNow();
  }

  planFailed(problem: PollProblem): void {
    this.lastProblem = problem;
  }

  uptime(ticks: number, atMs: number): void {
    if (this.clock.observe(ticks, atMs)) return;
    this.restarts += 1;
    this.forgetBaselines();
    this.#wantPlan(true);
  }

  forgetBaselines(): void {
    for (const { group } of this.#polls) group.forgetBaselines();
  }

  ifTableLastChange(ticks: number): void {
    if (ticks === this.#tableChange) return;
    this.#tableChange = ticks;
    this.#wantPlan(true);
  }

  missing(poll: GroupPoll): void {
    if (poll.group.plan.group === 'interfaces') this.#misfit();
  }

  missingPort(): void {
    this.#misfit();
  }

  lost(answer: PacketLimits): void {
    if (this.peer.form.refusal !== null) return;
    // Was it the size, or is the device gone? A probe tells.
    this.#lost = { bytes: answer.bytes, varbinds: answer.varbinds, weight: 1 };
    this.prober.chase();
  }

  heard(misses: number): void {
    this.#isSilent = false;
    if (this.peer.form.refusal !== null) this.#lost = null;
    if (this.#lost !== null) this.peer.size.lost(this.#lost, this.#parts.engine.clock.monotonic());
    this.#lost = null;
    if (this.plan === null) this.#wantPlan(false);
    else if (misses >= pauseAfterMisses) this.#pollFirst('interfaces');
  }

  missed(misses: number): void {
    if (misses !== pauseAfterMisses) return;
    // The polls under way would only wait for what does not come.
    this.#isSilent = true;
    this.#lost = null;
    for (const poll of this.#polls) poll.cancel();
  }

  polled(poll: GroupPoll): void {
    if (poll.onlyBaselines && poll.group.plan.intervalMs > 2 * secondReadingMs) {
      // The first rates are not worth waiting a whole interval for.
      this.#parts.scheduler.after(secondReadingMs, () => {
        if (!this.#stopped && this.answers && this.#polls.includes(poll)) poll.beginNow();
      });
    }
    if (poll !== this.#main) return;
    const timeS = Math.floor(this.#parts.engine.clock.now() / 1000);
    this.#parts.rows.agent.add(
      this.#agentSeries,
      timeS,
      poll.tookMs,
      poll.packetCount,
      poll.lostCount,
      poll.valueCount,
    );
  }

  #probeEvery(intervalMs: number): ScheduledTask {
    return this.#parts.scheduler.every({ intervalMs, phase: this.phase, run: () => this.prober.probe() });
  }

  #stopPolls(): void {
    for (const poll of this.#polls) {
      this.#parts.scheduler.cancel(poll);
      poll.cancel();
    }
  }

  #pollFirst(name: MetricGroup): void {
    for (const poll of this.#polls) if (poll.group.plan.group === name) poll.beginNow();
  }

  #misfit(): void {
    const nowMs = this.#parts.engine.clock.monotonic();
    if (nowMs - this.#lastMisfitMs < misfitMs) return;
    this.#lastMisfitMs = nowMs;
    this.#wantPlan(true);
  }

  #wantPlan(rewalk: boolean): void {
    if (this.wantsPlan) this.#parts.planning.request(this, { rewalk, first: this.plan === null });
  }

  #renew(): void {
    const { engine } = this.#parts;
    if (engine.clock.monotonic() - this.#plannedMs > engine.options.inventoryMs / 2) this.#wantPlan(true);
  }
}
