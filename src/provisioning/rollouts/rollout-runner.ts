import type { Kysely } from 'kysely';
import type { Logger } from 'pino';
import { isDeepStrictEqual } from 'node:util';
import { Lease, LeaseLost } from '../../database/lease.ts';
import type { Database } from '../../database/tables.ts';
import type { Clock } from '../../domain/clock.ts';
import type { LongLived } from '../../domain/lifecycle.ts';
import { endedRunStates, rightRunStates, touchedRunStates, type Said } from '../../domain/rollout.ts';
import { Rounds } from '../../domain/rounds.ts';
import { isBusy, isRefusal } from '../drivers/device-errors.ts';
import type { IntentStore } from '../intent/intent-store.ts';
import type { DeviceDoor } from './device-door.ts';
import { changeDevice } from './device-change.ts';
import { RunStopped, type RunNews } from './device-run.ts';
import { gateBehind, healthNow, type NetworkHealth } from './health-gate.ts';
import type { ChangePaths } from './paths.ts';
import { devicesOfPhase, missingPartners } from './phases.ts';
import { keepPhaseVersions, planOf } from './rollout-plan.ts';
import { cutsController, failedAt, gateClosed, incomplete, partnerMissing, waitsFor, waitsForWork } from './reasons.ts';
import type { Rollout, RolloutDevice } from './rollout-record.ts';
import type { KeptConfigurations, ManagedAddresses, PlannedWork, RolloutNews } from './rollout-surroundings.ts';
import type { RolloutStore } from './rollout-store.ts';
import { saidAndLogged, saidOf } from './said.ts';
import type { Wave } from './waves.ts';

export interface RolloutRunnerOptions {
  readonly db: Kysely<Database>;
  readonly store: RolloutStore;
  readonly intents: IntentStore;
  readonly door: DeviceDoor;
  readonly paths: ChangePaths;
  readonly health: NetworkHealth;
  readonly work: PlannedWork;
  readonly addresses: ManagedAddresses;
  readonly kept: KeptConfigurations;
  readonly tell: (news: RolloutNews) => void;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly everyMs?: number;
  readonly leaseMs?: number;
  /** How long a wave may take to be well again after its last device. */
  readonly gateMs?: number;
  readonly sleep?: (ms: number, signal: AbortSignal) => Promise<void>;
}

/** At the same time in all rollouts: each holds a connection, and the links of villages are thin. */
const mostChecks = 12;
const defaultGateMs = 180_000;

/**
 * Carries rollouts out. A reconciler under a lease: it compares what is kept of each rollout with where it should be,
 * takes the next steps, and holds nothing that a restart could lose but the runs under way, which find out on their
 * device how far they came.
 */
export class RolloutRunner implements LongLived {
  readonly name = 'rollouts';
  readonly #options: RolloutRunnerOptions;
  readonly #lease: Lease;
  readonly #runs = new Map<string, Promise<void>>();
  readonly #rounds: Rounds;
  #stopped = new AbortController();

