/** What the controller needs beside itself. */
export type OwnPart = 'database' | 'broker' | 'metrics';

/** A part that does not do its work. It changes no state of the network. */
export interface OwnFault {
  readonly part: OwnPart;
  /** Milliseconds since the epoch. */
  readonly since: number;
  /** `disk`: this machine's disk takes nothing; null where the part itself is away, or nobody knows. */
  readonly reason: 'disk' | null;
  /** Points, or states and events, that are kept for it; null where nothing is. */
  readonly waiting: number | null;
}

/** Codes of errors that a full or broken disk of this machine makes. */
const diskCodes: ReadonlySet<string> = new Set(['metrics.disk-full', 'metrics.disk-error', 'metrics.journal-full']);

export function faultReasonOf(code: string | null): OwnFault['reason'] {
  return code !== null && diskCodes.has(code) ? 'disk' : null;
}
