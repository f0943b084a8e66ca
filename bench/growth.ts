import { result, type BenchResult } from './result.ts';
import { startDevices } from './snmp-devices.ts';
import { pollOurselves, probes } from './snmp-own.ts';

/** The most first: in life the program has been compiled and its heap has settled long before. */
const counts = [10_000, 1_000, 100];
/** Above the second within which two polls are one point. */
const fewestIntervalMs = 1_050;

/**
 * `growth`: CPU per collected value as the devices become more. The stream of values is the same for all, so that the
 * number of devices alone is what differs: a hundred are read every second, ten thousand every hundred seconds. Beside it,
 * each device read and probed as in life: there a process that has little to do wakes for every single poll, and a value of
 * few devices costs more.
 */
export async function run(): Promise<readonly BenchResult[]> {
  const lines: BenchResult[] = [];
  const fewest = Math.min(...counts);
  for (const count of counts) {
    const intervalMs = (fewestIntervalMs * count) / fewest;
    const found = await measure(count, {
      intervalMs,
      runs: 1,
      runMs: Math.max(intervalMs, 20_000),
      probesMs: probes.seldomMs,
    });
    lines.push(result('growth', `cpu per collected value, ${count} devices`, 'ns', found.cost));
    lines.push(result('growth', `requests lost, ${count} devices`, 'requests', found.lost));
  }
  const costs = lines.filter(({ unit }) => unit === 'ns').map(({ value }) => value);
  const spread = Math.round((Math.max(...costs) / Math.min(...costs) - 1) * 100);
  lines.push(result('growth', 'dearest above cheapest', '%', [spread]));
  for (const count of counts) {
    const found = await measure(count, { intervalMs: 10_000, runs: 1, runMs: 20_000, probesMs: probes.inLifeMs });
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
  try {
    return await pollOurselves({ devices, secret: { kind: 'snmp-v2c', community: 'public' }, ...timing });
  } finally {
    devices.stop();
  }
}
