import type { RuleCondition } from '../../../../../src/domain/alert-rule.ts';
import { duration, number } from '../../lib/format.ts';
import { t } from '../../lib/i18n.svelte.ts';

const figure = (value: number): string => number(value, Number.isInteger(value) ? 0 : 2);

/** What a rule looks for, as a sentence: `interface in_bps, out_bps di atas 85 % dari speed`. */
export function conditionText(condition: RuleCondition): string {
  const { measurement, sensor } = condition;
  const fields = [condition.field, ...(condition.otherFields ?? [])].join(', ');
  const source = `${measurement} ${fields}${sensor === undefined ? '' : ` (${sensor}…)`}`;
  switch (condition.kind) {
    case 'threshold': {
      const bound = condition.above ?? condition.below ?? 0;
      const of = condition.percentOf === undefined ? '' : ` ${t('rules.percent-of', { of: condition.percentOf })}`;
      return `${source} ${condition.above === undefined ? '<' : '>'} ${figure(bound)}${of}`;
    }
    case 'rate': {
      const sign = condition.above === undefined ? '<' : '>';
      const bound = figure(condition.above ?? condition.below ?? 0);
      return t('rules.says.rate', { source, sign, bound, over: duration(condition.overS * 1000) });
    }
    case 'change':
      return condition.times === undefined
        ? t('rules.says.change', { source })
        : t('rules.says.changes', { source, n: condition.times, hold: duration(condition.holdS * 1000) });
    case 'absence':
      return t('rules.says.absence', { source, after: duration(condition.afterS * 1000) });
    case 'unusual': {
      const { times, share, higherBy, lowerBy } = condition;
      if (times !== undefined) return t('rules.says.times', { source, n: figure(times) });
      if (share !== undefined) return t('rules.says.share', { source, percent: figure(share * 100) });
      return higherBy !== undefined
        ? t('rules.says.higher', { source, by: figure(higherBy) })
        : t('rules.says.lower', { source, by: figure(lowerBy ?? 0) });
    }
  }
}
