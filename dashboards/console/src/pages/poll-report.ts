/** `GET /api/v1/devices/:id/plan`. */
export interface PollReport {
  readonly planId: string | null;
  readonly values: number | null;
  readonly rttMs: number | null;
  readonly variablesPerPacket: number | null;
  readonly timeouts: number | null;
  /** A sentence; null while all is well. */
  readonly lastError: string | null;
  readonly groups: readonly {
    readonly group: string;
    readonly intervalMs: number;
    readonly values: number | null;
    readonly packets: number | null;
    /** Milliseconds since the epoch. */
    readonly lastAt: number | null;
    readonly lastMs: number | null;
  }[];
}
