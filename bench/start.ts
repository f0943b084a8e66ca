import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { io } from 'socket.io-client';
import type { DeltaMessage, SnapshotMessage } from '../src/live/messages.ts';
import { Demo, demoPassword } from '../tests/support/demo.ts';
import { memoryMb, processTree, type ProcessUse } from './processes.ts';
import { result, type BenchResult } from './result.ts';

const runs = 3;
const steadyAfterMs = 180_000;
const longestMs = 300_000;
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

const programs = ['controller', 'postgresql', 'simulator', 'rest'] as const;
type Program = (typeof programs)[number];
type ByProgram = Readonly<Record<Program, number>>;

/** Seconds since `./arung demo` was typed, on fresh data. */
export interface StartTimes {
  readonly console: number;
  readonly firstPoint: number;
  readonly allUp: number;
  readonly allPlans: number;
  readonly allLoads: number;
}

export interface MeasuredStart {
  readonly times: StartTimes;
  /** CPU seconds until every load is drawn. */
  readonly cpuS: ByProgram;
  /** Megabytes (Pss), at that time and in the steady state; null where it was not waited for. */
  readonly memory: ByProgram;
  readonly steadyMemory: ByProgram | null;
  /** SNMP requests until then, for each device. */
  readonly packetsPerDevice: number;
}

/**
 * `start`: from `./arung demo` on fresh data to a complete map, as a browser hears of it: every device up and every link
 * between sites with its load. The first start has to build the console, too, as after `npm ci`; the others find it built.
 * Only figures of a quiet machine compare: a start is bound by the processor.
 */
export async function run(): Promise<readonly BenchResult[]> {
  rmSync(join(import.meta.dirname, '../dashboards/console/dist'), { recursive: true, force: true });
  const cold = await measureStart({ steadyAfterMs: 0 });
  const warm: MeasuredStart[] = [];
  for (let turn = 0; turn < runs; turn++) {
    warm.push(await measureStart({ steadyAfterMs: turn === runs - 1 ? steadyAfterMs : 0 }));
  }
  const times = Object.entries({
    console: 'console',
    firstPoint: 'first point',
    allUp: 'all up',
    allPlans: 'all plans',
    allLoads: 'all loads',
  } satisfies Record<keyof StartTimes, string>) as [keyof StartTimes, string][];
  const steady = warm.flatMap(({ steadyMemory }) => steadyMemory ?? []);
  return [
    ...times.map(([key, name]) => result('start', `${name}, console to be built`, 's', [cold.times[key]])),
    ...times.map(([key, name]) => result('start', name, 's', warm.map((one) => one.times[key]))), // prettier-ignore
    ...programs.map((name) => result('start', `${name} cpu`, 's', warm.map((one) => one.cpuS[name]))), // prettier-ignore
    ...programs.map((name) => result('start', `${name} memory`, 'MB', warm.map((one) => one.memory[name]))), // prettier-ignore
    ...programs.map((name) => result('start', `${name} steady memory`, 'MB', steady.map((one) => one[name]))), // prettier-ignore
    result('start', 'snmp requests', 'packets/device', warm.map((one) => one.packetsPerDevice)), // prettier-ignore
  ];
}

/** Starts a demo, watches it until its map is complete, and removes it. */
export async function measureStart(options: {
  readonly steadyAfterMs: number;
  readonly env?: NodeJS.ProcessEnv;
}): Promise<MeasuredStart> {
  // As after `npm ci`: what Node has compiled for an earlier start is not there yet.
  const demo = new Demo({ NODE_DISABLE_COMPILE_CACHE: '1', ...options.env });
  const started = performance.now();
  const seconds = (): number => Math.round((performance.now() - started) / 100) / 10;
  try {
    await demo.start();
    const consoleAt = seconds();
    const cookie = await signIn(demo.url);
    const seen = await complete(demo, cookie, seconds);
    const use = processTree(demo.pid);
    const memory = memoryOf(use);
    const { sent, devices } = await figures(demo.url, cookie);
    if (options.steadyAfterMs > 0) await pause(options.steadyAfterMs);
    return {
      times: { console: consoleAt, ...seen },
      cpuS: cpuOf(use),
      memory,
      steadyMemory: options.steadyAfterMs > 0 ? memoryOf(processTree(demo.pid)) : null,
      packetsPerDevice: Math.round((sent / devices) * 10) / 10,
    };
  } finally {
    await demo.remove();
  }
}

