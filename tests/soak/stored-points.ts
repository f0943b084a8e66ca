import { DatabaseSync } from 'node:sqlite';
import { deserialize } from 'node:v8';
import { decodeChunk } from '../../src/metrics/embedded/chunk.ts';

/** More series than one file has: a chunk's id is its start in chunks, times this, plus its series (`chunk-file.ts`). */
const seriesPerStart = 2 ** 26;
const rawChunkS = 900;
const fiveMinuteChunkS = 7200;

export interface StoredSeries {
  readonly measurement: string;
  readonly device: string;
  readonly interface: string | null;
  /** Seconds since the epoch of every row, ascending. */
  readonly times: readonly number[];
}

export interface StoredPoints {
  readonly series: readonly StoredSeries[];
  readonly rows: number;
  /** Rows in chunks; the rest is in the journal. */
  readonly packed: number;
  /** Rows of the journal for a second that has one: they become one point, as a device that was read twice in it gives. */
  readonly laidOver: number;
  /** Every breach of the file's own rules: a row twice, a chunk out of its place, a roll-up that counts otherwise. */
  readonly faults: readonly string[];
}

/**
 * Reads the file of the embedded metric store row by row, past the store: what is there twice is seen, which a query
 * would lay over one another. The controller must not run.
 */
export function readStoredPoints(path: string): StoredPoints {
  const database = new DatabaseSync(path, { readOnly: true });
  try {
    const faults: string[] = [];
    const packedUntil = doneUntil(database);
    const times = new Map<number, Set<number>>();
    let packed = 0;
    let laidOver = 0;
    const names = new Map<number, { measurement: string; device: string; interface: string | null; key: string }>();
    for (const row of database.prepare('SELECT id, key, measurement, tags FROM series').all()) {
      const tags = JSON.parse(String(row['tags'])) as Readonly<Record<string, string>>;
      names.set(Number(row['id']), {
        measurement: String(row['measurement']),
        device: tags['device'] ?? '',
        interface: tags['interface'] ?? null,
        key: String(row['key']),
      });
    }
    const knownOf = (series: number): Set<number> => {
      let known = times.get(series);
      if (known === undefined) times.set(series, (known = new Set()));
      return known;
    };

    for (const row of database.prepare('SELECT id, data FROM chunk_raw ORDER BY id').iterate()) {
      const id = Number(row['id']);
      const series = id % seriesPerStart;
      const start = Math.floor(id / seriesPerStart) * rawChunkS;
      if (!names.has(series)) faults.push(`chunk ${id} of an unknown series`);
      if (!(row['data'] instanceof Uint8Array)) continue;
      let before = -1;
      for (const time of decodeChunk(row['data'], []).times) {
        if (time <= before) faults.push(`chunk ${id} is not in order at ${time}`);
        if (time < start || time >= start + rawChunkS) faults.push(`chunk ${id} has ${time}, which is not in it`);
        before = time;
        packed++;
        const known = knownOf(series);
        if (known.has(time)) faults.push(`${names.get(series)?.key} at ${time} twice`);
        known.add(time);
      }
    }

    for (const row of database.prepare('SELECT data FROM journal ORDER BY id').iterate()) {
      if (!(row['data'] instanceof Uint8Array)) continue;
      const blocks = deserialize(row['data']) as readonly { series: Int32Array; times: Float64Array }[];
      for (const block of blocks) {
        // a row that is in a chunk already stays until the youngest of its entry is: the store lays one over the other
        block.times.forEach((time, at) => {
          const known = knownOf(block.series[at] ?? -1);
          if (known.has(time) && time >= packedUntil) laidOver++;
          known.add(time);
        });
      }
    }

    for (const row of database.prepare('SELECT id, data FROM chunk_5m').iterate()) {
      const id = Number(row['id']);
      const series = id % seriesPerStart;
      const start = Math.floor(id / seriesPerStart) * fiveMinuteChunkS;
      if (!(row['data'] instanceof Uint8Array)) continue;
      const rolled = decodeChunk(row['data']);
      const known = [...(times.get(series) ?? [])];
      rolled.times.forEach((time, at) => {
        if (time < start || time >= start + fiveMinuteChunkS) faults.push(`5 m chunk ${id} has ${time}`);
        // statistics of a field lie side by side: min, max, sum, count, last
        const counts = rolled.columns.filter((_, column) => column % 5 === 3).map((column) => column[at] ?? 0);
        const most = Math.max(...counts.filter((count) => !Number.isNaN(count)));
        const inRaw = known.filter((one) => one >= time && one < time + 300).length;
        if (most > inRaw) faults.push(`${names.get(series)?.key}: 5 m at ${time} counts ${most} of ${inRaw} rows`);
      });
    }

    const series = [...times].flatMap(([id, known]) => {
      const name = names.get(id);
      if (name === undefined) return [];
      const { measurement, device, interface: port } = name;
      return [{ measurement, device, interface: port, times: [...known].sort((one, other) => one - other) }];
    });
    return { series, rows: series.reduce((sum, one) => sum + one.times.length, 0), packed, laidOver, faults };
  } finally {
    database.close();
  }
}

function doneUntil(database: DatabaseSync): number {
  const value = database.prepare("SELECT value FROM meta WHERE key = 'done.raw'").get()?.['value'];
  return typeof value === 'number' ? value : 0;
}
