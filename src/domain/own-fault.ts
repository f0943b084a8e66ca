/** What the controller needs beside itself. */
export type OwnPart = 'database' | 'broker' | 'metrics';

/** A part that does not do its work. It changes no state of the network. */
export interface OwnFault {
  readonly part: OwnPart;
  /** Milliseconds since the epoch. */
  readonly since: number;
  /** Points, or states and events, that are kept for it; null where nothing is. */
  readonly waiting: number | null;
}
