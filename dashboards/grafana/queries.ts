import { measurements, type Measurement } from '../../src/domain/point.ts';
import { fiveMinutes, hourly, raw, type Statistic, type Tier } from '../../src/metrics/influx/tiers.ts';

export const dialects = ['influxql', 'flux'] as const;
/** InfluxDB 1 is asked in InfluxQL, InfluxDB 2 in Flux. */
export type Dialect = (typeof dialects)[number];

/** What is kept how finely: see `src/metrics/influx/tiers.ts`. Each dashboard is there once for each. */
export interface Resolution {
  readonly tier: Tier;
  /** What a reader calls its reach. */
  readonly title: 'days' | 'months' | 'years';
  /** Shown at first, in Grafana's words; shorter than it is kept. */
  readonly from: string;
  /** No window is shorter. */
  readonly interval: string;
}
export const resolutions: readonly Resolution[] = [
  { tier: raw, title: 'days', from: 'now-6h', interval: '10s' },
  { tier: fiveMinutes, title: 'months', from: 'now-14d', interval: '5m' },
  { tier: hourly, title: 'years', from: 'now-365d', interval: '1h' },
];

/** One question of a panel, in no dialect: a field by time, one line for each value of `by`. */
export interface Question {
  readonly measurement: Measurement;
  readonly field: string;
  readonly aggregate: 'mean' | 'max' | 'min' | 'sum' | 'count' | 'last';
  /** Tags that lines are told apart by, which people can read; none: one line over everything. */
  readonly by: readonly string[];
  /** Tags that a variable of the dashboard narrows; the variable is called like the tag. */
  readonly chosen?: readonly string[];
}

/** The datasource of a dialect: its type is one, its uid is what provisioning gives it. */
export function datasourceOf(dialect: Dialect): { readonly type: 'influxdb'; readonly uid: string } {
  return { type: 'influxdb', uid: dialect === 'flux' ? 'arung-influxdb2' : 'arung-influxdb1' };
}

/** Where the names of what series carry as ids are asked: PostgreSQL, as `arung_reader` (`src/database/reader-role.ts`). */
export const namesDatasource = { type: 'grafana-postgresql-datasource', uid: 'arung-names' } as const;

/** The text of a question, with Grafana's own variables in it. Throws when the measurement has no such field or tag. */
export function queryText(dialect: Dialect, question: Question, tier: Tier): string {
  const { measurement, field, by, chosen = [] } = question;
  const { fields, tags }: { fields: readonly string[]; tags: readonly string[] } = measurements[measurement];
  const unknown = [field].filter((name) => !fields.includes(name));
  unknown.push(...[...by, ...chosen].filter((name) => !tags.includes(name)));
  if (unknown.length > 0) throw new Error(`${measurement} has no ${unknown.join(', ')}`);
  return dialect === 'influxql' ? influxqlText(question, tier) : fluxText(question, tier);
}

function influxqlText({ measurement, field, aggregate, by, chosen = [] }: Question, tier: Tier): string {
  const where = ['$timeFilter', ...chosen.map((tag) => `"${tag}" =~ /^$${tag}$/`)].join(' AND ');
  const group = ['time($__interval)', ...by.map((tag) => `"${tag}"`)].join(', ');
  const rolled = rolledFrom(aggregate);
  const value =
    tier.stepS === 0
      ? `${aggregate}("${field}")`
      : rolled === null
        ? `sum("${field}_sum") / sum("${field}_count")`
        : `${rolled.fn}("${field}_${rolled.of}")`;
  const from = tier.stepS === 0 ? `"${measurement}"` : `"${tier.policy}"."${measurement}"`;
  return `SELECT ${value} FROM ${from} WHERE ${where} GROUP BY ${group} fill(null)`;
}

function fluxText({ measurement, field, aggregate, by, chosen = [] }: Question, tier: Tier): string {
  const rolled = rolledFrom(aggregate);
  const isMean = tier.stepS > 0 && rolled === null;
  const names =
    tier.stepS === 0 ? [field] : rolled === null ? [`${field}_sum`, `${field}_count`] : [`${field}_${rolled.of}`];
  const filter = [
    `r._measurement == "${measurement}"`,
    `(${names.map((name) => `r._field == "${name}"`).join(' or ')})`,
    ...chosen.map((tag) => `r.${tag} =~ /^\${${tag}:regex}$/`),
  ].join(' and ');
  const fn = tier.stepS === 0 ? aggregate : isMean ? 'sum' : (rolled?.fn ?? 'sum');
  return [
    `from(bucket: v.defaultBucket${tier.stepS === 0 ? '' : ` + "/${tier.name}"`})`,
    '|> range(start: v.timeRangeStart, stop: v.timeRangeStop)',
    `|> filter(fn: (r) => ${filter})`,
    `|> group(columns: [${(isMean ? ['_field', ...by] : by).map((tag) => `"${tag}"`).join(', ')}])`,
    `|> aggregateWindow(every: v.windowPeriod, fn: ${fn}, createEmpty: true)`,
    ...(isMean
      ? [
          '|> pivot(rowKey: ["_time"], columnKey: ["_field"], valueColumn: "_value")',
          `|> map(fn: (r) => ({r with _value: r.${field}_sum / r.${field}_count}))`,
          `|> drop(columns: ["${field}_sum", "${field}_count"])`,
        ]
      : []),
  ].join('\n  ');
}

/** From what a roll-up keeps; null: a mean, which is made of two. */
function rolledFrom(aggregate: Question['aggregate']): { readonly fn: string; readonly of: Statistic } | null {
  if (aggregate === 'mean') return null;
  return aggregate === 'count' ? { fn: 'sum', of: 'count' } : { fn: aggregate, of: aggregate };
}

/** A variable: what somebody chooses by name, and series are narrowed to by id. */
export interface Variable {
  readonly name: 'site' | 'device' | 'interface' | 'service' | 'agent';
  readonly label: string;
  /** The variable before it that it depends on. */
  readonly within?: 'site' | 'device';
  /** Whether several can be chosen, and all are at first. */
  readonly several: boolean;
}

/** The question behind a variable, for PostgreSQL. */
export function namesText({ name, within }: Pick<Variable, 'name' | 'within'>): string {
  const where = within === undefined ? '' : ` where ${within}_id::text in (\${${within}:sqlstring})`;
  return `select name as __text, id::text as __value from arung_names.${name}s()${where} order by 1`;
}
