import type { Object } from '../kinds/kind.ts';
import { scalar } from '../snmp/mib.ts';
import { oid } from '../snmp/oid.ts';

const system = (arc: number) => oid(`1.3.6.1.2.1.1.${arc}`);

/** SNMPv2-MIB system group (RFC 3418). */
export const systemGroup: readonly Object[] = [
  scalar(system(1), 'octets', (device) => device.kind.sysDescr(device)),
  scalar(system(2), 'oid', (device) => device.kind.sysObjectId(device)),
  scalar(system(3), 'timeTicks', (device) => device.uptimeTicks()),
  scalar(system(4), 'octets', () => 'noc@bone.example'),
  scalar(system(5), 'octets', (device) => device.name),
  scalar(system(6), 'octets', (device) => device.siteName),
  scalar(system(7), 'integer', (device) => (device.role === 'router' ? 78 : device.role === 'switch' ? 2 : 72)),
];
