import type { Logger } from 'pino';
import type { Clock } from '../../domain/clock.ts';
import type { ConfigurationStep } from '../../domain/configuration-step.ts';
import { ArungError } from '../../domain/errors.ts';
import type { DeviceId } from '../../domain/ids.ts';
import type { IntentDocument } from '../../domain/intent.ts';
import type { DeviceRunState, Said } from '../../domain/rollout.ts';
import { isBusy } from '../drivers/device-errors.ts';
import type {
  ConfigurationDriver,
  ConfigurationSession,
  DeviceRollback,
  DeviceTarget,
  SessionOptions,
} from '../drivers/driver.ts';
import type { Dependents } from './dependents.ts';
import { cutOff, fired, notEqual, notInTime, notThere } from './reasons.ts';
import { saidAndLogged, saidOf } from './said.ts';

/** What a run says of itself; kept before the next step is taken. */
export interface RunNews {
  readonly state: DeviceRunState;
  readonly steps?: readonly ConfigurationStep[];
  /** Milliseconds since the epoch: when the device goes back by itself. */
  readonly armedUntil?: number;
  readonly error?: Said;
}

export interface DeviceRunOptions {
  readonly deviceId: DeviceId;
  readonly driver: ConfigurationDriver;
  readonly target: DeviceTarget;
  /** Where it answers once the document stands; null: where it does now. */
  readonly addressAfter: string | null;
  readonly document: IntentDocument;
  /** What was confirmed on the device last. */
  readonly applied: IntentDocument | null;
  /** Name of the rollback on the device. */
  readonly run: string;
  /** It is there again so long after its rollback was armed, if it is not confirmed: its restart is part of it. */
  readonly rollbackS: number;
  /** Where an earlier process left it, and what it was about to change. */
  readonly begunAs: {
    readonly state: DeviceRunState;
    readonly armedUntil: number | null;
    readonly steps: readonly ConfigurationStep[];
  };
  /** What hangs on the device: it is asked for, once the change is on the device, before the rollback is taken away. */
  readonly dependents: Dependents;
  /** Keeps what the device is before it is changed for the first time. */
  readonly keepBefore: (session: ConfigurationSession) => Promise<void>;
  /** Keeps the news; what it throws ends the run where it stands. */
  readonly tell: (news: RunNews) => Promise<void>;
  /** Ends it where it stands: another controller goes on, or the device goes back by itself. */
  readonly signal: AbortSignal;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly session: SessionOptions;
}

/** Before the device goes back by itself nothing new is begun, milliseconds. */
const marginMs = 10_000;
/** Of the time until then, the last part belongs to reading back. */
const confirmShare = 0.4;
const retryMs = 2_000;
const askAgainMs = 1_000;
/** Routing protocols and satellites have found their ways again by then. */
const dependentsMs = 45_000;
/** A device that restores its copy restarts: this long after its rollback was due it should answer again; so long it is looked for. */
const lostAfterMs = 240_000;
/** Another task of ours has the device: the exports of a backup may take two minutes each. */
const busyMs = 600_000;

/** The time that is kept for a restart is a third of the whole at most: the change needs the rest. */
function firesAfterS(rollbackS: number, restartS: number): number {
  return Math.ceil(rollbackS - Math.min(restartS, rollbackS / 3));
}

/** It was told to stop: nothing is known to have failed. */
export class RunStopped extends Error {
  override readonly name = 'RunStopped';
}

/**
 * Brings one device to its document: arms the rollback on the device, applies, reads back over a new session, disarms.
 * Each step is kept before it is taken, so that whoever goes on after a crash finds out on the device how far it came.
 * Ends in one of the states of `endedRunStates`, or throws `RunStopped`.
 */
export class DeviceRun {
  readonly #options: DeviceRunOptions;

  constructor(options: DeviceRunOptions) {
    this.#options = options;
  }

