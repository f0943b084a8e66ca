import type { PlacedEntryView, ProgramRunView } from '../../../src/api/program-schemas.ts';
import type { ManagedNetwork } from './controller.ts';

/** All that a run shows, as somebody reads it. */
export interface ShownRun extends ProgramRunView {
  readonly entries: readonly PlacedEntryView['entry'][];
}

/** Runs of one stack of a program as the console asks for them. */
export class ConsoleRuns {
  readonly #network: ManagedNetwork;
  readonly #stack: string;
  /** Everything that was answered about runs. */
  readonly heard: string[] = [];

  constructor(network: ManagedNetwork, stack: string) {
    this.#network = network;
    this.#stack = stack;
  }

  begin(operation: string): Promise<ProgramRunView> {
    return this.#network.ask('POST', '/programs/runs', { stack: this.#stack, operation });
  }

  async look(number: number): Promise<ShownRun> {
    const run = await this.#network.ask<ProgramRunView>('GET', `/programs/runs/${number}`);
    const path = `/programs/runs/${number}/entries`;
    const { items } = await this.#network.ask<{ items: PlacedEntryView[] }>('GET', path);
    const shown = { ...run, entries: items.map(({ entry }) => entry) };
    this.heard.push(JSON.stringify(shown));
    return shown;
  }

  /** Waits until a run has ended. */
  async over(number: number): Promise<ShownRun> {
    for (let revision = 0; ;) {
      const path = `/programs/runs/${number}?after=${revision}&waitS=20`;
      const run = await this.#network.ask<ProgramRunView>('GET', path);
      if (run.endedAt !== null) return this.look(number);
      revision = run.revision;
    }
  }

  async ended(operation: string): Promise<ShownRun> {
    return this.over((await this.begin(operation)).number);
  }
}
