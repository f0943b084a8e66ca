import { ArungError } from '../../domain/errors.ts';
import type { Said } from '../../domain/rollout.ts';

/** An error as it is kept: its stable name, so that it can be told in the reader's language. */
export function saidOf(error: unknown): Said {
  if (error instanceof ArungError) {
    return { code: error.code, message: error.message, arguments: { ...error.arguments } };
  }
  // What our own faults say may hold anything: the log has it, with its place.
  return { code: 'internal', message: 'Arung has failed at it: its log says where.', arguments: {} };
}
