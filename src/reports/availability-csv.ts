import { stringify } from 'csv-stringify/sync';
import type { Spent } from '../domain/availability.ts';
import type { Availability } from './availability.ts';

const columns = [
  'code',
  'name',
  'site',
  'district',
  'region_code',
  'entities',
  'availability_percent',
  'up_s',
  'down_s',
  'unreachable_s',
  'unknown_s',
  'planned_s',
  'outages',
  'longest_outage_s',
  'from',
  'to',
] as const;

/**
 * The report as CSV (RFC 4180, UTF-8 with BOM, so that Excel reads it), one row each and none for the total. Times in
 * seconds, to the millisecond; the share in percent with four decimals, empty where nothing is known.
 */
export function availabilityCsv(report: Availability): string {
  const period = [report.from.toISOString(), report.to.toISOString()];
  const rows = report.rows.map((row) => [
    row.code,
    row.name,
    row.siteName ?? '',
    row.districtName ?? '',
    row.regionCode,
    row.entities,
    ...spentCells(row),
    ...period,
  ]);
  // What a spreadsheet would run as a formula gets an apostrophe in front (OWASP, CSV injection).
  return stringify([[...columns], ...rows], { record_delimiter: '\r\n', bom: true, escape_formulas: true });
}

function spentCells(spent: Spent): (string | number)[] {
  return [
    spent.percent === null ? '' : spent.percent.toFixed(4),
    ...[spent.upS, spent.downS, spent.unreachableS, spent.unknownS, spent.plannedS].map(rounded),
    spent.outages,
    rounded(spent.longestOutageS),
  ];
}

function rounded(seconds: number): number {
  return Math.round(seconds * 1000) / 1000;
}
