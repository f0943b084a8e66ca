import type { Clock } from '../../../domain/clock.ts';
import { ArungError } from '../../../domain/errors.ts';
import { isLoss, isRefusal } from '../device-errors.ts';
import type { DeviceRollback } from '../driver.ts';
import { notKept, otherRun } from '../endings.ts';
import type { CliConfiguration } from './configuration.ts';
import type { CliCommand, CliRollback } from './dialect.ts';
import type { CliLine } from './line.ts';
import { Proof } from './proof.ts';

/** What waits on a device: how it goes back, and when. */
interface Waiting {
  readonly way: CliRollback;
  readonly remainingS: number;
}

/** Timers of these devices count whole minutes. */
const minuteS = 60;
/** Whose a timer is that bears no mark: somebody at the device set it. */
const somebody = 'reload';

/**
 * The rollback on a switch: the configuration from before is saved, what comes after is not, and a timer brings the saved one
 * back. A mark in the running configuration names the run; it goes with the rest when the timer fires. No command holds a
 * secret.
 */
export class Rollback {
  readonly #line: CliLine;
  readonly #clock: Clock;

  constructor(line: CliLine, clock: Clock) {
    this.#line = line;
    this.#clock = clock;
  }

  async list(): Promise<readonly DeviceRollback[]> {
    const configuration = await this.#line.read();
    const { run } = configuration;
    if (run === null) return [];
    const askedAt = this.#clock.now();
    const waiting = await this.#waiting(configuration);
    if (waiting === null) return [{ state: 'spent', run }];
    return [{ state: 'armed', run, until: askedAt + waiting.remainingS * 1_000 }];
  }

