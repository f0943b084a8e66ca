/** What a processor fetches from memory at a time: one word of it that was read has brought the rest near. */
export const cacheLineBytes = 64;

/** Something that fires once at its due time; put on a wheel again to fire again. */
export abstract class WheelTimer {
  /** Where it waits, and at which place there; null while it does not. */
  slot: Slot | null = null;
  place = 0;
  /** In ticks of the wheel: a whole number lies within its object, a fraction of milliseconds would lie elsewhere. */
  dueTick = 0;

  /** Called by the wheel when due; it may put itself or others on the wheel. */
  abstract fire(): void;

  /**
   * Reads what `fire`, and what follows from it, will need and what lies `steps` references away (0: fields of its own): a
   * word of each line of the processor's cache. Gives their sum, so that no compiler leaves the reading out.
   */
  prefetch(_steps: number): number {
    return 0;
  }
}

/**
 * Timers that wait together, in the order in which they were put there. One that is taken off leaves a gap: none of the
 * others, which lie elsewhere in memory, is touched for it.
 */
class Slot {
  readonly timers: (WheelTimer | null)[] = [];
  #count = 0;

  get empty(): boolean {
    return this.#count === 0;
  }

  add(timer: WheelTimer): void {
    timer.slot = this;
    timer.place = this.timers.length;
    this.timers.push(timer);
    this.#count += 1;
  }

  remove(timer: WheelTimer): void {
    timer.slot = null;
    this.timers[timer.place] = null;
    this.#count -= 1;
    if (this.#count === 0) this.timers.length = 0;
  }

  removeAll(): readonly WheelTimer[] {
    const removed = this.timers.filter((timer) => timer !== null);
    for (const timer of removed) timer.slot = null;
    this.timers.length = 0;
    this.#count = 0;
    return removed;
  }
}

/** A poll, the device or the packet, its peer or its request, and what those hold: the last step reads that to its end. */
const prefetchSteps = 4;

/**
 * A hierarchical timer wheel (Varghese and Lauck, 1987) of two levels: adding, taking off and firing cost the same for ten
 * timers and for a hundred thousand. Its time is what `advance` is told. What is due within one turn (`tickMs * slots`)
 * waits at its own tick, so that a tick at which timers wait is one at which something is due; what is due later waits at
 * its turn, and is put in place when that begins.
 */
export class TimerWheel {
  readonly #tickMs: number;
  /** By tick, within the next turn. */
  readonly #near: Slot[];
  /** By turn; those that are further off than there are turns stay for another round. */
  readonly #far: readonly Slot[];
  /** Takes the place of the one whose timers fire. */
  #spare = new Slot();
  readonly #added: (dueMs: number) => void;
  #tick: number;
  /** What was read ahead of the last timers that fired together, summed: of no use but to have been read. */
  prefetched = 0;

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
    this.#near = Array.from({ length: slots }, () => new Slot());
    this.#far = Array.from({ length: slots }, () => new Slot());
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
    timer.slot?.remove(timer);
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
      for (const timer of turn?.removeAll() ?? []) this.#place(timer, this.#tick);
      const due = this.#at(this.#tick);
      if (!due.empty) this.#fire(due);
    }
  }

  /** @param earliest the first tick that has not been fired yet. */
  #place(timer: WheelTimer, earliest: number): void {
    const tick = Math.max(timer.dueTick, earliest);
    (tick - earliest < this.#near.length ? this.#at(tick) : this.#turnOf(tick)).add(timer);
  }

  #at(tick: number): Slot {
    return within(this.#near, tick);
  }

  #turnOf(tick: number): Slot {
    return within(this.#far, Math.floor(tick / this.#near.length));
  }

  #turnBeginsAt(tick: number): Slot | null {
    return tick % this.#near.length === 0 ? this.#turnOf(tick) : null;
  }

  /** Time has made a leap (a machine that slept): what it passed over is due at the tick after. */
  #leapTo(tick: number): void {
    const all = [...this.#near, ...this.#far].flatMap((slot) => slot.removeAll());
    this.#tick = tick;
    for (const timer of all) this.#place(timer, tick + 1);
  }

  #fire(due: Slot): void {
    // The slot moves aside first: what its timers add belongs to later ticks, what they remove leaves cleanly.
    this.#near[this.#tick % this.#near.length] = this.#spare;
    this.#spare = due;
    const { timers } = due;
    if (timers.length > 1) this.#prefetch(timers);
    for (let i = 0; i < timers.length; i += 1) {
      const timer = timers[i] ?? null;
      if (timer === null) continue;
      due.remove(timer);
      timer.fire();
    }
  }

  /**
   * What thousands of timers lead to lies far apart and in no cache. One timer after the other would wait for each of its
   * objects in turn; read for all that are due, step by step, the processor fetches many at a time.
   */
  #prefetch(timers: readonly (WheelTimer | null)[]): void {
    let read = 0;
    for (let steps = 0; steps < prefetchSteps; steps += 1) {
      for (const timer of timers) if (timer !== null) read += timer.prefetch(steps);
    }
    this.prefetched = read;
  }
}

function within(slots: readonly Slot[], index: number): Slot {
  const slot = slots[index % slots.length];
  if (slot === undefined) throw new RangeError(`a timer wheel has no place ${index}`);
  return slot;
}
