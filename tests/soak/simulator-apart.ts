import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { managementArguments } from '../../src/demo/demo.ts';
import { simulatorInventory, simulatorSocket } from '../../src/demo/places.ts';

/** The simulated backbone of a data folder as a process of its own, which no end of the controller reaches. */
export class SimulatorApart {
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  static async start(dataDir: string, mqttPort: number): Promise<SimulatorApart> {
    const child = spawn(
      process.execPath,
      [
        '--disable-warning=ExperimentalWarning',
        join(import.meta.dirname, '../../agents/simulator/main.ts'),
        `--inventory=${simulatorInventory(dataDir)}`,
        `--control=${simulatorSocket(dataDir)}`,
        `--mqtt=mqtt://127.0.0.1:${mqttPort}`,
        ...managementArguments(dataDir),
      ],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    await new Promise<void>((resolve, reject) => {
      createInterface({ input: child.stdout }).on('line', (line) => {
        if (line.includes('"ready":true')) resolve();
      });
      child.once('close', (code) => reject(new Error(`the simulator ended with code ${code}`)));
    });
    return new SimulatorApart(child);
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const closed = once(this.#child, 'close');
    this.#child.kill('SIGTERM');
    await closed;
  }
}