  constructor(options: RolloutRunnerOptions) {
    this.#options = options;
    this.#lease = new Lease({ db: options.db, name: 'rollouts', ttlMs: options.leaseMs ?? 15_000 });
    this.#rounds = new Rounds({
      run: () => this.look(),
      failed: (error) => {
        if (error instanceof LeaseLost) this.#stopRuns();
        else options.logger.warn({ err: error }, 'rollouts could not be looked at; tried again');
      },
      everyMs: options.everyMs ?? 1_000,
    });
  }

  async start(): Promise<void> {
    this.#rounds.start(0);
  }

  /** Ends the runs where they stand; their devices go back by themselves, or the next controller goes on in time. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    await this.#rounds.stop();
    await Promise.all(this.#runs.values());
    await this.#lease.release().catch(() => undefined);
  }

  wake(): void {
    this.#rounds.wake(100);
  }

  /** One look at everything; runs by itself, tests call it. */
  async look(): Promise<void> {
    if (!(await this.#lease.take()).isHeld) {
      // Another goes on with them: two must not speak to a device.
      this.#stopRuns();
      return;
    }
    const open = await this.#options.store.open();
    for (const rollout of open) {
      try {
        await this.#step(rollout, open);
      } catch (error) {
        if (error instanceof LeaseLost) throw error;
        this.#options.logger.error({ err: error, rollout: rollout.number }, 'a rollout could not be taken a step on');
      }
    }
  }

  async #step(rollout: Rollout, open: readonly Rollout[]): Promise<void> {
    const { store } = this.#options;
    // What has begun on a device is brought to its end, whatever was asked meanwhile.
    for (const device of rollout.devices) if (touchedRunStates.has(device.state)) this.#ensureRun(rollout, device);
    switch (rollout.state) {
      case 'queued':
        return this.#begin(rollout, open);
      case 'running':
        return this.#go(rollout);
      case 'stopping': {
        if (this.#isUnderWay(rollout)) return;
        if (await store.move(this.#lease, rollout.id, 'stopping', { state: 'stopped', ended: true })) {
          this.#tell(rollout, 'rollout.stopped', rollout.reason);
        }
        return;
      }
      default:
    }
  }

  async #begin(rollout: Rollout, open: readonly Rollout[]): Promise<void> {
    const { store, paths, health } = this.#options;
    const mine = rollout.devices.map(({ deviceId }) => deviceId);
    const before = open.find(
      (other) =>
        other.number < rollout.number &&
        !paths.areIndependent(
          mine,
          other.devices.map(({ deviceId }) => deviceId),
        ),
    );
    if (before !== undefined) {
      const reason = saidOf(waitsFor(before.number));
      if (rollout.reason?.arguments['number'] !== before.number) {
        await store.move(this.#lease, rollout.id, 'queued', { reason });
      }
      return;
    }
    // One that was paused goes on: what was well when it began is what its gates ask for.
    const isFirst = rollout.before === null;
    const started = isFirst ? { started: healthNow(health, mine) } : {};
    if (await store.move(this.#lease, rollout.id, 'queued', { state: 'running', reason: null, ...started })) {
      if (isFirst) this.#tell(rollout, 'rollout.started', null);
      this.wake();
    }
  }

  async #go(rollout: Rollout): Promise<void> {
    if (rollout.waves === null) {
      if (this.#check(rollout)) await this.#plan(rollout);
      return;
    }
    const failed = rollout.devices.filter(({ state }) => ['refused', 'reverted', 'lost'].includes(state));
    if (failed.length > 0) return this.#stopWith(rollout, saidOf(failedAt(failed)));
    const open = rollout.devices.filter(({ wave, state }) => wave > 0 && !endedRunStates.has(state));
    if (open.length === 0) return this.#endPhase(rollout);
    const wave = Math.min(...open.map((device) => device.wave));
    if (wave > 1 && !(await this.#passesGate(rollout, wave - 1))) return;
    const next = rollout.devices.filter((device) => device.wave === wave && device.state === 'checking');
    const waiting = await this.#waitForWork(rollout, next);
    for (const device of next) if (!waiting.includes(device)) this.#ensureRun(rollout, device);
  }

  /** Devices that planned work does not cover for as long as they may take to go back; says so of the rollout. */
  async #waitForWork(rollout: Rollout, next: readonly RolloutDevice[]): Promise<readonly RolloutDevice[]> {
    const { work, clock, store } = this.#options;
    const { rollbackS } = rollout;
    const ids = next.filter((device) => !this.#runs.has(keyOf(rollout, device))).map(({ deviceId }) => deviceId);
    const isBound = rollout.onlyInMaintenance && ids.length > 0;
    const covered = isBound ? await work.covering(ids, clock.now() + rollbackS * 1_000) : new Set(ids);
    const waiting = next.filter(({ deviceId }) => ids.includes(deviceId) && !covered.has(deviceId));
    const reason = waiting.length === 0 ? null : saidOf(waitsForWork(waiting, rollbackS));
    if (!isDeepStrictEqual(rollout.reason, reason)) await store.move(this.#lease, rollout.id, 'running', { reason });
    return waiting;
  }

  /** It is known what differs: in which phases and waves it is changed. */
  async #plan(rollout: Rollout): Promise<void> {
    const { store, intents } = this.#options;
    const plan = await planOf(rollout, this.#options);
    if ('refusal' in plan) return this.#stopWith(rollout, saidOf(plan.refusal));
    const waves = await this.#wavesOf(rollout, plan.first);
    if (waves === null) return;
    await store.planned(this.#lease, rollout.id, { ...plan, waves }, (trx) =>
      keepPhaseVersions(trx, plan, { rollout, intents }),
    );
    this.wake();
  }

  /** Null when it is refused: it is stopped then. */
  async #wavesOf(rollout: Rollout, devices: readonly RolloutDevice[]): Promise<readonly Wave[] | null> {
    const ids = devices.map(({ deviceId }) => deviceId);
    const waves = this.#options.paths.waves(ids, rollout.batch);
    const cuts = waves.find(({ worst }) => worst.cutsController);
    if (cuts === undefined || rollout.forcedReason !== null) return waves;
    const names = devices.filter((one) => cuts.devices.includes(one.deviceId)).map((one) => one.deviceName);
    await this.#stopWith(rollout, saidOf(cutsController(names)));
    return null;
  }

  /** Every device is through with the phase: the next begins when the network is as well as before. */
  async #endPhase(rollout: Rollout): Promise<void> {
    const next = rollout.phase + 1;
    if (next >= rollout.phases.length) return this.#finish(rollout);
    const missing = missingPartners(rollout);
    if (missing.length > 0) return this.#stopWith(rollout, saidOf(partnerMissing(missing)));
    const last = rollout.waves?.length ?? 0;
    if (last > 0 && !(await this.#passesGate(rollout, last))) return;
    const devices = devicesOfPhase(rollout, next).filter(({ state }) => state !== 'unreachable');
    const waves = await this.#wavesOf(rollout, devices);
    if (waves === null) return;
    await this.#options.store.nextPhase(this.#lease, rollout, waves);
    this.wake();
  }

  /** Reads every device, some at a time; true when it is known of each whether it differs. */
  #check(rollout: Rollout): boolean {
    const waiting = rollout.devices.filter(({ state }) => state === 'waiting');
    for (const device of waiting) {
      if (this.#runs.size >= mostChecks) break;
      this.#once(keyOf(rollout, device), () => this.#checkDevice(rollout, device));
    }
    return waiting.length === 0;
  }

  async #checkDevice(rollout: Rollout, device: RolloutDevice): Promise<void> {
    const { store, intents, door } = this.#options;
    const keep = (news: RunNews) => store.device(this.#lease, rollout.id, device.deviceId, news);
    let steps;
    try {
      const document = await intents.open(device.deviceId, device.version);
      const applied = await intents.confirmedOf(device.deviceId);
      const move = await door.moveOf(device, { document, applied });
      steps = await door.look(device.deviceId, document, applied, move);
      // It is right, perhaps; whether it answers where it shall be managed is seen in its turn.
      if (move !== null) return await keep({ state: 'checking', steps });
    } catch (error) {
      // Whom another task of ours has is looked at again when that is done.
      if (this.#stopped.signal.aborted || isBusy(error)) return;
      const { logger } = this.#options;
      const said = saidAndLogged(error, { logger, device: device.deviceId, what: 'a device could not be read' });
      return keep({ state: isRefusal(error) ? 'refused' : 'unreachable', error: said });
    }
    // What cannot be kept is no fault of the device: it is looked at again.
    if (steps.length > 0) return keep({ state: 'checking', steps });
    await store.device(this.#lease, rollout.id, device.deviceId, { state: 'unchanged', steps }, (trx) =>
      intents.confirmed(trx, device.deviceId, device.version),
    );
  }

  /** Whether the wave before was well for long enough. Stops the rollout when it is not well again in time. */
  async #passesGate(rollout: Rollout, wave: number): Promise<boolean> {
    const { store, clock, paths, health, gateMs = defaultGateMs } = this.#options;
    const behind = paths.behind.bind(paths);
    const gate = gateBehind(rollout, wave, { behind, health, now: clock.now(), withinMs: gateMs });
    const reason = 'worse' in gate ? saidOf(gateClosed(gate.worse, wave)) : null;
    if (gate.state === 'shut' && reason !== null) await this.#stopWith(rollout, reason);
    else if (gate.state !== 'open' && !isDeepStrictEqual(rollout.reason, reason))
      await store.move(this.#lease, rollout.id, 'running', { reason });
    return gate.state === 'open';
  }

  async #finish(rollout: Rollout): Promise<void> {
    const { store } = this.#options;
    const missing = rollout.devices.filter(({ state }) => !rightRunStates.has(state));
    const reason = missing.length === 0 ? null : saidOf(incomplete(missing));
    const state = missing.length === 0 ? 'done' : 'stopped';
    if (await store.move(this.#lease, rollout.id, 'running', { state, reason, ended: true })) {
      this.#tell(rollout, state === 'done' ? 'rollout.ended' : 'rollout.stopped', reason);
      this.wake();
    }
  }

  async #stopWith(rollout: Rollout, reason: Said): Promise<void> {
    await this.#options.store.move(this.#lease, rollout.id, 'running', { state: 'stopping', reason });
    this.wake();
  }

  #isUnderWay(rollout: Rollout): boolean {
    return rollout.devices.some(
      (device) => touchedRunStates.has(device.state) || this.#runs.has(keyOf(rollout, device)),
    );
  }

  #ensureRun(rollout: Rollout, device: RolloutDevice): void {
    const lease = this.#lease;
    const { signal } = this.#stopped;
    this.#once(keyOf(rollout, device), () => changeDevice(rollout, device, { ...this.#options, lease, signal }));
  }

  #once(key: string, work: () => Promise<void>): void {
    if (this.#runs.has(key) || this.#stopped.signal.aborted) return;
    const run = work()
      .finally(() => this.#runs.delete(key))
      .then(
        () => this.wake(),
        (error: unknown) => {
          // The next round tries it again: what fails at once would else be tried ten times a second.
          if (error instanceof RunStopped || error instanceof LeaseLost) return;
          this.#options.logger.error({ err: error, run: key }, 'a step of a rollout failed; it is tried again');
        },
      );
    this.#runs.set(key, run);
  }

  #stopRuns(): void {
    if (this.#runs.size === 0) return;
    this.#stopped.abort();
    this.#stopped = new AbortController();
  }

  #tell(rollout: Rollout, key: RolloutNews['key'], reason: Said | null): void {
    this.#options.tell({ key, rollout, device: null, reason });
  }
}

function keyOf(rollout: Pick<Rollout, 'id'>, device: Pick<RolloutDevice, 'deviceId'>): string {
  return `${rollout.id} ${device.deviceId}`;
}
