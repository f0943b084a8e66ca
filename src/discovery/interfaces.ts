import type { InterfaceFacts } from '../domain/plan.ts';
import { cleanText, macText, numberOf } from './hostile-text.ts';
import type { SnmpReader } from './snmp-reader.ts';
import { columns } from './table.ts';

/** IF-MIB (RFC 2863): ifTable 1.3.6.1.2.1.2.2.1 and ifXTable 1.3.6.1.2.1.31.1.1.1. */
const ifEntry = '1.3.6.1.2.1.2.2.1';
const ifXEntry = '1.3.6.1.2.1.31.1.1.1';

/** The device's interfaces as it tells of them; identity is the name, so two of one name get their index added. */
export async function interfaces(reader: SnmpReader): Promise<readonly InterfaceFacts[]> {
  const [types, descriptions, speeds, macs, names, highSpeeds, aliases, counters64] = await columns(reader, [
    `${ifEntry}.3`, // ifType
    `${ifEntry}.2`, // ifDescr
    `${ifEntry}.5`, // ifSpeed
    `${ifEntry}.6`, // ifPhysAddress
    `${ifXEntry}.1`, // ifName
    `${ifXEntry}.15`, // ifHighSpeed
    `${ifXEntry}.18`, // ifAlias
    `${ifXEntry}.6`, // ifHCInOctets
  ]);
  const instances = new Set([...types.keys(), ...descriptions.keys(), ...names.keys()]);
  const found: InterfaceFacts[] = [];
  const taken = new Set<string>();
  for (const instance of instances) {
    if (!/^\d{1,10}$/.test(instance)) continue;
    const own = cleanText(names.get(instance), 110) || cleanText(descriptions.get(instance), 110) || `if${instance}`;
    const name = taken.has(own) ? `${own}#${instance}` : own;
    taken.add(name);
    const high = numberOf(highSpeeds.get(instance)) ?? 0; // megabits
    const low = numberOf(speeds.get(instance)) ?? 0; // bits; 4294967295 when it does not fit
    const speed = high > 0 ? high * 1e6 : low > 0 && low < 4294967295 ? low : 0;
    found.push({
      ifIndex: Number(instance),
      name,
      alias: cleanText(aliases.get(instance)),
      mac: macText(macs.get(instance)),
      ifType: numberOf(types.get(instance)) ?? 1,
      speedBps: speed > 0 ? speed : null,
      has64BitCounters: counters64.has(instance),
    });
  }
  return found.sort((one, other) => one.ifIndex - other.ifIndex);
}
