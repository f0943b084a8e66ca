import type { DeviceRollback } from '../driver.ts';
import { otherRun } from '../endings.ts';
import type { ZkConfiguration } from './configuration.ts';

/** What a terminal was before a run, as this program remembers it. */
export interface HeldSettings {
  readonly run: string;
  /** Milliseconds since the epoch: the run must be over by then. */
  readonly until: number;
  readonly before: ZkConfiguration;
}

/**
 * Settings that a run may have to set back. They are here and not on the terminal, which has no place for them, and does
 * nothing by itself when their time is over: they stay, for whoever reaches it then.
 */
export class HeldByAddress {
  readonly #held = new Map<string, HeldSettings>();

  /** Null when none is held for the address, or its time is over. */
  at(address: string, now: number): HeldSettings | null {
    const found = this.#held.get(address);
    return found === undefined || found.until <= now ? null : found;
  }

  /** What a run has to set back, its time over or not; null when nothing is held for it. */
  of(address: string, run: string): HeldSettings | null {
    const found = this.#held.get(address);
    return found?.run === run ? found : null;
  }

  /** Holds them, or those of the same run for longer. Throws `rollback.other-run`. */
  hold(address: string, held: HeldSettings, now: number): void {
    const there = this.at(address, now);
    if (there !== null && there.run !== held.run) throw otherRun(address, there.run);
    this.#held.set(address, there === null ? held : { ...there, until: held.until });
  }

  release(address: string, run: string): void {
    if (this.#held.get(address)?.run === run) this.#held.delete(address);
  }

  list(address: string, now: number): readonly DeviceRollback[] {
    const held = this.#held.get(address);
    if (held === undefined) return [];
    const { run, until } = held;
    return [until <= now ? { state: 'spent', run } : { state: 'armed', run, until }];
  }
}
