import { fork } from 'node:child_process';
import { result, type BenchResult } from './result.ts';
import type { GrowthRuns, GrowthTask } from './growth-one.ts';
import { probes } from './snmp-own.ts';

const counts = [10_000, 1_000, 100];
/**
 * A hundred sockets answer, however many devices there are. Real ones are elsewhere; of ten thousand sockets in this machine's
 * kernel, where to send to one would cost the collector more with each, and so would the answers that another process keeps for
 * each in the caches of both.
 */
const sockets = 100;
/**
 * Above the second within which two polls are one point, and a whole number of the fifths of a second at which polls begin:
 * else the time between two of them would be now more and now less than that second, and what was read for nothing.
 */
const fewestIntervalMs = 1_200;
/** Of ten thousand devices each is probed once an hour, beside the polls that are measured. */
const fewestProbesMs = 36_000;

/** The longest of the intervals, for all: what comes seldom (a major garbage collection, what is kept on disk) has its share. */
const runMs = 120_000;
/** Processors: what polls shares one with its like, what answers another, so that all sizes have the same neighbours. */
const processors = { collecting: 0, answering: 1 };
/**
 * Processes of each size: where in memory the system put what one of them holds is worth a tenth either way, for as long as
 * it lives.
 */
const processes = 3;
/** A hundred devices read every ten seconds take so long until the compiler has seen enough of them. */
const lifeWarmMs = 600_000;

/**
 * `growth`: CPU per collected value as the devices become more. The stream of values and that of probes are the same for
 * all, so that the number of devices alone is what differs: a hundred are read every 1.2 seconds, ten thousand every two
 * minutes. They are measured beside each other and on one processor, in processes of their own, each of which takes some hundredths
 * of it, so that what the machine does meanwhile is the same for all. In life a device's turn comes once a minute, and
 * whatever ran meanwhile has its place in the processor's caches, however few devices there are. A hundred that are read
 * every 1.2 seconds would find all of theirs there, which tells the size of those caches and not what growing costs: a neighbour
 * goes through more memory than the largest holds. Then each device read and probed as in life: there a process that has
 * little to do wakes for every single poll, and a value of few devices costs more.
 */
export async function run(): Promise<readonly BenchResult[]> {
  const lines: BenchResult[] = [];
  const fewest = Math.min(...counts);
  const sameStream = { ...processors, runs: 5, runMs, warmMs: 5 * runMs };
  const neighbour = fork(new URL('./neighbour.ts', import.meta.url), [String(processors.collecting)]);
  const found = await Promise.all(
    counts.map((count) => {
      const often = count / fewest;
      const timing = { intervalMs: fewestIntervalMs * often, probesMs: fewestProbesMs * often };
      const task = { count, sockets, ...timing, ...sameStream };
      return Promise.all(Array.from({ length: processes }, () => measuredApart(task)));
    }),
  );
  neighbour.disconnect();
  for (const [at, count] of counts.entries()) {
    const each = found[at] ?? [];
    const cost = each.flatMap((one) => one.cost);
    const lost = each.flatMap((one) => one.lost);
    lines.push(
      result('growth', `cpu per collected value, ${count} devices`, 'ns', cost),
      result('growth', `requests lost, ${count} devices`, 'requests', lost),
    );
  }
  lines.push(result('growth', 'dearest above cheapest', '%', spreads(found.map(means))));
  const inLife = {
    ...processors,
    intervalMs: 10_000,
    runs: 3,
    runMs: 60_000,
    probesMs: probes.inLifeMs,
    warmMs: lifeWarmMs,
  };
  const lives = await Promise.all(counts.map((count) => measuredApart({ count, sockets, ...inLife })));
  for (const [at, count] of counts.entries()) {
    const metric = `cpu per collected value, ${count} devices each read every 10 s and probed`;
    lines.push(result('growth', metric, 'ns', lives[at]?.cost ?? []));
  }
  return lines;
}

/** Run by run, of the processes of a size. */
function means(each: readonly GrowthRuns[]): readonly number[] {
  const [first] = each;
  return (first?.cost ?? []).map(
    (_, run) => each.reduce((sum, { cost }) => sum + (cost[run] ?? Number.NaN), 0) / each.length,
  );
}

/** How many percent the dearest size is above the cheapest, run by run: what the machine did in one it did to all of them. */
function spreads(costs: readonly (readonly number[])[]): readonly number[] {
  const [first = []] = costs;
  return first.map((_, run) => {
    const beside = costs.map((each) => each[run] ?? Number.NaN);
    return Math.round((Math.max(...beside) / Math.min(...beside) - 1) * 100);
  });
}

function measuredApart(task: GrowthTask): Promise<GrowthRuns> {
  const child = fork(new URL('./growth-one.ts', import.meta.url), [JSON.stringify(task)]);
  return new Promise((resolve, reject) => {
    child.once('message', (runs) => resolve(runs as GrowthRuns));
    child.once('exit', (code) => reject(new Error(`the process of ${task.count} devices ended with ${code}`)));
  });
}
