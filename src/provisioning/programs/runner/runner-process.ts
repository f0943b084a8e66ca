import { fork, type ChildProcess } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { systemPath } from '../program-folder.ts';
import type { FromRunner, RunOrder } from './messages.ts';

const script = join(import.meta.dirname, 'program-runner.ts');
/** Of what the processes write where nobody reads: for the log, when they end without a word. */
const mostWritten = 4_000;

export interface RunnerOptions {
  /** Names the run among processes: it is an argument, and no secret. */
  readonly runId: string;
  /** A folder of ours: what Pulumi keeps for itself, and the home of its processes. */
  readonly home: string;
  readonly order: Omit<RunOrder, 'tell' | 'pulumiHome'>;
  readonly heard: (message: FromRunner) => void;
  /** It is gone, and will be heard no more. `written` is what it wrote last where no message goes. */
  readonly ended: (written: string) => void;
}

/** A program that is run, in processes of its own; see `program-runner.ts`. */
export class RunnerProcess {
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  static start({ runId, home, order, heard, ended }: RunnerOptions): RunnerProcess {
    const pulumiHome = join(home, 'pulumi');
    mkdirSync(pulumiHome, { recursive: true, mode: 0o700 });
    const child = fork(script, [runId], {
      cwd: home,
      detached: true,
      execArgv: ['--disable-warning=ExperimentalWarning'],
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      // Nothing of ours: no settings, no secrets.
      env: {
        PATH: [...new Set([dirname(process.execPath), ...systemPath])].join(delimiter),
        HOME: home,
        PULUMI_HOME: pulumiHome,
        PULUMI_SKIP_UPDATE_CHECK: 'true',
        LANG: 'C.UTF-8',
        NO_COLOR: '1',
      },
    });
    let written = '';
    const write = (chunk: Buffer): void => void (written = (written + chunk.toString()).slice(-mostWritten));
    child.stdout?.on('data', write);
    child.stderr?.on('data', write);
    child.on('message', (message: FromRunner) => heard(message));
    // `exit` and not `close`: what it left behind may hold its streams.
    let isOver = false;
    const over = (): void => {
      if (!isOver) ended(written);
      isOver = true;
    };
    child.once('exit', over);
    child.once('error', (error) => {
      written += String(error);
      over();
    });
    const runner = new RunnerProcess(child);
    child.send({ tell: 'run', pulumiHome, ...order } satisfies RunOrder, () => undefined);
    return runner;
  }

  get pid(): number | null {
    return this.#child.pid ?? null;
  }

  /** The stack is selected: go on. */
  go(): void {
    if (this.#child.connected) this.#child.send({ tell: 'go' }, () => undefined);
  }

  /** As Ctrl-C: Pulumi asks its providers to cancel, and ends cleanly. */
  interrupt(): void {
    signalGroup(this.#child.pid, 'SIGINT');
  }

  /** All of it at once, whatever it is at. The stack's lock stays. */
  kill(): void {
    signalGroup(this.#child.pid, 'SIGKILL');
  }
}

/** Ends what a controller that died has left of a run, if it is still there. */
export function killLeftover(pid: number, runId: string): void {
  try {
    // The number may be another's by now.
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
    if (command.includes(runId) && command.includes(script)) signalGroup(pid, 'SIGKILL');
  } catch {
    // There is none, or the system does not say.
  }
}

function signalGroup(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // It has ended meanwhile.
  }
}
