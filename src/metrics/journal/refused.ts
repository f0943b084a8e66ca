import { appendFileSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { measurements, type PointBatch } from '../../domain/point.ts';

/**
 * What a store refused for its content, set aside as text that a person reads: one JSON object a line with the reason,
 * the series, the time and the values. One file a day; the oldest go when there are more bytes than allowed.
 */
export class RefusedRows {
  readonly #folder: string;
  readonly #maxBytes: number;
  #bytes: number | null = null;

  constructor(folder: string, maxBytes = 64e6) {
    this.#folder = folder;
    this.#maxBytes = maxBytes;
  }

  /** Never throws: a disk that is full must not stop the rest. Gives the file, or null when it could not be written. */
  setAside(batch: PointBatch, reason: string, now: number): string | null {
    const names: readonly string[] = measurements[batch.measurement].fields;
    const lines = batch.series.map((series, row) => {
      const values: Record<string, number> = {};
      for (const [field, name] of names.entries()) {
        const value = batch.values[row * names.length + field] ?? NaN;
        if (!Number.isNaN(value)) values[name] = value;
      }
      const { measurement, tags } = series;
      return JSON.stringify({
        at: new Date(now).toISOString(),
        reason,
        measurement,
        tags,
        time: batch.times[row],
        values,
      });
    });
    const path = join(this.#folder, `${new Date(now).toISOString().slice(0, 10)}.jsonl`);
    try {
      mkdirSync(this.#folder, { recursive: true });
      const text = lines.join('\n') + '\n';
      appendFileSync(path, text, { mode: 0o600 });
      this.#bytes = (this.#bytes ?? this.#size()) + text.length;
      if (this.#bytes > this.#maxBytes) this.#removeOldest();
      return path;
    } catch {
      return null;
    }
  }

  #files(): string[] {
    return readdirSync(this.#folder)
      .filter((name) => /^\d{4}-\d{2}-\d{2}\.jsonl$/.test(name))
      .sort()
      .map((name) => join(this.#folder, name));
  }

  #size(): number {
    return this.#files().reduce((sum, path) => sum + statSync(path).size, 0);
  }

  #removeOldest(): void {
    for (const path of this.#files()) {
      if ((this.#bytes ?? 0) <= this.#maxBytes) return;
      this.#bytes = (this.#bytes ?? 0) - statSync(path).size;
      rmSync(path, { force: true });
    }
  }
}
