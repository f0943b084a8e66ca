import type { AlertRule } from '../../domain/alert-rule.ts';
import type { Evidence } from '../../domain/incident.ts';
import type { Series } from '../../domain/point.ts';
import { onBattery } from '../incidents/grouping.ts';
import { builtInRule } from './built-in.ts';
import type { Held } from './evaluator.ts';
import type { Usual } from './watch.ts';

/** What an alert was decided from: the figure that the rule fired on and its bound, or since when it holds. */
export function evidenceOf(held: Held, subjectName: string, usual: Usual): Evidence {
  const { rule, sinceS, value } = held;
  const sinceAt = sinceS * 1_000;
  if (rule.key === onBattery) return { key: 'power.on-battery', arguments: { site: subjectName, sinceAt } };
  const { kind } = rule.condition;
  const named = nameIn(rule);
  if (kind === 'absence' || kind === 'change' || Number.isNaN(value)) {
    return { key: 'rule.holds', arguments: { rule: named, sinceAt } };
  }
  const bound = boundOf(rule, usual(sinceS));
  return {
    key: 'rule.value',
    arguments: { rule: named, field: fieldOf(held.field, held.series), value: rounded(value), bound: rounded(bound) },
  };
}

/** Built-in rules are named by their key, which has words in each language; others by the words of who wrote them. */
function nameIn({ key, name }: AlertRule): string {
  return builtInRule(key)?.name === name ? key : name;
}

/** A sensor is told by its key: its field is always the same. */
function fieldOf(field: string, { tags }: Series): string {
  return tags.sensor ?? field;
}

function boundOf({ condition }: AlertRule, usual: number): number {
  switch (condition.kind) {
    case 'threshold':
    case 'rate':
      return condition.above ?? condition.below ?? Number.NaN;
    case 'unusual': {
      const { times, share, higherBy, lowerBy } = condition;
      if (higherBy !== undefined) return usual + higherBy;
      if (lowerBy !== undefined) return usual - lowerBy;
      return usual * (times ?? share ?? Number.NaN);
    }
    default:
      return Number.NaN;
  }
}

/** Four figures are what a person reads; null where nobody knows. */
function rounded(value: number): number | null {
  return Number.isFinite(value) ? Number(value.toPrecision(4)) : null;
}
