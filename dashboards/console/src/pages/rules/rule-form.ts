import type { AlertRule, RuleCondition } from '../../../../../src/domain/alert-rule.ts';

export const conditionKinds = ['threshold', 'rate', 'change', 'absence', 'unusual'] as const;
export type ConditionKind = (typeof conditionKinds)[number];

/** Numbers that a kind of condition asks for; each of `oneOf` groups is given once. Units: the field's, or seconds. */
export const figures = {
  threshold: ['above', 'below', 'clear'],
  rate: ['above', 'below', 'overS'],
  change: ['by', 'times', 'holdS'],
  absence: ['afterS'],
  unusual: ['times', 'share', 'higherBy', 'lowerBy', 'atLeast'],
} as const satisfies Record<ConditionKind, readonly string[]>;
export type Figure = (typeof figures)[ConditionKind][number];

/** What is typed in for the figures of a condition; empty where none is given. */
export function figuresOf(condition: RuleCondition): Readonly<Record<string, string>> {
  const given: Readonly<Record<string, unknown>> = condition;
  return Object.fromEntries(
    figures[condition.kind].map((name) => [name, typeof given[name] === 'number' ? String(given[name]) : '']),
  );
}

export interface RuleForm {
  readonly key: string;
  readonly name: string;
  readonly severity: string;
  readonly forS: string;
  readonly kind: ConditionKind;
  readonly measurement: string;
  readonly field: string;
  readonly sensor: string;
  readonly figures: Readonly<Record<string, string>>;
  readonly regions: string;
  readonly isEnabled: boolean;
}

/** The rule of a form. What the form does not ask for stays as it was in `before`, while the kind of condition does. */
export function ruleOf(form: RuleForm, before: AlertRule | null): AlertRule {
  const same = before !== null && before.condition.kind === form.kind ? before.condition : {};
  const condition: Record<string, unknown> = {
    ...same,
    kind: form.kind,
    measurement: form.measurement.trim(),
    field: form.field.trim(),
    sensor: form.sensor.trim() === '' ? undefined : form.sensor.trim(),
  };
  for (const name of figures[form.kind]) {
    const text = (form.figures[name] ?? '').trim();
    condition[name] = text === '' ? undefined : Number(text);
  }
  const codes = form.regions.split(',').map((code) => code.trim());
  const regions = codes.filter((code) => code !== '');
  const { regions: _, ...elsewhere } = before?.scope ?? {};
  // The controller checks it: what is not given there is said with its name.
  return JSON.parse(
    JSON.stringify({
      ...before,
      key: form.key.trim(),
      name: form.name.trim(),
      severity: form.severity,
      forS: Math.round(Number(form.forS)),
      condition,
      scope: { ...elsewhere, ...(regions.length === 0 ? {} : { regions }) },
      isEnabled: form.isEnabled,
    }),
  ) as AlertRule;
}
