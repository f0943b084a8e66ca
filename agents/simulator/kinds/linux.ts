import type { SimulatedDevice } from '../device.ts';
import { fraction } from '../hash.ts';
import { hostResources } from '../mibs/host-resources.ts';
import { ifTable, ifXTable } from '../mibs/interfaces.ts';
import { systemGroup } from '../mibs/system.ts';
import { Mib, scalar } from '../snmp/mib.ts';
import { oid } from '../snmp/oid.ts';
import { ifType } from './kind.ts';
import type { DeviceKind } from './kind.ts';

/** A Linux server with net-snmp; also what any device of an unknown make answers like. */
const ucd = '1.3.6.1.4.1.2021';
const memoryKb = 65_536_000;
const cpu = (device: SimulatedDevice) => device.drifting('cpu', 5, 12 + 30 * fraction(`${device.name}/busy`));
const memoryUsed = (device: SimulatedDevice) => device.drifting('memory', 0.42, 0.61);

export const linuxHost: DeviceKind = {
  name: 'linux',
  oui: 'b0:7b:25',
  maxMessageBytes: 65_000,
  matches: () => true,
  sysDescr: (device) =>
    `Linux ${device.name} 6.1.0-28-amd64 #1 SMP PREEMPT_DYNAMIC Debian 6.1.119-1 (2024-11-22) x86_64`,
  sysObjectId: () => oid('1.3.6.1.4.1.8072.3.2.10'),
  firmware: () => '6.1.0-28-amd64',
  layout: (interfaces) => [
    { name: 'lo', ifIndex: 1, ifType: ifType.loopback, speedBps: 1e7, alwaysUp: true },
    ...interfaces.map((port, i) => ({
      name: port.name,
      ifIndex: i + 2,
      ifType: ifType.ethernet,
      speedBps: port.speedBps ?? 1e9,
    })),
  ],
  mib: new Mib([
    ...systemGroup,
    ...ifTable,
    ...ifXTable,
    ...hostResources({
      storages: [
        { index: 1, type: 'ram', descr: 'Physical memory', unit: 1024, size: () => memoryKb, used: memoryUsed },
        {
          index: 36,
          type: 'disk',
          descr: '/',
          unit: 4096,
          size: () => 234_375_000,
          used: (device) => 0.2 + 0.5 * fraction(`${device.name}/disk`),
        },
      ],
      cores: () => 8,
      cpuPercent: cpu,
    }),
    scalar(oid(`${ucd}.4.5`), 'integer', () => memoryKb),
    scalar(oid(`${ucd}.4.6`), 'integer', (device) => Math.round(memoryKb * (1 - memoryUsed(device)))),
    scalar(oid(`${ucd}.11.9`), 'integer', (device) => Math.round(cpu(device) * 0.8)),
    scalar(oid(`${ucd}.11.10`), 'integer', (device) => Math.round(cpu(device) * 0.2)),
    scalar(oid(`${ucd}.11.11`), 'integer', (device) => 100 - Math.round(cpu(device))),
  ]),
};
