import type { AlertRule } from '../../domain/alert-rule.ts';

/** The rule with the bound that the device itself tells in place of the rule's, and the same hysteresis. */
export function withOwnBound(
  rule: AlertRule,
  limits: { readonly low?: number; readonly high?: number } | null,
): AlertRule {
  const { condition } = rule;
  if (limits === null || condition.kind !== 'threshold' || condition.ownBound !== true) return rule;
  const { above, below, clear } = condition;
  const bound = above ?? below;
  const own = above === undefined ? limits.low : limits.high;
  if (bound === undefined || own === undefined) return rule;
  const side = above === undefined ? { below: own } : { above: own };
  return {
    ...rule,
    condition: { ...condition, ...side, ...(clear !== undefined && { clear: own + (clear - bound) }) },
  };
}
