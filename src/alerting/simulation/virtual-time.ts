import type { CancelTimer, Clock, Timers } from '../../domain/clock.ts';

interface Scheduled {
  readonly at: number;
  /** What was scheduled earlier for the same time runs first. */
  readonly order: number;
  run: (() => void) | null;
}

/** Time that passes only when it is told to: whatever is due runs in its order, nothing waits. */
export class VirtualTime implements Clock, Timers {
  readonly #epoch: number;
  readonly #heap: Scheduled[] = [];
  #monotonic = 0;
  #order = 0;

  /** `epoch`: milliseconds since 1970 at its beginning. */
  constructor(epoch: number) {
    this.#epoch = epoch;
  }

  now(): number {
    return this.#epoch + this.#monotonic;
  }

  monotonic(): number {
    return this.#monotonic;
  }

  after(ms: number, run: () => void): CancelTimer {
    const scheduled: Scheduled = { at: this.#monotonic + Math.max(0, ms), order: this.#order++, run };
    push(this.#heap, scheduled);
    return () => {
      scheduled.run = null;
    };
  }

  every(ms: number, run: () => void): CancelTimer {
    let cancel: CancelTimer = () => undefined;
    const again = (): void => {
      cancel = this.after(ms, again);
      run();
    };
    cancel = this.after(ms, again);
    return () => cancel();
  }

  /** Runs all that is due until then. */
  advance(ms: number): void {
    const until = this.#monotonic + ms;
    for (let next = this.#heap[0]; next !== undefined && next.at <= until; next = this.#heap[0]) {
      pop(this.#heap);
      this.#monotonic = Math.max(this.#monotonic, next.at);
      next.run?.();
    }
    this.#monotonic = until;
  }
}

function isBefore(a: Scheduled, b: Scheduled): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}

function push(heap: Scheduled[], item: Scheduled): void {
  heap.push(item);
  for (let i = heap.length - 1; i > 0;) {
    const parent = (i - 1) >> 1;
    const above = heap[parent];
    if (above === undefined || !isBefore(item, above)) break;
    heap[i] = above;
    heap[parent] = item;
    i = parent;
  }
}

function pop(heap: Scheduled[]): void {
  const last = heap.pop();
  if (last === undefined || heap.length === 0) return;
  for (let i = 0; ;) {
    const left = heap[2 * i + 1];
    const right = heap[2 * i + 2];
    if (left === undefined) {
      heap[i] = last;
      return;
    }
    const isRight = right !== undefined && isBefore(right, left);
    const least = isRight ? right : left;
    if (!isBefore(least, last)) {
      heap[i] = last;
      return;
    }
    heap[i] = least;
    i = 2 * i + (isRight ? 2 : 1);
  }
}
