import { externalPrefix, type AlertRule, type RuleCondition } from '../../domain/alert-rule.ts';
import { isMeasurement, measurements, type Measurement, type Series } from '../../domain/point.ts';

/** A column that a rule looks at, and the one it is taken in percent of; -1: none. */
export interface LookedAt {
  readonly field: string;
  readonly column: number;
  readonly ofColumn: number;
}

const nothing: readonly LookedAt[] = [];

/** The measurement of ours in which a rule finds what it looks at; null for a name that is none. */
export function measurementOf({ measurement }: Pick<RuleCondition, 'measurement'>): Measurement | null {
  if (measurement.startsWith(externalPrefix)) return 'external';
  return isMeasurement(measurement) ? measurement : null;
}

/** The columns of a series that a rule looks at, wherever the series lies; empty when it is none of its. */
export function columnsOf({ condition }: Pick<AlertRule, 'condition'>, series: Series): readonly LookedAt[] {
  const { sensor, exceptSensors } = condition;
  const key = series.tags.sensor;
  if (sensor !== undefined && key?.startsWith(sensor) !== true) return nothing;
  if (exceptSensors?.some((one) => key?.startsWith(one) === true) === true) return nothing;
  const named = [condition.field, ...(condition.otherFields ?? [])];
  if (condition.measurement.startsWith(externalPrefix)) {
    const name = condition.measurement.slice(externalPrefix.length);
    const isMeant = named.some((field) => isNamed(key ?? '', name, field));
    return isMeant ? [{ field: 'value', column: 0, ofColumn: -1 }] : nothing;
  }
  const fields: readonly string[] = measurements[series.measurement].fields;
  const percentOf = condition.kind === 'threshold' ? condition.percentOf : undefined;
  const ofColumn = percentOf === undefined || percentOf === 'speed' ? -1 : fields.indexOf(percentOf);
  return named.map((field) => ({ field, column: fields.indexOf(field), ofColumn })).filter(({ column }) => column >= 0);
}

/** Whether the key of an external series is of this measurement and field: `disk,path=/ used_percent`. */
function isNamed(key: string, measurement: string, field: string): boolean {
  const head = escaped(measurement);
  if (!key.startsWith(head) || !key.endsWith(` ${escaped(field)}`)) return false;
  const after = key[head.length];
  return after === ',' || after === ' ';
}

/** As line protocol escapes a name. */
function escaped(name: string): string {
  return name.replace(/[,= \\]/g, '\\$&');
}
