import type { MessageFault } from './snmp/request.ts';

/** Reasons for which a datagram was refused. */
export type RefusalReason = MessageFault;

/** What the engine has done since it started. Plain numbers, read by /metrics and the benchmarks. */
export class PollingCounters {
  packetsSent = 0;
  bytesSent = 0;
  packetsReceived = 0;
  bytesReceived = 0;
  /** Tries that got no answer in time. */
  timeouts = 0;
  /** Requests that got no answer in all their tries. */
  failures = 0;
  sendErrors = 0;
  /** Answers after their time was over. */
  late = 0;
  duplicates = 0;
  /** Answers under an id that was never given out, or long ago. */
  unexpected = 0;
  /** Answers to a request of ours from an address or port that was not asked. */
  wrongSource = 0;
  /** SNMP errors that devices answered: tooBig, genErr, noSuchName. */
  errorAnswers = 0;
  /** SNMPv3 Reports: engine discovery, time, refusals. */
  reports = 0;
  /** Values that became part of a point. */
  values = 0;
  /** Counter readings that gave no rate: first reading, restart, discontinuity, above the ceiling. */
  ratesWithheld = 0;
  probes = 0;
  probesLost = 0;
  readonly refused: Record<RefusalReason, number> = {
    'not-ber': 0,
    version: 0,
    'not-a-response': 0,
    head: 0,
    varbinds: 0,
    community: 0,
    unauthenticated: 0,
    unencrypted: 0,
    engine: 0,
    user: 0,
    digest: 0,
    window: 0,
    decryption: 0,
  };
}
