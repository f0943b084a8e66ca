import { ArungError } from '../domain/errors.ts';
import { measurements } from '../domain/point.ts';
import type { SeriesQuery } from './store.ts';

/** A query that would make more numbers than this is refused: it is a mistake, and would stall all others. */
const maxNumbers = 5_000_000;
/** What is measured at an unknown interval is taken as measured this often, in seconds. */
export const assumedIntervalS = 30;

/** The places of the asked fields in their measurement. Throws `invalid` for what no store can answer. */
export function checkedFields(query: SeriesQuery): number[] {
  const names: readonly string[] = measurements[query.measurement].fields;
  const fields = query.fields.map((name) => {
    const field = names.indexOf(name);
    if (field >= 0) return field;
    throw new ArungError(
      'invalid',
      `The measurement ${query.measurement} has no field ${name}: it has ${names.join(', ')}.`,
      { code: 'series.unknown-field' },
    );
  });
  if (!(query.from < query.to)) {
    throw new ArungError('invalid', 'The range of a query ends before it begins: give from < to.', {
      code: 'series.empty-range',
    });
  }
  if ('stepS' in query.step && (!Number.isInteger(query.step.stepS) || query.step.stepS < 1)) {
    throw new ArungError('invalid', 'The step of a query is a whole number of seconds, at least 1.', {
      code: 'series.wrong-step',
    });
  }
  return fields;
}

/** Throws `invalid` when steps times lines is more than a store should ever answer. */
export function checkSize(steps: number, lines: number): void {
  if (steps * lines <= maxNumbers) return;
  throw new ArungError(
    'invalid',
    `The query asks for ${steps} steps of ${lines} series, more than ${maxNumbers} numbers: ask for a shorter range, a longer step or fewer series.`,
    { code: 'series.too-much' },
  );
}
