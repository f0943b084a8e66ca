import { cleanText, numberOf } from './hostile-text.ts';
import type { SnmpReader } from './snmp-reader.ts';
import { column } from './table.ts';

/** ENTITY-MIB (RFC 6933) entPhysicalTable. */
const entry = '1.3.6.1.2.1.47.1.1.1.1';
export const entPhysicalName = `${entry}.7`;
export const entPhysicalDescr = `${entry}.2`;
/** PhysicalClass, in the order in which they are asked who the device is. */
const classes = [3 /* chassis */, 11 /* stack */, 9 /* module */];
const mostCandidates = 6;

export interface EntityIdentity {
  readonly model: string;
  readonly serial: string;
  readonly firmware: string;
}

/** A text that says something: agents fill what they do not know with these. */
export function telling(text: string): string {
  return /^(n\/?a|none|unknown|not specified|default|null|\(null\)|0+|-|"")$/i.test(text) ? '' : text;
}

/**
 * Model, serial and firmware by ENTITY-MIB: of the chassis, else of the stack or of the first modules. A stack's own
 * row is often empty and its members are chassis; each text is taken from the first row that has it.
 */
export async function entityIdentity(reader: SnmpReader): Promise<EntityIdentity> {
  const kinds = [...(await column(reader, `${entry}.5`, 256))];
  const rows = classes
    .flatMap((wanted) => kinds.filter(([, value]) => numberOf(value) === wanted))
    .map(([instance]) => instance);
  if (rows.length === 0) {
    // No classes: whatever row has a serial number.
    const serials = await column(reader, `${entry}.11`, 64);
    rows.push(...[...serials].filter(([, value]) => telling(cleanText(value)) !== '').map(([instance]) => instance));
  }
  const candidates = rows.slice(0, mostCandidates);
  const values = await reader.get(
    candidates.flatMap((row) => [13, 11, 10, 9].map((each) => `${entry}.${each}.${row}`)),
  );
  const first = (...wanted: readonly number[]): string => {
    for (const row of candidates) {
      for (const each of wanted) {
        const text = telling(cleanText(values.get(`${entry}.${each}.${row}`), 120));
        if (text !== '') return text;
      }
    }
    return '';
  };
  // entPhysicalModelName, entPhysicalSerialNum, entPhysicalSoftwareRev else entPhysicalFirmwareRev
  return { model: first(13), serial: first(11).slice(0, 80), firmware: first(10, 9) };
}
