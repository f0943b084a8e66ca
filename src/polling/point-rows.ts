import type { AgentId } from '../domain/ids.ts';
import { measurements, type Measurement, type PointBatch, type Series } from '../domain/point.ts';

/** Collects single rows of one measurement from many devices into a batch. */
export class PointRows {
  readonly #agent: AgentId;
  readonly #measurement: Measurement;
  readonly #width: number;
  #series: Series[] = [];
  #values: number[] = [];
  #times: number[] = [];

  constructor(agent: AgentId, measurement: Measurement) {
    this.#agent = agent;
    this.#measurement = measurement;
    this.#width = measurements[measurement].fields.length;
  }

  /** Fields in the measurement's order; what is left out at the end is absent. */
  add(series: Series, timeS: number, ...fields: readonly number[]): void {
    this.#series.push(series);
    this.#times.push(timeS);
    for (let i = 0; i < this.#width; i += 1) this.#values.push(fields[i] ?? Number.NaN);
  }

  /** What was collected since the last call, or null. */
  take(): PointBatch | null {
    if (this.#series.length === 0) return null;
    const batch: PointBatch = {
      agent: this.#agent,
      measurement: this.#measurement,
      series: this.#series,
      times: Float64Array.from(this.#times),
      values: Float64Array.from(this.#values),
    };
    this.#series = [];
    this.#values = [];
    this.#times = [];
    return batch;
  }
}
