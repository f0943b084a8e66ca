import type { AgentId } from '../domain/ids.ts';
import { measurements, seriesOf, type PointBatch, type Series } from '../domain/point.ts';
import type { CheckOutcome } from './service-watch.ts';

const fields: readonly string[] = measurements.service.fields;

/** One check that was looked at. */
export interface CheckedService {
  readonly serviceId: string;
  /** See `checkKeys`. */
  readonly check: string;
  readonly outcome: CheckOutcome;
}

/** What looks at services told, as points: made here for the Agent of this program, read here for those of others. */
export class ServicePoints {
  readonly #agent: AgentId;
  readonly #series = new Map<string, Series>();

  constructor(agent: AgentId) {
    this.#agent = agent;
  }

  /** `at` in milliseconds since the epoch. */
  batchOf(checked: readonly CheckedService[], at: number): PointBatch {
    const time = Math.floor(at / 1000);
    const values = new Float64Array(checked.length * fields.length).fill(NaN);
    for (const [row, { outcome }] of checked.entries()) {
      const told: Readonly<Record<string, number | undefined>> = {
        ...outcome.values,
        up: outcome.state === 'down' ? 0 : 1,
        degraded: outcome.state === 'degraded' ? 1 : 0,
      };
      for (const [column, name] of fields.entries()) values[row * fields.length + column] = told[name] ?? NaN;
    }
    return {
      agent: this.#agent,
      measurement: 'service',
      series: checked.map(({ serviceId, check }) => this.#seriesOf(serviceId, check)),
      times: new Float64Array(checked.length).fill(time),
      values,
    };
  }

  #seriesOf(service: string, check: string): Series {
    const key = `${service} ${check}`;
    const known = this.#series.get(key);
    if (known !== undefined) return known;
    const made = seriesOf('service', { agent: this.#agent, check, service });
    this.#series.set(key, made);
    return made;
  }
}

/**
 * The looks in a batch of another Agent: the checks of one service at one time are one look. Why something failed is
 * not told by points.
 */
export function looksIn(
  batch: PointBatch,
): readonly { readonly serviceId: string; readonly at: number; readonly outcomes: readonly CheckOutcome[] }[] {
  const looks = new Map<string, { serviceId: string; at: number; outcomes: CheckOutcome[] }>();
  for (const [row, series] of batch.series.entries()) {
    const serviceId = series.tags.service;
    if (serviceId === undefined) continue;
    const values: Record<string, number> = {};
    for (const [column, name] of fields.entries()) {
      const value = batch.values[row * fields.length + column] ?? NaN;
      if (!Number.isNaN(value)) values[name] = value;
    }
    const { up, degraded, ...measured } = values;
    if (up === undefined) continue;
    const at = (batch.times[row] ?? 0) * 1000;
    const look = looks.get(`${serviceId} ${at}`) ?? { serviceId, at, outcomes: [] };
    looks.set(`${serviceId} ${at}`, look);
    const state = up < 0.5 ? 'down' : (degraded ?? 0) > 0 ? 'degraded' : 'up';
    look.outcomes.push({ state, reason: null, values: measured });
  }
  return [...looks.values()].sort((one, other) => one.at - other.at);
}
