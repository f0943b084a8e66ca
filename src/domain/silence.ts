import { Type, type Static } from 'typebox';
import type { SilenceId } from './ids.ts';

/** What a matcher looks at. `region` fits all below it; `tag` fits when one of the tags does. */
export const matcherFields = [
  'rule',
  'severity',
  'region',
  'site',
  'device',
  'link',
  'role',
  'network',
  'tag',
  'incident',
] as const;
export type MatcherField = (typeof matcherFields)[number];

/** All matchers of a silence must fit; one fits when one of its values does. */
export const Matcher = Type.Object(
  {
    field: Type.Unsafe<MatcherField>(Type.Enum([...matcherFields])),
    /** Codes of regions, codes of sites, names of devices and links, keys of rules… */
    values: Type.Array(Type.String({ minLength: 1, maxLength: 120 }), { minItems: 1, maxItems: 100 }),
  },
  { additionalProperties: false },
);
export type Matcher = Static<typeof Matcher>;

/** While it lasts nobody is told of what it fits. The alerts stay to be seen, and count as suppressed. */
export const Silence = Type.Object({
  id: Type.Unsafe<SilenceId>(Type.String()),
  matchers: Type.Array(Matcher, { minItems: 1, maxItems: 10 }),
  reason: Type.String({ minLength: 1, maxLength: 400, examples: ['Kerja serat Palattae, 2 jam'] }),
  author: Type.String(),
  /** It reaches no further, whatever its matchers say: where its author may silence. Null: everywhere. */
  regionCode: Type.Union([Type.String({ maxLength: 13, examples: ['73.08'] }), Type.Null()]),
  from: Type.String({ format: 'date-time' }),
  to: Type.String({ format: 'date-time' }),
});
export type Silence = Static<typeof Silence>;