  async run(): Promise<DeviceRunState> {
    const { begunAs, logger, deviceId } = this.#options;
    try {
      return begunAs.state === 'waiting' || begunAs.state === 'checking' ? await this.#begin() : await this.#resume();
    } catch (error) {
      if (error instanceof RunStopped || this.#options.signal.aborted) throw new RunStopped();
      logger.error({ err: error, device: deviceId }, 'a device could not be configured');
      throw error;
    }
  }

  /** Nothing of this run is on the device. */
  async #begin(): Promise<DeviceRunState> {
    let session: ConfigurationSession;
    try {
      session = await this.#openInTurn();
    } catch (error) {
      if (error instanceof RunStopped) throw error;
      return this.#end('unreachable', { error: this.#said(error) });
    }
    try {
      let steps: readonly ConfigurationStep[];
      try {
        steps = await this.#differences(session);
        if (steps.length > 0) await this.#options.keepBefore(session);
      } catch (error) {
        // Nothing was armed yet: there is nothing to go back from.
        const isRefused = error instanceof ArungError && error.kind === 'invalid';
        return await this.#end(isRefused ? 'refused' : 'unreachable', { error: this.#said(error) });
      }
      if (steps.length === 0) {
        const missing = await this.#missingAfter(session);
        return await (missing === null
          ? this.#end('unchanged', { steps })
          : this.#end('unreachable', { error: missing }));
      }
      await this.#tell({ state: 'arming', steps });
      return await this.#armAndApply(session);
    } catch (error) {
      if (error instanceof RunStopped) throw error;
      session.close();
      return await this.#failed(error, null);
    } finally {
      session.close();
    }
  }

  async #differences(session: ConfigurationSession): Promise<readonly ConfigurationStep[]> {
    const { driver, document, applied } = this.#options;
    return driver.plan(document, await session.read(applied === null ? [document] : [document, applied]), applied);
  }

