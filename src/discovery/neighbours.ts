import type { NeighbourFacts } from '../domain/plan.ts';
import { cleanText, macText, numberOf } from './hostile-text.ts';
import type { SnmpReader, SnmpValue } from './snmp-reader.ts';
import { columns } from './table.ts';

/** LLDP-MIB (IEEE 802.1AB-2005): lldpRemTable, indexed by time mark, local port, index; and lldpLocPortTable. */
const remote = '1.0.8802.1.1.2.1.4.1.1';
const localPorts = '1.0.8802.1.1.2.1.3.7.1';
const mostNeighbours = 1024;

/** LldpChassisIdSubtype macAddress(4), networkAddress(5); LldpPortIdSubtype macAddress(3), networkAddress(4). */
const subtypes = { chassis: { mac: 4, network: 5 }, port: { mac: 3, network: 4 } } as const;

/**
 * What an id means by its subtype: six octets are a MAC only where the device says so, since `ether1` has six too.
 * A MAC that came as text (`B8:69:F4:…`) becomes the same lower case with colons.
 */
function identifier(
  value: SnmpValue | undefined,
  subtype: SnmpValue | undefined,
  known: { readonly mac: number; readonly network: number },
): string {
  const kind = numberOf(subtype);
  if (kind === known.network && value?.kind === 'octets') return addressText(value.value);
  if (kind !== known.mac) return cleanText(value, 120);
  const text = cleanText(value, 120);
  if (/^[0-9a-f]{2}([:-][0-9a-f]{2}){5}$/i.test(text)) return text.toLowerCase().replaceAll('-', ':');
  return macText(value) || text;
}

/** networkAddress: an octet of AddressFamilyNumbers (1 is IPv4), then the address. */
function addressText(octets: Uint8Array): string {
  if (octets[0] === 1 && octets.length === 5) return [...octets.subarray(1)].join('.');
  return Buffer.from(octets).toString('hex');
}

/** Who stands at the other end of each port, as far as LLDP tells. */
export async function neighbours(reader: SnmpReader): Promise<readonly NeighbourFacts[]> {
  // lldpRemChassisId first: where there is none, nothing more is asked.
  const [chassis] = await columns(reader, [`${remote}.5`], mostNeighbours);
  if (chassis.size === 0) return [];
  const [chassisKinds, portKinds, ports, portTexts, names, localKinds, localIds, localTexts] = await columns(
    reader,
    [
      `${remote}.4`, // lldpRemChassisIdSubtype
      `${remote}.6`, // lldpRemPortIdSubtype
      `${remote}.7`, // lldpRemPortId
      `${remote}.8`, // lldpRemPortDesc
      `${remote}.9`, // lldpRemSysName
      `${localPorts}.2`, // lldpLocPortIdSubtype
      `${localPorts}.3`, // lldpLocPortId
      `${localPorts}.4`, // lldpLocPortDesc
    ],
    mostNeighbours,
  );
  const found: NeighbourFacts[] = [];
  for (const [instance, id] of chassis) {
    const local = instance.split('.')[1];
    if (local === undefined) continue;
    const portText = cleanText(portTexts.get(instance), 120);
    const port = identifier(ports.get(instance), portKinds.get(instance), subtypes.port);
    found.push({
      localInterface: localName(local, { kinds: localKinds, ids: localIds, texts: localTexts }),
      remoteName: cleanText(names.get(instance), 120),
      // A port that is named by its MAC is better known by its description.
      remotePort: (numberOf(portKinds.get(instance)) === subtypes.port.mac ? portText || port : port) || portText,
      remoteChassis: identifier(id, chassisKinds.get(instance), subtypes.chassis),
    });
  }
  return found;
}

const interfaceName = 5;

/** The local port as its interface is called: by its id where that is the interface's name, else by its description. */
function localName(
  port: string,
  known: Readonly<Record<'kinds' | 'ids' | 'texts', ReadonlyMap<string, SnmpValue>>>,
): string {
  const id = identifier(known.ids.get(port), known.kinds.get(port), subtypes.port);
  const text = cleanText(known.texts.get(port), 120);
  return (numberOf(known.kinds.get(port)) === interfaceName ? id || text : text || id) || port;
}
