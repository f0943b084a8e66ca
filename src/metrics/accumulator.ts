import type { Aggregate } from './store.ts';

/** One line of a result in the making: every point that falls into a step is worked in, in any order. */
export class Accumulator {
  readonly #count: Float64Array;
  readonly #value: Float64Array;
  /** Time of the value, for `last`. */
  readonly #time: Float64Array | null;
  readonly #aggregate: Aggregate;

  constructor(steps: number, aggregate: Aggregate) {
    this.#aggregate = aggregate;
    this.#count = new Float64Array(steps);
    this.#value = new Float64Array(steps);
    this.#time = aggregate === 'last' ? new Float64Array(steps).fill(-Infinity) : null;
  }

  add(step: number, time: number, point: Rolled): void {
    if (step < 0 || step >= this.#count.length || !(point.count > 0)) return;
    const first = this.#count[step] === 0;
    const before = this.#value[step] ?? 0;
    this.#count[step] = (this.#count[step] ?? 0) + point.count;
    switch (this.#aggregate) {
      case 'mean':
      case 'sum':
        this.#value[step] = before + point.sum;
        break;
      case 'min':
        this.#value[step] = first ? point.min : Math.min(before, point.min);
        break;
      case 'max':
        this.#value[step] = first ? point.max : Math.max(before, point.max);
        break;
      case 'last':
        if (this.#time !== null && time >= (this.#time[step] ?? 0)) {
          this.#time[step] = time;
          this.#value[step] = point.last;
        }
        break;
      case 'count':
        break;
    }
  }

  get empty(): boolean {
    return this.#count.every((count) => count === 0);
  }

  /** Null where no point fell into the step. */
  values(): (number | null)[] {
    return Array.from(this.#count, (count, step) => {
      if (count === 0) return null;
      if (this.#aggregate === 'count') return count;
      const value = this.#value[step] ?? 0;
      return this.#aggregate === 'mean' ? value / count : value;
    });
  }
}

/** A point, or many rolled up into one. */
export interface Rolled {
  min: number;
  max: number;
  sum: number;
  count: number;
  last: number;
}
