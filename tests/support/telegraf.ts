import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What one number of Telegraf's own record is: `cpu,cpu=cpu0,host=tg usage_idle`, at a second. */
export type Recorded = ReadonlyMap<string, ReadonlyMap<number, number>>;

/** A real Telegraf with a configuration of its own, which also writes what it sends into a file. */
export class Telegraf {
  readonly #program: string;
  readonly #folder = mkdtempSync(join(tmpdir(), 'arung-telegraf-'));
  #child: ChildProcess | null = null;
  #said = '';

  /** `config` without `[agent]`: inputs and outputs. */
  constructor(program: string, hostname: string, config: string) {
    this.#program = program;
    const agent = ['interval = "1s"', 'flush_interval = "1s"', `hostname = "${hostname}"`, 'metric_batch_size = 200'];
    writeFileSync(
      join(this.#folder, 'telegraf.conf'),
      `[agent]\n${agent.join('\n')}\n${config}\n[[outputs.file]]\nfiles = ["${this.#record}"]\ndata_format = "influx"\n`,
    );
  }

  get #record(): string {
    return join(this.#folder, 'record.line');
  }

  /** What it wrote into its log. */
  get said(): string {
    return this.#said;
  }

  start(): void {
    this.#child = spawn(this.#program, ['--config', join(this.#folder, 'telegraf.conf')], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const heard = (chunk: Buffer): void => void (this.#said += chunk.toString());
    this.#child.stdout?.on('data', heard);
    this.#child.stderr?.on('data', heard);
  }

  /** In good order: what it has measured is sent. */
  async stop(): Promise<void> {
    const child = this.#child;
    this.#child = null;
    if (child === null || child.exitCode !== null) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    await gone;
  }

  async end(): Promise<void> {
    await this.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** Every number that it sent, by series and second; its inputs here have no escaped characters in their names. */
  recorded(): Recorded {
    const series = new Map<string, Map<number, number>>();
    const text = existsSync(this.#record) ? readFileSync(this.#record, 'utf8') : '';
    for (const line of text.split('\n').filter((each) => each !== '' && !each.includes('\\'))) {
      const [head = ''] = line.split(' ', 1);
      const timeAt = line.lastIndexOf(' ');
      const second = Math.floor(Number(line.slice(timeAt + 1, -6)) / 1_000);
      for (const [, field = '', value = ''] of line
        .slice(head.length + 1, timeAt)
        .matchAll(/([^,=]+)=("[^"]*"|[^,]*)(?:,|$)/g)) {
        if (value.startsWith('"')) continue;
        const number = value === 'true' ? 1 : value === 'false' ? 0 : Number(value.replace(/[iu]$/, ''));
        const key = `${head} ${field}`;
        series.set(key, (series.get(key) ?? new Map<number, number>()).set(second, number));
      }
    }
    return series;
  }
}
