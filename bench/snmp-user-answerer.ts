import { createSocket } from 'node:dgram';
import { answer, type AgentCounters } from '../agents/simulator/snmp/agent.ts';
import { Mib, scalar, type Column } from '../agents/simulator/snmp/mib.ts';
import type { Oid } from '../agents/simulator/snmp/oid.ts';
import { UsmEngine } from '../agents/simulator/snmp/usm.ts';
import { benchColumns, deviceAddress, interfaces } from './snmp-devices.ts';
import { benchSecret } from './snmp-user.ts';

/**
 * The other end of `snmp-poll-v3`: the simulator's agent on one socket for each device, which answers both to the
 * community `public` and to an SNMPv3 user, from the columns that are collected. Arguments: number of devices, port.
 */
const [, , countText = '1000', portText = '0'] = process.argv;
const count = Number(countText);
const port = Number(portText);
const startMs = Date.now();

const elapsedMs = (): number => Date.now() - startMs;
const rows = { suffixes: Array.from({ length: interfaces }, (_, row) => [row + 1]) };
const mib = new Mib<null>([
  scalar(oidOf('1.3.6.1.2.1.1.3'), 'timeTicks', () => 1e6 + Math.floor(elapsedMs() / 10)),
  ...benchColumns.map(({ oid, kind }): Column<null> => ({
    oid: oidOf(oid),
    type: kind === 'counter64' ? 'counter64' : 'counter32',
    rows: () => rows,
    value: () => 1e9 + elapsedMs() * 1_000,
  })),
]);

function oidOf(text: string): Oid {
  return text.split('.').map(Number);
}

const counters: AgentCounters = {
  answered: 0,
  badCommunity: 0,
  reports: 0,
  malformed: 0,
  tooBig: 0,
  variables: 0,
};
const user = { ...benchSecret, name: benchSecret.user };
const sockets = Array.from({ length: count }, (_, i) => {
  const id = Buffer.from(`80001f8805${i.toString(16).padStart(8, '0')}`, 'hex');
  const usm = new UsmEngine({
    id,
    user,
    clock: { boots: () => 7, timeS: () => 100 + Math.floor(elapsedMs() / 1000) },
  });
  const identity = { device: null, mib, community: 'public', usm, maxMessageBytes: 60_000 };
  const socket = createSocket('udp4');
  socket.on('message', (datagram, from) => {
    const reply = answer(identity, datagram, counters);
    if (reply !== null) socket.send(reply, from.port, from.address);
  });
  return new Promise<void>((resolve, reject) => {
    socket.once('error', reject);
    socket.bind(port, deviceAddress(i), resolve);
  });
});
await Promise.all(sockets);
process.send?.('ready');
process.on('disconnect', () => process.exit(0));
