import type { Severity } from '../../domain/alert.ts';
import { isWithin } from '../../domain/region.ts';
import type { Matcher, Silence } from '../../domain/silence.ts';

/** What a silence looks at; null where an alert has no such thing. */
export interface AlertFacts {
  readonly rule: string;
  readonly severity: Severity;
  readonly regionCode: string | null;
  readonly siteCode: string | null;
  readonly deviceName: string | null;
  readonly linkName: string | null;
  readonly role: string | null;
  readonly network: string | null;
  /** Of the device and its site. */
  readonly tags: readonly string[];
  /** `INS-1287`. */
  readonly incidentName: string | null;
}

/** The silence that an alert lies in, the one that lasts longest; null: it is told. */
export function silenceOf(facts: AlertFacts, silences: readonly Silence[], at: number): Silence | null {
  let longest: Silence | null = null;
  for (const silence of silences) {
    if (!lasts(silence, at) || !fits(silence, facts)) continue;
    if (longest === null || isLonger(silence, longest)) longest = silence;
  }
  return longest;
}

/** The next moment after `at` at which a silence begins or ends: what was silent may be told then; null when none does. */
export function nextSilenceEdge(silences: readonly Silence[], at: number): number | null {
  const edges = silences.flatMap(({ from, to }) => [Date.parse(from), Date.parse(to)]).filter((edge) => edge > at);
  return edges.length === 0 ? null : edges.reduce((first, edge) => Math.min(first, edge));
}

function lasts({ from, to }: Silence, at: number): boolean {
  return Date.parse(from) <= at && at < Date.parse(to);
}

function isLonger(one: Silence, other: Silence): boolean {
  const difference = Date.parse(one.to) - Date.parse(other.to);
  return difference > 0 || (difference === 0 && one.id < other.id);
}

function fits(silence: Silence, facts: AlertFacts): boolean {
  const { regionCode } = silence;
  // Whatever it says: it reaches no further than its author may.
  if (regionCode !== null && (facts.regionCode === null || !isWithin(facts.regionCode, regionCode))) return false;
  return silence.matchers.length > 0 && silence.matchers.every((matcher) => matches(matcher, facts));
}

function matches({ field, values }: Matcher, facts: AlertFacts): boolean {
  const { regionCode } = facts;
  if (field === 'region') return regionCode !== null && values.some((value) => isWithin(regionCode, value));
  const held = field === 'tag' ? facts.tags : [valueOf(field, facts)];
  return held.some((one) => one !== null && values.some((value) => sameName(value, one)));
}

function valueOf(field: Exclude<Matcher['field'], 'region' | 'tag'>, facts: AlertFacts): string | null {
  switch (field) {
    case 'rule':
      return facts.rule;
    case 'severity':
      return facts.severity;
    case 'site':
      return facts.siteCode;
    case 'device':
      return facts.deviceName;
    case 'link':
      return facts.linkName;
    case 'role':
      return facts.role;
    case 'network':
      return facts.network;
    case 'incident':
      return facts.incidentName;
  }
}

/** People type names into phones: capitals do not matter. */
function sameName(typed: string, held: string): boolean {
  return typed.toLowerCase() === held.toLowerCase();
}
