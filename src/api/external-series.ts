import { ArungError } from '../domain/errors.ts';
import type { ResultSeries, SeriesQuery, SeriesResult } from '../metrics/store.ts';
import { decodeLines } from '../telemetry/line-protocol.ts';

/** `external/cpu` asks for what a publisher calls `cpu`, with its own fields and tags. */
export const externalPrefix = 'external/';

/**
 * The points of publishers such as Telegraf under their own names. They are kept as rows of `external`, one series for
 * each field, whose key `sensor` is measurement, tags and field as line protocol writes them.
 */
export interface ExternalName {
  readonly measurement: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly field: string;
}

/** Null for a key that is none of these. */
export function readExternalName(sensor: string): ExternalName | null {
  const [point] = decodeLines(`${sensor}=1\n`).points;
  const [field] = point?.fields.keys() ?? [];
  if (point === undefined || field === undefined) return null;
  return { measurement: point.measurement, tags: Object.fromEntries(point.tags), field };
}

/** The question as the store has it: every series of the devices; `ownNames` leaves those that were asked for. */
export function asStored(query: Omit<SeriesQuery, 'measurement'>): SeriesQuery {
  const { device } = query.filter;
  if (device === undefined) {
    throw new ArungError('invalid', 'Series of external publishers are asked by device: give filter.device.', {
      code: 'series.no-filter',
    });
  }
  return { ...query, measurement: 'external', fields: ['value'], filter: { device }, groupBy: ['device', 'sensor'] };
}

export function ownNames(
  result: SeriesResult,
  asked: { readonly measurement: string; readonly fields: readonly string[] },
): SeriesResult {
  const series = result.series.flatMap((one): ResultSeries[] => {
    const name = readExternalName(one.tags['sensor'] ?? '');
    if (name?.measurement !== asked.measurement || !asked.fields.includes(name.field)) return [];
    const { device = '' } = one.tags;
    // Its own tag `device`, if there is one, gives way to ours.
    const tags = { ...name.tags, device };
    return [{ ...one, measurement: `${externalPrefix}${name.measurement}` as never, tags, field: name.field }];
  });
  return { ...result, series };
}
