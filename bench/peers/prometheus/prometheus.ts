import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { freeTcpPort } from '../../free-port.ts';
import { cpuSecondsOf } from '../collector.ts';

const intervalMs = 15_000;
const runs = 3;

export interface RuleLoad {
  readonly devices: number;
  readonly sensors: number;
  readonly valueOf: (device: number, sensor: number, round: number) => number;
}

/** CPU nanoseconds a point: what rules add, and all together. */
export interface PrometheusCost {
  readonly evaluation: readonly number[];
  readonly whole: readonly number[];
}

/**
 * Debian's Prometheus over the same series, scraped from here: first without rules, then with them, each for whole
 * intervals. A group for each sensor, so that it may evaluate them side by side; garbage is collected as seldom as two
 * gigabytes allow.
 */
export async function prometheusRules(program: string, load: RuleLoad): Promise<PrometheusCost> {
  const points = load.devices * load.sensors;
  const without = await measure(program, load, false);
  const withRules = await measure(program, load, true);
  const bare = [...without].sort((a, b) => a - b)[Math.floor(without.length / 2)] ?? Number.NaN;
  return {
    evaluation: withRules.map((seconds) => Math.round(((seconds - bare) * 1e9) / points)),
    whole: withRules.map((seconds) => Math.round((seconds * 1e9) / points)),
  };
}

/** CPU seconds of each interval. */
async function measure(program: string, load: RuleLoad, withRules: boolean): Promise<readonly number[]> {
  const folder = mkdtempSync(join(tmpdir(), 'arung-bench-prometheus-'));
  const exporter = await exporterOf(load);
  const port = await freeTcpPort();
  writeFileSync(join(folder, 'rules.yml'), rulesOf(load.sensors));
  writeFileSync(join(folder, 'prometheus.yml'), configOf(exporter.port, withRules));
  const child = spawn(
    program,
    [
      `--config.file=${join(folder, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--log.level=error',
    ],
    { stdio: ['ignore', 'ignore', 'inherit'], env: { ...process.env, GOGC: 'off', GOMEMLIMIT: '2GiB' } },
  );
  const gone = new Promise((resolve) => child.once('exit', resolve));
  const pid = child.pid ?? -1;
  try {
    // The first scrapes make the series; evaluation has found its pace after two intervals.
    while (exporter.rounds() < 3) await pause(100);
    await pause(intervalMs / 3);
    if (withRules) await mustFire(port);
    const seconds: number[] = [];
    for (let run = 0; run < runs; run += 1) {
      const before = cpuSecondsOf(pid);
      await pause(intervalMs);
      seconds.push(cpuSecondsOf(pid) - before);
    }
    return seconds;
  } finally {
    child.kill('SIGTERM');
    await gone;
    exporter.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A measurement of rules that see nothing would be none. */
async function mustFire(port: number): Promise<void> {
  const answer = await fetch(`http://127.0.0.1:${port}/api/v1/alerts`);
  const { data } = (await answer.json()) as { data: { alerts: readonly unknown[] } };
  if (data.alerts.length === 0) throw new Error('Prometheus has fired on nothing: its rules do not see the series');
}

async function exporterOf({ devices, sensors, valueOf }: RuleLoad) {
  let round = 0;
  const text = (): string => {
    const lines = ['# TYPE sensor_value gauge'];
    for (let device = 0; device < devices; device += 1) {
      for (let sensor = 0; sensor < sensors; sensor += 1) {
        lines.push(`sensor_value{sensor="s${sensor}",device="d${device}"} ${valueOf(device, sensor, round)}`);
      }
    }
    return lines.join('\n') + '\n';
  };
  const server = createServer((_, reply) => {
    round += 1;
    reply.setHeader('content-type', 'text/plain; version=0.0.4').end(text());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    rounds: () => round,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

function configOf(port: number, withRules: boolean): string {
  return `global: {scrape_interval: ${intervalMs / 1_000}s, scrape_timeout: 10s, evaluation_interval: ${intervalMs / 1_000}s}
rule_files: [${withRules ? 'rules.yml' : ''}]
scrape_configs:
  - job_name: sensors
    static_configs: [{targets: ['127.0.0.1:${port}']}]
`;
}

function rulesOf(sensors: number): string {
  const groups = Array.from(
    { length: sensors },
    (_, sensor) => `  - name: s${sensor}
    rules:
      - {alert: warning-${sensor}, expr: 'sensor_value{sensor="s${sensor}"} > 80', for: 60s}
      - {alert: critical-${sensor}, expr: 'sensor_value{sensor="s${sensor}"} > 95'}
`,
  );
  return `groups:\n${groups.join('')}`;
}
