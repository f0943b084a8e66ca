import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const root = join(import.meta.dirname, '../..');
const run = promisify(execFile);
/** Devices of the demo. */
export const everyDevice = 1_524;
export const demoPassword = 'kata-sandi-uji-2026';

export interface StatusAnswer {
  readonly at: string;
  readonly devices: Readonly<Record<'up' | 'down' | 'unreachable' | 'unknown' | 'maintenance', number>>;
  readonly sites: StatusAnswer['devices'];
}

/** A whole demo as a user starts it: `./arung demo` on a data folder of its own and a free port. */
export class Demo {
  readonly dataDir: string;
  #env: NodeJS.ProcessEnv;
  #child: ChildProcess | null = null;
  #output = '';
  #token: string | null = null;
  url = '';

  constructor(env: NodeJS.ProcessEnv = {}) {
    this.dataDir = env['ARUNG_DATA_DIR'] ?? mkdtempSync(join(tmpdir(), 'arung-demo-'));
    const own = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('ARUNG_')));
    this.#env = {
      ...own,
      ARUNG_DATA_DIR: this.dataDir,
      ARUNG_KEY_FILE: `${this.dataDir}.key`,
      ARUNG_PORT: '0',
      ARUNG_ADMIN_PASSWORD: demoPassword,
      ...env,
    };
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  get output(): string {
    return this.#output;
  }

  /**
   * Resolves when it has printed where the console is; rejects with what it said when it ended instead. `serve` runs the
   * controller alone, on a simulator that was started apart.
   */
  async start(command: 'demo' | 'serve' = 'demo'): Promise<void> {
    this.#output = '';
    const child = spawn(join(root, 'arung'), [command], { env: this.#env, stdio: ['ignore', 'pipe', 'pipe'] });
    this.#child = child;
    await new Promise<void>((resolve, reject) => {
      const heard = (chunk: Buffer): void => {
        this.#output += chunk.toString();
        const found = /^Console: (\S+)$/m.exec(this.#output);
        if (found?.[1] === undefined) return;
        this.url = found[1];
        resolve();
      };
      child.stdout.on('data', heard);
      child.stderr.on('data', heard);
      child.once('close', (code) => reject(new Error(`the demo ended with code ${code}: ${this.#output}`)));
    });
  }

  /** Settings for the starts and commands that come. */
  set(env: NodeJS.ProcessEnv): void {
    this.#env = { ...this.#env, ...env };
  }

  /** As a power cut would: no handler runs. */
  async kill(): Promise<void> {
    const child = this.#child;
    if (child === null) return;
    const closed = new Promise((done) => child.once('close', done));
    child.kill('SIGKILL');
    await closed;
  }

  async stop(): Promise<void> {
    const child = this.#child;
    this.#child = null;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const closed = new Promise((done) => child.once('close', done));
    child.kill('SIGINT');
    await closed;
  }

  /** Stops it and leaves nothing behind. */
  async remove(): Promise<void> {
    await this.stop();
    // a server that was just ended may still write its last file
    rmSync(this.dataDir, { recursive: true, force: true, maxRetries: 20, retryDelay: 250 });
    rmSync(`${this.dataDir}.key`, { force: true });
  }

  /** `./arung …` on the same data; resolves with its stdout, rejects with its stderr. */
  async cli(...args: readonly string[]): Promise<string> {
    const { stdout } = await run(join(root, 'arung'), args, { env: this.#env });
    return stdout;
  }

  async token(role = 'administrator', region?: string): Promise<string> {
    const name = `test-${Math.random().toString(36).slice(2)}`;
    const more = region === undefined ? [] : ['--region', region];
    return (await this.cli('token', 'create', '--name', name, '--role', role, ...more)).trim();
  }

  /** Asks again while the controller says that it has more to do than it can. */
  async get<T>(path: string): Promise<T> {
    this.#token ??= await this.token();
    for (let left = 20; ; left--) {
      const answer = await fetch(this.url + path, { headers: { authorization: `Bearer ${this.#token}` } });
      if (answer.ok) return (await answer.json()) as T;
      const text = await answer.text();
      if (left === 0 || !text.includes('"system.busy"')) throw new Error(`GET ${path}: ${answer.status} ${text}`);
      await new Promise((done) => setTimeout(done, 1_000));
    }
  }

  /** All items of a list, page by page. */
  async all<T>(path: string): Promise<readonly T[]> {
    const found: T[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const after: string = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`;
      const page: { items: T[]; next: string | null } = await this.get(`${path}?limit=500${after}`);
      found.push(...page.items);
      cursor = page.next;
    }
    return found;
  }

  post(path: string, body?: unknown): Promise<Response> {
    return this.call('POST', path, body);
  }

  async call(method: string, path: string, body?: unknown): Promise<Response> {
    this.#token ??= await this.token();
    return fetch(this.url + path, {
      method,
      headers: {
        authorization: `Bearer ${this.#token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  }

  status(): Promise<StatusAnswer> {
    return this.get<StatusAnswer>('/api/v1/status');
  }

  /** Waits until the status is as wanted; returns the milliseconds it took, or throws with the last status. */
  async until(wanted: (status: StatusAnswer) => boolean, withinMs: number): Promise<number> {
    const started = performance.now();
    let last: StatusAnswer | null = null;
    while (performance.now() - started < withinMs) {
      last = await this.status();
      if (wanted(last)) return performance.now() - started;
      await new Promise((done) => setTimeout(done, 100));
    }
    throw new Error(`not within ${withinMs} ms; last ${JSON.stringify(last)}`);
  }

  /** Processes that work on this data folder. */
  processes(): readonly string[] {
    return processesWith(this.dataDir);
  }
}

/** Command lines of running processes that name a folder (Linux: /proc). */
export function processesWith(folder: string): readonly string[] {
  const found: string[] = [];
  for (const pid of readdirNumbers('/proc')) {
    try {
      const line = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
      if (line.includes(folder)) found.push(`${pid} ${line}`);
    } catch {
      // it ended meanwhile
    }
  }
  return found;
}

/** Running servers of PostgreSQL on a folder: a child that was just forked carries the name of its server for a moment. */
export function postgresServersOn(folder: string): readonly string[] {
  const found = processesWith(folder).filter((line) => /postgres.* -D /.test(line));
  const pidOf = (line: string): string => line.slice(0, line.indexOf(' '));
  const pids = new Set(found.map(pidOf));
  return found.filter((line) => {
    try {
      const parent = /^PPid:\s+(\d+)$/m.exec(readFileSync(`/proc/${pidOf(line)}/status`, 'utf8'))?.[1];
      return parent === undefined || !pids.has(parent);
    } catch {
      return false; // it ended meanwhile
    }
  });
}

function readdirNumbers(folder: string): readonly string[] {
  return readdirSync(folder).filter((name) => /^\d+$/.test(name));
}
