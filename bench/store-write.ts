import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { systemClock } from '../src/domain/clock.ts';
import { LineWriter } from '../src/domain/line-writer.ts';
import { seriesOf, type PointBatch } from '../src/domain/point.ts';
import { Journal } from '../src/metrics/journal/journal.ts';
import { openMetricStore, type MetricStoreChoice } from '../src/metrics/open-store.ts';
import { batchOf } from '../src/metrics/testing/contract-rows.ts';
import { choiceFor, startedInflux } from '../src/metrics/testing/influx.ts';
import { influxOrg, influxToken, type RunningInflux } from '../tests/support/influx.ts';
import { peer } from '../tests/support/peers.ts';
import { against, result, type BenchResult } from './result.ts';

/**
 * `store-write`: what it costs to store points, one point being a row of `interface` with its nine fields. CPU is that
 * of our process alone, in the embedded store with its thread; the server's own is given beside it. Telegraf reads the
 * same points from a file; what it costs with its output discarded is taken off, so that its output alone remains.
 */
const seriesCount = 500;
const times = 60;
const runs = 3;
const points = seriesCount * times;
const logger = pino({ enabled: false });

export async function run(): Promise<readonly BenchResult[]> {
  const results: BenchResult[] = [];
  const folder = mkdtempSync(join(tmpdir(), 'arung-bench-'));
  try {
    results.push(
      ...(await writeInto(
        'embedded',
        () => ({ kind: 'embedded', path: join(folder, `${Math.random()}.sqlite`) }),
        null,
        folder,
      )),
    );
    for (const version of [1, 2] as const) {
      const program = peer(`influxd${version}`);
      if (program === null) {
        console.error(`store-write: influxd${version} is missing, run \`npm run peers -- --all\``);
        continue;
      }
      const influx = await startedInflux(version, program);
      try {
        const ours = await writeInto(`influx${version}`, () => choiceFor(influx), influx, folder);
        const telegraf = peer('telegraf');
        const peerRuns = telegraf === null ? [] : await telegrafNs(telegraf, influx, folder);
        for (const line of ours) {
          const compared = line.metric === `influx${version} journal cpu` || line.metric === `influx${version} cpu`;
          results.push(compared ? against(line, 'telegraf', peerRuns) : line);
        }
      } finally {
        await influx.end();
      }
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return results;
}

/** As they come from polling: one batch a device and time, the series objects of a plan. */
function batches(): PointBatch[] {
  const now = Math.floor(Date.now() / 1_000) - times * 10;
  const perDevice = 25;
  const series = Array.from({ length: seriesCount }, (_, i) =>
    seriesOf('interface', {
      device: `019351f0-6c1d-7cc3-98c4-${String(Math.floor(i / perDevice)).padStart(12, '0')}`,
      interface: `019351f0-6c1e-7cc3-98c4-${String(i).padStart(12, '0')}`,
    }),
  );
  return Array.from({ length: times }, (_, tick) => tick).flatMap((tick) =>
    Array.from({ length: seriesCount / perDevice }, (_, device) =>
      batchOf(
        'interface',
        series.slice(device * perDevice, (device + 1) * perDevice).map((one, i) => ({
          series: one,
          time: now + tick * 10,
          in_bps: Math.random() * 1e9,
          out_bps: Math.random() * 1e8,
          in_pps: Math.random() * 1e5,
          out_pps: Math.random() * 1e4,
          in_eps: 0,
          out_eps: 0,
          in_discards_pps: 0,
          out_discards_pps: i / 3,
          oper_status: 1,
        })),
      ),
    ),
  );
}

async function writeInto(
  name: string,
  choice: () => MetricStoreChoice,
  influx: RunningInflux | null,
  folder: string,
): Promise<BenchResult[]> {
  const results: BenchResult[] = [];
  for (const journaled of influx === null ? [false] : [false, true]) {
    const cpu: number[] = [];
    const rate: number[] = [];
    const server: number[] = [];
    for (let turn = 0; turn < runs; turn++) {
      const store = openMetricStore(choice(), logger);
      await store.start();
      const journal = new Journal({
        store,
        clock: systemClock,
        logger,
        folder: join(folder, `journal-${Math.random()}`),
      });
      if (journaled) await journal.start();
      const all = batches();
      const before = influx === null ? 0 : cpuSeconds(influx.pid());
      const started = performance.now();
      const used = process.cpuUsage();
      // About what a second of a large backbone brings.
      const part = 200;
      for (let from = 0; from < all.length; from += part) {
        const piece = all.slice(from, from + part);
        await (journaled ? journal.write(piece) : patiently(() => store.write(piece)));
      }
      while (journal.statistics().queuedRows > 0) await journal.drained();
      const { user, system } = process.cpuUsage(used);
      const seconds = (performance.now() - started) / 1_000;
      cpu.push(Math.round(((user + system) * 1_000) / points));
      rate.push(Math.round(points / seconds));
      if (influx !== null) server.push(Math.round(((cpuSeconds(influx.pid()) - before) * 1e9) / points));
      if (journaled) await journal.stop();
      await store.stop();
    }
    const title = journaled ? `${name} journal` : name;
    results.push(result('store-write', `${title} cpu`, 'ns/point', cpu));
    results.push(result('store-write', `${title} rate`, 'points/s', rate));
    if (server.length > 0) results.push(result('store-write', `${title} server cpu`, 'ns/point', server));
  }
  return results;
}

/** A loaded InfluxDB answers `timeout` now and then; what it was given then is given again. */
async function patiently(write: () => Promise<void>): Promise<void> {
  for (let tries = 0; ; tries++) {
    try {
      await write();
      return;
    } catch (error) {
      if (tries === 20) throw error;
    }
  }
}

/** CPU of Telegraf's output for one point, in nanoseconds. */
async function telegrafNs(program: string, influx: RunningInflux, folder: string): Promise<readonly number[]> {
  const lines = new LineWriter({ afterTime: '000000000' });
  for (const batch of batches()) lines.append(batch);
  const file = join(folder, 'points.line');
  writeFileSync(file, lines.take());
  const into =
    influx.version === 1
      ? `[[outputs.influxdb]]\nurls = ["${influx.url}"]\ndatabase = "telegraf"\n`
      : `[[outputs.influxdb_v2]]\nurls = ["${influx.url}"]\ntoken = "${influxToken}"\norganization = "${influxOrg}"\nbucket = "first"\n`;
  const seconds = (output: string): number => {
    const config = join(folder, 'telegraf.conf');
    writeFileSync(
      config,
      `[agent]\nomit_hostname = true\nmetric_batch_size = 5000\nmetric_buffer_limit = ${points * 2}\nquiet = true\n` +
        `[[inputs.file]]\nfiles = ["${file}"]\ndata_format = "influx"\n${output}`,
    );
    const done = spawnSync('sh', ['-c', '"$0" --once --config "$1" >/dev/null 2>&1; times', program, config]);
    const [, children = ''] = done.stdout.toString().trim().split('\n');
    return [...children.matchAll(/(\d+)m([\d.]+)s/g)].reduce((sum, [, m, s]) => sum + Number(m) * 60 + Number(s), 0);
  };
  const net = (): number => seconds(into) - seconds('[[outputs.discard]]\n');
  const found: number[] = [];
  for (let turn = 0; turn < runs; turn++) found.push(Math.round((net() * 1e9) / points));
  const stored = await storedByTelegraf(influx);
  if (stored !== points) throw new Error(`store-write: Telegraf stored ${stored} of ${points} points`);
  return found;
}

async function storedByTelegraf(influx: RunningInflux): Promise<number> {
  const db = influx.version === 1 ? 'telegraf' : 'first';
  const where = new URLSearchParams({ db, q: 'SELECT count(in_bps) FROM interface' });
  const answer = await fetch(`${influx.url}/query?${where.toString()}`, {
    headers: influx.version === 1 ? {} : { authorization: `Token ${influxToken}` },
  });
  const { results } = (await answer.json()) as { results: { series?: { values: [string, number][] }[] }[] };
  return results[0]?.series?.[0]?.values[0]?.[1] ?? 0;
}

/** User and system time that a process has used (Linux, 100 ticks a second). */
function cpuSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) / 100;
}
