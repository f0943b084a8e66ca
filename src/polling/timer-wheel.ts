/** Something that fires once at its due time; put on a wheel again to fire again. Linked in place: no allocation. */
export abstract class WheelTimer {
  previous: WheelTimer | null = null;
  next: WheelTimer | null = null;
  /** In ticks of the wheel: a whole number lies within its object, a fraction of milliseconds would lie elsewhere. */
  dueTick = 0;

  /** Called by the wheel when due; it may put itself or others on the wheel. */
  abstract fire(): void;

  get waiting(): boolean {
    return this.previous !== null;
  }
}

/** The head of a ring of timers, empty at first; never due itself. */
class Head extends WheelTimer {
  constructor() {
    super();
    this.previous = this;
    this.next = this;
  }

  get empty(): boolean {
    return this.next === this;
  }

  fire(): void {
    // Nobody puts it on a wheel.
  }

  /** Takes over the timers of another, which must not be empty; it itself must be. */
  takeAll(other: Head): void {
    const { next, previous } = other;
    if (next === null || previous === null) return;
    this.next = next;
    this.previous = previous;
    next.previous = this;
    previous.next = this;
    other.next = other;
    other.previous = other;
  }
}

/**
 * A hierarchical timer wheel (Varghese and Lauck, 1987) of two levels: adding, taking off and firing cost the same for ten
 * timers and for a hundred thousand. Its time is what `advance` is told. What is due within one turn (`tickMs * slots`)
 * waits at its own tick, so that a tick at which timers wait is one at which something is due; what is due later waits at
 * its turn, and is put in place when that begins.
 */
export class TimerWheel {
  readonly #tickMs: number;
  /** By tick, within the next turn. */
  readonly #near: readonly Head[];
  /** By turn; those that are further off than there are turns stay for another round. */
  readonly #far: readonly Head[];
  readonly #firing = new Head();
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
    const slots = options.slots ?? 1024;
    this.#near = Array.from({ length: slots }, () => new Head());
    this.#far = Array.from({ length: slots }, () => new Head());
    this.#tick = Math.floor(options.nowMs / this.#tickMs);
  }

  /** Puts the timer on the wheel (anew, if it is on it): it fires at the first `advance` to `dueMs` or later. */
  add(timer: WheelTimer, dueMs: number): void {
    this.remove(timer);
    timer.dueTick = Math.ceil(dueMs / this.#tickMs);
    this.#place(timer, this.#tick + 1);
    this.#added(dueMs);
  }

  /** When it fires at the earliest, in milliseconds on the wheel's time axis. */
  dueMs(timer: WheelTimer): number {
    return timer.dueTick * this.#tickMs;
  }

  remove(timer: WheelTimer): void {
    if (timer.previous === null || timer.next === null) return;
    timer.previous.next = timer.next;
    timer.next.previous = timer.previous;
    timer.previous = null;
    timer.next = null;
  }

  /** Ticks until the next at which anything is due, or may be, at most `most`. */
  idleTicks(most: number): number {
    for (let ticks = 1; ticks < most; ticks += 1) {
      const tick = this.#tick + ticks;
      if (!this.#at(tick).empty || this.#turnBeginsAt(tick)?.empty === false) return ticks;
    }
    return most;
  }

  advance(nowMs: number): void {
    const target = Math.floor(nowMs / this.#tickMs);
    if (target - this.#tick > this.#near.length) this.#leapTo(target - 1);
    while (this.#tick < target) {
      this.#tick += 1;
      const turn = this.#turnBeginsAt(this.#tick);
      for (const timer of turn === null ? [] : this.#takenFrom(turn)) this.#place(timer, this.#tick);
      const due = this.#at(this.#tick);
      if (!due.empty) this.#fire(due);
    }
  }

  /** @param earliest the first tick that has not been fired yet. */
  #place(timer: WheelTimer, earliest: number): void {
    const tick = Math.max(timer.dueTick, earliest);
    link(tick - earliest < this.#near.length ? this.#at(tick) : this.#turnOf(tick), timer);
  }

  #at(tick: number): Head {
    return within(this.#near, tick);
  }

  #turnOf(tick: number): Head {
    return within(this.#far, Math.floor(tick / this.#near.length));
  }

  #turnBeginsAt(tick: number): Head | null {
    return tick % this.#near.length === 0 ? this.#turnOf(tick) : null;
  }

  /** Time has made a leap (a machine that slept): what it passed over is due at the tick after. */
  #leapTo(tick: number): void {
    const all = [...this.#near, ...this.#far].flatMap((head) => this.#takenFrom(head));
    this.#tick = tick;
    for (const timer of all) this.#place(timer, tick + 1);
  }

  #takenFrom(head: Head): readonly WheelTimer[] {
    const timers: WheelTimer[] = [];
    for (let timer = head.next; timer !== head && timer !== null; timer = head.next) {
      this.remove(timer);
      timers.push(timer);
    }
    return timers;
  }

  #fire(head: Head): void {
    // The list moves aside first: what its timers add belongs to later ticks, what they remove leaves cleanly.
    const firing = this.#firing;
    firing.takeAll(head);
    for (let timer = firing.next; timer !== null && timer !== firing; timer = firing.next) {
      this.remove(timer);
      timer.fire();
    }
  }
}

function within(heads: readonly Head[], index: number): Head {
  const head = heads[index % heads.length];
  if (head === undefined) throw new RangeError(`a timer wheel has no place ${index}`);
  return head;
}

function link(head: WheelTimer, timer: WheelTimer): void {
  const last = head.previous ?? head;
  timer.previous = last;
  timer.next = head;
  last.next = timer;
  head.previous = timer;
}
