import { ArungError } from '../../../domain/errors.ts';
import { isRefusal } from '../device-errors.ts';
import type { CliConfiguration } from './configuration.ts';
import type { CliRollback } from './dialect.ts';
import type { CliLine } from './line.ts';

/** Timers count whole minutes, and some show the one that has begun, others the one that is over. */
const minuteS = 60;

/**
 * What a rollback leans on, where no page of the maker tells: read back from the device before anything is changed there. What
 * cannot be read back, that a restart loads what is shown as saved, is in docs/drivers.md.
 */
export class Proof {
  readonly #line: CliLine;
  readonly #way: CliRollback;

  constructor(line: CliLine, way: CliRollback) {
    this.#line = line;
    this.#way = way;
  }

  /** Whether the device's own help shows this way, or nothing needs to be shown. */
  static async isShown(line: CliLine, way: CliRollback): Promise<boolean> {
    for (const { typed, isMetBy } of way.shownBy ?? []) {
      const help = await line.help(typed);
      if (help === null || !isMetBy(help)) return false;
    }
    return true;
  }

  /** Nothing waits yet, in words that are understood: what is not could be somebody's restart. */
  async isIdle(): Promise<void> {
    const answer = await this.#line.run(this.#way.status);
    if (this.#way.isIdle?.(answer) === false) this.#lacks(`it answers ${this.#way.status.line} in words that are not understood`); // prettier-ignore
  }

  /**
   * The saved configuration is what there was, and the mark stands in the running one alone. A device that saves by itself, or
   * did so before it set its timer, would come back with the change.
   * @param before what is to come back.
   */
  async isHeld(run: string, before: CliConfiguration): Promise<void> {
    const running = await this.#line.read();
    if (running.run !== run || !running.isSame(before))
      this.#lacks('its running configuration does not show what was set');
    const saved = await this.#line.readSaved();
    if (saved.isMarked) this.#lacks('it saves what is set by itself');
    if (!saved.isSame(before)) this.#lacks('its saved configuration is another than the one that was saved');
  }

  /** The timer waits as long as it was told. @param remainingS as the device shows it. */
  isWaiting(remainingS: number | null, withinS: number): void {
    if (remainingS === null) this.#lacks('it does not show the time that remains');
    if (remainingS < withinS - 2 * minuteS || remainingS > withinS + 2 * minuteS) this.#lacks(`it shows ${remainingS} s that remain`); // prettier-ignore
  }

  /** What ended the arming, as the caller shall hear it: a refusal is one more thing that was not shown. */
  endedBy(error: unknown): unknown {
    if (!isRefusal(error)) return error;
    return this.#unproven(`it says ${String(error.arguments['said'] ?? '')}`);
  }

  #lacks(what: string): never {
    throw this.#unproven(what);
  }

  #unproven(what: string): ArungError {
    const { name, dialect } = this.#line;
    return new ArungError(
      'unavailable',
      `${name} did not show that it would go back by itself: ${what}. Nothing was changed there.`,
      { code: 'rollback.unproven', arguments: { address: name, dialect: dialect.name } },
    );
  }
}
