import { Type, type Static } from 'typebox';
import { severities, type Severity } from './alert.ts';
import type { DeviceRole } from './device.ts';
import type { Network, SiteKind } from './site.ts';

const text = (maxLength: number) => Type.String({ maxLength });
const optional = Type.Optional;

/** What a rule looks at: a field of a measurement, of all sensors or of those whose key begins so. */
const looksAt = {
  measurement: Type.String({ minLength: 1, maxLength: 120, examples: ['interface'] }),
  field: Type.String({ minLength: 1, maxLength: 120, examples: ['in_bps'] }),
  /** Only of sensors whose key begins with this. */
  sensor: optional(Type.String({ maxLength: 120, examples: ['temperature.'] })),
};
const bounds = {
  above: optional(Type.Number({ examples: [85] })),
  below: optional(Type.Number()),
};

/** When an alert begins to hold. Values are in the field's unit, or in percent of the interface's speed. */
export const RuleCondition = Type.Union([
  Type.Object(
    {
      kind: Type.Literal('threshold'),
      ...looksAt,
      ...bounds,
      /** It ceases only on this side of the bound: hysteresis. The bound itself when not given. */
      clear: optional(Type.Number({ examples: [75] })),
      /** `speed`: the value is taken in percent of the speed of its interface. */
      percentOf: optional(Type.Unsafe<'speed'>(Type.Enum(['speed']))),
    },
    { additionalProperties: false },
  ),
  Type.Object(
    {
      kind: Type.Literal('rate'),
      ...looksAt,
      ...bounds,
      /** The change is taken over at least so many seconds. */
      overS: Type.Integer({ minimum: 1, maximum: 86_400, examples: [300] }),
    },
    { additionalProperties: false },
  ),
  Type.Object(
    {
      kind: Type.Literal('change'),
      ...looksAt,
      /** A smaller difference is none. */
      by: optional(Type.Number({ minimum: 0 })),
      /** So long after the last change it ceases. */
      holdS: Type.Integer({ minimum: 1, maximum: 86_400, examples: [900] }),
    },
    { additionalProperties: false },
  ),
  Type.Object(
    {
      kind: Type.Literal('absence'),
      ...looksAt,
      /** Nothing was measured for so many seconds, after something was. */
      afterS: Type.Integer({ minimum: 10, maximum: 604_800, examples: [300] }),
    },
    { additionalProperties: false },
  ),
  Type.Object(
    {
      kind: Type.Literal('unusual'),
      ...looksAt,
      /** So many times what is usual at this hour of the week. */
      times: Type.Number({ exclusiveMinimum: 1, maximum: 1_000, examples: [2] }),
      /** Less than this is never unusual. */
      atLeast: Type.Number({ examples: [50_000_000] }),
    },
    { additionalProperties: false },
  ),
]);
export type RuleCondition = Static<typeof RuleCondition>;

/** Where a rule holds: all that is given must fit; nothing given fits everywhere. */
export const RuleScope = Type.Object(
  {
    regions: optional(Type.Array(Type.String({ maxLength: 13, examples: ['73.08.02'] }), { maxItems: 100 })),
    networks: optional(Type.Array(Type.Unsafe<Network>(text(40)), { maxItems: 4 })),
    siteKinds: optional(Type.Array(Type.Unsafe<SiteKind>(text(40)), { maxItems: 8 })),
    roles: optional(Type.Array(Type.Unsafe<DeviceRole>(text(40)), { maxItems: 16 })),
    /** One of these tags of the device or its site. */
    tags: optional(Type.Array(text(60), { maxItems: 50 })),
  },
  { additionalProperties: false },
);
export type RuleScope = Static<typeof RuleScope>;

export const AlertRule = Type.Object(
  {
    /** Stable name, also in files. */
    key: Type.String({ pattern: '^[a-z0-9]+([.-][a-z0-9]+)*$', maxLength: 80, examples: ['link.load'] }),
    /** What a person reads, in the language of who wrote it. */
    name: Type.String({ minLength: 1, maxLength: 120 }),
    severity: Type.Unsafe<Severity>(Type.Enum([...severities])),
    /** It must hold so long before somebody is told. */
    forS: Type.Integer({ minimum: 0, maximum: 604_800, examples: [300] }),
    condition: RuleCondition,
    scope: RuleScope,
    isEnabled: Type.Boolean(),
  },
  { additionalProperties: false },
);
export type AlertRule = Static<typeof AlertRule>;

/** What keeps a rule from being evaluated: the field and a sentence; null when nothing does. */
export function problemOfRule({ condition }: Pick<AlertRule, 'condition'>): { field: string; message: string } | null {
  if (condition.kind !== 'threshold' && condition.kind !== 'rate') return null;
  const { above, below } = condition;
  if ((above === undefined) === (below === undefined)) {
    return { field: 'condition', message: 'A bound is either above or below: give exactly one of the two.' };
  }
  if (condition.kind === 'rate' || condition.clear === undefined) return null;
  const { clear } = condition;
  if (above !== undefined && clear > above) {
    return { field: 'condition.clear', message: `It can cease only below its bound: ${clear} is above ${above}.` };
  }
  if (below !== undefined && clear < below) {
    return { field: 'condition.clear', message: `It can cease only above its bound: ${clear} is below ${below}.` };
  }
  return null;
}
