import { compared } from './peers/collector.ts';
import { snmpExporter } from './peers/snmp-exporter/snmp-exporter.ts';
import { result, type BenchResult } from './result.ts';
import { startDevices } from './snmp-devices.ts';
import { pollOurselves, probes } from './snmp-own.ts';
import { benchSecret } from './snmp-user.ts';

/** Rounds of v2c and v3 by turns, so that both meet the same machine. */
const rounds = 3;
const runsARound = 2;
const peerRuns = 3;
const deviceCount = 1_000;

/** CPU per collected value over SNMPv3 (SHA-256, AES-128), and over v2c from the same devices in the same run. */
export async function run(): Promise<readonly BenchResult[]> {
  const devices = await startDevices('./snmp-user-answerer.ts', deviceCount);
  const timing = { devices, runs: runsARound, intervalMs: 2_000, runMs: 5_000, probesMs: probes.seldomMs };
  const sealed: number[] = [];
  const withLines: number[] = [];
  const plain: number[] = [];
  const lost: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const v2c = await pollOurselves({ ...timing, secret: { kind: 'snmp-v2c', community: 'public' } });
    const v3 = await pollOurselves({ ...timing, secret: benchSecret });
    plain.push(...v2c.cost);
    sealed.push(...v3.cost);
    withLines.push(...v3.costWithLines);
    lost.push(...v3.lost);
  }
  const ours = result('snmp-poll-v3', 'cpu per collected value', 'ns', sealed);
  const v2c = result('snmp-poll-v3', 'the same over v2c', 'ns', plain);
  const whole = result('snmp-poll-v3', 'cpu per collected value, up to line protocol', 'ns', withLines);
  const beside = await compared(
    whole,
    [snmpExporter('interfaces_v3', 'stock'), snmpExporter('interfaces_v3', 'best')],
    { devices, runs: peerRuns },
  );
  devices.stop();
  return [
    ours,
    ...beside,
    v2c,
    result('snmp-poll-v3', 'times the cost over v2c', 'x', [Number((ours.value / v2c.value).toFixed(2))]),
    result('snmp-poll-v3', 'requests lost', 'requests', lost),
  ];
}
