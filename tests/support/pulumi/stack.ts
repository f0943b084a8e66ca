import { spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../../..');

/** What a program says; see program/index.ts. */
export interface Said {
  readonly resources: readonly { readonly type: string; readonly name: string; readonly args: object }[];
  readonly rollout?: Readonly<Record<string, unknown>>;
}

export interface Ended {
  readonly code: number | null;
  /** stdout and stderr. */
  readonly text: string;
  readonly stdout: string;
}

export interface Step {
  readonly op: string;
  readonly urn: string;
  readonly detailedDiff?: Readonly<Record<string, { readonly kind: string }>>;
}

/** A stack of the real Pulumi CLI in a folder of its own, with the program of `program/` and the shipped provider. */
export class Stack {
  readonly folder: string;
  readonly #env: NodeJS.ProcessEnv;

  constructor(pulumi: string, env: Readonly<Record<string, string>>) {
    this.folder = mkdtempSync(join(tmpdir(), 'arung-pulumi-'));
    const bin = join(this.folder, 'bin');
    mkdirSync(bin);
    mkdirSync(join(this.folder, 'state'));
    symlinkSync(pulumi, join(bin, 'pulumi'));
    const host = join(bin, 'pulumi-language-nodejs');
    writeFileSync(
      host,
      `#!/bin/sh\nexec node --disable-warning=ExperimentalWarning ${join(import.meta.dirname, 'language-host.ts')} "$@"\n`,
    );
    chmodSync(host, 0o755);
    const project = {
      name: 'uji',
      runtime: { name: 'nodejs', options: { typescript: false } },
      main: join(import.meta.dirname, 'program'),
      plugins: { providers: [{ name: 'arung', path: join(root, 'pulumi/provider') }] },
    };
    // JSON is YAML.
    writeFileSync(join(this.folder, 'Pulumi.yaml'), JSON.stringify(project));
    const own = Object.entries(process.env).filter(([name]) => !/^(ARUNG|PULUMI|NODE_OPTIONS|VITEST)/.test(name));
    this.#env = {
      ...Object.fromEntries(own),
      PATH: `${bin}:${join(root, 'node_modules/.bin')}:${process.env['PATH'] ?? ''}`,
      PULUMI_HOME: join(this.folder, 'home'),
      PULUMI_BACKEND_URL: `file://${join(this.folder, 'state')}`,
      PULUMI_CONFIG_PASSPHRASE: 'frasa-sandi-uji',
      PULUMI_SKIP_UPDATE_CHECK: 'true',
      PULUMI_STACK: 'kahu',
      NO_COLOR: '1',
      PROGRAM: join(this.folder, 'program.json'),
      ...env,
    };
  }

  /** As `export NAME=…` does; null: `unset NAME`. */
  export(name: string, value: string | null): void {
    if (value === null) delete this.#env[name];
    else this.#env[name] = value;
  }

  say(said: Said): void {
    writeFileSync(join(this.folder, 'program.json'), JSON.stringify(said));
  }

  /** Runs the CLI to its end. */
  run(...args: readonly string[]): Promise<Ended> {
    return this.start(...args).ended;
  }

  /** A secret of the configuration, by the standard input: a command line shows it to everybody. */
  async setSecret(name: string, value: string): Promise<void> {
    const { child, ended } = this.start('config', 'set', '--secret', name);
    child.stdin?.end(value);
    const { code, text } = await ended;
    if (code !== 0) throw new Error(`pulumi config set ${name} ended with ${code}:\n${text}`);
  }

  /** The same; throws with what it said when it did not end well. */
  async well(...args: readonly string[]): Promise<string> {
    return (await this.#well(args)).text;
  }

  async #well(args: readonly string[]): Promise<Ended> {
    const ended = await this.run(...args);
    if (ended.code !== 0) throw new Error(`pulumi ${args.join(' ')} ended with ${ended.code}:\n${ended.text}`);
    return ended;
  }

  /** Starts the CLI. */
  start(...args: readonly string[]): { readonly child: ChildProcess; readonly ended: Promise<Ended> } {
    const child = spawn(join(this.folder, 'bin/pulumi'), [...args, '--non-interactive'], {
      cwd: this.folder,
      env: this.#env,
      stdio: [args[0] === 'config' ? 'pipe' : 'ignore', 'pipe', 'pipe'],
    });
    let [stdout, stderr] = ['', ''];
    child.stdout?.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
    child.stderr?.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    const ended = new Promise<Ended>((resolve) =>
      child.once('close', (code) => resolve({ code, text: stdout + stderr, stdout })),
    );
    return { child, ended };
  }

  /** Starts the CLI, and kills it (-9) so many milliseconds after it has said something; it may have ended before. */
  async killedAt(sign: RegExp, afterMs: number, ...args: readonly string[]): Promise<Ended> {
    const { child, ended } = this.start(...args);
    await new Promise<void>((resolve) => {
      let seen = '';
      child.stdout?.on('data', (chunk: Buffer) => {
        seen += chunk.toString();
        if (sign.test(seen)) setTimeout(resolve, afterMs);
      });
      child.once('close', () => resolve());
    });
    child.kill('SIGKILL');
    return ended;
  }

  /** What an `up` would do, by the name of the resource: `update`, `replace`, …; what stays as it is is left out. */
  async preview(...args: readonly string[]): Promise<Readonly<Record<string, string>>> {
    const steps = await this.steps(...args);
    return Object.fromEntries(
      steps.flatMap(({ op, urn }) => (op === 'same' || op === 'refresh' ? [] : [[urn.split('::').at(-1) ?? '', op]])),
    );
  }

  async steps(...args: readonly string[]): Promise<readonly Step[]> {
    const { stdout } = await this.#well(['preview', '--json', ...args]);
    return (JSON.parse(stdout) as { readonly steps?: readonly Step[] }).steps ?? [];
  }

  /** The state as it lies on the disk, secrets encrypted. */
  stateFile(): string {
    return readFileSync(join(this.folder, 'state/.pulumi/stacks/uji/kahu.json'), 'utf8');
  }

  /** What the state on the disk has of a resource; secrets are not opened. */
  kept(name: string): Readonly<Record<string, unknown>> {
    const { checkpoint } = JSON.parse(this.stateFile()) as {
      readonly checkpoint: { readonly latest: { readonly resources: readonly { urn: string; outputs?: object }[] } };
    };
    return { ...checkpoint.latest.resources.find(({ urn }) => urn.endsWith(`::${name}`))?.outputs };
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
  }
}
