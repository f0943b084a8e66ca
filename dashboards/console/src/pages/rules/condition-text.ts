import type { AlertRule, RuleCondition, RuleScope } from '../../../../../src/domain/alert-rule.ts';
import { duration, number, quantity, rate } from '../../lib/format.ts';
import { t, textOf } from '../../lib/i18n.svelte.ts';
import { unitOf } from './rule-form.ts';

/** What a field of a measurement is called; a stranger's as they call it. */
export function fieldName(measurement: string, field: string): string {
  return textOf(`rules.of.${measurement}.${field}`) ?? `${measurement.replace(/^external\//, '')} ${field}`;
}

/** A number in the unit of what is compared. */
export function figure(value: number, unit: string): string {
  const decimals = Number.isInteger(value) ? 0 : 2;
  if (unit === 'bps' && value >= 0) return rate(value);
  return unit === '' ? number(value, decimals) : quantity(value, unit, decimals);
}

/** What a rule looks for, as a sentence: `Lalu lintas masuk, Lalu lintas keluar di atas 85 % dari kecepatannya`. */
export function conditionText(condition: RuleCondition): string {
  const { measurement, sensor } = condition;
  const fields = [condition.field, ...(condition.otherFields ?? [])];
  const named = fields.map((field) => fieldName(measurement, field)).join(', ');
  const source = sensor === undefined ? named : sensorSource(sensor);
  const unit = unitOf(measurement, condition.field, sensor);
  switch (condition.kind) {
    case 'threshold':
      return thresholdText(condition, source, unit);
    case 'rate': {
      const sign = condition.above === undefined ? '<' : '>';
      const bound = figure(condition.above ?? condition.below ?? 0, unit);
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
      if (times !== undefined) return t('rules.says.times', { source, n: figure(times, '') });
      if (share !== undefined) return t('rules.says.share', { source, percent: figure(share * 100, '') });
      return higherBy !== undefined
        ? t('rules.says.higher', { source, by: figure(higherBy, unit) })
        : t('rules.says.lower', { source, by: figure(lowerBy ?? 0, unit) });
    }
  }
}

function thresholdText(
  { measurement, above, below, percentOf, ownBound }: Extract<RuleCondition, { kind: 'threshold' }>,
  source: string,
  unit: string,
): string {
  const value = above ?? below ?? 0;
  const of = percentOf === 'speed' ? t('rules.speed') : fieldName(measurement, percentOf ?? '');
  const bound =
    percentOf === undefined ? figure(value, unit) : t('rules.says.percent-of', { bound: figure(value, '%'), of });
  const text =
    above === undefined ? t('rules.says.below', { source, bound }) : t('rules.says.above', { source, bound });
  return ownBound === true ? t('rules.says.own-bound', { text }) : text;
}

/** `Suhu` for `temperature.`, `Suhu cpu` for `temperature.cpu`. */
function sensorSource(prefix: string): string {
  const [kind = '', ...rest] = prefix.split('.');
  const instance = rest.join('.');
  return `${textOf(`sensor.${kind}`) ?? kind}${instance === '' ? '' : ` ${instance}`}`;
}

/** Where a rule holds, as words with commas; empty where it holds everywhere. */
export function scopeText(scope: RuleScope, regionName: (code: string) => string): string {
  const { regions = [], networks = [], siteKinds = [], roles = [], tags = [], carriesLink, during } = scope;
  return [
    ...regions.map(regionName),
    ...networks.map((network) => t(`network.${network}`)),
    ...siteKinds.map((kind) => t(`kind.${kind}`)),
    ...roles.map((role) => t(`role.${role}`)),
    ...tags,
    ...(carriesLink === true ? [t('rules.scope.links')] : []),
    ...(during === undefined ? [] : [t(`rules.during.${during}`)]),
  ].join(', ');
}

/** A rule in one sentence: what, for how long, where. */
export function ruleText(rule: AlertRule, regionName: (code: string) => string): string {
  const held = rule.forS === 0 ? '' : `, ${t('rules.for').toLowerCase()} ${duration(rule.forS * 1000)}`;
  const where = scopeText(rule.scope, regionName);
  return `${conditionText(rule.condition)}${held}; ${where === '' ? t('rules.everywhere') : where}.`;
}
