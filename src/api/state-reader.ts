import type { EntityKind, EntityState, LinkLoad } from '../domain/reachability.ts';

/** What is known of a device at this moment, from the stream of points; null where nothing was measured lately. */
export interface DeviceLiveFacts {
  /** Milliseconds since the epoch of its last answer of any kind. */
  readonly lastAnswerAt: number | null;
  readonly rttMs: number | null;
  readonly uptimeS: number | null;
  readonly cpuPercent: number | null;
  readonly memoryPercent: number | null;
  /** Milliseconds the last full poll took. */
  readonly pollMs: number | null;
}

/** The last sample of an interface. */
export interface InterfaceLiveFacts {
  /** IF-MIB ifOperStatus, 1 (up) to 7 (lowerLayerDown). */
  readonly operStatus: number | null;
  readonly inBps: number | null;
  readonly outBps: number | null;
}

/**
 * Live state as lists and pages of the API read it. It knows nothing of rights: the API asks only for what the reader
 * was allowed to read.
 */
export interface StateReader {
  /** Null for what is not watched: a site that is not active, a link with an end there. */
  stateOf(kind: EntityKind, id: string): EntityState | null;
  /** Everything of a kind that is not `up`. */
  idsNotUp(kind: EntityKind): readonly string[];
  deviceFacts(id: string): DeviceLiveFacts | null;
  interfaceFacts(id: string): InterfaceLiveFacts | null;
  linkLoad(id: string): LinkLoad | null;
}
