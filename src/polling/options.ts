/** How the engine behaves. Times in milliseconds. */
export interface PollingOptions {
  /** Reachability probes of a device that has no plan yet; a plan says its own. */
  readonly reachabilityMs: number;
  /** Between the re-probes after a miss. */
  readonly reprobeMs: number;
  /** Re-probes after a miss, until an answer. */
  readonly reprobes: number;
  /** Sends of one request of a poll before it counts as lost. */
  readonly tries: number;
  readonly minTimeoutMs: number;
  readonly maxTimeoutMs: number;
  /** Packets per millisecond, over all devices. */
  readonly packetsPerMs: number;
  /** UDP sockets per address family. */
  readonly sockets: number;
  /** Most requests of one device under way at a time. */
  readonly window: number;
  readonly maxVarbinds: number;
  /** Expected bytes of an answer: below the usual path MTU, so that nothing is fragmented. */
  readonly maxBytes: number;
  /** So far both grow for a device that answers requests of twice the size, again and again. */
  readonly grownVarbinds: number;
  readonly grownBytes: number;
  /** Devices identified at a time. */
  readonly planConcurrency: number;
  /** One identification may take so long. */
  readonly planDeadlineMs: number;
  /** Every device is identified anew so often. */
  readonly inventoryMs: number;
  /** Counter baselines are kept on disk so often; more rarely beyond six hundred devices. */
  readonly baselinesMs: number;
}

export const defaultPollingOptions: PollingOptions = {
  reachabilityMs: 5_000,
  reprobeMs: 600,
  reprobes: 12,
  tries: 4,
  minTimeoutMs: 250,
  maxTimeoutMs: 3_000,
  packetsPerMs: 4,
  sockets: 4,
  window: 4,
  maxVarbinds: 60,
  maxBytes: 1_400,
  grownVarbinds: 320,
  grownBytes: 8_000,
  planConcurrency: 48,
  planDeadlineMs: 180_000,
  inventoryMs: 3_600_000,
  baselinesMs: 60_000,
};
