import type { SourceIdentity } from '../domain/external-source.ts';
import { sourceKey } from '../domain/external-source.ts';
import { timestampSeconds, type DecodedLines, type LinePoint, type Precision } from './line-protocol.ts';

export type ExternalRefusal = 'syntax' | 'no-identity' | 'in-the-future' | 'unprintable' | 'too-long' | 'no-number';

/** One line of a publisher: what it is about, and its numbers by the name of their series. */
export interface ExternalPoint {
  readonly key: string;
  readonly measurement: string;
  /** Seconds since the epoch, to the microsecond: as its publisher has it, as far as a store can keep it. */
  readonly time: number;
  readonly values: readonly (readonly [series: string, value: number])[];
  /** Whether the thing itself must have spoken for this line to exist. */
  readonly alive: boolean;
}

export interface ExternalPoints {
  readonly points: readonly ExternalPoint[];
  /** By `sourceKey`. */
  readonly identities: ReadonlyMap<string, SourceIdentity>;
  readonly refused: ReadonlyMap<ExternalRefusal, number>;
}

/** Points from further ahead are from a clock that is wrong. */
const maxAheadS = 120;
const maxIdentityLength = 200;
const maxSeriesLength = 400;
// oxlint-disable-next-line no-control-regex
const unprintable = /[\u0000-\u001f\u007f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufffd]/;

/**
 * The lines of Telegraf or another publisher. Numbers, integers and booleans are kept, texts are not: a store of numbers
 * has no place for them. A line without a time is of now, as InfluxDB takes it.
 */
export function readExternal(
  lines: DecodedLines,
  options: { readonly precision: Precision; readonly nowS: number; readonly identityTags: readonly string[] },
): ExternalPoints {
  const { precision, nowS, identityTags } = options;
  const refused = new Map<ExternalRefusal, number>();
  const refuse = (reason: ExternalRefusal): void => void refused.set(reason, (refused.get(reason) ?? 0) + 1);
  if (lines.errors.length > 0) refused.set('syntax', lines.errors.length);
  const points: ExternalPoint[] = [];
  const identities = new Map<string, SourceIdentity>();
  for (const line of lines.points) {
    const identity = identityOf(line, identityTags);
    if (identity === null) {
      refuse('no-identity');
      continue;
    }
    const time = timestampSeconds(line.timestamp, precision) ?? nowS;
    if (time > nowS + maxAheadS) {
      refuse('in-the-future');
      continue;
    }
    const values = valuesOf(line, identity.tag);
    if (typeof values === 'string') {
      refuse(values);
      continue;
    }
    const key = sourceKey(identity);
    identities.set(key, identity);
    points.push({ key, measurement: line.measurement, time, values, alive: provesLife(line) });
  }
  return { points, identities, refused };
}

/** The first of the tags that a line has; of a web address only its host. */
function identityOf(line: LinePoint, identityTags: readonly string[]): SourceIdentity | null {
  for (const tag of identityTags) {
    const given = line.tags.get(tag);
    if (given === undefined) continue;
    const value = tag === 'url' && given.includes('://') ? hostOf(given) : given;
    const publisher = line.tags.get('host') ?? '';
    if (value.length > maxIdentityLength || publisher.length > maxIdentityLength) return null;
    return unprintable.test(value + publisher) ? null : { tag, value, publisher };
  }
  return null;
}

function hostOf(url: string): string {
  return URL.parse(url)?.hostname ?? url;
}

function valuesOf(line: LinePoint, identityTag: string): (readonly [string, number])[] | ExternalRefusal {
  let head = escaped(line.measurement);
  for (const tag of [...line.tags.keys()].sort()) {
    if (tag !== identityTag) head += `,${escaped(tag)}=${escaped(line.tags.get(tag) ?? '')}`;
  }
  if (unprintable.test(head)) return 'unprintable';
  const values: (readonly [string, number])[] = [];
  for (const [field, value] of line.fields) {
    if (typeof value === 'string') continue;
    const series = `${head} ${escaped(field)}`;
    if (series.length > maxSeriesLength) return 'too-long';
    if (unprintable.test(field)) return 'unprintable';
    values.push([series, Number(value)]);
  }
  return values.length === 0 ? 'no-number' : values;
}

/** As line protocol escapes a name: a series with `=1` behind it is a line again. */
function escaped(name: string): string {
  return name.replace(/[,= \\]/g, '\\$&');
}

/** What Telegraf writes also when nobody answered: `ping` without a packet back, a result code that is not success. */
function provesLife({ fields }: LinePoint): boolean {
  const received = fields.get('packets_received');
  if (received !== undefined) return Number(received) > 0;
  const result = fields.get('result_code');
  return result === undefined || Number(result) === 0;
}
