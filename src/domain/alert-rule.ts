import { Type, type Static } from 'typebox';
import { severities, type Severity } from './alert.ts';
import { deviceRoles, type DeviceRole } from './device.ts';
import { isMeasurement, measurements } from './point.ts';
import { isRegionCode } from './region.ts';
import { networks, siteKinds, type Network, type SiteKind } from './site.ts';

const text = (maxLength: number) => Type.String({ maxLength });
const optional = Type.Optional;

/** What a rule looks at: a field of a measurement, of all sensors or of those whose key begins so. */
const looksAt = {
  /** One of ours, or `external/NAME`: what a Telegraf calls NAME, with its own fields. */
  measurement: Type.String({ minLength: 1, maxLength: 120, examples: ['interface'] }),
  field: Type.String({ minLength: 1, maxLength: 120, examples: ['in_bps'] }),
  /** These fields, too, each by itself: the other direction of an interface. */
  otherFields: optional(Type.Array(Type.String({ minLength: 1, maxLength: 120 }), { maxItems: 8 })),
  /** Only of sensors whose key begins with this. */
  sensor: optional(Type.String({ maxLength: 120, examples: ['temperature.'] })),
  /** And not of those whose key begins with one of these. */
  exceptSensors: optional(Type.Array(text(120), { maxItems: 20 })),
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
      /** `speed`: in percent of the speed of its interface. Else in percent of that field of the same reading. */
      percentOf: optional(Type.String({ minLength: 1, maxLength: 120, examples: ['speed'] })),
      /** Where the device itself tells what is too much (`above`) or too little, that is the bound. */
      ownBound: optional(Type.Boolean()),
      /** The sign does not matter: a clock may be fast or slow. */
      absolute: optional(Type.Boolean()),
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
      /** So many changes within `holdS` and not one alone: it flaps. */
      times: optional(Type.Integer({ minimum: 2, maximum: 1_000 })),
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
      /** More than so many times what is usual at this hour of the week… */
      times: optional(Type.Number({ exclusiveMinimum: 1, maximum: 1_000, examples: [2] })),
      /** …or less than this share of it… */
      share: optional(Type.Number({ exclusiveMinimum: 0, exclusiveMaximum: 1, examples: [0.5] })),
      /** …or more than so much above it, or below it, in the field's unit. */
      higherBy: optional(Type.Number({ exclusiveMinimum: 0 })),
      lowerBy: optional(Type.Number({ exclusiveMinimum: 0, examples: [3] })),
      /** A value (with `share` and `lowerBy`: a usual value) of less than this is never unusual. */
      atLeast: optional(Type.Number({ examples: [50_000_000] })),
    },
    { additionalProperties: false },
  ),
]);
export type RuleCondition = Static<typeof RuleCondition>;

/** Where a rule holds: all that is given must fit; nothing given fits everywhere. */
export const RuleScope = Type.Object(
  {
    regions: optional(Type.Array(Type.String({ maxLength: 13, examples: ['73.08.02'] }), { maxItems: 100 })),
    networks: optional(Type.Array(Type.Unsafe<Network>(Type.Enum([...networks])), { maxItems: 4 })),
    siteKinds: optional(Type.Array(Type.Unsafe<SiteKind>(Type.Enum([...siteKinds])), { maxItems: 8 })),
    roles: optional(Type.Array(Type.Unsafe<DeviceRole>(Type.Enum([...deviceRoles])), { maxItems: 16 })),
    /** One of these tags of the device or its site. */
    tags: optional(Type.Array(text(60), { maxItems: 50 })),
    /** Only of interfaces that carry a link of the inventory, and of light on them. */
    carriesLink: optional(Type.Boolean()),
    /** Only while the calendar of the site has such a window; nowhere where there is no calendar. */
    during: optional(Type.Unsafe<'office' | 'attendance'>(Type.Enum(['office', 'attendance']))),
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
    /** `site`: the alert is about the site, not the device: several devices there are one. */
    about: optional(Type.Unsafe<'site'>(Type.Enum(['site']))),
    isEnabled: Type.Boolean(),
  },
  { additionalProperties: false },
);
export type AlertRule = Static<typeof AlertRule>;

export interface RuleProblem {
  readonly field: string;
  readonly message: string;
}

/** What keeps a rule from being evaluated: the field and a sentence; null when nothing does. */
export function problemOfRule(rule: AlertRule): RuleProblem | null {
  const { condition, scope } = rule;
  // PostgreSQL keeps neither, RFC 8259 and Unicode allow both in JSON.
  const unkept = /(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f][0-9a-f]{2})/i.exec(JSON.stringify(rule));
  if (unkept !== null) return { field: '', message: 'A text of it holds a character that cannot be kept: remove it.' };
  const region = scope.regions?.find((code) => !isRegionCode(code));
  if (region !== undefined) return { field: 'scope.regions', message: `${region} is no Kemendagri code.` };
  return problemOfSource(condition) ?? problemOfBounds(condition);
}

/** Begins the name of what a Telegraf measures. */
export const externalPrefix = 'external/';

function problemOfSource(condition: RuleCondition): RuleProblem | null {
  const { measurement, field, otherFields = [], sensor, exceptSensors } = condition;
  if (measurement.startsWith(externalPrefix)) return null;
  if (!isMeasurement(measurement)) {
    const known = Object.keys(measurements).join(', ');
    return {
      field: 'condition.measurement',
      message: `There is no measurement ${measurement}: give one of ${known}, or ${externalPrefix}NAME.`,
    };
  }
  const { fields, tags }: { readonly fields: readonly string[]; readonly tags: readonly string[] } =
    measurements[measurement];
  const missing = (name: string | undefined): name is string => name !== undefined && !fields.includes(name);
  const percentOf = condition.kind === 'threshold' && condition.percentOf !== 'speed' ? condition.percentOf : undefined;
  const has = (name: string): string => `${measurement} has no field ${name}: it has ${fields.join(', ')}.`;
  if (missing(field)) return { field: 'condition.field', message: has(field) };
  const other = otherFields.find(missing);
  if (other !== undefined) return { field: 'condition.otherFields', message: has(other) };
  if (missing(percentOf)) return { field: 'condition.percentOf', message: has(percentOf) };
  if (condition.kind === 'threshold' && condition.percentOf === 'speed' && !tags.includes('interface')) {
    return { field: 'condition.percentOf', message: 'Only an interface has a speed.' };
  }
  if ((sensor !== undefined || exceptSensors !== undefined) && !tags.includes('sensor')) {
    return { field: 'condition.sensor', message: `${measurement} has no sensors.` };
  }
  return null;
}

function problemOfBounds(condition: RuleCondition): RuleProblem | null {
  if (condition.kind === 'unusual') {
    const { times, share, higherBy, lowerBy } = condition;
    const given = [times, share, higherBy, lowerBy].filter((one) => one !== undefined);
    if (given.length === 1) return null;
    return { field: 'condition', message: 'Give exactly one of times, share, higherBy and lowerBy.' };
  }
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
