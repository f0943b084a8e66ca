import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Agent, get } from 'node:http';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { freeTcpPort } from '../../free-port.ts';
import { valuesPerDevice, type BenchDevices } from '../../snmp-devices.ts';
import { collectedSeldom, cpuSecondsOf, type Collector } from '../collector.ts';

/** Scrapes at a time: more are no cheaper. */
const concurrency = 8;
/** A run is so many scrapes at least, a whole number of rounds over all devices. */
const scrapesPerRun = 1_000;

/**
 * prometheus-snmp-exporter, asked for every device by kept connections and without gzip, as is cheapest for it. `stock`
 * collects garbage as it comes, `best` as seldom as half a gigabyte allows.
 */
export function snmpExporter(module: 'interfaces' | 'interfaces_v3', kind: 'stock' | 'best'): Collector {
  return {
    name: kind === 'best' ? 'snmp_exporter, at its best' : 'snmp_exporter, as it comes',
    peer: 'prometheus-snmp-exporter',
    async measure(program, devices, runs) {
      const port = await freeTcpPort();
      const config = join(import.meta.dirname, 'snmp.yml');
      const child = spawn(
        program,
        [`--config.file=${config}`, `--web.listen-address=127.0.0.1:${port}`, '--log.level=error'],
        {
          stdio: ['ignore', 'ignore', 'inherit'],
          env: kind === 'best' ? { ...process.env, ...collectedSeldom } : process.env,
        },
      );
      const scraper = new Scraper(port, module, devices);
      try {
        await scraper.untilAnswers();
        await scraper.round();
        const rounds = Math.ceil(scrapesPerRun / devices.count);
        const cost: number[] = [];
        for (let run = 0; run < runs; run += 1) {
          const before = cpuSecondsOf(child.pid ?? 0);
          let values = 0;
          for (let round = 0; round < rounds; round += 1) values += await scraper.round();
          cost.push(Math.round(((cpuSecondsOf(child.pid ?? 0) - before) * 1e9) / values));
        }
        return cost;
      } finally {
        scraper.close();
        child.kill();
        if (child.exitCode === null) await once(child, 'exit');
      }
    },
  };
}

/** The Prometheus of the exporter: asks, and counts what it gets. */
class Scraper {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: concurrency });
  readonly #port: number;
  readonly #module: string;
  readonly #devices: BenchDevices;

  constructor(port: number, module: string, devices: BenchDevices) {
    this.#port = port;
    this.#module = module;
    this.#devices = devices;
  }

  async untilAnswers(): Promise<void> {
    for (let tries = 0; ; tries += 1) {
      try {
        await this.#read('/metrics');
        return;
      } catch (error) {
        if (tries === 100) throw error;
        await pause(50);
      }
    }
  }

  /** Every device once; the number of values. */
  async round(): Promise<number> {
    const waiting = [...this.#devices.addresses];
    const scrape = async (): Promise<void> => {
      for (let address = waiting.pop(); address !== undefined; address = waiting.pop()) {
        const text = await this.#read(`/snmp?module=${this.#module}&target=${address}:${this.#devices.port}`);
        const values = text.match(/^if\w+\{/gm)?.length ?? 0;
        if (values !== valuesPerDevice) throw new Error(`snmp_exporter: ${values} values of ${address}: ${text}`);
      }
    };
    await Promise.all(Array.from({ length: concurrency }, scrape));
    return this.#devices.count * valuesPerDevice;
  }

  close(): void {
    this.#agent.destroy();
  }

  #read(path: string): Promise<string> {
    return new Promise((resolve, reject) => {
      get({ host: '127.0.0.1', port: this.#port, path, agent: this.#agent }, (answer) => {
        const parts: Buffer[] = [];
        answer.on('data', (part: Buffer) => parts.push(part));
        answer.on('error', reject);
        answer.on('end', () => {
          const text = Buffer.concat(parts).toString();
          if (answer.statusCode === 200) resolve(text);
          else reject(new Error(`snmp_exporter answered ${answer.statusCode} to ${path}: ${text}`));
        });
      }).on('error', reject);
    });
  }
}
