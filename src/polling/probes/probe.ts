import { printable } from '../../domain/printable.ts';

/**
 * The contract of the probe family: how something is looked at from where an Agent stands. One file per kind, registered
 * in `probes.ts`. A probe takes what a person typed and what a stranger answers, and must come back within its budget.
 */
export type ProbeKind = 'icmp' | 'tcp' | 'http' | 'dns' | 'tls' | 'ntp' | 'snmp';

/** `degraded`: it works, and something about it needs a person (loss, slow, a certificate that ends soon). */
export type ProbeState = 'up' | 'degraded' | 'down';

/** The columns of a `service` point; a probe fills those that it measures. `_ms` milliseconds. */
export type ProbeValues = {
  readonly total_ms?: number;
  readonly dns_ms?: number;
  readonly connect_ms?: number;
  readonly tls_ms?: number;
  readonly first_byte_ms?: number;
  /** Of the answer: HTTP status, or a value over SNMP. */
  readonly value?: number;
  readonly loss_percent?: number;
  readonly rtt_min_ms?: number;
  readonly rtt_max_ms?: number;
  /** Mean difference between neighbouring round trips (RFC 3550, section 6.4.1, without its smoothing). */
  readonly jitter_ms?: number;
  /** Days until the certificate ends; negative once it has. */
  readonly days_left?: number;
  /** How far its clock is ahead of ours. */
  readonly offset_ms?: number;
};

/** Why a probe is not `up`: a stable code, which the console says in the reader's language, and what goes into it. */
export interface ProbeReason {
  readonly code: string;
  readonly arguments: Readonly<Record<string, string | number>>;
}

export interface ProbeOutcome {
  readonly state: ProbeState;
  /** Null while it is `up`. */
  readonly reason: ProbeReason | null;
  readonly values: ProbeValues;
}

export interface ProbeBudget {
  /** For each check, from its first packet to its last. */
  readonly timeoutMs: number;
  /** How many run side by side. */
  readonly concurrency: number;
  /** Ends everything that still runs; what it ends is `down` with the code `probe.stopped`. */
  readonly signal?: AbortSignal;
}

/** One kind of probe. Never rejects for what the other side does; the outcomes are in the order of the checks. */
export interface Probe<Check> {
  run(checks: readonly Check[], budget: ProbeBudget): Promise<readonly ProbeOutcome[]>;
}

export function up(values: ProbeValues): ProbeOutcome {
  return { state: 'up', reason: null, values };
}

export function notUp(
  state: 'degraded' | 'down',
  code: string,
  args: ProbeReason['arguments'] = {},
  values: ProbeValues = {},
): ProbeOutcome {
  return { state, reason: { code: `probe.${code}`, arguments: args }, values };
}

/** What a stranger said, as far as it is shown: one line, no control characters, not long. */
export function shown(text: string): string {
  const line = printable(text);
  return line.length > 120 ? `${line.slice(0, 119)}…` : line;
}

/** Slower than it should be is degraded; 0 or nothing given: never. */
export function orSlow(outcome: ProbeOutcome, slowMs: number | undefined): ProbeOutcome {
  const took = outcome.values.total_ms;
  if (outcome.state !== 'up' || slowMs === undefined || slowMs <= 0 || took === undefined || took <= slowMs)
    return outcome;
  return notUp('degraded', 'slow', { ms: Math.round(took), limit: slowMs }, outcome.values);
}
