import { setTimeout as pause } from 'node:timers/promises';
import { peer, type Peer } from '../../tests/support/peers.ts';
import { processTree } from '../processes.ts';
import { against, type BenchResult } from '../result.ts';
import { valuesPerDevice, type BenchDevices } from '../snmp-devices.ts';

/** A collector to compare with, in one of its settings, which lie beside its file. */
export interface Collector {
  /** As its line names it. */
  readonly name: string;
  readonly peer: Peer;
  /** Polls the devices for some runs, and gives the CPU ns a value of each; null when it cannot keep up with so many. */
  measure(program: string, devices: BenchDevices, runs: number): Promise<readonly number[] | null>;
}

/** Go collects garbage by default each time the little that it holds has doubled; given half a gigabyte it seldom must. */
export const collectedSeldom = { GOGC: 'off', GOMEMLIMIT: '500MiB' };

/** How many devices it is given where all are too many. */
const parts = [1, 0.5, 0.25, 0.1];

/** One line for each collector; one that is missing is named, on standard error, too. */
export async function compared(
  ours: BenchResult,
  collectors: readonly Collector[],
  options: { readonly devices: BenchDevices; readonly runs: number },
): Promise<BenchResult[]> {
  const lines: BenchResult[] = [];
  for (const collector of collectors) lines.push(await compareWith(ours, collector, options));
  return lines;
}

async function compareWith(
  ours: BenchResult,
  collector: Collector,
  { devices, runs }: { readonly devices: BenchDevices; readonly runs: number },
): Promise<BenchResult> {
  const program = peer(collector.peer);
  if (program === null) {
    console.error(`${ours.bench}: ${collector.name} is missing, run \`npm run peers -- --all\``);
    return against(ours, collector.name, []);
  }
  for (const part of parts) {
    const count = Math.round(devices.count * part);
    const some = { ...devices, count, addresses: devices.addresses.slice(0, count) };
    const cost = await collector.measure(program, some, runs);
    if (cost === null) continue;
    const note = part === 1 ? undefined : `${collector.name} with ${count} devices: it could not keep up with more`;
    return against(ours, collector.name, cost, note);
  }
  console.error(`${ours.bench}: ${collector.name} kept up with no number of devices: this machine is too busy`);
  return against(ours, collector.name, []);
}

/**
 * Runs of a collector that polls by a clock of its own: whole intervals, each begun while it rests. `values` says how
 * many it has put out so far.
 */
export async function measuredByClock(options: {
  readonly pid: number;
  readonly devices: BenchDevices;
  readonly runs: number;
  readonly intervalMs: number;
  /** When it began the first interval, on the clock of `Date.now`. */
  readonly begunMs: number;
  readonly values: () => number;
}): Promise<readonly number[] | null> {
  const { pid, devices, runs, intervalMs, begunMs, values } = options;
  const restMs = intervalMs * 0.7;
  // The first interval is for what it makes once, and gives no rates.
  const firstMs = begunMs + intervalMs * 2 + restMs;
  const cost: number[] = [];
  await pause(firstMs - Date.now());
  for (let run = 0; run < runs; run += 1) {
    const before = { cpuS: cpuSecondsOf(pid), values: values() };
    await pause(firstMs + (run + 1) * intervalMs - Date.now());
    const collected = values() - before.values;
    if (collected < devices.count * valuesPerDevice * 0.9) return null;
    cost.push(Math.round(((cpuSecondsOf(pid) - before.cpuS) * 1e9) / collected));
  }
  return cost;
}

/** User and system time of a process and all below it. */
export function cpuSecondsOf(pid: number): number {
  return processTree(pid).reduce((sum, one) => sum + one.ownCpuS + one.endedCpuS, 0);
}
