import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';

const root = join(import.meta.dirname, '../..');

/** `./arung` on a data folder of its own, ended by SIGKILL at moments that a seed chooses. */
export class KilledCommand {
  readonly #env: NodeJS.ProcessEnv;
  readonly #random: () => number;

  constructor(options: { readonly dataDir: string; readonly keyFile: string; readonly seed: number }) {
    this.#env = { ...process.env, ARUNG_DATA_DIR: options.dataDir, ARUNG_KEY_FILE: options.keyFile };
    this.#random = generator(options.seed);
  }

  /** Runs to its end; rejects with what it said when it fails. Resolves with its output and how long it took. */
  async run(...args: readonly string[]): Promise<{ readonly output: string; readonly tookMs: number }> {
    const started = performance.now();
    const { code, output, said } = await this.#ended(this.#spawn(args));
    if (code !== 0) throw new Error(`arung ${args.join(' ')} failed: ${said}`);
    return { output, tookMs: performance.now() - started };
  }

  /** Kills it `afterMs` after `begun` resolved, unless it ends before. */
  async kill(args: readonly string[], afterMs: number, begun: () => Promise<void> = async () => undefined) {
    const child = this.#spawn(args);
    const ended = this.#ended(child);
    await Promise.race([begun().then(() => sleep(afterMs)), ended]);
    child.kill('SIGKILL');
    await ended;
  }

  /** One in each slice of the time, so that few rounds cover all of it; a little beyond its end, too. */
  moment(tookMs: number, round: number, rounds: number): number {
    return ((round + this.#random()) / rounds) * tookMs * 1.1;
  }

  #spawn(args: readonly string[]) {
    return spawn(process.execPath, ['--disable-warning=ExperimentalWarning', 'src/cli/arung.ts', ...args], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: this.#env,
    });
  }

  async #ended(child: ChildProcessByStdio<null, Readable, Readable>) {
    let output = '';
    let said = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
    const code = await new Promise<number | null>((done) => child.on('close', done));
    return { code, output, said };
  }
}

/** mulberry32: the same moments for the same seed. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}
