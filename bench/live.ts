import { fork } from 'node:child_process';
import { createServer } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { pino } from 'pino';
import { systemClock } from '../src/domain/clock.ts';
import type { Access } from '../src/domain/access.ts';
import type { UserId } from '../src/domain/ids.ts';
import type { PlacedTransition, StatusChange } from '../src/domain/status-change.ts';
import type { TopologyDevice } from '../src/domain/topology.ts';
import { Live } from '../src/live/live.ts';
import { CountsCache } from '../src/status/counts.ts';
import { NetworkGraph } from '../src/domain/network-graph.ts';
import { StateBook } from '../src/status/state-book.ts';
import { backbone } from '../src/status/test-network.ts';
import { nextWord } from './next-word.ts';
import { result, type BenchResult } from './result.ts';

const sockets = 200;
const changesPerSecond = 1_000;
/** As often as the status board explains what it heard. */
const turnMs = 50;
const warmUpMs = 3_000;
const runMs = 10_000;
const runs = 3;

/** What the readers say at the end of a run: changes that reached them, and how long after they were made. */
export interface Heard {
  readonly delivered: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/**
 * `live`: devices change their state a thousand times a second, and two hundred readers of the whole network hear of
 * each. The states are put straight into the book of the status board, so that its reasoning does not count; from there
 * on all is as it is in life. The readers are a process beside. CPU is that of our process.
 */
export async function run(): Promise<readonly BenchResult[]> {
  // Bone's size: 27 hubs, 378 villages with three devices each.
  const network = backbone(27, 14);
  const { topology } = network;
  const clock = systemClock;
  const book = new StateBook();
  const graph = new NetworkGraph(topology);
  for (const id of topology.sites.keys()) book.add('site', id, clock.now());
  for (const id of topology.links.keys()) book.add('link', id, clock.now());
  for (const id of topology.devices.keys()) book.add('device', id, clock.now());
  const counts = new CountsCache(graph, book);
  let tell: (change: StatusChange) => void = () => undefined;
  const server = createServer((_, answer) => answer.end());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const live = new Live({
    httpServer: server,
    authenticate: async (headers) => reader(String(headers['x-reader'])),
    isSameOrigin: () => true,
    onAccessRevoked: () => () => undefined,
    board: {
      stateOf: (kind, id) => book.get(kind, id),
      states: (kind) => book.entries(kind),
      linkLoad: () => null,
      blindness: null,
      counts: (scope) => counts.of(scope),
      onChange: (listener) => {
        tell = listener;
        return () => undefined;
      },
    },
    topology: { current: () => topology, onChange: () => () => undefined },
    services: { summaries: () => [], onChange: () => () => undefined },
    incidents: { views: () => [], onChange: () => () => undefined },
    own: { faults: [], onChange: () => () => undefined },
    clock,
    logger: pino({ level: 'silent' }),
  });
  await live.start();
  const address = server.address();
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
  const readers = fork(new URL('./live-readers.ts', import.meta.url), [String(port), String(sockets)]);
  await nextWord(readers);

  const devices = [...topology.devices.values()];
  let made = 0;
  const beganAt = performance.now();
  const change = (): void => {
    const due = Math.round(((performance.now() - beganAt) * changesPerSecond) / 1_000);
    const transitions: PlacedTransition[] = [];
    for (; made < due; made++) {
      const device = devices[made % devices.length];
      if (device === undefined) continue;
      const regionCode = topology.sites.get(device.siteId)?.regionCode ?? null;
      const transition = turned(book, device, clock.now());
      if (transition === null) continue;
      transitions.push({ transition, name: device.name, siteId: device.siteId, regionCode, otherRegionCode: null, causeRegionCodes: [] }); // prettier-ignore
    }
    counts.forget();
    tell({ transitions, events: [], loads: [], topologyChanged: false });
  };
  const timer = setInterval(change, turnMs);
  const cost: number[] = [];
  const rate: number[] = [];
  const middle: number[] = [];
  const late: number[] = [];
  await pause(warmUpMs);
  for (let turn = 0; turn < runs; turn++) {
    await askedOf(readers, 'begin');
    const used = process.cpuUsage();
    const began = performance.now();
    await pause(runMs);
    const { user, system } = process.cpuUsage(used);
    const heard = (await askedOf(readers, 'end')) as Heard;
    cost.push(Math.round(((user + system) * 1_000) / heard.delivered));
    rate.push(Math.round((heard.delivered * 1_000) / (performance.now() - began)));
    middle.push(heard.p50Ms);
    late.push(heard.p99Ms);
  }
  clearInterval(timer);
  readers.disconnect();
  await live.stop();
  server.close();
  return [
    result('live', 'cpu per delivered change', 'ns', cost),
    result('live', 'changes delivered', '1/s', rate),
    result('live', 'latency p50', 'ms', middle),
    result('live', 'latency p99', 'ms', late),
  ];
}

function reader(name: string): Access {
  return { kind: 'user', id: name as UserId, name, grants: [{ role: 'viewer', regionCode: null }] };
}

/** Up becomes down and back; null where the book knows no such device. */
function turned(book: StateBook, device: TopologyDevice, now: number): PlacedTransition['transition'] | null {
  const to = book.get('device', device.id)?.state === 'up' ? 'down' : 'up';
  const cause = { kind: 'device', id: device.id, name: device.name, since: now, certainty: 1 } as const;
  const changed = book.set('device', device.id, { state: to, since: now, cause: to === 'up' ? null : cause });
  if (changed === null) return null;
  return {
    kind: 'device',
    id: device.id,
    from: changed.from,
    to,
    since: now,
    at: now,
    cause: changed.to.cause,
    topologyVersion: 1,
  };
}

function askedOf(readers: ReturnType<typeof fork>, word: 'begin' | 'end'): Promise<unknown> {
  readers.send(word);
  return nextWord(readers);
}
