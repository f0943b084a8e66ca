import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './free-port.ts';

/** A real InfluxDB on a free port of loopback, with a folder of its own. */
export interface RunningInflux {
  readonly version: 1 | 2;
  readonly url: string;
  readonly pid: () => number;
  /** Stops the server; what it holds stays. */
  stop(): Promise<void>;
  /** kill -9. */
  kill(): Promise<void>;
  start(): Promise<void>;
  /** Stops it and removes its folder. */
  end(): Promise<void>;
}

export const influxToken = 'arung-test-token';
export const influxOrg = 'arung';

const patienceMs = 120_000;

export function startInflux1(program: string): Promise<RunningInflux> {
  return startInflux(1, program, (folder, port) => {
    const config = join(folder, 'influxdb.conf');
    writeFileSync(
      config,
      `reporting-disabled = true
bind-address = "127.0.0.1:0"
[meta]
dir = "${join(folder, 'meta')}"
[data]
dir = "${join(folder, 'data')}"
wal-dir = "${join(folder, 'wal')}"
query-log-enabled = false
[http]
bind-address = "127.0.0.1:${port}"
log-enabled = false
[monitor]
store-enabled = false
[subscriber]
enabled = false
[continuous_queries]
enabled = false
`,
    );
    return ['-config', config];
  });
}

/** InfluxDB 2, set up with the organisation and a token that may do everything. */
export async function startInflux2(program: string): Promise<RunningInflux> {
  const influx = await startInflux(2, program, (folder, port) => [
    '--http-bind-address',
    `127.0.0.1:${port}`,
    '--bolt-path',
    join(folder, 'influxd.bolt'),
    '--sqlite-path',
    join(folder, 'influxd.sqlite'),
    '--engine-path',
    join(folder, 'engine'),
    '--reporting-disabled',
    '--ui-disabled',
    '--log-level',
    'error',
  ]);
  const answer = await fetch(`${influx.url}/api/v2/setup`, {
    method: 'POST',
    body: JSON.stringify({
      username: 'admin',
      password: 'not-a-secret-of-anyone',
      org: influxOrg,
      bucket: 'first',
      token: influxToken,
    }),
  });
  if (!answer.ok) throw new Error(`InfluxDB 2 could not be set up: ${await answer.text()}`);
  return influx;
}

async function startInflux(
  version: 1 | 2,
  program: string,
  argumentsFor: (folder: string, port: number) => readonly string[],
): Promise<RunningInflux> {
  const folder = mkdtempSync(join(tmpdir(), `arung-influx${version}-`));
  mkdirSync(folder, { recursive: true });
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const args = argumentsFor(folder, port);
  let child: ChildProcess | null = null;

  async function start(): Promise<void> {
    const started = spawn(program, args, { stdio: 'ignore' });
    child = started;
    const until = Date.now() + patienceMs;
    while (Date.now() < until) {
      if (started.exitCode !== null) break;
      try {
        if ((await fetch(`${url}/ping`)).ok) return;
      } catch {
        // not listening yet
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    started.kill('SIGKILL');
    throw new Error(`${program} did not answer at ${url}`);
  }

  async function end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const running = child;
    child = null;
    if (running === null || running.exitCode !== null || running.signalCode !== null) return;
    const gone = new Promise<void>((resolve) => running.once('exit', () => resolve()));
    running.kill(signal);
    await gone;
  }

  await start();
  return {
    version,
    url,
    pid: () => child?.pid ?? 0,
    start,
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
    end: async () => {
      await end('SIGTERM');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
