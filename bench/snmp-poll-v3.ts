import { result, type BenchResult } from './result.ts';
import { pollAll } from './snmp-poll.ts';
import { benchSecret } from './snmp-user.ts';

const answerer = './snmp-user-answerer.ts';
/** Rounds of v2c and v3 by turns, so that both meet the same machine. */
const rounds = 3;
const runsARound = 2;
/** Fewer than in `snmp-poll`: the devices are one process, which has to encrypt as well. */
const devices = 250;

/** CPU per collected value over SNMPv3 (SHA-256, AES-128), and over v2c from the same devices in the same run. */
export async function run(): Promise<readonly BenchResult[]> {
  const sealed: number[] = [];
  const plain: number[] = [];
  const lost: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const v2c = await pollAll({
      answerer,
      secret: { kind: 'snmp-v2c', community: 'public' },
      runs: runsARound,
      devices,
    });
    const v3 = await pollAll({ answerer, secret: benchSecret, runs: runsARound, devices });
    plain.push(...v2c.cost);
    sealed.push(...v3.cost);
    lost.push(...v3.lost);
  }
  const ours = result('snmp-poll-v3', 'cpu per collected value', 'ns', sealed);
  const v2c = result('snmp-poll-v3', 'the same over v2c', 'ns', plain);
  return [
    ours,
    v2c,
    result('snmp-poll-v3', 'times the cost over v2c', 'x', [Number((ours.value / v2c.value).toFixed(2))]),
    result('snmp-poll-v3', 'requests lost', 'requests', lost),
  ];
}
