import { connect } from 'node:net';
import { once } from 'node:events';
import { systemClock as clock } from '../../domain/clock.ts';
import { oneByOne, type Turn } from './one-by-one.ts';
import { orSlow, up, type ProbeOutcome } from './probe.ts';

export interface TcpCheck {
  readonly kind: 'tcp';
  /** A name or an address. */
  readonly host: string;
  readonly port: number;
  /** Slower is degraded. */
  readonly slowMs?: number;
}

/** Opens a connection and closes it; nothing is sent. */
export const tcpProbe = oneByOne<TcpCheck>(async (check: TcpCheck, { signal }: Turn): Promise<ProbeOutcome> => {
  const began = clock.monotonic();
  const socket = connect({ host: check.host, port: check.port, signal });
  socket.on('error', () => undefined); // after `once`, too
  try {
    let lookedUp = began;
    socket.once('lookup', () => {
      lookedUp = clock.monotonic();
    });
    await once(socket, 'connect', { signal });
    const now = clock.monotonic();
    return orSlow(up({ total_ms: now - began, dns_ms: lookedUp - began, connect_ms: now - lookedUp }), check.slowMs);
  } finally {
    socket.destroy();
  }
});
