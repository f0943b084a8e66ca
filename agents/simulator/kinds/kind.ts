import type { PortLayout, SimulatedDevice } from '../device.ts';
import type { InventoryDevice, InventoryInterface } from '../inventory.ts';
import type { Column, Mib } from '../snmp/mib.ts';

export type Object = Column<SimulatedDevice>;

/** One make of device: how it names itself, numbers its ports, and what tables its SNMP agent has. */
export interface DeviceKind {
  readonly name: string;
  readonly oui: string;
  /** The largest answer its agent sends; a GET that needs more is answered with tooBig. */
  readonly maxMessageBytes: number;
  matches(device: InventoryDevice): boolean;
  sysDescr(device: SimulatedDevice): string;
  sysObjectId(device: SimulatedDevice): readonly number[];
  firmware(device: InventoryDevice): string;
  layout(interfaces: readonly InventoryInterface[], device: InventoryDevice): PortLayout[];
  readonly mib: Mib<SimulatedDevice>;
}

export const ifType = {
  other: 1,
  ethernet: 6,
  loopback: 24,
  propVirtual: 53,
  wifi: 71,
  tunnel: 131,
  l2vlan: 135,
  l3vlan: 136,
  bridge: 209,
  wwan: 243,
} as const;
