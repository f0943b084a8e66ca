import type { Port } from './port-book.ts';

/** What is known of a device's life. */
export const Vital = { unheard: 0, alive: 1, suspect: 2, silent: 3 } as const;

/** What root cause is decided from; arrays by device index of one NetworkGraph, times in monotonic milliseconds. */
export interface Evidence {
  readonly now: number;
  /** One of `Vital`. */
  readonly vital: Uint8Array;
  /** NaN where there is none. */
  readonly firstMissAt: Float64Array;
  readonly lastAnswerAt: Float64Array;
  readonly certainAt: Float64Array;
  /** Since when it answers without an outage in between. */
  readonly answeringSince: Float64Array;
  /** The last miss; only of what is silent. */
  readonly lastMissAt: Float64Array;
  /** The port at the end of a link: what its device said of it last. */
  readonly portOf: (edge: number, end: 'a' | 'b') => Port | undefined;
}
