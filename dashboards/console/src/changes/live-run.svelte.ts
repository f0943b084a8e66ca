import type { PlacedEntryView, ProgramRunView } from '../../../../src/api/program-schemas.ts';
import { api } from '../lib/api.ts';
import { sentenceOf } from '../lib/problem.ts';
import { isGoingOn } from './programs.ts';

type Entry = PlacedEntryView['entry'];
export type StepEntry = Extract<Entry, { entry: 'step' }> & { readonly place: number };
export type MessageEntry = Extract<Entry, { entry: 'message' }>;

const againMs = 3_000;
const waitS = 20;

/**
 * A run and what it shows, followed while it goes on: each question waits at the controller until something has changed,
 * and asks for what has changed only. Make it in a component; it ends with the component.
 */
export class LiveRun {
  run = $state.raw<ProgramRunView | null>(null);
  problem = $state<string | null>(null);
  #entries = $state.raw<ReadonlyMap<number, Entry>>(new Map());
  #again = $state(0);

  /** `number` may read reactive values; null while there is none. */
  constructor(number: () => number | null) {
    $effect(() => {
      void this.#again;
      const which = number();
      const abort = new AbortController();
      if (which === null) {
        this.run = null;
        this.#entries = new Map();
      } else void this.#follow(which, abort.signal);
      return () => abort.abort();
    });
  }

  get steps(): readonly StepEntry[] {
    return [...this.#entries].flatMap(([place, entry]) => (entry.entry === 'step' ? [{ ...entry, place }] : []));
  }

  get messages(): readonly MessageEntry[] {
    return [...this.#entries.values()].filter((entry) => entry.entry === 'message');
  }

  retry(): void {
    this.#again++;
  }

  async #follow(number: number, signal: AbortSignal): Promise<void> {
    let [after, entriesAfter] = [null as number | null, 0];
    const entries = new Map<number, Entry>();
    while (!signal.aborted) {
      try {
        const query = after === null ? {} : { after, waitS };
        const run: ProgramRunView = await api.get<ProgramRunView>(`/programs/runs/${number}`, { query, signal });
        const found = await api.get<{ revision: number; items: readonly PlacedEntryView[] }>(
          `/programs/runs/${number}/entries`,
          {
            query: { after: entriesAfter },
            signal,
          },
        );
        for (const { place, entry } of found.items) entries.set(place, entry);
        if (signal.aborted) return;
        this.#entries = new Map([...entries].sort(([a], [b]) => a - b));
        this.run = run;
        this.problem = null;
        [after, entriesAfter] = [run.revision, found.revision];
        if (!isGoingOn(run)) return;
      } catch (error) {
        if (signal.aborted) return;
        this.problem = sentenceOf(error);
        await new Promise((resolve) => setTimeout(resolve, againMs));
      }
    }
  }
}
