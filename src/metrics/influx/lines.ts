import { measurements, seriesTagNames, type PointBatch, type Series } from '../../domain/point.ts';
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

/**
 * One line of line protocol for each row that has a value, times in microseconds: what strangers measured within one
 * second stays apart. Rows that `accepts` refuses are left out. What is no number (absent, or beyond all bounds) is no
 * field.
 */
export function linesOf(batch: PointBatch, accepts: (time: number) => boolean, lines: string[]): void {
  const names: readonly string[] = measurements[batch.measurement].fields;
  const width = names.length;
  for (const [row, series] of batch.series.entries()) {
    const time = batch.times[row] ?? NaN;
    if (!accepts(time)) continue;
    let fields = '';
    for (let field = 0; field < width; field++) {
      const value = batch.values[row * width + field] ?? NaN;
      if (!Number.isFinite(value)) continue;
      fields += (fields === '' ? ' ' : ',') + (names[field] ?? '') + '=' + String(value);
    }
    if (fields !== '') lines.push(headOf(series) + fields + ' ' + microseconds(time));
  }
}

/** Our own times are whole seconds. */
function microseconds(time: number): string {
  return Number.isInteger(time) ? String(time) + '000000' : String(Math.round(time * 1e6));
}
