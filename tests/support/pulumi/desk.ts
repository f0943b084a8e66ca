import { spawn } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';

const root = join(import.meta.dirname, '../../..');

/** What is typed when something was asked. */
export type Answer = readonly [asked: RegExp, typed: string];
export const yes: readonly Answer[] = [[/Do you want to perform this \w+\?|Please confirm/, 'yes\r']];

/** Device status report 6 and its answer (ECMA-48, 8.3.35 and 8.3.14). */
const askedForCursor = '\u001b[6n';
const cursor = '\u001b[1;1R';

export interface Typed {
  readonly code: number | null;
  /** What the terminal showed, without its control sequences. */
  readonly shown: string;
  readonly tookS: number;
}

/**
 * The desk of an engineer: a copy of the shipped folder `pulumi/` beside an `arung`, and a terminal in which commands are
 * typed as they stand. Pulumi's CLI and language host lie where its npm package looks for what it has loaded: they come
 * with releases that no test can load (see language-host.ts).
 */
export class Desk {
  readonly folder: string;
  readonly program: string;
  readonly #env: NodeJS.ProcessEnv;
  /** Every line that was typed. */
  readonly lines: string[] = [];

  constructor(pulumi: string, env: Readonly<Record<string, string>>) {
    this.folder = mkdtempSync(join(tmpdir(), 'arung-desk-'));
    this.program = join(this.folder, 'pulumi');
    const left = ['node_modules', 'state'].map((name) => join(root, 'pulumi', name));
    cpSync(join(root, 'pulumi'), this.program, { recursive: true, filter: (path) => !left.includes(path) });
    symlinkSync(join(root, 'arung'), join(this.folder, 'arung'));
    const home = join(this.folder, 'home');
    const bin = join(home, 'versions', versionOf(this.program), 'bin');
    mkdirSync(bin, { recursive: true });
    symlinkSync(pulumi, join(bin, 'pulumi'));
    const host = join(bin, 'pulumi-language-nodejs');
    writeFileSync(
      host,
      `#!/bin/sh\nexec node --disable-warning=ExperimentalWarning ${join(import.meta.dirname, 'language-host.ts')} "$@"\n`,
    );
    chmodSync(host, 0o755);
    const own = Object.entries(process.env).filter(([name]) => !/^(ARUNG|PULUMI|NODE_OPTIONS|VITEST|npm_)/.test(name));
    this.#env = {
      ...Object.fromEntries(own),
      PATH: `${bin}:${join(root, 'node_modules/.bin')}:${process.env['PATH'] ?? ''}`,
      SHELL: '/bin/bash',
      TERM: 'xterm',
      PULUMI_HOME: home,
      PULUMI_SKIP_UPDATE_CHECK: 'true',
      NO_COLOR: '1',
      ...env,
    };
  }

  /** As `export NAME=…` does. */
  export(name: string, value: string): void {
    this.#env[name] = value;
  }

  /** A line in a terminal of its own, in the program's folder; each question is answered once. */
  typed(line: string, answers: readonly Answer[] = [], killAt?: RegExp): Promise<Typed> {
    this.lines.push(line);
    const started = performance.now();
    const child = spawn('script', ['-qfec', line, '/dev/null'], { cwd: this.program, env: this.#env });
    let [shown, answered] = ['', 0];
    let left = answers;
    child.stdout.on('data', (chunk: Buffer) => {
      const text = chunk.toString();
      // The CLI asks where the cursor is, and waits five seconds for a terminal that does not say.
      if (text.includes(askedForCursor)) child.stdin.write(cursor);
      shown += stripVTControlCharacters(text);
      const news = shown.slice(answered);
      const [next] = left;
      if (next !== undefined && next[0].test(news)) {
        answered = shown.length;
        left = left.slice(1);
        setTimeout(() => child.stdin.write(next[1]), 200);
      }
      if (killAt?.test(shown) === true) killFamily(child.pid ?? 0);
    });
    return new Promise((resolve) => {
      child.once('close', (code) => resolve({ code, shown, tookS: (performance.now() - started) / 1_000 }));
    });
  }

  /** The same; throws with what was shown when it did not end well. */
  async well(line: string, answers: readonly Answer[] = []): Promise<Typed> {
    const typed = await this.typed(line, answers);
    if (typed.code !== 0) throw new Error(`${line} ended with ${typed.code}:\n${typed.shown}`);
    return typed;
  }

  /** Edits a file of the program. */
  edit(file: string, change: (text: string) => string): void {
    const path = join(this.program, file);
    writeFileSync(path, change(readFileSync(path, 'utf8')));
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
  }
}

/** Of the npm package by which the folder's lock has the CLI. */
function versionOf(program: string): string {
  const lock = JSON.parse(readFileSync(join(program, 'package-lock.json'), 'utf8')) as {
    readonly packages: Readonly<Record<string, { readonly version?: string }>>;
  };
  return lock.packages['node_modules/pulumi']?.version ?? '';
}

/** kill -9 of a process and everything below it. */
function killFamily(pid: number): void {
  for (const child of childrenOf(pid)) killFamily(child);
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended.
  }
}

function childrenOf(pid: number): readonly number[] {
  try {
    const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
    return text.trim() === '' ? [] : text.trim().split(' ').map(Number);
  } catch {
    return [];
  }
}
