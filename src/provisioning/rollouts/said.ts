import type { Logger } from 'pino';
import { ArungError } from '../../domain/errors.ts';
import type { DeviceId } from '../../domain/ids.ts';
import type { Said } from '../../domain/rollout.ts';

/** An error as it is kept: its stable name, so that it can be told in the reader's language. */
export function saidOf(error: unknown): Said {
  if (error instanceof ArungError) {
    return { code: error.code, message: error.message, arguments: { ...error.arguments } };
  }
  // What our own faults say may hold anything: the log has it, with its place (`saidAndLogged`).
  return { code: 'internal', message: 'Arung has failed at it: its log says where.', arguments: {} };
}

/** The same of a device, and the log has what was promised of it where the fault is our own. */
export function saidAndLogged(
  error: unknown,
  { logger, device, what }: { readonly logger: Logger; readonly device: DeviceId; readonly what: string },
): Said {
  if (!(error instanceof ArungError)) logger.error({ err: error, device }, what);
  return saidOf(error);
}
