import type { DeviceFacts } from '../domain/plan.ts';
import type { DeviceId } from '../domain/ids.ts';
import { cleanText, numberOf } from './hostile-text.ts';
import { interfaces } from './interfaces.ts';
import { neighbours } from './neighbours.ts';
import type { SystemGroup } from './profile.ts';
import { recognise } from './profiles/index.ts';
import type { SnmpReader } from './snmp-reader.ts';

const sysDescr = '1.3.6.1.2.1.1.1.0';
const sysObjectId = '1.3.6.1.2.1.1.2.0';
const sysName = '1.3.6.1.2.1.1.5.0';
const ifTableLastChange = '1.3.6.1.2.1.31.1.5.0';

/** Reads a device's system group (SNMPv2-MIB) and recognises it. Rejects when the device does not answer. */
export async function readSystem(reader: SnmpReader): Promise<SystemGroup & { ifTableLastChange: number | null }> {
  const values = await reader.get([sysDescr, sysObjectId, sysName, ifTableLastChange]);
  const id = values.get(sysObjectId);
  return {
    sysObjectId: id?.kind === 'oid' ? id.value : '',
    sysDescr: cleanText(values.get(sysDescr), 400),
    sysName: cleanText(values.get(sysName), 120),
    ifTableLastChange: numberOf(values.get(ifTableLastChange)),
  };
}

/** Everything a device tells of itself: kind, identity, interfaces, neighbours and what there is to read. */
export async function identify(deviceId: DeviceId, reader: SnmpReader, now: number): Promise<DeviceFacts> {
  const system = await readSystem(reader);
  const profile = recognise(system);
  const identity = await profile.identity(reader, system);
  const found = await interfaces(reader);
  const readings = await profile.readings(reader, system);
  return {
    deviceId,
    at: now,
    ...system,
    profile: profile.name,
    ...identity,
    interfaces: found,
    neighbours: await neighbours(reader),
    readings: uniqueKeys(readings),
  };
}

/** Two sensors of one key would be one series: the later one gets a number. */
function uniqueKeys(readings: DeviceFacts['readings']): DeviceFacts['readings'] {
  const times = new Map<string, number>();
  return readings.map((reading) => {
    const seen = (times.get(reading.key) ?? 0) + 1;
    times.set(reading.key, seen);
    return seen === 1 ? reading : { ...reading, key: `${reading.key}.${seen}` };
  });
}
