import type { NeighbourFacts } from '../domain/plan.ts';
import { cleanText, macText } from './hostile-text.ts';
import type { SnmpReader, SnmpValue } from './snmp-reader.ts';
import { column } from './table.ts';

/** LLDP-MIB (IEEE 802.1AB-2005): lldpRemTable 1.0.8802.1.1.2.1.4.1.1, indexed by time mark, local port, index. */
const remote = '1.0.8802.1.1.2.1.4.1.1';
const localPorts = '1.0.8802.1.1.2.1.3.7.1';

function identifier(value: SnmpValue | undefined): string {
  return macText(value) || cleanText(value, 120);
}

/** Who stands at the other end of each port, as far as LLDP tells. */
export async function neighbours(reader: SnmpReader): Promise<readonly NeighbourFacts[]> {
  const chassis = await column(reader, `${remote}.5`, 1024); // lldpRemChassisId
  if (chassis.size === 0) return [];
  const ports = await column(reader, `${remote}.7`, 1024); // lldpRemPortId
  const portTexts = await column(reader, `${remote}.8`, 1024); // lldpRemPortDesc
  const names = await column(reader, `${remote}.9`, 1024); // lldpRemSysName
  const localIds = await column(reader, `${localPorts}.3`, 1024); // lldpLocPortId
  const localTexts = await column(reader, `${localPorts}.4`, 1024); // lldpLocPortDesc
  const found: NeighbourFacts[] = [];
  for (const [instance, id] of chassis) {
    const local = instance.split('.')[1];
    if (local === undefined) continue;
    found.push({
      localInterface: cleanText(localTexts.get(local), 120) || identifier(localIds.get(local)) || local,
      remoteName: cleanText(names.get(instance), 120),
      remotePort: identifier(ports.get(instance)) || cleanText(portTexts.get(instance), 120),
      remoteChassis: identifier(id),
    });
  }
  return found;
}
