import { cleanText } from '../hostile-text.ts';
import { underPrefix, type Profile } from '../profile.ts';
import { entitySensors, percent } from '../readings.ts';
import { column } from '../table.ts';

/** TPLINK-MIB below 1.3.6.1.4.1.11863. */
const tplink = '1.3.6.1.4.1.11863';

export const jetstream: Profile = {
  name: 'tp-link/jetstream',
  matches: (system) => underPrefix(system.sysObjectId, tplink),
  async identity(reader, system) {
    const hardware = `${tplink}.6.1.1.5.0`; // tpSysInfoHwVersion
    const software = `${tplink}.6.1.1.6.0`; // tpSysInfoSwVersion
    const serial = `${tplink}.6.1.1.8.0`; // tpSysInfoSerialNum
    const values = await reader.get([hardware, software, serial]);
    const model = /[A-Z]{2}-?[A-Z]{0,3}\d{3,}[A-Z0-9-]*|T\d{4}[A-Z]?-[A-Z0-9]+/.exec(
      `${cleanText(values.get(hardware))} ${system.sysDescr}`,
    );
    return {
      vendor: 'TP-Link',
      model: model?.[0] ?? cleanText(values.get(hardware), 120),
      serial: cleanText(values.get(serial), 80),
      firmware: cleanText(values.get(software), 120),
    };
  },
  async readings(reader) {
    const cpu = `${tplink}.6.4.1.1.1.1.3`; // tpSysMonitorCpu1Minute, by unit
    const memory = `${tplink}.6.4.1.2.1.1.2`; // tpSysMonitorMemoryUtilization, by unit
    const cpuUnit = [...(await column(reader, cpu, 16)).keys()][0];
    const memoryUnit = [...(await column(reader, memory, 16)).keys()][0];
    return [
      ...(cpuUnit === undefined ? [] : [percent('cpu_percent', `${cpu}.${cpuUnit}`)]),
      ...(memoryUnit === undefined ? [] : [percent('memory_percent', `${memory}.${memoryUnit}`)]),
      ...(await entitySensors(reader)),
    ];
  },
};
