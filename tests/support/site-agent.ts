import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const program = join(import.meta.dirname, '../../agents/site/main.ts');

/** The agent of a site as a process of its own, with a folder of its own that outlives its kills. */
export class SiteAgentProcess {
  readonly dataDir = mkdtempSync(join(tmpdir(), 'arung-site-agent-'));
  readonly #configFile = join(this.dataDir, 'agent.json');
  readonly #before: readonly string[];
  #child: ChildProcess | null = null;
  #output = '';

  /** `before`: what the command line begins with, to run it elsewhere (`ip netns exec …`). */
  constructor(settings: Readonly<Record<string, string | number>>, before: readonly string[] = []) {
    this.#before = before;
    const all = { ...settings, dataDir: this.dataDir, logLevel: 'debug' };
    writeFileSync(this.#configFile, JSON.stringify(all), { mode: 0o600 });
  }

  start(): void {
    const [command = '', ...args] = [...this.#before, process.execPath, program, '--config', this.#configFile];
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { PATH: process.env['PATH'] } });
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => (this.#output += chunk));
    this.#child = child;
  }

  async stop(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const child = this.#child;
    this.#child = null;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once('close', resolve));
    child.kill(signal);
    await gone;
  }

  /** Stops it and leaves nothing behind. */
  async remove(): Promise<void> {
    await this.stop('SIGKILL');
    rmSync(this.dataDir, { recursive: true, force: true });
  }

  get output(): string {
    return this.#output;
  }

  /** The seconds of all its looks that were on its disk, over all its starts, in order. */
  get looks(): readonly number[] {
    return [...this.#output.matchAll(/"at":(\d+),"checks":\d+,"notUp":\d+,"msg":"looked"/g)].map(([, at]) =>
      Number(at),
    );
  }

  /** Messages on its disk that wait for the broker. */
  get waiting(): number {
    const folder = join(this.dataDir, 'queue');
    return existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.lp.gz')).length : 0;
  }
}
