import { fork } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import type { Slot } from '../src/domain/plan.ts';
import { nextWord } from './next-word.ts';

/** The devices that are polled in the benchmarks: so many interfaces, and of each these counters. */
export const interfaces = 24;

export interface BenchColumn {
  readonly oid: string;
  /** IF-MIB's name of it. */
  readonly name: string;
  /** Column of measurement `interface`. */
  readonly field: number;
  readonly kind: Slot['kind'];
  readonly scale: number;
}

/** HC octets and packets as 64-bit, errors and discards as 32-bit counters. */
export const benchColumns: readonly BenchColumn[] = [
  { oid: '1.3.6.1.2.1.31.1.1.1.6', name: 'ifHCInOctets', field: 0, kind: 'counter64', scale: 8 },
  { oid: '1.3.6.1.2.1.31.1.1.1.10', name: 'ifHCOutOctets', field: 1, kind: 'counter64', scale: 8 },
  { oid: '1.3.6.1.2.1.31.1.1.1.7', name: 'ifHCInUcastPkts', field: 2, kind: 'counter64', scale: 1 },
  { oid: '1.3.6.1.2.1.31.1.1.1.11', name: 'ifHCOutUcastPkts', field: 3, kind: 'counter64', scale: 1 },
  { oid: '1.3.6.1.2.1.2.2.1.14', name: 'ifInErrors', field: 4, kind: 'counter32', scale: 1 },
  { oid: '1.3.6.1.2.1.2.2.1.20', name: 'ifOutErrors', field: 5, kind: 'counter32', scale: 1 },
  { oid: '1.3.6.1.2.1.2.2.1.13', name: 'ifInDiscards', field: 6, kind: 'counter32', scale: 1 },
  { oid: '1.3.6.1.2.1.2.2.1.19', name: 'ifOutDiscards', field: 7, kind: 'counter32', scale: 1 },
];

/** Values of a device. */
export const valuesPerDevice = interfaces * benchColumns.length;

export function deviceAddress(index: number): string {
  return `127.77.${Math.floor(index / 250)}.${(index % 250) + 1}`;
}

export interface BenchDevices {
  readonly count: number;
  readonly port: number;
  readonly addresses: readonly string[];
  stop(): void;
}

/**
 * Starts a process that answers for that many devices: a module beside this one that takes their number and the port.
 * @param sockets fewer than devices: each answers for several, at one address.
 */
export async function startDevices(
  module: './snmp-answerer.ts' | './snmp-user-answerer.ts',
  count: number,
  sockets = count,
): Promise<BenchDevices> {
  const port = await freePort();
  const child = fork(new URL(module, import.meta.url), [String(sockets), String(port)]);
  await nextWord(child);
  return {
    count,
    port,
    addresses: Array.from({ length: count }, (_, i) => deviceAddress(i % sockets)),
    stop: () => child.disconnect(),
  };
}

async function freePort(): Promise<number> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  await new Promise<void>((resolve) => socket.close(resolve));
  return port;
}
