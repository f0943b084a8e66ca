import type { ConnectionOptions } from 'node:tls';
import { RouterOsApi, type ApiAddress } from './api-client.ts';
import { RouterOsRest } from './rest-client.ts';
import type { Transport } from './transport.ts';

/** Ways to a router, by the name that a target calls them; the first is the usual one. */
export const transports = {
  api: { port: 8728, tlsPort: 8729, open: RouterOsApi.open.bind(RouterOsApi) },
  rest: { port: 80, tlsPort: 443, open: RouterOsRest.open.bind(RouterOsRest) },
} as const satisfies Readonly<
  Record<
    string,
    {
      readonly port: number;
      readonly tlsPort: number;
      open(address: ApiAddress, options: { readonly deadlineMs: number }): Promise<Transport>;
    }
  >
>;

export type TransportName = keyof typeof transports;

export function isTransport(name: string): name is TransportName {
  return Object.hasOwn(transports, name);
}

export function usualPort(name: TransportName, tls: ConnectionOptions | undefined): number {
  return tls === undefined ? transports[name].port : transports[name].tlsPort;
}
