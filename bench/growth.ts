import { result, type BenchResult } from './result.ts';
import { startDevices } from './snmp-devices.ts';
import { pollOurselves, probes } from './snmp-own.ts';

/** The most first: in life the program has been compiled and its heap has settled long before. */
const counts = [10_000, 1_000, 100];
/** Above the second within which two polls are one point. */
const fewestIntervalMs = 1_050;

/** The longest of the intervals, for all: what comes seldom (a major garbage collection, what is kept on disk) has its share. */
const runMs = 105_000;

/**
 * `growth`: CPU per collected value as the devices become more. The stream of values is the same for all, so that the
 * number of devices alone is what differs: a hundred are read every second, ten thousand every hundred seconds. Beside it,
 * each device read and probed as in life: there a process that has little to do wakes for every single poll, and a value of
 * few devices costs more.
 */
export async function run(): Promise<readonly BenchResult[]> {
  const lines: BenchResult[] = [];
  const fewest = Math.min(...counts);
  const costs: number[] = [];
  for (const count of counts) {
    const found = await measure(count, {
      intervalMs: (fewestIntervalMs * count) / fewest,
      runs: 2,
      runMs,
      probesMs: probes.seldomMs,
    });
    const cost = result('growth', `cpu per collected value, ${count} devices`, 'ns', found.cost);
    costs.push(cost.value);
    lines.push(cost, result('growth', `requests lost, ${count} devices`, 'requests', found.lost));
  }
  const spread = Math.round((Math.max(...costs) / Math.min(...costs) - 1) * 100);
  lines.push(result('growth', 'dearest above cheapest', '%', [spread]));
  for (const count of counts) {
    const found = await measure(count, { intervalMs: 10_000, runs: 3, runMs: 20_000, probesMs: probes.inLifeMs });
    lines.push(
      result('growth', `cpu per collected value, ${count} devices each read every 10 s and probed`, 'ns', found.cost),
    );
  }
  return lines;
}

async function measure(
  count: number,
  timing: { readonly intervalMs: number; readonly runs: number; readonly runMs: number; readonly probesMs: number },
) {
  const devices = await startDevices('./snmp-answerer.ts', count);
  const secret = { kind: 'snmp-v2c', community: 'public' } as const;
  try {
    return await pollOurselves({ devices, secret, withoutLines: true, ...timing });
  } finally {
    devices.stop();
  }
}
