const remembered = 7;
const maxMeasurements = 200;

/** Messages nearer than this came of one flush. */
const oneFlushMs = 500;

/**
 * How often a source speaks: the shortest of the usual distances of its measurements' points, and not less than the usual
 * distance of their arrivals, as a publisher may gather what it measured for a while.
 */
export class LearnedInterval {
  readonly #measurements = new Map<string, { last: number; readonly distances: number[] }>();
  readonly #arrivals: number[] = [];
  #arrivedAt = Number.NaN;
  #seconds: number | null = null;

  /** Null before two points of one measurement that came one after the other. */
  get seconds(): number | null {
    return this.#seconds;
  }

  /** `time` in seconds. False for one that is not newer than what was seen. */
  observe(measurement: string, time: number): boolean {
    const seen = this.#measurements.get(measurement);
    if (seen === undefined) {
      if (this.#measurements.size < maxMeasurements) this.#measurements.set(measurement, { last: time, distances: [] });
      return true;
    }
    if (time <= seen.last) return false;
    remember(seen.distances, time - seen.last);
    seen.last = time;
    this.#learn();
    return true;
  }

  /** Something fresh came at this monotonic time in milliseconds. */
  arrived(now: number): void {
    const distance = now - this.#arrivedAt;
    if (distance < oneFlushMs) return;
    this.#arrivedAt = now;
    if (Number.isNaN(distance)) return;
    remember(this.#arrivals, distance / 1_000);
    this.#learn();
  }

  #learn(): void {
    let shortest: number | null = null;
    for (const { distances } of this.#measurements.values()) {
      const median = medianOf(distances);
      if (median !== undefined) shortest = Math.min(shortest ?? median, median);
    }
    const arrival = medianOf(this.#arrivals);
    this.#seconds = shortest === null || arrival === undefined ? null : Math.max(shortest, arrival);
  }
}

function remember(distances: number[], distance: number): void {
  distances.push(distance);
  if (distances.length > remembered) distances.shift();
}

function medianOf(distances: readonly number[]): number | undefined {
  return distances.toSorted((one, other) => one - other)[Math.floor(distances.length / 2)];
}
