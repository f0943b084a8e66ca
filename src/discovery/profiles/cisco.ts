import type { ReadingFacts } from '../../domain/plan.ts';
import { cleanText, numberOf } from '../hostile-text.ts';
import { underPrefix, type Profile } from '../profile.ts';
import { columnSensors, entityIdentity, entitySensors, memoryRatio, percent } from '../readings.ts';
import type { SnmpReader } from '../snmp-reader.ts';
import { column } from '../table.ts';

const cisco = '1.3.6.1.4.1.9';

function versionIn(sysDescr: string): string {
  return /Version\s+([^\s,]+)/i.exec(sysDescr)?.[1] ?? '';
}

async function firstOf(reader: SnmpReader, oid: string): Promise<string | null> {
  const values = await column(reader, oid, 64);
  for (const [instance, value] of values) if (numberOf(value) !== null) return `${oid}.${instance}`;
  return null;
}

/** CISCO-PROCESS-MIB cpmCPUTotal1minRev, else the older avgBusy1 of OLD-CISCO-CPU-MIB. */
async function cpu(reader: SnmpReader): Promise<ReadingFacts[]> {
  const found = (await firstOf(reader, `${cisco}.9.109.1.1.1.1.7`)) ?? (await firstOf(reader, `${cisco}.2.1.57`));
  return found === null ? [] : [percent('cpu_percent', found)];
}

/** CISCO-ENHANCED-MEMPOOL-MIB (64-bit used and free) or CISCO-MEMORY-POOL-MIB. */
async function memory(reader: SnmpReader): Promise<ReadingFacts[]> {
  const enhanced = '1.3.6.1.4.1.9.9.221.1.1.1.1';
  const used = await firstOf(reader, `${enhanced}.18`);
  if (used !== null) return [memoryRatio(used, { freeOid: used.replace(`${enhanced}.18`, `${enhanced}.20`) })];
  const pool = '1.3.6.1.4.1.9.9.48.1.1.1';
  const older = await firstOf(reader, `${pool}.5`);
  return older === null ? [] : [memoryRatio(older, { freeOid: older.replace(`${pool}.5`, `${pool}.6`) })];
}

export const ciscoIos: Profile = {
  name: 'cisco/ios',
  matches: (system) => {
    if (/Cisco (IOS|Internetwork)|IOS[ -]?XE/i.test(system.sysDescr)) return 9;
    return underPrefix(system.sysObjectId, '1.3.6.1.4.1.9.1') > 0
      ? 8
      : underPrefix(system.sysObjectId, cisco) > 0
        ? 5
        : 0;
  },
  async identity(reader, system) {
    const entity = await entityIdentity(reader);
    return {
      vendor: 'Cisco',
      model: entity.model || (/Software \(([^)]+)\)/.exec(system.sysDescr)?.[1] ?? ''),
      serial: entity.serial,
      firmware: versionIn(system.sysDescr) || entity.firmware,
    };
  },
  async readings(reader) {
    // CISCO-ENVMON-MIB ciscoEnvMonTemperatureStatusValue, for what has no ENTITY-SENSOR-MIB
    const names = await column(reader, `${cisco}.9.13.1.3.1.2`, 64);
    const temperatures = await columnSensors(
      reader,
      `${cisco}.9.13.1.3.1.3`,
      { key: 'temperature', label: 'Temperature', unit: '°C', absent: [0], range: [-20, 150] },
      names,
    );
    const entity = await entitySensors(reader);
    return [...(await cpu(reader)), ...(await memory(reader)), ...entity, ...(entity.length > 0 ? [] : temperatures)];
  },
};

/** Small Business: CBS, SG, SF (CISCOSB-rndMng, CISCOSB-HWENVIROMENT). */
export const ciscoSmallBusiness: Profile = {
  name: 'cisco/small-business',
  matches: (system) => underPrefix(system.sysObjectId, '1.3.6.1.4.1.9.6.1') * 2,
  async identity(reader, system) {
    const base = '1.3.6.1.4.1.9.6.1.101.53.14.1'; // rlPhdUnitGenParamTable
    const serials = await column(reader, `${base}.5`, 16);
    const versions = await column(reader, `${base}.2`, 16);
    const models = await column(reader, `${base}.9`, 16);
    const first = (values: ReadonlyMap<string, Parameters<typeof cleanText>[0]>) =>
      cleanText([...values.values()][0], 80);
    const entity = await entityIdentity(reader);
    return {
      vendor: 'Cisco',
      model: entity.model || first(models) || (system.sysDescr.split(' ')[0] ?? ''),
      serial: entity.serial || first(serials),
      firmware: entity.firmware || first(versions),
    };
  },
  async readings(reader) {
    const oid = '1.3.6.1.4.1.9.6.1.101.1.8.0'; // rlCpuUtilDuringLastMinute; 101 while it is switched off
    const values = await reader.get([oid]);
    const load = numberOf(values.get(oid));
    const environment = await columnSensors(reader, '1.3.6.1.4.1.9.6.1.101.53.15.1.10', {
      key: 'temperature.unit',
      label: 'Temperature unit',
      unit: '°C',
      absent: [0],
      range: [-20, 150],
    }); // rlPhdUnitEnvParamTempSensorValue
    const entity = await entitySensors(reader);
    return [
      ...(load !== null && load <= 100 ? [percent('cpu_percent', oid)] : []),
      ...entity,
      ...(entity.length > 0 ? [] : environment),
    ];
  },
};
