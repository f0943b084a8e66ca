import { ArungError } from '../../../domain/errors.ts';
import type { ApiAnswer, ApiCommand } from './api-client.ts';

/** A way to give commands to a router: the same commands, whatever carries them. */
export interface Transport {
  /** `10.73.8.1:8728`, for messages. */
  readonly name: string;
  /** Whether it can still be used. */
  readonly isOpen: boolean;
  /** Runs one command to its end. Throws an ArungError; `router.trap` when the device refuses it. */
  run(command: ApiCommand, deadlineMs?: number): Promise<ApiAnswer>;
  close(): void;
}

const certificateFault = /^(ERR_TLS_CERT|CERT_|DEPTH_ZERO_SELF_SIGNED|SELF_SIGNED_CERT|UNABLE_TO_(VERIFY|GET_ISSUER))/;

/** Null where the connection broke for another reason. */
export function certificateRefused(address: string, cause: NodeJS.ErrnoException): ArungError | null {
  if (!certificateFault.test(cause.code ?? '')) return null;
  return new ArungError(
    'unavailable',
    `${address} shows a certificate that nobody vouches for (${cause.message}): nothing was sent to it. Give its authority, or its own certificate.`,
    { code: 'router.certificate', arguments: { address }, cause },
  );
}
