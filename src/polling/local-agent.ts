import { join } from 'node:path';
import type { Logger } from 'pino';
import { ArungError } from '../domain/errors.ts';
import type { AgentId, DeviceId } from '../domain/ids.ts';
import type { LongLived } from '../domain/lifecycle.ts';
import type { Plan, PollTarget, TargetSource } from '../domain/plan.ts';
import type { PointBus } from '../domain/point.ts';
import { Baselines } from './baselines.ts';
import { DevicePoller, type AgentParts } from './device-poller.ts';
import { diagnose, type Diagnosis } from './diagnose.ts';
import type { PollingEngine } from './engine.ts';
import { KeptLimits } from './kept-limits.ts';
import { pollOrder, probePhases } from './phases.ts';
import type { PlanSource } from './plan-source.ts';
import { Planning } from './planning.ts';
import { PointRows } from './point-rows.ts';
import { pollReport, unpollableReport, type DevicePollReport } from './poll-report.ts';
import type { PollProblem } from './refusal.ts';
import { Scheduler } from './scheduler.ts';

export interface AgentStatistics {
  readonly devices: number;
  readonly answering: number;
  readonly silent: number;
  readonly unpollable: number;
  readonly withPlan: number;
  /** Devices whose plan is being made or waited for. */
  readonly planning: number;
  readonly plansMade: number;
  readonly plansFailed: number;
  /** Requests that wait for their turn. */
  readonly backlog: number;
}

/** After a change of the inventory, so long for further changes before the targets are read again. */
const settleMs = 500;
/** Every identification changes the inventory: a thousand of them are no reason to read it a thousand times. */
const betweenReadsMs = 2_000;
const retryTargetsMs = 2_000;
/** Ten thousand devices are kept every quarter of an hour, as more are, and in any case at the end. */
const saveMsADevice = 90;
const mostSaveMs = 15 * 60_000;

/**
 * The Agent inside the controller: keeps a poller for every SNMP device that the inventory gives it, and puts what they
 * read on the bus. It reconciles: whenever the inventory changes it reads the targets and makes the pollers so.
 */
export class LocalAgent implements LongLived {
  readonly name = 'local agent';
  readonly #targets: TargetSource;
  readonly #agentId: AgentId;
  readonly #engine: PollingEngine;
  readonly #bus: PointBus;
  readonly #logger: Logger;
  readonly #parts: AgentParts;
  readonly #limits: KeptLimits;
  readonly #pollers = new Map<DeviceId, DevicePoller>();
  readonly #unpollable = new Map<DeviceId, { readonly target: PollTarget; readonly problem: PollProblem }>();
  #offChange: () => void = () => undefined;
  #reconcileTimer: NodeJS.Timeout | null = null;
  #reconciling: Promise<void> = Promise.resolve();
  #saveTimer: NodeJS.Timeout | null = null;
  #lastReadMs = Number.NEGATIVE_INFINITY;
  #limitsSavedMs = Number.NEGATIVE_INFINITY;
  #stopped = false;

