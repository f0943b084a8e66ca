import { encodeOid, Tag } from './ber.ts';
import type { Refusal } from './request.ts';
import type { ResponseReader } from './response.ts';

/** What a Report says: the one counter that it carries names the reason (RFC 3414, section 5; RFC 3412, section 5). */
export type ReportReason = Exclude<Refusal, 'silent'>;

const reasons: readonly (readonly [oid: string, reason: ReportReason])[] = [
  ['1.3.6.1.6.3.15.1.1.1.0', 'unsupported-level'], // usmStatsUnsupportedSecLevels
  ['1.3.6.1.6.3.15.1.1.2.0', 'not-in-time-window'], // usmStatsNotInTimeWindows
  ['1.3.6.1.6.3.15.1.1.3.0', 'unknown-user'], // usmStatsUnknownUserNames
  ['1.3.6.1.6.3.15.1.1.4.0', 'unknown-engine'], // usmStatsUnknownEngineIDs
  ['1.3.6.1.6.3.15.1.1.5.0', 'wrong-digest'], // usmStatsWrongDigests
  ['1.3.6.1.6.3.15.1.1.6.0', 'decryption-error'], // usmStatsDecryptionErrors
  ['1.3.6.1.6.3.12.1.4.0', 'unknown-context'], // snmpUnavailableContexts
  ['1.3.6.1.6.3.12.1.5.0', 'unknown-context'], // snmpUnknownContexts
];
const encoded = reasons.map(([oid, reason]) => [encodeOid(oid), reason] as const);

/** The reason of the Report that `reader` has opened. */
export function reasonOf(reader: ResponseReader): ReportReason {
  const { body, varbindsFrom, varbindsTo } = reader;
  const list = body.subarray(varbindsFrom, varbindsTo);
  for (const [oid, reason] of encoded) {
    const at = list.indexOf(oid);
    if (at >= 2 && list[at - 1] === oid.length && list[at - 2] === Tag.oid) return reason;
  }
  return 'unknown-report';
}
