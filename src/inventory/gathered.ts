/**
 * Group commit: what is asked for while one run is at work is done together by the next. A run that fails is done again
 * one by one, so that one that cannot be done harms none of the others.
 */
export class Gathered<In, Out> {
  readonly #run: (inputs: readonly In[]) => Promise<readonly Out[]>;
  readonly #keyOf: (input: In) => string;
  readonly #most: number;
  #waiting: Asked<In, Out>[] = [];
  #running = false;

  /**
   * `run` gives one outcome for each input, in their order. Two inputs of the same key (`keyOf`) are never in one run, and
   * run in the order in which they were asked. `most`: inputs of one run.
   */
  constructor(options: {
    readonly run: (inputs: readonly In[]) => Promise<readonly Out[]>;
    readonly keyOf: (input: In) => string;
    readonly most: number;
  }) {
    this.#run = options.run;
    this.#keyOf = options.keyOf;
    this.#most = options.most;
  }

  /** Rejects with the reason why this input alone could not be done. */
  ask(input: In): Promise<Out> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ input, resolve, reject });
      void this.#work();
    });
  }

  async #work(): Promise<void> {
    if (this.#running) return;
    this.#running = true;
    while (this.#waiting.length > 0) await this.#do(this.#next());
    this.#running = false;
  }

  #next(): readonly Asked<In, Out>[] {
    const batch = new Map<string, Asked<In, Out>>();
    const later: Asked<In, Out>[] = [];
    for (const asked of this.#waiting) {
      const key = this.#keyOf(asked.input);
      if (batch.has(key) || batch.size === this.#most) later.push(asked);
      else batch.set(key, asked);
    }
    this.#waiting = later;
    return [...batch.values()];
  }

  async #do(batch: readonly Asked<In, Out>[]): Promise<void> {
    let outcomes: readonly Out[];
    try {
      outcomes = await this.#run(batch.map(({ input }) => input));
    } catch (error) {
      const [only] = batch;
      if (batch.length === 1) only?.reject(error);
      // Side by side: while the database is away, each alone would wait for it in turn.
      else await Promise.all(batch.map((asked) => this.#do([asked])));
      return;
    }
    for (const [index, asked] of batch.entries()) {
      // One outcome for each input: the contract of `run`.
      asked.resolve(outcomes[index] as Out);
    }
  }
}

interface Asked<In, Out> {
  readonly input: In;
  readonly resolve: (outcome: Out) => void;
  readonly reject: (reason: unknown) => void;
}