  async #armAndApply(session: ConfigurationSession): Promise<DeviceRunState> {
    const { run, rollbackS, driver } = this.#options;
    this.#checkGoing();
    const { until } = await session.arm(run, firesAfterS(rollbackS, driver.restartS));
    await this.#tell({ state: 'applying', armedUntil: until });
    return this.#apply(session, until);
  }

  async #apply(session: ConfigurationSession, until: number): Promise<DeviceRunState> {
    const { run, document, applied, signal, clock } = this.#options;
    const applyUntil = until - Math.max(marginMs, (until - clock.now()) * confirmShare);
    try {
      await session.apply(document, { run, applied, until: applyUntil, armedUntil: until, signal });
    } catch (error) {
      if (signal.aborted) throw new RunStopped();
      // One session a device: what comes now needs a new one.
      session.close();
      return this.#failed(error, until);
    }
    session.close();
    await this.#tell({ state: 'confirming', armedUntil: until });
    return this.#confirm(until);
  }

  /** Over a new connection, as it will be from now on, and when everything that hangs on the device was heard since. */
  async #confirm(until: number): Promise<DeviceRunState> {
    const { run, document, applied, clock, dependents } = this.#options;
    const appliedAt = clock.now();
    let last: unknown = null;
    let reachedAt: number | null = null;
    dependents.ask(appliedAt);
    for (; clock.now() < until - marginMs / 2; await this.#pause(reachedAt === null ? retryMs : askAgainMs)) {
      const silent = dependents.silentSince(appliedAt);
      if (reachedAt !== null && silent.length > 0) {
        last = cutOff(silent);
        if (clock.now() - reachedAt > dependentsMs) break;
        dependents.ask(appliedAt);
        continue;
      }
      try {
        const session = await this.#open('after');
        reachedAt ??= clock.now();
        try {
          if (dependents.silentSince(appliedAt).length > 0) continue;
          const confirmation = await session.confirm(document, { run, applied });
          if (confirmation.confirmed) return await this.#end('confirmed', {});
          session.close();
          return await this.#goBack(until, saidOf(notEqual(confirmation.differences)));
        } finally {
          session.close();
        }
      } catch (error) {
        if (error instanceof RunStopped) throw error;
        if (error instanceof ArungError && error.code === 'rollback.fired') return this.#goBack(until, saidOf(error));
        last = error;
      }
    }
    return this.#goBack(until, saidOf(last ?? notInTime()));
  }

  /** An earlier process came so far; the device knows how far. */
  async #resume(): Promise<DeviceRunState> {
    const { begunAs, clock } = this.#options;
    const until = begunAs.armedUntil ?? clock.now() + this.#options.rollbackS * 1_000;
    if (begunAs.state === 'reverting') return this.#goBack(until, null);
    let session: ConfigurationSession;
    try {
      session = await this.#openUntil(until);
    } catch (error) {
      if (error instanceof RunStopped) throw error;
      return this.#goBack(until, saidOf(error));
    }
    try {
      const mine = await this.#mine(session, until);
      const steps = await this.#differences(session);
      if (mine?.state !== 'armed') {
        // Disarmed before that was kept, or not to the end; or never armed whole. What the device is says which.
        if (steps.length === 0 && mine === undefined && begunAs.state === 'arming') {
          const missing = await this.#missingAfter(session);
          return await (missing === null ? this.#end('unchanged', {}) : this.#goBack(until, missing));
        }
        if (steps.length === 0) {
          const wrong = await this.#keep(session);
          return await (wrong === null ? this.#end('confirmed', {}) : this.#goBack(until, wrong));
        }
        if (mine === undefined || begunAs.state === 'arming') {
          await this.#tell({ state: 'arming', steps });
          return await this.#armAndApply(session);
        }
        session.close();
        return await this.#goBack(until, saidOf(fired()));
      }
      if (mine.until - clock.now() < 3 * marginMs) {
        session.close();
        return await this.#goBack(mine.until, saidOf(notInTime()));
      }
      // The copy stays, and the time begins anew.
      return await this.#armAndApply(session);
    } catch (error) {
      if (error instanceof RunStopped) throw error;
      session.close();
      return await this.#failed(error, until);
    } finally {
      session.close();
    }
  }

  /**
   * Something was refused or broke. A driver that could undo it all says so by any error but `apply.left-armed` and
   * `apply.left-changed`; whether something is armed, only the device can say.
   * @param until null: nothing was armed as far as we know.
   */
  async #failed(error: unknown, until: number | null): Promise<DeviceRunState> {
    const said = this.#said(error);
    const undone = error instanceof ArungError && (error.code === 'apply.undone' || error.kind === 'invalid');
    if (undone) return this.#end('refused', { error: said });
    const { clock, rollbackS } = this.#options;
    return this.#goBack(until ?? clock.now() + rollbackS * 1_000, said);
  }

  /**
   * Waits until the device is as before, and clears away what is left of the rollback: brings it back now where it answers,
   * else the device does so itself.
   */
  async #goBack(until: number, because: Said | null): Promise<DeviceRunState> {
    const { run, clock } = this.#options;
    await this.#tell({ state: 'reverting', armedUntil: until, ...(because === null ? {} : { error: because }) });
    let last: Said | null = because;
    // Who comes long after its time looks for it as long as who was there.
    const lostAt = Math.max(until, clock.now()) + lostAfterMs;
    for (; clock.now() < lostAt; await this.#pause(retryMs)) {
      try {
        const session = await this.#open('either');
        try {
          const mine = await this.#mine(session, until);
          if (mine?.state !== 'armed' && (await this.#differences(session)).length === 0) {
            // It was being confirmed, and the end of that was not kept.
            last = await this.#keep(session);
            if (last === null) return await this.#end('confirmed', {});
            continue;
          }
          if (mine !== undefined) await session.revert(run);
          return await this.#end('reverted', because === null ? {} : { error: because });
        } finally {
          session.close();
        }
      } catch (error) {
        if (error instanceof RunStopped) throw error;
        last = saidOf(error);
      }
    }
    return this.#end('lost', { error: last ?? because ?? saidOf(fired()) });
  }

  /** What of this run is on the device, or is remembered of it. */
  async #mine(session: ConfigurationSession, until: number): Promise<DeviceRollback | undefined> {
    const { run, begunAs } = this.#options;
    await session.recall?.(run, { steps: begunAs.steps, until });
    return (await session.rollbacks()).find((rollback) => rollback.run === run);
  }

  /**
   * Nothing differs and nothing would go back as far as is known: the device is told to keep what it is, over the way that shall
   * work from now on, and what is left of the rollback goes: a mark may be gone, and its timer wait. Null when that is done, else
   * what is wrong. Ends the session: a device has one at a time.
   */
  async #keep(session: ConfigurationSession): Promise<Said | null> {
    const { run, document, applied, addressAfter } = this.#options;
    let over = session;
    if (addressAfter !== null) {
      session.close();
      try {
        over = await this.#open('after');
      } catch (error) {
        if (error instanceof RunStopped) throw error;
        return saidOf(notThere(addressAfter));
      }
    }
    try {
      const confirmation = await over.confirm(document, { run, applied });
      return confirmation.confirmed ? null : saidOf(notEqual(confirmation.differences));
    } finally {
      over.close();
    }
  }

  /**
   * Why what stands already is not enough: the device does not answer where it is managed from now on. Null where it does.
   * Ends the session: a device has one at a time.
   */
  async #missingAfter(session: ConfigurationSession): Promise<Said | null> {
    const { addressAfter } = this.#options;
    if (addressAfter === null) return null;
    session.close();
    try {
      (await this.#open('after')).close();
      return null;
    } catch (error) {
      if (error instanceof RunStopped) throw error;
      return saidOf(notThere(addressAfter));
    }
  }

  #said(error: unknown): Said {
    const { logger, deviceId: device } = this.#options;
    return saidAndLogged(error, { logger, device, what: 'a device could not be configured' });
  }

  async #end(state: DeviceRunState, more: Omit<RunNews, 'state'>): Promise<DeviceRunState> {
    await this.#tell({ state, ...more });
    return state;
  }

  async #tell(news: RunNews): Promise<void> {
    this.#checkGoing();
    try {
      await this.#options.tell(news);
    } catch (error) {
      this.#options.logger.warn(
        { err: error, device: this.#options.deviceId },
        'the state of a device’s change was not kept',
      );
      throw new RunStopped();
    }
  }

  #checkGoing(): void {
    if (this.#options.signal.aborted) throw new RunStopped();
  }

  async #pause(ms: number): Promise<void> {
    await this.#options.sleep(ms, this.#options.signal);
    this.#checkGoing();
  }

  /** Nothing of it has begun: it waits for whoever of ours has the device. */
  async #openInTurn(): Promise<ConfigurationSession> {
    const { clock } = this.#options;
    for (const until = clock.now() + busyMs; ; await this.#pause(retryMs)) {
      try {
        return await this.#open();
      } catch (error) {
        if (!isBusy(error) || clock.now() > until) throw error;
      }
    }
  }

  async #openUntil(until: number): Promise<ConfigurationSession> {
    for (;;) {
      try {
        return await this.#open('either');
      } catch (error) {
        if (error instanceof RunStopped || this.#options.clock.now() > until) throw error;
        await this.#pause(retryMs);
      }
    }
  }

  /** `after`: as the document will have it. `either`: as it was, or as it will be. */
  #open(as: 'before' | 'after' | 'either' = 'before'): Promise<ConfigurationSession> {
    const { driver, target, document, addressAfter, session } = this.#options;
    this.#checkGoing();
    // What stands may be the new address already: an earlier rollout came so far, or a hand.
    const moved = addressAfter === null ? {} : { address: addressAfter };
    if (as === 'before') return driver.open({ ...target, alternative: { ...target.alternative, ...moved } }, session);
    const after = driver.credentialAfter(document, target.credential);
    if (as === 'after') return driver.open({ ...target, ...moved, credential: after }, session);
    return driver.open({ ...target, alternative: { ...target.alternative, ...moved, credential: after } }, session);
  }
}
