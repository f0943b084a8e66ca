import { ArungError } from '../../domain/errors.ts';
import { measurements, type PointBatch } from '../../domain/point.ts';
import { rowsOf } from './record.ts';

/** After so many refusals of one part, what is still mixed is set aside whole: a store that takes nothing is not asked for ever. */
const maxRefusals = 200;

/**
 * Writes what the store takes of a part that it refused as a whole: halves are tried until the rows that it refuses
 * stand alone. Repeats are harmless, so what was taken already may be sent again. Rejects when the store is away.
 */
export async function sift(part: {
  readonly batches: readonly PointBatch[];
  /** What the store said to the whole. */
  readonly reason: ArungError;
  readonly write: (batches: readonly PointBatch[]) => Promise<void>;
  readonly setAside: (batch: PointBatch, reason: ArungError) => void;
}): Promise<void> {
  let refusals = 1;
  const open: { readonly batches: readonly PointBatch[]; readonly reason: ArungError }[] = [
    { batches: part.batches, reason: part.reason },
  ];
  const refused: { readonly batch: PointBatch; readonly reason: ArungError }[] = [];
  for (let piece = open.pop(); piece !== undefined; piece = open.pop()) {
    const halves = refusals > maxRefusals ? null : halvesOf(piece.batches);
    if (halves === null) {
      for (const batch of piece.batches) refused.push({ batch, reason: piece.reason });
      continue;
    }
    for (const half of halves) {
      try {
        await part.write(half);
      } catch (error) {
        if (!(error instanceof ArungError) || error.kind !== 'invalid') throw error;
        refusals++;
        open.push({ batches: half, reason: error });
      }
    }
  }
  // Only now: when the store goes away in between, the part is tried again from its start.
  for (const { batch, reason } of refused) part.setAside(batch, reason);
}

/** Null when it is one row. */
function halvesOf(batches: readonly PointBatch[]): readonly (readonly PointBatch[])[] | null {
  if (batches.length > 1) {
    const middle = batches.length >> 1;
    return [batches.slice(0, middle), batches.slice(middle)];
  }
  const [batch] = batches;
  if (batch === undefined || rowsOf(batches) < 2) return null;
  const middle = batch.times.length >> 1;
  return [[rows(batch, 0, middle)], [rows(batch, middle, batch.times.length)]];
}

function rows(batch: PointBatch, from: number, to: number): PointBatch {
  const width = measurements[batch.measurement].fields.length;
  return {
    ...batch,
    series: batch.series.slice(from, to),
    times: batch.times.slice(from, to),
    values: batch.values.slice(from * width, to * width),
  };
}
