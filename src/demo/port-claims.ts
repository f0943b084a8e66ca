import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';

export type PortKind = 'tcp' | 'udp';

/** At which no simulated device stands, and nobody listens but for a claim. */
const claimAddress = '127.0.0.73';
const everywhere = '0.0.0.0';
const mostTries = 20;

interface Held {
  readonly port: number;
  release(): void;
}

/**
 * A port for all simulated devices of a kind, each at an address of its own: the usual one, or a free one, where `count` in a
 * row are free. It is ours until this process ends: two demos that look at the same moment find different ones, and one that
 * looks while the other's devices are still being started finds it taken.
 */
export async function claimPort(kind: PortKind, usual: number, count = 1): Promise<number> {
  for (let tries = 0; tries < mostTries; tries += 1) {
    const port = tries === 0 ? usual : await freePort(kind);
    if (
      await claimAll(
        kind,
        Array.from({ length: count }, (_, i) => port + i),
      )
    )
      return port;
  }
  // Who listens there is named when the devices start.
  return usual;
}

/** Claims a port that was chosen in an earlier run, unless somebody has it by now: that shows when the devices start. */
export async function claimAgain(kind: PortKind, port: number): Promise<void> {
  await hold(kind, port, claimAddress);
}

async function claimAll(kind: PortKind, ports: readonly number[]): Promise<boolean> {
  const claims: Held[] = [];
  for (const port of ports) {
    // On every address: other programs stand on some, and so do devices of a demo that claimed nothing.
    const all = await hold(kind, port, everywhere);
    all?.release();
    const claim = all === null ? null : await hold(kind, port, claimAddress);
    if (claim !== null) {
      claims.push(claim);
      continue;
    }
    for (const one of claims) one.release();
    return false;
  }
  return true;
}

async function freePort(kind: PortKind): Promise<number> {
  const held = await hold(kind, 0, claimAddress);
  held?.release();
  return held?.port ?? 0;
}

/** Null where somebody else has it. */
async function hold(kind: PortKind, port: number, address: string): Promise<Held | null> {
  const socket = kind === 'tcp' ? createServer().unref() : createSocket('udp4').unref();
  try {
    if ('listen' in socket) socket.listen(port, address);
    else socket.bind(port, address);
    await once(socket, 'listening');
  } catch {
    socket.close();
    return null;
  }
  const bound = socket.address();
  return { port: typeof bound === 'object' && bound !== null ? bound.port : port, release: () => socket.close() };
}
