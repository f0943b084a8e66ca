import type { HostKeys } from '../driver.ts';

/** Keys of devices that nobody keeps elsewhere: remembered while the program runs. */
export class RememberedHostKeys {
  readonly #known = new Map<string, string>();

  /** @param name `10.73.8.2:22`. */
  of(name: string): HostKeys {
    return {
      known: async () => this.#known.get(name) ?? null,
      learned: async (fingerprint) => {
        this.#known.set(name, fingerprint);
      },
    };
  }
}
