import type { Server as HttpServer } from 'node:http';
import type { Server } from 'node:net';
import { AddressInUse } from './address-in-use.ts';

/** Listens; throws AddressInUse where somebody else has the port. */
export function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const text = `A simulated device cannot listen on ${host}:${port} (${cause.message}).`;
      reject(cause.code === 'EADDRINUSE' ? new AddressInUse(text, { cause }) : new Error(text, { cause }));
    });
    server.listen({ port, host, exclusive: true }, () => {
      server.removeAllListeners('error');
      server.on('error', () => undefined);
      resolve();
    });
  });
}

/** Takes no more connections, and waits until those that are open are closed. */
export function closed(server: Server | HttpServer): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    if ('closeIdleConnections' in server) server.closeIdleConnections();
  });
}
