import type { ReadingFacts } from '../domain/plan.ts';
import { numberOf } from './hostile-text.ts';
import { percent } from './readings.ts';
import type { SnmpReader } from './snmp-reader.ts';
import { columns } from './table.ts';

/** Columns of a table with one row for each entity, of which only the boards have a processor and a memory. */
export interface BoardColumns {
  readonly cpu: string;
  readonly memory: string;
  readonly memorySize: string;
}

/**
 * CPU and memory of the main board (Huawei, H3C): the first row that has a memory size, else one whose memory is in
 * use, else the first that reports a load at all.
 */
export async function boardLoad(reader: SnmpReader, oids: BoardColumns): Promise<readonly ReadingFacts[]> {
  const [loads, memories, sizes] = await columns(reader, [oids.cpu, oids.memory, oids.memorySize], 1024);
  const rows = [...loads.keys()];
  const board =
    rows.find((row) => (numberOf(sizes.get(row)) ?? 0) > 0) ??
    rows.find((row) => (numberOf(memories.get(row)) ?? 0) > 0) ??
    rows.find((row) => (numberOf(loads.get(row)) ?? 0) > 0) ??
    rows[0];
  if (board === undefined) return [];
  const cpu = percent('cpu_percent', `${oids.cpu}.${board}`);
  return memories.has(board) ? [cpu, percent('memory_percent', `${oids.memory}.${board}`)] : [cpu];
}
