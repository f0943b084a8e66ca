import { measurements, type Measurement } from '../../src/domain/point.ts';

export const dialects = ['influxql', 'flux'] as const;
/** InfluxDB 1 is asked in InfluxQL, InfluxDB 2 in Flux. */
export type Dialect = (typeof dialects)[number];

/** One question of a panel, in no dialect: a field by time, one line for each value of `by`. */
export interface Question {
  readonly measurement: Measurement;
  readonly field: string;
  readonly aggregate: 'mean' | 'max' | 'min' | 'sum' | 'count' | 'last';
  /** Tags that lines are told apart by; none: one line over everything. */
  readonly by: readonly string[];
  /** Tags that a variable of the dashboard narrows; the variable is called like the tag. */
  readonly chosen?: readonly string[];
}

/** The datasource of a dialect: its type is one, its uid is what provisioning gives it. */
export function datasourceOf(dialect: Dialect): { readonly type: 'influxdb'; readonly uid: string } {
  return { type: 'influxdb', uid: dialect === 'flux' ? 'arung-influxdb2' : 'arung-influxdb1' };
}

/** The text of a question, with Grafana's own variables in it. Throws when the measurement has no such field or tag. */
export function queryText(dialect: Dialect, question: Question): string {
  const { measurement, field, aggregate, by, chosen = [] } = question;
  const { fields, tags }: { fields: readonly string[]; tags: readonly string[] } = measurements[measurement];
  const unknown = [field].filter((name) => !fields.includes(name));
  unknown.push(...[...by, ...chosen].filter((name) => !tags.includes(name)));
  if (unknown.length > 0) throw new Error(`${measurement} has no ${unknown.join(', ')}`);
  if (dialect === 'influxql') {
    const where = ['$timeFilter', ...chosen.map((tag) => `"${tag}" =~ /^$${tag}$/`)].join(' AND ');
    const group = ['time($__interval)', ...by.map((tag) => `"${tag}"`)].join(', ');
    return `SELECT ${aggregate}("${field}") FROM "${measurement}" WHERE ${where} GROUP BY ${group} fill(null)`;
  }
  const filter = [
    `r._measurement == "${measurement}" and r._field == "${field}"`,
    ...chosen.map((tag) => `r.${tag} =~ /^\${${tag}:regex}$/`),
  ].join(' and ');
  return [
    'from(bucket: v.defaultBucket)',
    '|> range(start: v.timeRangeStart, stop: v.timeRangeStop)',
    `|> filter(fn: (r) => ${filter})`,
    `|> group(columns: [${by.map((tag) => `"${tag}"`).join(', ')}])`,
    `|> aggregateWindow(every: v.windowPeriod, fn: ${aggregate}, createEmpty: true)`,
  ].join('\n  ');
}

/** The question behind a variable: every value of a tag that a measurement has. */
export function valuesText(dialect: Dialect, measurement: Measurement, tag: string, within: string | null): string {
  if (dialect === 'influxql') {
    const where = within === null ? '' : ` WHERE "${within}" =~ /^$${within}$/`;
    return `SHOW TAG VALUES FROM "${measurement}" WITH KEY = "${tag}"${where}`;
  }
  const where = within === null ? '' : ` and r.${within} =~ /^\${${within}:regex}$/`;
  return (
    `import "influxdata/influxdb/schema"\n` +
    `schema.tagValues(bucket: v.defaultBucket, tag: "${tag}", predicate: (r) => r._measurement == "${measurement}"${where}, start: -7d)`
  );
}
