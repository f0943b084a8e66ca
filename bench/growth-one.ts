import { runOn } from './on-processor.ts';
import { startDevices } from './snmp-devices.ts';
import { pollOurselves, type PollRuns } from './snmp-own.ts';

/** One of the sizes of `growth`, as its first argument in JSON says; what it found is its message. */
export interface GrowthTask {
  readonly count: number;
  /** That answer for them. */
  readonly sockets: number;
  readonly intervalMs: number;
  readonly runs: number;
  readonly runMs: number;
  readonly probesMs: number;
  readonly warmMs?: number;
  /** The processors of what polls and of what answers. */
  readonly collecting: number;
  readonly answering: number;
}

export type GrowthRuns = Pick<PollRuns, 'cost' | 'lost'>;

const { count, sockets, collecting, answering, ...timing } = JSON.parse(process.argv[2] ?? '{}') as GrowthTask;
runOn(answering);
const devices = await startDevices('./snmp-answerer.ts', count, sockets);
runOn(collecting);
const secret = { kind: 'snmp-v2c', community: 'public' } as const;
const { cost, lost } = await pollOurselves({ devices, secret, withoutLines: true, ...timing });
devices.stop();
process.send?.({ cost, lost } satisfies GrowthRuns, () => process.exit(0));
