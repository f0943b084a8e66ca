import { result, type BenchResult } from './result.ts';
import { startDevices } from './snmp-devices.ts';
import { pollOurselves, probes } from './snmp-own.ts';

/** The most first: in life the program has been compiled and its heap has settled long before. */
const counts = [10_000, 1_000, 100];
const runs = 3;
/** As in life, and the same for all: what each device is asked besides its values (a probe every five seconds) is, too. */
const intervalMs = 10_000;

/** `growth`: CPU per collected value as the devices become more, each read every ten seconds. */
export async function run(): Promise<readonly BenchResult[]> {
  const lines: BenchResult[] = [];
  for (const count of counts) {
    const devices = await startDevices('./snmp-answerer.ts', count);
    const secret = { kind: 'snmp-v2c', community: 'public' } as const;
    const found = await pollOurselves({
      devices,
      secret,
      runs,
      intervalMs,
      runMs: intervalMs,
      probesMs: probes.inLifeMs,
    });
    devices.stop();
    lines.push(result('growth', `cpu per collected value, ${count} devices`, 'ns', found.cost));
    lines.push(result('growth', `requests lost, ${count} devices`, 'requests', found.lost));
  }
  const costs = lines.filter(({ unit }) => unit === 'ns').map(({ value }) => value);
  const spread = Math.round((Math.max(...costs) / Math.min(...costs) - 1) * 100);
  return [...lines, result('growth', 'dearest above cheapest', '%', [spread])];
}
