/** Something that fires once at its due time; put on a wheel again to fire again. Linked in place: no allocation. */
export abstract class WheelTimer {
  previous: WheelTimer | null = null;
  next: WheelTimer | null = null;
  /** Milliseconds on the wheel's time axis. */
  dueMs = 0;

  /** Called by the wheel when due; it may put itself or others on the wheel. */
  abstract fire(): void;

  get waiting(): boolean {
    return this.previous !== null;
  }
}

class Head extends WheelTimer {
  fire(): void {
    // The head of a list is never due.
  }
}

/**
 * A hashed timer wheel (Varghese and Lauck, 1987): adding, taking off and firing cost the same for ten timers and for
 * a hundred thousand. Its time is what `advance` is told; one turn is `tickMs * slots`, later timers stay for further
 * turns.
 */
export class TimerWheel {
  readonly #tickMs: number;
  readonly #heads: Head[] = [];
  readonly #firing = ring();
  readonly #added: (dueMs: number) => void;
  #tick: number;

  /** `added` is told of every timer that is put on the wheel. */
  constructor(options: {
    readonly nowMs: number;
    readonly tickMs?: number;
    readonly slots?: number;
    readonly added?: (dueMs: number) => void;
  }) {
    this.#added = options.added ?? ((): void => undefined);
    this.#tickMs = options.tickMs ?? 10;
    for (let i = 0; i < (options.slots ?? 1024); i += 1) this.#heads.push(ring());
    this.#tick = Math.floor(options.nowMs / this.#tickMs);
  }

  /** Puts the timer on the wheel (anew, if it is on it): it fires at the first `advance` to `dueMs` or later. */
  add(timer: WheelTimer, dueMs: number): void {
    this.remove(timer);
    timer.dueMs = dueMs;
    const tick = Math.max(Math.ceil(dueMs / this.#tickMs), this.#tick + 1);
    const head = this.#heads[tick % this.#heads.length];
    if (head !== undefined) link(head, timer);
    this.#added(dueMs);
  }

  remove(timer: WheelTimer): void {
    if (timer.previous === null || timer.next === null) return;
    timer.previous.next = timer.next;
    timer.next.previous = timer.previous;
    timer.previous = null;
    timer.next = null;
  }

  /** Ticks until the next for which any timer waits, at most `most`. */
  idleTicks(most: number): number {
    for (let ticks = 1; ticks < most; ticks += 1) {
      const head = this.#heads[(this.#tick + ticks) % this.#heads.length];
      if (head !== undefined && head.next !== head) return ticks;
    }
    return most;
  }

  advance(nowMs: number): void {
    const target = Math.floor(nowMs / this.#tickMs);
    if (target - this.#tick > this.#heads.length) this.#tick = target - this.#heads.length;
    while (this.#tick < target) {
      this.#tick += 1;
      const head = this.#heads[this.#tick % this.#heads.length];
      if (head === undefined || head.next === head) continue;
      this.#fire(head, nowMs);
    }
  }

  #fire(head: Head, nowMs: number): void {
    // The list moves aside first: what its timers add belongs to later ticks, what they remove leaves cleanly.
    const firing = this.#firing;
    if (head.next === null || head.previous === null) return;
    firing.next = head.next;
    firing.previous = head.previous;
    head.next.previous = firing;
    head.previous.next = firing;
    head.next = head;
    head.previous = head;
    for (let timer = firing.next; timer !== null && timer !== firing; timer = firing.next) {
      this.remove(timer);
      if (timer.dueMs <= nowMs) timer.fire();
      else link(head, timer);
    }
  }
}

function ring(): Head {
  const head = new Head();
  head.previous = head;
  head.next = head;
  return head;
}

function link(head: WheelTimer, timer: WheelTimer): void {
  const last = head.previous ?? head;
  timer.previous = last;
  timer.next = head;
  last.next = timer;
  head.previous = timer;
}
