import { seriesTagNames, type Measurement, type SeriesTagName } from '../../domain/point.ts';
import type { Aggregate, SeriesFilter } from '../store.ts';
import { quoted, storedTag } from './tag-text.ts';
import type { Tier } from './tiers.ts';

/** Condition for the tags, from ` AND`; null when nothing can match. Every value is quoted: it may come from a device. */
export function whereTags(filter: SeriesFilter): string | null {
  let text = '';
  for (const name of seriesTagNames) {
    const values = filter[name];
    if (values === undefined) continue;
    if (values.length === 0) return null;
    text += ` AND (${[...new Set(values)].map((value) => `"${name}" = ${quoted(storedTag(value))}`).join(' OR ')})`;
  }
  return text;
}

/** Two columns for a mean, one for the rest, for each field in turn. */
export function columnsOf(aggregate: Aggregate): number {
  return aggregate === 'mean' ? 2 : 1;
}

function expressions(aggregate: Aggregate, field: string, tier: Tier): string[] {
  const rolled = tier.stepS > 0;
  switch (aggregate) {
    case 'mean':
      // Of sums and counts, so that steps of several resolutions add up right.
      return rolled ? [`sum("${field}_sum")`, `sum("${field}_count")`] : [`sum("${field}")`, `count("${field}")`];
    case 'count':
      return [rolled ? `sum("${field}_count")` : `count("${field}")`];
    case 'sum':
    case 'min':
    case 'max':
    case 'last':
      return [rolled ? `${aggregate}("${field}_${aggregate}")` : `${aggregate}("${field}")`];
  }
}

/** The aggregate of each field on steps aligned to multiples of the step since the epoch (UTC). */
export function stepsQuery(query: {
  readonly measurement: Measurement;
  readonly fields: readonly string[];
  readonly tier: Tier;
  readonly aggregate: Aggregate;
  readonly where: string;
  readonly from: number;
  readonly to: number;
  readonly stepS: number;
  readonly groupBy: readonly SeriesTagName[];
}): string {
  const selected = query.fields.flatMap((field) => expressions(query.aggregate, field, query.tier));
  const groups = [`time(${query.stepS}s)`, ...query.groupBy.map((name) => `"${name}"`)];
  return (
    `SELECT ${selected.join(', ')} FROM "${query.tier.policy}"."${query.measurement}" ` +
    `WHERE time >= ${query.from}s AND time < ${query.to}s${query.where} GROUP BY ${groups.join(', ')} fill(none)`
  );
}
