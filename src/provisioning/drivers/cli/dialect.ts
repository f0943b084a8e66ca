import type { HelpNeed } from './help.ts';
import type { Sections } from './sections.ts';

/** A question that a device asks in the middle of a command, and what is said to it. */
export interface Answer {
  /** Matches the line on which the cursor stands. */
  readonly to: RegExp;
  readonly say: string;
}

/** One line for the device, with the questions that it may ask. */
export interface CliCommand {
  readonly line: string;
  readonly answers?: readonly Answer[];
  /** Milliseconds, where it takes longer than others: writing to flash. */
  readonly deadlineMs?: number;
}

/** How a device goes back by itself unless it is told that all is well. */
export interface CliRollback {
  /**
   * What the device's own help must show first, in this order, where no page of its maker tells of it: the first that is not
   * met ends the asking. Such a way is used only when all that it leans on was read back; see `proof.ts`.
   */
  readonly shownBy?: readonly HelpNeed[];
  /** Whether the device can do it as it is configured now. */
  isUsable(sections: Sections): boolean;
  /** From exec mode. Given again while it waits, the time begins anew. */
  arm(minutes: number, isRenewal: boolean): readonly CliCommand[];
  readonly status: CliCommand;
  /** Seconds until it fires, from the answer to `status`; null when nothing waits. */
  remainingS(answer: string): number | null;
  /** Whether the answer to `status` says that nothing waits; what says neither may be somebody's. Only with `shownBy`. */
  isIdle?(answer: string): boolean;
  readonly cancel: readonly CliCommand[];
  /** Goes back at once, or after `nowAfterS` seconds. */
  readonly now: readonly CliCommand[];
  readonly nowAfterS?: number;
  /** It goes back by a restart, and the session ends with it. */
  readonly restarts: boolean;
}

/** How the name of a run is left in the running configuration: whoever comes next knows whose rollback waits. */
export interface RunMark {
  /** Lines for configuration mode. */
  set(run: string): readonly string[];
  clear(run: string): readonly string[];
  /** The run; null when there is no mark. */
  find(sections: Sections): string | null;
  /** Whether a line, or a section, is the mark's own. */
  owns(subject: string, line: string | null): boolean;
}

/**
 * How one maker's devices are talked to. One file each in `dialects/`, with the maker's pages that say so; registered in
 * `dialects/dialects.ts` in one line.
 */
export interface Dialect {
  /** `cisco-ios`. */
  readonly name: string;
  /** Whether a device speaks it, by its answer to `show version` (`display version` where the prompt is `<name>`). */
  isSpokenBy(version: string): boolean;
  /** The look of prompts: `sw1(config)#`, or `<sw1>` and `[sw1-vlan20]`. */
  readonly prompts: 'hash' | 'angle';
  /** Given after sign-in: paging off. One that is refused does no harm. */
  readonly prepare: readonly string[];
  /** A line of an answer that says no, without the blanks before it. Its text is told to people. */
  readonly refusal: RegExp;
  /** Lines that a device writes unasked, in the middle of anything. */
  readonly notice: RegExp;
  /** Into configuration mode, one mode up, and back to exec mode. */
  readonly enter: string;
  readonly up: string;
  readonly leave: string;
  /** What shows the running configuration, and the one that a restart loads. */
  readonly show: { readonly running: string; readonly saved: string };
  /** Lines of a configuration that are none: remarks, times, the end. */
  readonly noise: RegExp;
  /** What the last line of a whole configuration is; null where the maker has no mark for it. */
  readonly end: RegExp | null;
  /** Lines that open a section even when nothing is in it. */
  readonly heads: RegExp;
  /** What follows a head belongs to it until a `#`, also where it is not indented. */
  readonly endsBySign?: boolean;
  /** Sections that can be taken away whole. */
  readonly removable: RegExp;
  /** A line that stands for several, as those: `vlan batch 10 20`. Others as they are. */
  expand(line: string): readonly string[];
  /**
   * What takes a line away, in the order in which it is tried.
   * @param words those of the property that owns it; null where none does.
   */
  negate(line: string, words: string | null): readonly string[];
  readonly save: CliCommand;
  /** What the device says when it is saved. */
  readonly saved: RegExp;
  readonly mark: RunMark;
  /** Lines that would take away a timer that waits: they are not given to the device. */
  readonly cancelsRollback?: RegExp;
  /** The better one first; a device that has none of them is read only. */
  readonly rollbacks: readonly CliRollback[];
}

/** Names in marks. */
export const markPrefix = 'arung-rollback-';
