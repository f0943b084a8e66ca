import { describe, expect, it } from 'vitest';
import type { AlertRule } from '../../../../../src/domain/alert-rule.ts';
import { figuresOf, ruleOf, type RuleForm } from './rule-form.ts';

const before: AlertRule = {
  key: 'link.load',
  name: 'Link load',
  severity: 'warning',
  forS: 300,
  condition: {
    kind: 'threshold',
    measurement: 'interface',
    field: 'in_bps',
    otherFields: ['out_bps'],
    above: 85,
    clear: 75,
    percentOf: 'speed',
  },
  scope: { carriesLink: true, regions: ['73.08'] },
  isEnabled: true,
};
const form = (rule: AlertRule): RuleForm => ({
  key: rule.key,
  name: rule.name,
  severity: rule.severity,
  forS: String(rule.forS),
  kind: rule.condition.kind,
  measurement: rule.condition.measurement,
  field: rule.condition.field,
  sensor: rule.condition.sensor ?? '',
  figures: figuresOf(rule.condition),
  regions: (rule.scope.regions ?? []).join(', '),
  isEnabled: rule.isEnabled,
});

describe('the form of a rule', () => {
  it('gives the same rule when nothing was changed', () => {
    expect(ruleOf(form(before), before)).toEqual(before);
  });

  it('keeps what it does not ask for, and leaves out what was emptied', () => {
    const changed = { ...form(before), regions: '', figures: { above: '90', below: '', clear: '' } };
    expect(ruleOf(changed, before)).toEqual({
      ...before,
      condition: {
        kind: 'threshold',
        measurement: 'interface',
        field: 'in_bps',
        otherFields: ['out_bps'],
        above: 90,
        percentOf: 'speed',
      },
      scope: { carriesLink: true },
    });
  });

  it('takes nothing over from another kind of condition', () => {
    const changed = { ...form(before), kind: 'absence' as const, figures: { afterS: '300' } };
    expect(ruleOf(changed, before).condition).toEqual({
      kind: 'absence',
      measurement: 'interface',
      field: 'in_bps',
      afterS: 300,
    });
  });
});
