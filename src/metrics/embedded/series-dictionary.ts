import { isMeasurement, type SeriesDefinition } from './messages.ts';
import { seriesTagNames, type Measurement, type SeriesTagName, type SeriesTags } from '../../domain/point.ts';
import type { SeriesFilter } from '../store.ts';

export interface KnownSeries extends SeriesDefinition {
  /** Its number in the file. */
  readonly id: number;
}

interface Index {
  readonly all: KnownSeries[];
  /** By tag, by its value. */
  readonly tags: ReadonlyMap<SeriesTagName, Map<string, KnownSeries[]>>;
}

/** The tag that narrows most comes first. */
const narrowing = ['interface', 'device', 'service', 'sensor', 'check', 'agent'] as const satisfies SeriesTagName[];

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
    for (const [name, found] of index.tags) file(found, series.tags[name], series);
  }

  addRow(row: Record<string, unknown>): void {
    const { id, key, measurement, tags } = row;
    if (typeof id !== 'number' || typeof key !== 'string' || !isMeasurement(measurement)) return;
    this.add({ id, key, measurement, tags: tagsIn(tags) });
  }

  matching(measurement: Measurement, filter: SeriesFilter): readonly KnownSeries[] {
    const index = this.#indexOf(measurement);
    const named = narrowing.filter((name) => filter[name] !== undefined);
    const [first, ...others] = named;
    if (first === undefined) return index.all;
    const candidates = pick(index.tags.get(first), filter[first] ?? []);
    const wanted = others.map((name) => [name, new Set(filter[name])] as const);
    return candidates.filter((series) => wanted.every(([name, values]) => values.has(series.tags[name] ?? '')));
  }

  #indexOf(measurement: Measurement): Index {
    let index = this.#indexes.get(measurement);
    if (index === undefined) {
      index = { all: [], tags: new Map(seriesTagNames.map((name) => [name, new Map<string, KnownSeries[]>()])) };
      this.#indexes.set(measurement, index);
    }
    return index;
  }
}

function file(map: Map<string, KnownSeries[]>, value: string | undefined, series: KnownSeries): void {
  if (value === undefined) return;
  const list = map.get(value);
  if (list === undefined) map.set(value, [series]);
  else list.push(series);
}

function pick(map: ReadonlyMap<string, readonly KnownSeries[]> | undefined, values: readonly string[]): KnownSeries[] {
  const found: KnownSeries[] = [];
  for (const value of new Set(values)) found.push(...(map?.get(value) ?? []));
  return found;
}

function tagsIn(text: unknown): SeriesTags {
  const found: unknown = typeof text === 'string' ? JSON.parse(text) : null;
  if (typeof found !== 'object' || found === null) return {};
  return Object.fromEntries(Object.entries(found).filter(([, value]) => typeof value === 'string'));
}