async function signIn(url: string): Promise<string> {
  const ask = (): Promise<Response> =>
    fetch(`${url}/api/v1/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'admin', password: demoPassword }),
    });
  let answer = await ask();
  // As a person would who is told to try again in a few seconds.
  for (let tries = 0; answer.status === 503 && tries < 5; tries++) {
    await pause(1_000);
    answer = await ask();
  }
  if (!answer.ok) throw new Error(`signing in: ${answer.status} ${await answer.text()}`);
  return answer.headers
    .getSetCookie()
    .map((one) => one.split(';')[0])
    .join('; ');
}

/** Listens as a browser does, and asks `/metrics` for what no browser shows. */
async function complete(demo: Demo, cookie: string, seconds: () => number): Promise<Omit<StartTimes, 'console'>> {
  const loads = new Map<string, boolean>();
  const seen = { firstPoint: 0, allUp: 0, allPlans: 0, allLoads: 0 };
  const heard = ({ counts, links }: SnapshotMessage | DeltaMessage): void => {
    for (const link of links) loads.set(link.id, link.loadPercent !== null);
    const { up, down, unreachable, unknown } = counts.devices;
    if (seen.allUp === 0 && up > 0 && down + unreachable + unknown === 0) seen.allUp = seconds();
    if (seen.allLoads === 0 && loads.size > 0 && [...loads.values()].every(Boolean)) seen.allLoads = seconds();
  };
  const socket = io(demo.url, { transports: ['websocket'], extraHeaders: { cookie } });
  socket.on('snapshot', (message: SnapshotMessage) => {
    loads.clear();
    heard(message);
  });
  socket.on('delta', heard);
  try {
    while (Object.values(seen).includes(0)) {
      const { values, devices, planned } = await figures(demo.url, cookie);
      if (seconds() * 1_000 > longestMs) {
        const loaded = [...loads.values()].filter(Boolean).length;
        throw new Error(
          `no complete map in ${longestMs / 1_000} s: ${planned} of ${devices} devices have a plan, ` +
            `${loaded} of ${loads.size} links a load, first seen ${JSON.stringify(seen)}`,
        );
      }
      if (values > 0 && seen.firstPoint === 0) seen.firstPoint = seconds();
      if (seen.allUp > 0 && seen.allPlans === 0 && planned === devices) seen.allPlans = seconds();
      await pause(500);
    }
  } finally {
    socket.disconnect();
  }
  return seen;
}

async function figures(
  url: string,
  cookie: string,
): Promise<{ readonly values: number; readonly sent: number; readonly devices: number; readonly planned: number }> {
  // A connection of its own each time: a controller that is held up for longer than it keeps one open closes it unread.
  const answer = await fetch(`${url}/metrics`, { headers: { cookie, connection: 'close' } });
  if (!answer.ok) throw new Error(`GET /metrics: ${answer.status} ${await answer.text()}`);
  const text = await answer.text();
  const figure = (line: string): number => Number(text.split('\n').find((one) => one.startsWith(`${line} `))?.split(' ')[1]); // prettier-ignore
  const devices = (state: string): number => figure(`arung_polling_devices{state="${state}"}`);
  return {
    values: figure('arung_polling_values_total'),
    sent: figure('arung_polling_packets_sent_total'),
    devices: devices('answering') + devices('silent') + devices('unpollable'),
    planned: devices('planned'),
  };
}

function programOf({ command }: ProcessUse): Program {
  if (command.includes('agents/simulator')) return 'simulator';
  if (command.includes('postgres')) return 'postgresql';
  return command.endsWith('arung.ts demo') ? 'controller' : 'rest';
}

function cpuOf(use: readonly ProcessUse[]): ByProgram {
  const sum = { controller: 0, postgresql: 0, simulator: 0, rest: 0 };
  for (const one of use) {
    const program = programOf(one);
    sum[program] += one.ownCpuS;
    // What the controller waited for: the build of the console, initdb.
    sum[program === 'controller' ? 'rest' : program] += one.endedCpuS;
  }
  return rounded(sum);
}

function memoryOf(use: readonly ProcessUse[]): ByProgram {
  const of = (program: Program): number =>
    memoryMb(use.filter((one) => programOf(one) === program).map(({ pid }) => pid));
  return { controller: of('controller'), postgresql: of('postgresql'), simulator: of('simulator'), rest: of('rest') };
}

function rounded(sums: ByProgram): ByProgram {
  const one = (value: number): number => Math.round(value * 10) / 10;
  return {
    controller: one(sums.controller),
    postgresql: one(sums.postgresql),
    simulator: one(sums.simulator),
    rest: one(sums.rest),
  };
}
