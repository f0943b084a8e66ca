import type { AgentId } from '../domain/ids.ts';
import { measurements, type Measurement, type PointBatch, type PointBus, type Series } from '../domain/point.ts';

/** Collects rows of one measurement and publishes them together: at once when asked, else before the loop goes on. */
export class RowCollector {
  readonly #bus: PointBus;
  readonly #agent: AgentId;
  readonly #measurement: Measurement;
  #series: Series[] = [];
  #times: number[] = [];
  #values: number[] = [];
  #soon: NodeJS.Immediate | null = null;

  constructor(bus: PointBus, agent: AgentId, measurement: Measurement) {
    this.#bus = bus;
    this.#agent = agent;
    this.#measurement = measurement;
  }

  /** `values` in the order of the measurement's fields; NaN is absent. */
  add(series: Series, timeS: number, values: readonly number[]): void {
    const width = measurements[this.#measurement].fields.length;
    this.#series.push(series);
    this.#times.push(timeS);
    for (let field = 0; field < width; field++) this.#values.push(values[field] ?? NaN);
    this.#soon ??= setImmediate(() => this.flush());
  }

  flush(): void {
    if (this.#soon !== null) clearImmediate(this.#soon);
    this.#soon = null;
    if (this.#series.length === 0) return;
    const batch: PointBatch = {
      agent: this.#agent,
      measurement: this.#measurement,
      series: this.#series,
      times: Float64Array.from(this.#times),
      values: Float64Array.from(this.#values),
    };
    this.#series = [];
    this.#times = [];
    this.#values = [];
    this.#bus.publish(batch);
  }
}
