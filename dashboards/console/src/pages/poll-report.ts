/** `GET /api/v1/devices/:id/plan`. */
export interface PollReport {
  readonly place: string;
  readonly planId: string | null;
  readonly state: 'unpollable' | 'waiting' | 'identifying' | 'polled' | 'paused' | 'refused';
  /** A sentence in English; null while all is well. By its code and arguments the catalogues say the same. */
  readonly lastError: string | null;
  readonly lastErrorCode: string | null;
  readonly lastErrorArguments: Readonly<Record<string, string | number>> | null;
  readonly values: number | null;
  readonly rttMs: number | null;
  readonly timeoutMs: number | null;
  readonly timeouts: number | null;
  readonly restarts: number;
  readonly variablesPerPacket: number | null;
  readonly bytesPerPacket: number | null;
  readonly window: number | null;
  readonly version: 'v1' | 'v2c' | 'v3' | null;
  readonly maxRepetitions: number | null;
  readonly getNextOnly: boolean;
  readonly perVariableMs: number | null;
  readonly slow: boolean;
  readonly groups: readonly {
    readonly group: string;
    readonly intervalMs: number;
    readonly values: number;
    readonly absent: number;
    readonly packets: number;
    readonly largestPacket: number;
    /** Milliseconds since the epoch. */
    readonly lastAt: number | null;
    readonly lastMs: number | null;
    readonly lastLost: number;
    readonly nextAt: number;
  }[];
}

/** `POST /api/v1/devices/:id/test`. */
export interface PollTest {
  readonly ok: boolean;
  /** What was found and what to do, in English, and by code. */
  readonly message: string;
  readonly code: string;
  readonly arguments: Readonly<Record<string, string | number>>;
}
