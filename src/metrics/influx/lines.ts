import { LineWriter } from '../../domain/line-writer.ts';
import { seriesTagNames, type Series } from '../../domain/point.ts';
import { lineTag, storedTag } from './tag-text.ts';

const heads = new WeakMap<Series, string>();

/** `measurement,tag=value,… `: made once a series, as the series object of a plan is the same in every batch. */
export function headOf(series: Series): string {
  const made = heads.get(series);
  if (made !== undefined) return made;
  let head: string = series.measurement;
  for (const name of seriesTagNames) {
    const value = series.tags[name];
    if (value !== undefined) head += ',' + name + '=' + lineTag(storedTag(value));
  }
  heads.set(series, head);
  return head;
}

/** Times are in microseconds: what strangers measured within one second stays apart. */
export function influxLines(): LineWriter {
  return new LineWriter({ afterTime: '000000', headOf });
}
