import { once } from 'node:events';
import { io, type Socket } from 'socket.io-client';
import type { DeltaMessage } from '../src/live/messages.ts';
import type { Heard } from './live.ts';

/** The readers of `live`, in a process of their own: `port sockets`. Told `begin` and `end` by its parent. */
const [port = '', count = ''] = process.argv.slice(2);
const together = 50;

let delivered = 0;
/** How many changes came so many milliseconds after they were made. */
let lateness = new Uint32Array(60_000);

function heard(delta: DeltaMessage): void {
  const now = Date.now();
  for (const { since } of delta.devices) {
    const ms = Math.min(Math.max(now - since, 0), lateness.length - 1);
    lateness[ms] = (lateness[ms] ?? 0) + 1;
  }
  delivered += delta.devices.length;
}

function percentile(share: number): number {
  let seen = 0;
  for (const [ms, times] of lateness.entries()) {
    seen += times;
    if (seen > delivered * share) return ms;
  }
  return lateness.length;
}

const open: Promise<unknown>[] = [];
for (let i = 0; i < Number(count); i++) {
  const socket: Socket = io(`http://127.0.0.1:${port}`, {
    transports: ['websocket'],
    forceNew: true,
    reconnection: false,
    extraHeaders: { 'x-reader': `reader-${i}` },
  });
  socket.on('delta', heard);
  socket.on('connect_error', (error) => {
    throw error;
  });
  socket.on('disconnect', (reason) => {
    if (reason !== 'io server disconnect' && process.connected) throw new Error(`reader ${i} was cut off: ${reason}`);
  });
  open.push(once(socket as never, 'snapshot'));
  if (i % together === together - 1) await Promise.all(open);
}
await Promise.all(open);
process.send?.('ready');

process.on('message', (word) => {
  if (word === 'begin') {
    delivered = 0;
    lateness = new Uint32Array(lateness.length);
    process.send?.('begun');
  } else {
    const answer: Heard = { delivered, p50Ms: percentile(0.5), p99Ms: percentile(0.99) };
    process.send?.(answer);
  }
});
process.on('disconnect', () => process.exit(0));
