import type { MetricGroup } from '../domain/plan.ts';

/** How one device is polled: for the device's page and for whoever looks for a fault. */
export interface DevicePollReport {
  /** Where it is asked: address, with the port where it is not 161. */
  readonly place: string;
  readonly planId: string | null;
  /** `paused`: it is silent, only probes go on. `unpollable`: address or credential forbid it. */
  readonly state: 'unpollable' | 'waiting' | 'identifying' | 'polled' | 'paused';
  /** Sentence of the last problem; null when there is none. */
  readonly problem: string | null;
  readonly rttMs: number | null;
  /** How long an answer is waited for. */
  readonly timeoutMs: number | null;
  readonly misses: number;
  readonly restarts: number;
  /** Learned: variables in one request, bytes in one answer, requests at a time. */
  readonly maxVariables: number | null;
  readonly maxBytes: number | null;
  readonly window: number | null;
  readonly groups: readonly GroupPollReport[];
}

export interface GroupPollReport {
  readonly group: MetricGroup;
  readonly intervalMs: number;
  /** Variables that are asked for, and those that the device turned out not to have. */
  readonly variables: number;
  readonly absent: number;
  readonly packets: number;
  readonly largestPacket: number;
  /** Of the last poll; null before the first. */
  readonly lastPollMs: number | null;
  readonly lastLost: number;
  readonly lastValues: number;
  /** ISO 8601. */
  readonly nextDue: string;
}
