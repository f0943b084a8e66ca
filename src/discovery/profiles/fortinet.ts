import type { ReadingFacts } from '../../domain/plan.ts';
import { family } from '../family.ts';
import { cleanText, numberOf } from '../hostile-text.ts';
import { keyPart, sensor, usable, type ReadingKind } from '../readings.ts';
import type { SnmpReader } from '../snmp-reader.ts';
import { columns } from '../table.ts';

/** FORTINET-FORTIGATE-MIB. */
const fortinet = '1.3.6.1.4.1.12356';
const sensors = `${fortinet}.101.4.3.2.1`; // fgHwSensorTable: name, value (as text), alarm

/** The table does not say what it measures; the name does. */
function kindOf(name: string): ReadingKind | null {
  if (/fan/i.test(name)) return { key: 'fan', label: 'Fan', unit: 'rpm' };
  if (/temp|therm|LM75|°|degC|DTS|TD\d|TR\d|ADT7\d+/i.test(name))
    return { key: 'temperature', label: 'Temperature', unit: '°C', absent: [0] };
  if (/volt|VCC|VDD|VIN|VOUT|^[+-]?\d+(\.\d+)?V|V_|\d+V\d*/i.test(name))
    return { key: 'voltage', label: 'Voltage', unit: 'V' };
  return null;
}

async function hardware(reader: SnmpReader): Promise<readonly ReadingFacts[]> {
  const [names, values] = await columns(reader, [`${sensors}.2`, `${sensors}.3`], 256);
  const readings: ReadingFacts[] = [];
  for (const [row, value] of values) {
    const name = cleanText(names.get(row), 60);
    const kind = kindOf(name);
    if (kind === null || !usable(numberOf(value), kind)) continue;
    readings.push(sensor(`${sensors}.3.${row}`, kind, `${kind.key}.${keyPart(name)}`, `${kind.label} ${name}`));
  }
  return readings;
}

export const fortigate = family({
  name: 'fortinet/fortigate',
  vendor: 'Fortinet',
  under: [fortinet],
  serial: [`${fortinet}.100.1.1.1.0`], // FORTINET-CORE-MIB fnSysSerial
  firmware: [`${fortinet}.101.4.1.1.0`], // fgSysVersion
  cpu: [{ oid: `${fortinet}.101.4.1.3.0` }], // fgSysCpuUsage
  memory: [{ oid: `${fortinet}.101.4.1.4.0` }], // fgSysMemUsage
  standard: ['entity'],
  more: hardware,
});