  constructor(options: {
    readonly targets: TargetSource;
    readonly agentId: AgentId;
    readonly plans: PlanSource;
    readonly engine: PollingEngine;
    readonly bus: PointBus;
    readonly logger: Logger;
    /** Counter baselines and learned limits are kept here. */
    readonly dataDir: string;
  }) {
    const { engine, logger, agentId, bus } = options;
    this.#targets = options.targets;
    this.#agentId = agentId;
    this.#engine = engine;
    this.#bus = bus;
    this.#logger = logger;
    this.#limits = new KeptLimits({ file: join(options.dataDir, 'device-limits'), clock: engine.clock, logger });
    const scheduler = new Scheduler({ wheel: engine.schedule, now: () => engine.clock.monotonic(), logger });
    this.#parts = {
      engine,
      scheduler,
      logger,
      planning: new Planning({
        plans: options.plans,
        scheduler,
        logger,
        concurrency: engine.options.planConcurrency,
        deadlineMs: engine.options.planDeadlineMs,
      }),
      baselines: new Baselines({ file: join(options.dataDir, 'counter-baselines'), clock: engine.clock, logger }),
      rows: {
        probe: new PointRows(agentId, 'probe'),
        port: new PointRows(agentId, 'port'),
        reachability: new PointRows(agentId, 'reachability'),
        agent: new PointRows(agentId, 'agent'),
      },
      publish: (batch) => bus.publish(batch),
    };
  }

  /** The engine must run already. */
  async start(): Promise<void> {
    await Promise.all([this.#parts.baselines.load(), this.#limits.load()]);
    this.#engine.onTick = () => this.#flush();
    this.#offChange = this.#targets.onChange(() => this.#wake(settleMs));
    await this.#reconcile();
    this.#saveLater();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#offChange();
    if (this.#reconcileTimer !== null) clearTimeout(this.#reconcileTimer);
    if (this.#saveTimer !== null) clearTimeout(this.#saveTimer);
    this.#engine.onTick = () => undefined;
    this.#parts.planning.stop();
    await this.#reconciling;
    const pollers = [...this.#pollers.values()];
    await Promise.all([this.#parts.baselines.save(pollers), this.#limits.save(pollers)]);
    for (const poller of pollers) poller.stop();
    this.#pollers.clear();
    this.#flush();
  }

  /** Probes these devices out of turn. Unknown ids are passed over; more than two a second of one device are, too. */
  probeSoon(deviceIds: Iterable<DeviceId>): void {
    for (const id of deviceIds) this.#pollers.get(id)?.prober.chase();
  }

  /** Reads every group of a device now; false when it is not polled. */
  pollNow(deviceId: DeviceId): boolean {
    const poller = this.#pollers.get(deviceId);
    if (poller === undefined || poller.plan === null) return false;
    poller.pollNow();
    return true;
  }

  planOf(deviceId: DeviceId): Plan | null {
    return this.#pollers.get(deviceId)?.plan ?? null;
  }

  /** Asks the device in every way that tells why it does not answer, and names the cause within ten seconds. */
  async test(deviceId: DeviceId): Promise<Diagnosis> {
    let target = this.#targetOf(deviceId);
    if (target === undefined) {
      // It may have come into the inventory a moment ago.
      await this.#reconcile();
      target = this.#targetOf(deviceId);
    }
    if (target === undefined) {
      throw new ArungError(
        'conflict',
        'This device is not polled by SNMP from here: give it a management address and the protocol snmp in the inventory.',
        { code: 'polling.not-polled' },
      );
    }
    const diagnosis = await diagnose(target, this.#engine.clock);
    if (diagnosis.cause === 'none') this.pollNow(deviceId);
    this.probeSoon([deviceId]);
    return diagnosis;
  }

  /** Where these devices are asked; those that are not polled from here are left out. */
  addressesOf(deviceIds: readonly DeviceId[]): readonly string[] {
    return deviceIds.flatMap((id) => this.#targetOf(id)?.address ?? []);
  }

  #targetOf(deviceId: DeviceId): PollTarget | undefined {
    return this.#pollers.get(deviceId)?.target ?? this.#unpollable.get(deviceId)?.target;
  }

  statistics(): AgentStatistics {
    let answering = 0;
    let silent = 0;
    let withPlan = 0;
    for (const poller of this.#pollers.values()) {
      if (poller.answers) answering += 1;
      else if (poller.prober.misses > 0) silent += 1;
      if (poller.plan !== null) withPlan += 1;
    }
    const { planning } = this.#parts;
    return {
      devices: this.#pollers.size + this.#unpollable.size,
      answering,
      silent,
      unpollable: this.#unpollable.size,
      withPlan,
      planning: planning.waiting,
      plansMade: planning.made,
      plansFailed: planning.failed,
      backlog: this.#engine.backlog,
    };
  }

  deviceReport(deviceId: DeviceId): DevicePollReport | null {
    const broken = this.#unpollable.get(deviceId);
    if (broken !== undefined) return unpollableReport(broken.target.address, broken.problem);
    const poller = this.#pollers.get(deviceId);
    return poller === undefined ? null : pollReport(poller, this.#engine);
  }

  #wake(soonestMs: number): void {
    if (this.#reconcileTimer !== null || this.#stopped) return;
    const sinceMs = this.#engine.clock.monotonic() - this.#lastReadMs;
    const delayMs = Math.max(soonestMs, betweenReadsMs - sinceMs);
    this.#reconcileTimer = setTimeout(() => {
      this.#reconcileTimer = null;
      void this.#reconcile();
    }, delayMs);
  }

  #reconcile(): Promise<void> {
    this.#reconciling = this.#reconciling.then(() => this.#readTargets());
    return this.#reconciling;
  }

  async #readTargets(): Promise<void> {
    if (this.#stopped) return;
    this.#lastReadMs = this.#engine.clock.monotonic();
    try {
      this.#apply(await this.#targets.targets(this.#agentId, 'snmp'));
    } catch (error) {
      this.#logger.warn({ err: error }, 'the devices to poll could not be read from the inventory; trying again');
      this.#wake(retryTargetsMs);
    }
  }

  #apply(targets: readonly PollTarget[]): void {
    if (this.#stopped) return;
    const phases = probePhases(targets);
    const wanted = new Set(targets.map((target) => target.deviceId));
    for (const id of this.#pollers.keys()) if (!wanted.has(id)) this.#drop(id);
    for (const id of this.#unpollable.keys()) if (!wanted.has(id)) this.#unpollable.delete(id);
    const added: PollTarget[] = [];
    for (const target of targets) {
      const poller = this.#pollers.get(target.deviceId);
      if (poller === undefined || !poller.peer.fits(target)) {
        this.#drop(target.deviceId);
        added.push(target);
        continue;
      }
      poller.movePhase(phases.get(target.deviceId) ?? 0);
      const changed = readingOf(poller.target) !== readingOf(target);
      poller.target = target;
      if (changed) poller.replan({ rewalk: false });
    }
    for (const target of pollOrder(added)) this.#add(target, phases.get(target.deviceId) ?? 0);
  }

  #add(target: PollTarget, phase: number): void {
    try {
      const peer = this.#engine.peer(target);
      this.#limits.restore({ target, peer });
      this.#unpollable.delete(target.deviceId);
      this.#pollers.set(target.deviceId, new DevicePoller(this.#parts, target, peer, phase));
    } catch (error) {
      if (!(error instanceof ArungError)) throw error;
      if (this.#unpollable.get(target.deviceId)?.problem.message !== error.message) {
        this.#logger.warn({ device: target.name, code: error.code }, error.message);
      }
      this.#unpollable.set(target.deviceId, { target, problem: error });
    }
  }

  #drop(deviceId: DeviceId): void {
    this.#pollers.get(deviceId)?.stop();
    this.#pollers.delete(deviceId);
    this.#engine.forget(deviceId);
  }

  #flush(): void {
    // Ports before probes: who hears of a miss finds the evidence already there.
    const { port, probe, reachability, agent } = this.#parts.rows;
    for (const rows of [port, probe, reachability, agent]) {
      const batch = rows.take();
      if (batch !== null) this.#bus.publish(batch);
    }
  }

  /**
   * All is written at once: more rarely the more devices there are, so that a reading costs the same among many. What was
   * learned of a device changes seldom, and is written seldom.
   */
  #saveLater(): void {
    const wantedMs = Math.max(this.#engine.options.baselinesMs, this.#pollers.size * saveMsADevice);
    this.#saveTimer = setTimeout(
      () => {
        this.#saveLater();
        const pollers = [...this.#pollers.values()];
        void this.#parts.baselines.save(pollers);
        const nowMs = this.#engine.clock.monotonic();
        if (nowMs - this.#limitsSavedMs < mostSaveMs) return;
        this.#limitsSavedMs = nowMs;
        void this.#limits.save(pollers);
      },
      Math.min(wantedMs, mostSaveMs),
    );
  }
}

/**
 * What of a target decides how it is read. What identification itself writes back (profile, ifIndex, newly found
 * interfaces) is left out: else every identification would ask for another.
 */
function readingOf(target: PollTarget): string {
  const links = target.interfaces.filter((one) => one.carriesLink).map((one) => one.id);
  return JSON.stringify([target.role, target.gateway, target.backbone, links.sort()]);
}
