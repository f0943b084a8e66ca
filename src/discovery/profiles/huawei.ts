import type { ReadingFacts } from '../../domain/plan.ts';
import { numberOf } from '../hostile-text.ts';
import { underPrefix, type Profile } from '../profile.ts';
import { columnSensors, entityIdentity, percent } from '../readings.ts';
import type { SnmpReader } from '../snmp-reader.ts';
import { column } from '../table.ts';

/** HUAWEI-ENTITY-EXTENT-MIB hwEntityStateTable, indexed by entPhysicalIndex. */
const state = '1.3.6.1.4.1.2011.5.25.31.1.1.1.1';
/** hwOpticalModuleInfoTable: powers in hundredths of dBm on current VRP. */
const optical = '1.3.6.1.4.1.2011.5.25.31.1.1.3.1';

/** The main board: the row that has a memory size; else the first that reports a load. */
async function mainBoard(reader: SnmpReader): Promise<string | null> {
  const sizes = await column(reader, `${state}.9`, 1024); // hwEntityMemSize
  const loads = await column(reader, `${state}.5`, 1024);
  for (const [instance] of loads) if ((numberOf(sizes.get(instance)) ?? 0) > 0) return instance;
  for (const [instance, load] of loads) if ((numberOf(load) ?? 0) > 0) return instance;
  return [...loads.keys()][0] ?? null;
}

export const vrp: Profile = {
  name: 'huawei/vrp',
  matches: (system) =>
    /Versatile Routing Platform|VRP/i.test(system.sysDescr) ? 9 : underPrefix(system.sysObjectId, '1.3.6.1.4.1.2011.2'),
  async identity(reader, system) {
    const entity = await entityIdentity(reader);
    const version = /Version\s+[\d.]+\s*\(([^)]+)\)/i.exec(system.sysDescr)?.[1] ?? '';
    return {
      vendor: 'Huawei',
      model: entity.model || (version.split(' ')[0] ?? ''),
      serial: entity.serial,
      firmware: version || entity.firmware,
    };
  },
  async readings(reader) {
    const readings: ReadingFacts[] = [];
    const board = await mainBoard(reader);
    if (board !== null) {
      readings.push(percent('cpu_percent', `${state}.5.${board}`)); // hwEntityCpuUsage
      readings.push(percent('memory_percent', `${state}.7.${board}`)); // hwEntityMemUsage
    }
    const names = await column(reader, '1.3.6.1.2.1.47.1.1.1.1.7', 2048);
    const temperatures = await columnSensors(
      reader,
      `${state}.11`, // hwEntityTemperature; 2147483647 where there is no sensor
      { key: 'temperature', label: 'Temperature', unit: '°C', absent: [0, 2147483647], range: [-40, 150] },
      names,
    );
    const power = { unit: 'dBm', scale: 0.01, absent: [0, -1, 2147483647, -2147483648], range: [-60, 20] } as const;
    return [
      ...readings,
      ...temperatures,
      ...(await columnSensors(
        reader,
        `${optical}.8`,
        { ...power, key: 'optical-rx', label: 'Optical receive' },
        names,
      )),
      ...(await columnSensors(
        reader,
        `${optical}.9`,
        { ...power, key: 'optical-tx', label: 'Optical transmit' },
        names,
      )),
    ];
  },
};
