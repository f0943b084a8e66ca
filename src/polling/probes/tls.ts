import { once } from 'node:events';
import { isIP } from 'node:net';
import { checkServerIdentity, connect, type TLSSocket } from 'node:tls';
import { systemClock as clock } from '../../domain/clock.ts';
import { oneByOne, type Turn } from './one-by-one.ts';
import { notUp, shown, up, type ProbeOutcome } from './probe.ts';

export interface TlsCheck {
  readonly kind: 'tls';
  readonly host: string;
  readonly port: number;
  /** The name it must be valid for; the host when not given. */
  readonly serverName?: string;
  /** Fewer days than this left are degraded; 21 when not given. */
  readonly warnDays?: number;
  /** PEM of the authority that signed it, for those with one of their own. */
  readonly ca?: string;
}

const dayMs = 86_400_000;

/**
 * Looks at a certificate as a browser would: its chain, its name, its days. A broken one is told apart and its days are
 * counted all the same.
 */
export const tlsProbe = oneByOne<TlsCheck>(async (check: TlsCheck, { signal }: Turn): Promise<ProbeOutcome> => {
  const name = check.serverName ?? check.host;
  const began = clock.monotonic();
  const socket = connect({
    host: check.host,
    port: check.port,
    // Judged below: to see what is wrong with a certificate it must be seen.
    rejectUnauthorized: false,
    ...(isIP(name) === 0 ? { servername: name } : {}),
    ...(check.ca === undefined ? {} : { ca: check.ca }),
  });
  signal.addEventListener('abort', () => socket.destroy(), { once: true });
  socket.on('error', () => undefined);
  try {
    await once(socket, 'secureConnect', { signal });
    return judged(socket, name, check.warnDays ?? 21, clock.monotonic() - began);
  } finally {
    socket.destroy();
  }
});

function judged(socket: TLSSocket, name: string, warnDays: number, tookMs: number): ProbeOutcome {
  const certificate = socket.getPeerCertificate();
  const ends = Date.parse(certificate.valid_to);
  const daysLeft = (ends - clock.now()) / dayMs;
  const values = { total_ms: tookMs, tls_ms: tookMs, ...(Number.isFinite(daysLeft) ? { days_left: daysLeft } : {}) };
  const days = Math.floor(daysLeft);
  if (daysLeft < 0) return notUp('down', 'tls-expired', { days: -days }, values);
  const chain = socket.authorizationError as unknown;
  const chainCode = chain instanceof Error ? codeOrMessage(chain) : typeof chain === 'string' ? chain : '';
  // Node tells a wrong name in the same place as a broken chain; it is asked for by itself below.
  if (!socket.authorized && chainCode !== '' && chainCode !== 'ERR_TLS_CERT_ALTNAME_INVALID')
    return notUp('down', 'tls-chain', { reason: shown(chainCode) }, values);
  if (checkServerIdentity(name, certificate) !== undefined)
    return notUp('down', 'tls-name', { name: shown(name), names: shown(certificate.subjectaltname ?? '') }, values);
  if (daysLeft < warnDays) return notUp('degraded', 'tls-ends-soon', { days }, values);
  return up(values);
}

function codeOrMessage(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : error.message;
}
