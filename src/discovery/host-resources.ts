import type { ReadingFacts } from '../domain/plan.ts';
import { cleanText, numberOf } from './hostile-text.ts';
import { memoryFree, memoryRatio, percent, usable } from './readings.ts';
import type { SnmpReader } from './snmp-reader.ts';
import { columns } from './table.ts';

/** HOST-RESOURCES-MIB (RFC 2790). */
const processors = '1.3.6.1.2.1.25.3.3.1.1';
const processorLoad = '1.3.6.1.2.1.25.3.3.1.2';
const storage = '1.3.6.1.2.1.25.2.3.1';
const ram = '1.3.6.1.2.1.25.2.1.2'; // hrStorageRam
const mostProcessors = 64;

/**
 * hrProcessorLoad: the mean over all processors. net-snmp has the loads only a minute after its start, and the
 * processors (hrProcessorFrwID) at once: they are asked for in any case.
 */
async function hostProcessors(reader: SnmpReader): Promise<readonly ReadingFacts[]> {
  const [present, loads] = await columns(reader, [processors, processorLoad], mostProcessors);
  const read = [...loads]
    .filter(([, value]) => usable(numberOf(value), { unit: '%', range: [0, 100] }))
    .map(([row]) => row);
  const [first, ...others] = (loads.size > 0 ? read : [...present.keys()]).map((row) => `${processorLoad}.${row}`);
  if (first === undefined) return [];
  const cpu = percent('cpu_percent', first);
  return [others.length === 0 ? cpu : { ...cpu, meanOids: others }];
}

/** UCD-SNMP-MIB, what Linux can give away at once: memSysAvail of memTotalReal. */
const ucdAvailable = '1.3.6.1.4.1.2021.4.27.0';
const ucdTotal = '1.3.6.1.4.1.2021.4.5.0';

/** Memory: what Linux calls available where it says so, else the hrStorage row that is RAM, by its type or its name. */
async function hostMemory(reader: SnmpReader): Promise<readonly ReadingFacts[]> {
  const [ucd, [types, descriptions, units, sizes, used]] = await Promise.all([
    reader.get([ucdAvailable, ucdTotal]),
    columns(reader, [`${storage}.2`, `${storage}.3`, `${storage}.4`, `${storage}.5`, `${storage}.6`], 256),
  ]);
  if ((numberOf(ucd.get(ucdAvailable)) ?? 0) > 0 && (numberOf(ucd.get(ucdTotal)) ?? 0) > 0) {
    return [memoryFree(ucdAvailable, ucdTotal)];
  }
  const named = (row: string): string => cleanText(descriptions.get(row));
  const present = [...sizes.keys()].filter((row) => (numberOf(sizes.get(row)) ?? 0) > 0);
  const typed = present.filter((row) => cleanText(types.get(row)) === ram);
  const main =
    typed.find((row) => /main|physical|real|^ram|dram/i.test(named(row))) ??
    typed.find((row) => !/virtual|swap|buffer|cache|shared|tmpfs/i.test(named(row))) ??
    present.find((row) => /(physical|main|real|system) memory|^(ram|memory)$/i.test(named(row)));
  if (main === undefined) return [];
  const memory = memoryRatio(`${storage}.6.${main}`, { ofOid: `${storage}.5.${main}` });
  // net-snmp before 5.9 counts buffers and cache as used, and has a row for each; later it does not, and has them still.
  const amount = (row: string): number => (numberOf(used.get(row)) ?? 0) * (numberOf(units.get(row)) ?? 1);
  const minus = [...used.keys()].filter(
    (row) =>
      /^(memory buffers|cached memory)$/i.test(named(row)) && numberOf(units.get(row)) === numberOf(units.get(main)),
  );
  if (minus.length === 0 || minus.reduce((sum, row) => sum + amount(row), 0) >= amount(main)) return [memory];
  return [{ ...memory, minusOids: minus.map((row) => `${storage}.6.${row}`) }];
}

/** CPU and memory as most systems with net-snmp and a great many other devices have them, whatever their maker. */
export async function hostResources(reader: SnmpReader): Promise<readonly ReadingFacts[]> {
  const [cpu, memory] = await Promise.all([hostProcessors(reader), hostMemory(reader)]);
  return [...cpu, ...memory];
}
