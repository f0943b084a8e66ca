import type { SimulatedDevice } from '../device.ts';
import type { Object } from '../kinds/kind.ts';
import type { Value, ValueType } from '../snmp/mib.ts';
import { oid } from '../snmp/oid.ts';

export interface Chassis {
  readonly index: number;
  readonly vendorType: readonly number[];
  readonly maker: string;
  descr(device: SimulatedDevice): string;
}

/** ENTITY-MIB entPhysicalTable (RFC 6933) with the chassis in it. */
export function entityMib(chassis: Chassis): readonly Object[] {
  const rows = { suffixes: [[chassis.index]] };
  const column = (arc: number, type: ValueType, value: (device: SimulatedDevice) => Value): Object => ({
    oid: oid(`1.3.6.1.2.1.47.1.1.1.1.${arc}`),
    type,
    rows: () => rows,
    value: (device) => value(device),
  });
  return [
    column(2, 'octets', (device) => chassis.descr(device)),
    column(3, 'oid', () => chassis.vendorType),
    column(4, 'integer', () => 0),
    column(5, 'integer', () => 3),
    column(6, 'integer', () => -1),
    column(7, 'octets', (device) => device.model),
    column(8, 'octets', () => 'V01'),
    column(9, 'octets', () => ''),
    column(10, 'octets', (device) => device.firmware),
    column(11, 'octets', (device) => device.serial),
    column(12, 'octets', () => chassis.maker),
    column(13, 'octets', (device) => device.model),
    column(16, 'integer', () => 2),
  ];
}
