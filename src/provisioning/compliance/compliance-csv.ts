import { stringify } from 'csv-stringify/sync';
import type { ComplianceResult } from './compliance-reader.ts';

const columns = [
  'device',
  'site',
  'district',
  'region_code',
  'rule',
  'state',
  'found',
  'since',
  'accepted_until',
  'accepted_by',
  'accepted_because',
  'unknown_because',
] as const;

/** Results as CSV (RFC 4180, UTF-8 with BOM, so that Excel reads it), one row each. Times in ISO 8601. */
export function complianceCsv(results: readonly ComplianceResult[]): string {
  const rows = results.map(({ exception, ...one }) => [
    one.device,
    one.site,
    one.district,
    one.regionCode,
    one.rule === '' ? one.kind : one.rule,
    one.state === 'wrong' && exception !== null ? 'accepted' : one.state,
    one.found.join('; '),
    new Date(one.since).toISOString(),
    exception === null ? '' : new Date(exception.until).toISOString(),
    exception?.by ?? '',
    exception?.reason ?? '',
    one.reason?.message ?? '',
  ]);
  // What a spreadsheet would run as a formula gets an apostrophe in front (OWASP, CSV injection).
  return stringify([[...columns], ...rows], { record_delimiter: '\r\n', bom: true, escape_formulas: true });
}
