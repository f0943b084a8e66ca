import type { Port } from '../device.ts';
import type { Instant } from '../flow.ts';
import type { Object } from '../kinds/kind.ts';
import { scalar } from '../snmp/mib.ts';
import type { Value, ValueType } from '../snmp/mib.ts';
import { oid } from '../snmp/oid.ts';

/** IF-MIB (RFC 2863). */
const upState = 1;
const downState = 2;

function column(table: string, arc: number, type: ValueType, value: (port: Port, now: Instant) => Value): Object {
  return {
    oid: [...oid(table), arc],
    type,
    rows: (device) => device.portRows,
    value: (device, row) => {
      const port = device.ports[row];
      return port === undefined ? undefined : value(port, device.now());
    },
  };
}

const entry = (arc: number, type: ValueType, value: (port: Port, now: Instant) => Value) =>
  column('1.3.6.1.2.1.2.2.1', arc, type, value);
const xEntry = (arc: number, type: ValueType, value: (port: Port, now: Instant) => Value) =>
  column('1.3.6.1.2.1.31.1.1.1', arc, type, value);

/** Announcements and neighbour discovery: one packet in a few seconds on a port that is up. */
function background(port: Port, now: Instant): number {
  return port.flow === null ? 0 : Math.floor((now.timeS - port.device.bootAtS) / 7);
}

function errorsIn(port: Port, now: Instant): number {
  return port.link?.medium === 'radio' ? Math.floor(port.packetsIn(now) / 180_000) : 0;
}

function discardsOut(port: Port, now: Instant): number {
  const link = port.link;
  if (link === null) return 0;
  const peak = link.a === port ? link.flow.peakForwardBps : link.flow.peakBackBps;
  return peak > link.capacityBps * 0.8 ? Math.floor(port.packetsOut(now) / 60_000) : 0;
}

export const ifTable: readonly Object[] = [
  scalar(oid('1.3.6.1.2.1.2.1'), 'integer', (device) => device.ports.length),
  entry(1, 'integer', (port) => port.ifIndex),
  entry(2, 'octets', (port) => port.descr),
  entry(3, 'integer', (port) => port.ifType),
  entry(4, 'integer', (port) => (port.ifType === 24 ? 65536 : 1500)),
  entry(5, 'gauge32', (port) => Math.min(port.speedBps, 0xffff_ffff)),
  entry(6, 'octets', (port) => (port.ifType === 24 || port.ifType === 131 ? '' : port.mac)),
  entry(7, 'integer', () => upState),
  entry(8, 'integer', (port) => (port.up ? upState : downState)),
  entry(9, 'timeTicks', (port) => Math.max(0, Math.floor((port.changedAtS - port.device.bootAtS) * 100))),
  entry(10, 'counter32', (port, now) => port.octetsIn(now)),
  entry(11, 'counter32', (port, now) => port.packetsIn(now)),
  entry(13, 'counter32', () => 0),
  entry(14, 'counter32', errorsIn),
  entry(15, 'counter32', () => 0),
  entry(16, 'counter32', (port, now) => port.octetsOut(now)),
  entry(17, 'counter32', (port, now) => port.packetsOut(now)),
  entry(19, 'counter32', discardsOut),
  entry(20, 'counter32', () => 0),
];

export const ifXTable: readonly Object[] = [
  xEntry(1, 'octets', (port) => port.name),
  xEntry(2, 'counter32', background),
  xEntry(3, 'counter32', background),
  xEntry(4, 'counter32', background),
  xEntry(5, 'counter32', background),
  xEntry(6, 'counter64', (port, now) => port.octetsIn(now)),
  xEntry(7, 'counter64', (port, now) => port.packetsIn(now)),
  xEntry(8, 'counter64', background),
  xEntry(9, 'counter64', background),
  xEntry(10, 'counter64', (port, now) => port.octetsOut(now)),
  xEntry(11, 'counter64', (port, now) => port.packetsOut(now)),
  xEntry(12, 'counter64', background),
  xEntry(13, 'counter64', background),
  xEntry(14, 'integer', () => 1),
  xEntry(15, 'gauge32', (port) => Math.round(port.speedBps / 1e6)),
  xEntry(16, 'integer', () => 2),
  xEntry(17, 'integer', (port) => (port.ifType === 6 ? 1 : 2)),
  xEntry(18, 'octets', (port) => port.alias),
  xEntry(19, 'timeTicks', () => 0),
  scalar(oid('1.3.6.1.2.1.31.1.5'), 'timeTicks', () => 0),
];
