import type { MetricGroup, Plan } from '../domain/plan.ts';
import type { DevicePoller } from './device-poller.ts';
import type { PollingEngine } from './engine.ts';
import { problemOfRefusal, type PollProblem } from './refusal.ts';

/** How one device is polled: for the device's page and for whoever looks for a fault. */
export interface DevicePollReport {
  /** Where it is asked: address, with the port where it is not 161. */
  readonly place: string;
  readonly planId: string | null;
  /**
   * `paused`: it is silent, only probes go on. `refused`: it answers that it will not (SNMPv3). `unpollable`: address or
   * credential forbid it.
   */
  readonly state: 'unpollable' | 'waiting' | 'identifying' | 'polled' | 'paused' | 'refused';
  /** Sentence of the last problem; null when there is none. */
  readonly lastError: string | null;
  /** Stable name of that sentence, and what it names. */
  readonly lastErrorCode: string | null;
  readonly lastErrorArguments: PollProblem['arguments'] | null;
  /** Variables of all groups. */
  readonly values: number | null;
  readonly rttMs: number | null;
  /** How long an answer is waited for. */
  readonly timeoutMs: number | null;
  /** Tries without an answer since this poller began. */
  readonly timeouts: number | null;
  /** Probes lost in a row. */
  readonly misses: number;
  readonly restarts: number;
  /** Learned: variables in one request, bytes in one answer, requests at a time. */
  readonly variablesPerPacket: number | null;
  readonly bytesPerPacket: number | null;
  readonly window: number | null;
  /** Version of SNMP that it is read by; null when it cannot be. */
  readonly version: 'v1' | 'v2c' | 'v3' | null;
  /** Learned: rows of a GETBULK that it bears; null while it bears what is asked, and in SNMPv1, which has none. */
  readonly maxRepetitions: number | null;
  /** Learned, or SNMPv1: its tables are walked row by row. */
  readonly getNextOnly: boolean;
  /** Learned: milliseconds that it takes for each variable; null before enough was seen. */
  readonly perVariableMs: number | null;
  /** Its CPU is slow: it is asked one request at a time. */
  readonly slow: boolean;
  readonly groups: readonly GroupPollReport[];
}

export interface GroupPollReport {
  readonly group: MetricGroup;
  readonly intervalMs: number;
  /** Variables that are asked for, and those that the device turned out not to have. */
  readonly values: number;
  readonly absent: number;
  readonly packets: number;
  readonly largestPacket: number;
  /** Of the last poll: when it began (milliseconds since the epoch), how long it took, what it missed. */
  readonly lastAt: number | null;
  readonly lastMs: number | null;
  readonly lastLost: number;
  /** Milliseconds since the epoch. */
  readonly nextAt: number;
}

export function unpollableReport(address: string, problem: PollProblem): DevicePollReport {
  return {
    place: address,
    planId: null,
    state: 'unpollable',
    lastError: problem.message,
    lastErrorCode: problem.code,
    lastErrorArguments: problem.arguments,
    values: null,
    rttMs: null,
    timeoutMs: null,
    timeouts: null,
    misses: 0,
    restarts: 0,
    variablesPerPacket: null,
    bytesPerPacket: null,
    window: null,
    version: null,
    maxRepetitions: null,
    getNextOnly: false,
    perVariableMs: null,
    slow: false,
    groups: [],
  };
}

export function pollReport(poller: DevicePoller, engine: PollingEngine): DevicePollReport {
  const { peer, plan, prober } = poller;
  const problem = problemOf(poller);
  const shiftMs = engine.clock.now() - engine.clock.monotonic();
  const wall = (monotonicMs: number): number => Math.round(monotonicMs + shiftMs);
  const probed = probedVariables(plan);
  const groups: GroupPollReport[] = [
    {
      group: 'reachability',
      intervalMs: poller.probeIntervalMs,
      values: probed,
      absent: 0,
      packets: prober.packets,
      largestPacket: probed,
      lastAt: Number.isNaN(prober.lastEndMs) ? null : wall(prober.lastEndMs),
      lastMs: Number.isNaN(prober.lastRttMs) ? null : prober.lastRttMs,
      lastLost: prober.misses > 0 ? 1 : 0,
      nextAt: wall(poller.nextProbeMs),
    },
  ];
  for (const poll of poller.polls) {
    const polled = !Number.isNaN(poll.tookMs);
    groups.push({
      group: poll.group.plan.group,
      intervalMs: poll.group.plan.intervalMs,
      values: poll.group.count,
      absent: poll.group.absentCount,
      packets: poll.packetsPerPoll,
      largestPacket: poll.largestPacket,
      lastAt: polled ? wall(poll.startedMs) : null,
      lastMs: polled ? poll.tookMs : null,
      lastLost: poll.lostCount,
      nextAt: wall(poller.dueMs(poll)),
    });
  }
  return {
    place: peer.place,
    planId: plan?.id ?? null,
    state: stateOf(poller),
    lastError: problem?.message ?? null,
    lastErrorCode: problem?.code ?? null,
    lastErrorArguments: problem?.arguments ?? null,
    values: groups.reduce((sum, group) => sum + group.values, 0),
    rttMs: Number.isNaN(peer.rtt.smoothedMs) ? null : peer.rtt.smoothedMs,
    timeoutMs: peer.rtt.timeoutMs,
    timeouts: peer.timeouts,
    misses: prober.misses,
    restarts: poller.restarts,
    variablesPerPacket: peer.size.varbinds,
    bytesPerPacket: peer.size.bytes,
    window: peer.window,
    version: peer.form.version,
    maxRepetitions: peer.limits.getNextOnly ? null : peer.limits.maxRepetitions,
    getNextOnly: peer.limits.getNextOnly || peer.form.version === 'v1',
    perVariableMs: Number.isNaN(peer.limits.perVariableMs) ? null : peer.limits.perVariableMs,
    slow: peer.limits.slow,
    groups,
  };
}

function probedVariables(plan: Plan | null): number {
  return plan?.groups.find((group) => group.group === 'reachability')?.slots.length ?? 1;
}

function stateOf({ answers, peer, plan, prober }: DevicePoller): DevicePollReport['state'] {
  if (peer.form.refusal !== null && prober.misses === 0) return 'refused';
  if (!answers) return prober.misses > 0 ? 'paused' : 'waiting';
  return plan === null ? 'identifying' : 'polled';
}

function problemOf({ lastProblem, peer, prober, target }: DevicePoller): PollProblem | null {
  if (peer.form.refusal !== null) return problemOfRefusal(peer, peer.form.refusal);
  if (prober.misses === 0) return lastProblem;
  const named = { device: target.name, place: peer.place };
  const who = `${target.name} (${peer.place})`;
  if (peer.lastSendError !== null) {
    const reason = peer.lastSendError.code ?? peer.lastSendError.message;
    return {
      code: 'polling.send-failed',
      arguments: { ...named, reason },
      message: `Requests to ${who} cannot be sent (${reason}): check the route to it from this machine.`,
    };
  }
  if (peer.stranger !== null && !peer.hasAnswered) {
    return {
      code: 'polling.stranger',
      arguments: { ...named, stranger: peer.stranger },
      message: `${who} answers from another address, ${peer.stranger}: set the SNMP agent's source address to the management address, or change the address in the inventory.`,
    };
  }
  return {
    code: 'polling.silent',
    arguments: { ...named, misses: prober.misses },
    message: `${who} has not answered the last ${prober.misses} probes.`,
  };
}
