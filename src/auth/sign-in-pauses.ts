import type { Clock } from '../domain/clock.ts';

/**
 * Slows those who guess passwords: after a few wrong tries each further one costs a pause that doubles. What is slowed
 * is the pair of address and name, so that a guesser never locks a person out who signs in from elsewhere; and, later
 * and less, the address as a whole (guessing over many names), but not for names that have signed in from there before.
 */
interface Count {
  failures: number;
  pausedUntil: number;
  forgetAt: number;
}

interface Rule {
  readonly freeTries: number;
  readonly firstPauseMs: number;
  readonly longestPauseMs: number;
}

export const pairRule: Rule = { freeTries: 5, firstPauseMs: 15_000, longestPauseMs: 300_000 };
export const addressRule: Rule = { freeTries: 30, firstPauseMs: 2_000, longestPauseMs: 60_000 };
const forgetAfterMs = 3_600_000;
const most = 20_000;

export class SignInPauses {
  readonly #clock: Clock;
  readonly #counts = new Map<string, Count>();
  readonly #known = new Map<string, true>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Milliseconds that the pair must wait before it may try; 0 when it may. */
  pauseMs(name: string, address: string): number {
    const now = this.#clock.monotonic();
    const pair = this.#find(pairKey(name, address))?.pausedUntil ?? 0;
    const whole = this.#known.has(pairKey(name, address)) ? 0 : (this.#find(addressKey(address))?.pausedUntil ?? 0);
    return Math.max(0, Math.max(pair, whole) - now);
  }

  /**
   * Counts a try before its password is checked, so that many at once gain nothing. Returns how many tries are left
   * before a pause, should it fail.
   */
  began(name: string, address: string): number {
    const left = this.#count(pairKey(name, address), pairRule);
    this.#count(addressKey(address), addressRule);
    return left;
  }

  /** Takes the try back: the password was right. */
  succeeded(name: string, address: string): void {
    const pair = pairKey(name, address);
    this.#counts.delete(pair);
    const whole = this.#find(addressKey(address));
    if (whole !== undefined) whole.failures = Math.max(0, whole.failures - 1);
    remember(this.#known, pair, true);
  }

  #count(key: string, rule: Rule): number {
    const now = this.#clock.monotonic();
    const count = this.#find(key) ?? { failures: 0, pausedUntil: 0, forgetAt: 0 };
    count.failures += 1;
    const over = count.failures - rule.freeTries;
    if (over >= 0) count.pausedUntil = now + Math.min(rule.firstPauseMs * 2 ** over, rule.longestPauseMs);
    count.forgetAt = Math.max(now, count.pausedUntil) + forgetAfterMs;
    remember(this.#counts, key, count);
    return Math.max(0, -over);
  }

  #find(key: string): Count | undefined {
    const count = this.#counts.get(key);
    if (count !== undefined && count.forgetAt < this.#clock.monotonic()) {
      this.#counts.delete(key);
      return undefined;
    }
    return count;
  }
}

/** Bounded: the entry that was touched longest ago gives way. */
function remember<T>(map: Map<string, T>, key: string, value: T): void {
  map.delete(key);
  map.set(key, value);
  if (map.size <= most) return;
  const oldest = map.keys().next();
  if (oldest.done !== true) map.delete(oldest.value);
}

function pairKey(name: string, address: string): string {
  return `${network(address)} ${name.slice(0, 100)}`;
}

function addressKey(address: string): string {
  return network(address);
}

/** An IPv6 household has a whole /64 to guess from. */
function network(address: string): string {
  if (!address.includes(':') || address.startsWith('::ffff:')) return address;
  const [head = '', tail] = address.split('::');
  const groups = head.split(':').filter((group) => group !== '');
  if (tail !== undefined) while (groups.length < 4) groups.push('0');
  return groups.slice(0, 4).join(':');
}
