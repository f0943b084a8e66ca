import type { SimulatedDevice } from '../device.ts';
import type { Object } from '../kinds/kind.ts';
import { scalar } from '../snmp/mib.ts';
import type { Value, ValueType } from '../snmp/mib.ts';
import { oid } from '../snmp/oid.ts';

export interface Storage {
  readonly index: number;
  readonly type: 'ram' | 'disk';
  readonly descr: string;
  readonly unit: number;
  size(device: SimulatedDevice): number;
  /** Share that is used, from 0 to 1. */
  used(device: SimulatedDevice): number;
}

const storageType = { ram: oid('1.3.6.1.2.1.25.2.1.2'), disk: oid('1.3.6.1.2.1.25.2.1.4') };

/** HOST-RESOURCES-MIB (RFC 2790): uptime, memory, storage, processors. */
export function hostResources(options: {
  readonly storages: readonly Storage[];
  readonly cores: (device: SimulatedDevice) => number;
  readonly cpuPercent: (device: SimulatedDevice) => number;
}): readonly Object[] {
  const storageRows = { suffixes: options.storages.map((storage) => [storage.index]) };
  const storage = (
    arc: number,
    type: ValueType,
    value: (storage: Storage, device: SimulatedDevice) => Value,
  ): Object => ({
    oid: oid(`1.3.6.1.2.1.25.2.3.1.${arc}`),
    type,
    rows: () => storageRows,
    value: (device, row) => {
      const found = options.storages[row];
      return found === undefined ? undefined : value(found, device);
    },
  });
  const processor = (
    arc: string,
    type: ValueType,
    value: (device: SimulatedDevice, core: number) => Value,
  ): Object => ({
    oid: oid(`1.3.6.1.2.1.25.3.${arc}`),
    type,
    rows: (device) =>
      device.once('cores', () => ({ suffixes: Array.from({ length: options.cores(device) }, (_, i) => [i + 1]) })),
    value,
  });
  return [
    scalar(oid('1.3.6.1.2.1.25.1.1'), 'timeTicks', (device) => device.uptimeTicks() + 1200),
    scalar(oid('1.3.6.1.2.1.25.2.2'), 'integer', (device) => {
      const memory = options.storages.find((item) => item.type === 'ram');
      return memory === undefined ? 0 : (memory.size(device) * memory.unit) / 1024;
    }),
    storage(1, 'integer', (item) => item.index),
    storage(2, 'oid', (item) => storageType[item.type]),
    storage(3, 'octets', (item) => item.descr),
    storage(4, 'integer', (item) => item.unit),
    storage(5, 'integer', (item, device) => item.size(device)),
    storage(6, 'integer', (item, device) => Math.round(item.size(device) * item.used(device))),
    storage(7, 'counter32', () => 0),
    processor('2.1.1', 'integer', (_, core) => core + 1),
    processor('2.1.2', 'oid', () => oid('1.3.6.1.2.1.25.3.1.3')),
    processor('2.1.3', 'octets', () => ''),
    processor('2.1.5', 'integer', () => 2),
    processor('3.1.1', 'oid', () => oid('0.0')),
    processor('3.1.2', 'integer', (device, core) =>
      Math.round(Math.min(100, Math.max(0, options.cpuPercent(device) + core * 1.5))),
    ),
  ];
}
