import type { ComplianceKind, ComplianceSettings, ComplianceState } from '../../../../src/domain/compliance.ts';
import type { Said } from '../../../../src/domain/rollout.ts';
import { t } from '../lib/i18n.svelte.ts';

/** `GET /compliance/rules`. */
export interface RuleView {
  readonly id: string;
  readonly kind: ComplianceKind;
  readonly name: string;
  readonly enabled: boolean;
  readonly settings: ComplianceSettings;
}

/** `GET /compliance/summary`. */
export interface SummaryView {
  readonly devices: number;
  readonly clean: number;
  readonly rules: readonly {
    readonly ruleId: string;
    readonly right: number;
    readonly wrong: number;
    readonly unknown: number;
    readonly accepted: number;
  }[];
  readonly districts: readonly {
    readonly code: string;
    readonly name: string;
    readonly devices: number;
    readonly clean: number;
  }[];
}

/** `GET /compliance/results`. */
export interface ResultView {
  readonly deviceId: string;
  readonly device: string;
  readonly site: string;
  readonly district: string;
  readonly ruleId: string;
  readonly kind: ComplianceKind;
  readonly rule: string;
  readonly state: ComplianceState;
  readonly found: readonly string[];
  readonly since: string;
  /** Why its configuration could not be read. */
  readonly reason: Said | null;
  readonly exception: {
    readonly id: string;
    readonly reason: string;
    readonly until: string;
    readonly by: string;
  } | null;
}

/** What a rule is called. */
export function ruleName({
  kind,
  name,
  settings,
}: Pick<RuleView, 'kind' | 'name'> & { readonly settings?: ComplianceSettings }): string {
  if (kind === 'line') return name;
  if (kind === 'firmware') return t('compliance.rule.firmware', { minimum: settings?.minimum ?? '' });
  return t(`compliance.rule.${kind}`);
}

/** What to do so that it is right. */
export function adviceOf({ kind, settings }: Pick<RuleView, 'kind' | 'settings'>): string {
  if (kind === 'line') {
    const text = settings.text ?? '';
    return settings.must === false ? t('compliance.advice.line-gone', { text }) : t('compliance.advice.line', { text });
  }
  if (kind === 'firmware') return t('compliance.advice.firmware', { minimum: settings.minimum ?? '' });
  return t(`compliance.advice.${kind}`);
}

export const glyphOfState = { right: 'up', wrong: 'warning', unknown: 'unknown', accepted: 'off' } as const;

export function stateOfResult({ state, exception }: ResultView): keyof typeof glyphOfState {
  return state === 'wrong' && exception !== null ? 'accepted' : state;
}
