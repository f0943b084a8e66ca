import type { Health } from './look.ts';

export interface Patience {
  /** Seconds that a word must stand before it counts. */
  readonly deadAfterS: number;
  readonly impairedAfterS: number;
  readonly aliveAfterS: number;
}

/** What counts: a state and since when it was seen, milliseconds since the epoch. */
export interface Settled {
  readonly health: Health;
  readonly since: number;
}

/** One Arung as it is watched. A single look that fails says nothing: a word counts when it stood for long enough. */
export class Watched {
  readonly #patience: Patience;
  #settled: Settled | null = null;
  #seen: { readonly health: Health; readonly since: number; readonly sinceMs: number } | null = null;

  constructor(patience: Patience) {
    this.#patience = patience;
  }

  /** Takes a look; returns what counts now, null while nothing does. `monotonicMs` decides, `at` is what people read. */
  note(health: Health, { at, monotonicMs }: { readonly at: number; readonly monotonicMs: number }): Settled | null {
    const isSame = this.#seen?.health.state === health.state;
    this.#seen =
      isSame && this.#seen !== null ? { ...this.#seen, health } : { health, since: at, sinceMs: monotonicMs };
    const stoodMs = monotonicMs - this.#seen.sinceMs;
    if (stoodMs < this.#afterS(health) * 1_000) return this.#settled;
    if (this.#settled?.health.state !== health.state) this.#settled = { health, since: this.#seen.since };
    return this.#settled;
  }

  #afterS({ state }: Health): number {
    const { deadAfterS, impairedAfterS, aliveAfterS } = this.#patience;
    return { dead: deadAfterS, impaired: impairedAfterS, alive: aliveAfterS }[state];
  }
}
