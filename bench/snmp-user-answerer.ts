import { createSocket } from 'node:dgram';
import { answer, type AgentCounters } from '../agents/simulator/snmp/agent.ts';
import type { Column, Instance, MibView, ValueType } from '../agents/simulator/snmp/mib.ts';
import type { Oid } from '../agents/simulator/snmp/oid.ts';
import { UsmEngine } from '../agents/simulator/snmp/usm.ts';
import { benchSecret } from './snmp-user.ts';

/**
 * The other end of `snmp-poll-v3`: the simulator's agent on one socket for each device, which answers both to the
 * community `public` and to an SNMPv3 user. Any counter that is asked for is there, and grows. Arguments: number of
 * devices, port.
 */
const [, , countText = '1000', portText = '0'] = process.argv;
const count = Number(countText);
const port = Number(portText);
const startMs = Date.now();

function column(type: ValueType): Column<null> {
  return { oid: [], type, rows: () => ({ suffixes: [] }), value: () => 0 };
}
const timeTicks = column('timeTicks');
const counter64 = column('counter64');
const counter32 = column('counter32');

const mib: MibView<null> = {
  get(_device, name: Oid): Instance<null> {
    const elapsedMs = Date.now() - startMs;
    const isUptime = name[6] === 1;
    const found = isUptime ? timeTicks : name[6] === 31 ? counter64 : counter32;
    const value = isUptime ? 1e6 + Math.floor(elapsedMs / 10) : 1e9 + elapsedMs * 1_000;
    return { column: { ...found, oid: name }, suffix: [], value };
  },
  next: () => null,
};

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
  const address = `127.77.${Math.floor(i / 250)}.${(i % 250) + 1}`;
  const id = Buffer.from(`80001f8805${i.toString(16).padStart(8, '0')}`, 'hex');
  const usm = new UsmEngine({
    id,
    user,
    clock: { boots: () => 7, timeS: () => 100 + Math.floor((Date.now() - startMs) / 1000) },
  });
  const identity = { device: null, mib, community: 'public', usm, maxMessageBytes: 60_000 };
  const socket = createSocket('udp4');
  socket.on('message', (datagram, from) => {
    const reply = answer(identity, datagram, counters);
    if (reply !== null) socket.send(reply, from.port, from.address);
  });
  return new Promise<void>((resolve, reject) => {
    socket.once('error', reject);
    socket.bind(port, address, resolve);
  });
});
await Promise.all(sockets);
process.send?.('ready');
process.on('disconnect', () => process.exit(0));
