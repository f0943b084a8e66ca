import { isMeasurement, type SeriesDefinition } from './messages.ts';
import type { Measurement } from '../../domain/point.ts';
import type { SeriesFilter } from '../store.ts';

export interface KnownSeries extends SeriesDefinition {
  /** Its number in the file. */
  readonly id: number;
}

interface Index {
  readonly all: KnownSeries[];
  readonly device: Map<string, KnownSeries[]>;
  readonly interface: Map<string, KnownSeries[]>;
  readonly sensor: Map<string, KnownSeries[]>;
}

/** Every series of the file, found by key, number or tags. */
export class SeriesDictionary {
  readonly #byKey = new Map<string, KnownSeries>();
  readonly #byId = new Map<number, KnownSeries>();
  readonly #indexes = new Map<Measurement, Index>();
  #nextId = 1;

  get size(): number {
    return this.#byId.size;
  }

  get nextId(): number {
    return this.#nextId;
  }

  byKey(key: string): KnownSeries | undefined {
    return this.#byKey.get(key);
  }

  byId(id: number): KnownSeries | undefined {
    return this.#byId.get(id);
  }

  add(series: KnownSeries): void {
    this.#byKey.set(series.key, series);
    this.#byId.set(series.id, series);
    this.#nextId = Math.max(this.#nextId, series.id + 1);
    const index = this.#indexOf(series.measurement);
    index.all.push(series);
    file(index.device, series.device, series);
    file(index.interface, series.interface, series);
    file(index.sensor, series.sensor, series);
  }

  addRow(row: Record<string, unknown>): void {
    const { id, key, measurement, device, interface: interfaceId, sensor } = row;
    if (typeof id !== 'number' || typeof key !== 'string' || !isMeasurement(measurement)) return;
    this.add({
      id,
      key,
      measurement,
      device: String(device),
      interface: textOrNull(interfaceId),
      sensor: textOrNull(sensor),
    });
  }

  matching(measurement: Measurement, filter: SeriesFilter): readonly KnownSeries[] {
    const index = this.#indexOf(measurement);
    // Starts from the tag that narrows most and checks the others.
    let candidates: readonly KnownSeries[] = index.all;
    if (filter.interface !== undefined) candidates = pick(index.interface, filter.interface);
    else if (filter.sensor !== undefined && filter.device === undefined) candidates = pick(index.sensor, filter.sensor);
    else if (filter.device !== undefined) candidates = pick(index.device, filter.device);
    const devices = filter.device === undefined ? null : new Set(filter.device);
    const sensors = filter.sensor === undefined ? null : new Set(filter.sensor);
    return candidates.filter(
      (series) =>
        (devices === null || devices.has(series.device)) &&
        (sensors === null || (series.sensor !== null && sensors.has(series.sensor))),
    );
  }

  #indexOf(measurement: Measurement): Index {
    let index = this.#indexes.get(measurement);
    if (index === undefined) {
      index = { all: [], device: new Map(), interface: new Map(), sensor: new Map() };
      this.#indexes.set(measurement, index);
    }
    return index;
  }
}

function file(map: Map<string, KnownSeries[]>, value: string | null, series: KnownSeries): void {
  if (value === null) return;
  const list = map.get(value);
  if (list === undefined) map.set(value, [series]);
  else list.push(series);
}

function pick(map: ReadonlyMap<string, readonly KnownSeries[]>, values: readonly string[]): KnownSeries[] {
  const found: KnownSeries[] = [];
  for (const value of new Set(values)) found.push(...(map.get(value) ?? []));
  return found;
}

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
