import type { Clock } from '../domain/clock.ts';

const free = 5;
const longestMs = 10_000;
const forgetMs = 15 * 60_000;
const remembered = 10_000;

interface Failures {
  count: number;
  last: number;
}

/**
 * Slows those who guess passwords and nobody else: after five wrong ones an address waits before each further check, up
 * to ten seconds. A name that signed in from this address before does not wait, so that one bad neighbour behind the
 * same address translation cannot shut out the terminals of a site.
 */
export class SignInPace {
  readonly #clock: Clock;
  readonly #failures = new Map<string, Failures>();
  readonly #trusted = new Set<string>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Milliseconds to wait before the password is checked. */
  delayMs(address: string, name: string): number {
    const pair = this.#recent(pairOf(address, name));
    if (this.#trusted.has(pairOf(address, name))) return pauseAfter(pair);
    return Math.max(pauseAfter(pair), pauseAfter(this.#recent(address)));
  }

  succeeded(address: string, name: string): void {
    const pair = pairOf(address, name);
    this.#failures.delete(pair);
    this.#trusted.delete(pair);
    this.#trusted.add(pair);
    for (const oldest of this.#trusted) {
      if (this.#trusted.size <= remembered) break;
      this.#trusted.delete(oldest);
    }
  }

  failed(address: string, name: string): void {
    for (const key of [address, pairOf(address, name)]) {
      const failures = { count: this.#recent(key) + 1, last: this.#clock.monotonic() };
      this.#failures.delete(key);
      this.#failures.set(key, failures);
    }
    for (const oldest of this.#failures.keys()) {
      if (this.#failures.size <= remembered) break;
      this.#failures.delete(oldest);
    }
  }

  #recent(key: string): number {
    const failures = this.#failures.get(key);
    if (failures === undefined || this.#clock.monotonic() - failures.last > forgetMs) return 0;
    return failures.count;
  }
}

function pairOf(address: string, name: string): string {
  // A name may be long: it is the peer's own text.
  return `${address} ${name.slice(0, 120)}`;
}

function pauseAfter(failures: number): number {
  return failures < free ? 0 : Math.min(longestMs, 250 * 2 ** (failures - free));
}