  /** The run whose rollback waits; null when none does. */
  async armedRun(configuration: CliConfiguration): Promise<string | null> {
    if (configuration.run === null) return null;
    return (await this.#waiting(configuration)) === null ? null : configuration.run;
  }

  /** `isNew`: what is there now was saved as what comes back; it is not one that waits from before. */
  async arm(run: string, withinS: number): Promise<{ readonly until: number; readonly isNew: boolean }> {
    const configuration = await this.#line.read();
    const waiting = await this.#waiting(configuration);
    if (waiting !== null) {
      if (configuration.run !== run) throw otherRun(this.#line.name, configuration.run ?? somebody);
      return { ...(await this.#set(waiting.way, withinS, true)), isNew: false };
    }
    const way = await this.#usable(configuration);
    const proof = way.shownBy === undefined ? null : new Proof(this.#line, way);
    await proof?.isIdle();
    if (configuration.isMarked) await this.#unmark(configuration.run ?? run);
    await this.#saveBefore();
    let isSet = false;
    try {
      for (const line of configuration.dialect.mark.set(run)) await this.#line.configure(line);
      isSet = proof !== null;
      const set = await this.#set(way, withinS, false);
      await proof?.isHeld(run, configuration);
      return { ...set, isNew: true };
    } catch (error) {
      // Nothing was changed yet: the timer and the mark may go, also where the mark was saved.
      if (isLoss(error)) throw error;
      if (isSet) await this.#tried(way.cancel, (command) => this.#line.run(command));
      await this.#tried(configuration.dialect.mark.clear(run), (line) => this.#line.configure(line));
      if (isSet) await this.#saved();
      throw proof?.endedBy(error) ?? error;
    }
  }

  /** Takes the mark and the timer of a run away; what is there stays as it is, and is not saved. */
  async disarm(run: string): Promise<void> {
    const configuration = await this.#line.read();
    if (configuration.run !== run) return;
    await this.#cancel(configuration);
    await this.#unmark(run);
  }

  /**
   * What is there is right: it is saved, and nothing waits any more. The mark goes first, since it must not be saved; saving
   * comes before the timer, since who does not save goes back.
   */
  async keep(configuration: CliConfiguration): Promise<void> {
    if (configuration.isMarked) await this.#unmark(configuration.run ?? '');
    if (!(await this.#saved()) || !(await this.#isSavedAs(configuration))) throw notSaved(this.#line.name);
    await this.#cancel(configuration);
  }

  /** Whether a run's mark is there, and whether its timer waits. */
  async stateOf(run: string): Promise<'armed' | 'spent' | 'none'> {
    const configuration = await this.#line.read();
    if (configuration.run !== run) return 'none';
    return (await this.#waiting(configuration)) === null ? 'spent' : 'armed';
  }

  /** Goes back now. @returns whether the device starts anew, and the session is at an end; and after how many seconds. */
  async fire(run: string): Promise<{ readonly restarts: boolean; readonly afterS: number }> {
    const configuration = await this.#line.read();
    const waiting = await this.#waiting(configuration);
    const way = waiting?.way ?? (await this.#shown(configuration.dialect.rollbacks.filter(({ restarts }) => restarts)));
    if (way === null) throw unsupported(this.#line.name, configuration.dialect.name);
    for (const command of way.now) {
      try {
        await this.#line.run(command);
      } catch (error) {
        // Who starts anew takes the answer along.
        if (!way.restarts || !isLoss(error)) throw error;
      }
    }
    // The archive was made with the mark in it.
    if (!way.restarts) await this.#unmark(run);
    return { restarts: way.restarts, afterS: way.nowAfterS ?? 0 };
  }

  /** Takes the mark of a run away. */
  async #unmark(run: string): Promise<void> {
    for (const line of this.#line.dialect.mark.clear(run)) await this.#line.configure(line);
  }

  async #usable({ dialect, sections }: CliConfiguration): Promise<CliRollback> {
    const way = await this.#shown(dialect.rollbacks.filter((one) => one.isUsable(sections)));
    if (way === null) throw unsupported(this.#line.name, dialect.name);
    return way;
  }

  /** The first that its maker's pages tell of, or the device itself. */
  async #shown(ways: readonly CliRollback[]): Promise<CliRollback | null> {
    for (const way of ways) {
      if (await Proof.isShown(this.#line, way)) return way;
    }
    return null;
  }

  /** A device whose maker we do not know may say that it saved, and not have. */
  async #isSavedAs(configuration: CliConfiguration): Promise<boolean> {
    if (configuration.dialect.rollbacks.every(({ shownBy }) => shownBy === undefined)) return true;
    return (await this.#line.readSaved()).isSame(configuration);
  }

  async #waiting({ dialect, sections }: CliConfiguration): Promise<Waiting | null> {
    for (const way of dialect.rollbacks) {
      if (!way.isUsable(sections)) continue;
      const answer = await this.#line.run(way.status).catch((error: unknown) => {
        // A device that does not know the question has no timer of this sort.
        if (isRefusal(error)) return '';
        throw error;
      });
      const remainingS = way.remainingS(answer);
      if (remainingS !== null) return { way, remainingS };
    }
    return null;
  }

  async #set(way: CliRollback, withinS: number, isRenewal: boolean): Promise<{ readonly until: number }> {
    const askedAt = this.#clock.now();
    const minutes = Math.max(1, Math.floor(withinS / minuteS));
    await this.#runAll(way.arm(minutes, isRenewal));
    const remainingS = way.remainingS(await this.#line.run(way.status));
    if (way.shownBy !== undefined) new Proof(this.#line, way).isWaiting(remainingS, minutes * minuteS);
    if (remainingS === null) throw notKept(this.#line.name);
    return { until: askedAt + Math.min(withinS, minutes * minuteS) * 1_000 };
  }

  async #cancel(configuration: CliConfiguration): Promise<void> {
    const waiting = await this.#waiting(configuration);
    if (waiting === null) return;
    await this.#runAll(waiting.way.cancel);
    if ((await this.#waiting(configuration)) !== null) throw notCancelled(this.#line.name);
  }

  async #saveBefore(): Promise<void> {
    if (!(await this.#saved())) throw notKept(this.#line.name);
  }

  async #saved(): Promise<boolean> {
    const { save, saved } = this.#line.dialect;
    return saved.test(await this.#line.run(save));
  }

  /** What a device refuses of it was not there to be taken away. */
  async #tried<T>(lines: readonly T[], run: (line: T) => Promise<string>): Promise<void> {
    for (const line of lines) {
      await run(line).catch((error: unknown) => {
        if (!isRefusal(error)) throw error;
      });
    }
  }

  async #runAll(commands: readonly CliCommand[]): Promise<void> {
    for (const command of commands) await this.#line.run(command);
  }
}

function notSaved(address: string): ArungError {
  return new ArungError('unavailable', `${address} did not save its new configuration: it goes back by itself.`, {
    code: 'rollback.not-saved',
    arguments: { address },
  });
}

function notCancelled(address: string): ArungError {
  return new ArungError(
    'unavailable',
    `${address} still says that it will go back or restart, though it was told not to: cancel that on the device itself.`,
    { code: 'rollback.not-cancelled', arguments: { address } },
  );
}

function unsupported(address: string, dialect: string): ArungError {
  return new ArungError(
    'invalid',
    `${address} speaks the dialect ${dialect}, for which no way is known to go back by itself, and its own help shows none: it is read, compared and backed up, but not changed.`,
    { code: 'rollback.unsupported', arguments: { address, dialect } },
  );
}
