import { collectd } from './peers/collectd/collectd.ts';
import { compared } from './peers/collector.ts';
import { snmpExporter } from './peers/snmp-exporter/snmp-exporter.ts';
import { telegraf } from './peers/telegraf/telegraf.ts';
import { result, type BenchResult } from './result.ts';
import { startDevices } from './snmp-devices.ts';
import { pollOurselves, probes } from './snmp-own.ts';

const deviceCount = 1_000;
const runs = 5;
const peerRuns = 3;

/**
 * CPU per value from 1,000 devices, which are another process that replays prepared answers. Peers poll the same devices
 * in the same run; they are compared with what our polls cost up to line protocol, without the probes that peers do
 * not have.
 */
export async function run(): Promise<readonly BenchResult[]> {
  const devices = await startDevices('./snmp-answerer.ts', deviceCount);
  const timing = { devices, secret: { kind: 'snmp-v2c', community: 'public' }, runs, intervalMs: 2_000, runMs: 5_000 } as const; // prettier-ignore
  const found = await pollOurselves({ ...timing, probesMs: probes.seldomMs });
  const inLife = await pollOurselves({ ...timing, probesMs: probes.inLifeMs });
  const whole = result('snmp-poll', 'cpu per collected value, up to line protocol', 'ns', found.costWithLines);
  const collectors = [
    snmpExporter('interfaces', 'stock'),
    snmpExporter('interfaces', 'best'),
    collectd('manual'),
    collectd('bulk'),
    collectd('best'),
    telegraf,
  ];
  const beside = await compared(whole, collectors, { devices, runs: peerRuns });
  devices.stop();
  return [
    result('snmp-poll', 'cpu per collected value', 'ns', found.cost),
    result('snmp-poll', 'of which in the kernel', 'ns', found.inKernel),
    ...beside,
    result('snmp-poll', 'the same with a probe of each device every 5 s', 'ns', inLife.costWithLines),
    result('snmp-poll', 'values collected', '1/s', found.perSecond),
    result('snmp-poll', 'values that came out in batches', '%', found.inBatches),
    result('snmp-poll', 'requests for a poll of one device', 'requests', found.asked),
    result('snmp-poll', 'requests lost', 'requests', found.lost),
  ];
}
