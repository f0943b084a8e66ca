import type { DeviceId } from '../domain/ids.ts';
import type { DeviceFacts, ReadingFacts } from '../domain/plan.ts';
import { CachedReader, PatientReader } from './cached-reader.ts';
import { cleanText, numberOf } from './hostile-text.ts';
import { interfaces } from './interfaces.ts';
import { neighbours } from './neighbours.ts';
import type { SystemGroup } from './profile.ts';
import { probes, recognise } from './profiles/index.ts';
import type { SnmpReader } from './snmp-reader.ts';

const sysDescr = '1.3.6.1.2.1.1.1.0';
const sysObjectId = '1.3.6.1.2.1.1.2.0';
const sysName = '1.3.6.1.2.1.1.5.0';
const ifTableLastChange = '1.3.6.1.2.1.31.1.5.0';

/** Under these sysObjectIDs (net-snmp, ucd-snmp, none) hides who ships that agent: the probes of the profiles tell. */
const toolkits = /^$|^1\.3\.6\.1\.4\.1(\.8072(\..*)?|\.2021(\..*)?)?$/;

/** No device has more that is worth reading every minute. */
const mostReadings = 512;

/** Reads a device's system group (SNMPv2-MIB) and recognises it. Rejects when the device does not answer. */
export async function readSystem(reader: SnmpReader): Promise<SystemGroup & { ifTableLastChange: number | null }> {
  const values = await reader.get([sysDescr, sysObjectId, sysName, ifTableLastChange]);
  const value = values.get(sysObjectId);
  const id = value?.kind === 'oid' ? value.value : '';
  const answered = toolkits.test(id) ? new Set((await reader.get(probes)).keys()) : new Set<string>();
  return {
    sysObjectId: id,
    sysDescr: cleanText(values.get(sysDescr), 400),
    sysName: cleanText(values.get(sysName), 120),
    answered,
    ifTableLastChange: numberOf(values.get(ifTableLastChange)),
  };
}

/**
 * Everything a device tells of itself: kind, identity, interfaces, neighbours and what there is to read. Rejects when
 * it does not answer to its system group or its interfaces; any other table may be silent.
 */
export async function identify(deviceId: DeviceId, device: SnmpReader, now: number): Promise<DeviceFacts> {
  const reader = new CachedReader(device);
  const { answered, ...system } = await readSystem(reader);
  const recognised = { ...system, answered: answered ?? new Set<string>() };
  const profile = recognise(recognised);
  const found = await interfaces(reader);
  const patient = new PatientReader(reader);
  const [identity, readings, others] = await Promise.all([
    profile.identity(patient, recognised),
    profile.readings(patient, recognised),
    neighbours(patient),
  ]);
  return {
    deviceId,
    at: now,
    ...system,
    profile: profile.name,
    ...identity,
    interfaces: found,
    neighbours: others,
    readings: uniqueKeys(readings.slice(0, mostReadings)),
  };
}

/** Two sensors of one key would be one series: the later one gets a number. */
function uniqueKeys(readings: readonly ReadingFacts[]): readonly ReadingFacts[] {
  const taken = new Set<string>();
  return readings.map((reading) => {
    let { key } = reading;
    for (let i = 2; reading.measurement === 'sensor' && taken.has(key); i += 1) key = `${reading.key}.${i}`;
    taken.add(key);
    return key === reading.key ? reading : { ...reading, key };
  });
}
