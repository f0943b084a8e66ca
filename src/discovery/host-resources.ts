import type { ReadingFacts } from '../domain/plan.ts';
import { cleanText, numberOf } from './hostile-text.ts';
import { memoryFree, memoryRatio, percent, usable } from './readings.ts';
import type { SnmpReader } from './snmp-reader.ts';
import { column, columns } from './table.ts';

/** HOST-RESOURCES-MIB (RFC 2790). */
const processorLoad = '1.3.6.1.2.1.25.3.3.1.2';
const storage = '1.3.6.1.2.1.25.2.3.1';
const ram = '1.3.6.1.2.1.25.2.1.2'; // hrStorageRam
const mostProcessors = 64;

/** hrProcessorLoad: the mean over all processors. */
export async function hostProcessors(reader: SnmpReader): Promise<readonly ReadingFacts[]> {
  const loads = await column(reader, processorLoad, mostProcessors);
  const [first, ...others] = [...loads]
    .filter(([, value]) => usable(numberOf(value), { unit: '%', range: [0, 100] }))
    .map(([instance]) => `${processorLoad}.${instance}`);
  if (first === undefined) return [];
  const cpu = percent('cpu_percent', first);
  return [others.length === 0 ? cpu : { ...cpu, meanOids: others }];
}

/** The hrStorage row that is RAM: by its type, else by its name. */
export async function hostMemory(reader: SnmpReader): Promise<readonly ReadingFacts[]> {
  const [types, descriptions, sizes] = await columns(reader, [`${storage}.2`, `${storage}.3`, `${storage}.5`], 256);
  const named = (instance: string): string => cleanText(descriptions.get(instance));
  const present = [...sizes.keys()].filter((instance) => (numberOf(sizes.get(instance)) ?? 0) > 0);
  const typed = present.filter((instance) => cleanText(types.get(instance)) === ram);
  const main =
    typed.find((instance) => /main|physical|real|^ram|dram/i.test(named(instance))) ??
    typed.find((instance) => !/virtual|swap|buffer|cache|shared|tmpfs/i.test(named(instance))) ??
    present.find((instance) => /(physical|main|real|system) memory|^(ram|memory)$/i.test(named(instance)));
  if (main === undefined) return [];
  return [memoryRatio(`${storage}.6.${main}`, { ofOid: `${storage}.5.${main}` })];
}

/** UCD-SNMP-MIB, what Linux can give away at once: memSysAvail of memTotalReal. */
const ucdAvailable = '1.3.6.1.4.1.2021.4.27.0';
const ucdTotal = '1.3.6.1.4.1.2021.4.5.0';

/** CPU and memory as most systems with net-snmp and a great many other devices have them, whatever their maker. */
export async function hostResources(reader: SnmpReader): Promise<readonly ReadingFacts[]> {
  const [cpu, ucd] = await Promise.all([hostProcessors(reader), reader.get([ucdAvailable, ucdTotal])]);
  if ((numberOf(ucd.get(ucdAvailable)) ?? 0) > 0 && (numberOf(ucd.get(ucdTotal)) ?? 0) > 0) {
    return [...cpu, memoryFree(ucdAvailable, ucdTotal)];
  }
  return [...cpu, ...(await hostMemory(reader))];
}
