import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import type { Health } from './look.ts';

/** What one recipient was told last of one Arung. */
export interface Told {
  readonly state: Health['state'];
  /** Milliseconds since the epoch: since when it was not alive; of one that is alive, when it came back. */
  readonly since: number;
  /** Of the first message about it, so that the later ones answer it; null when the channel gave none. */
  readonly externalId: string | null;
}

/** Kept in a small file, so that a watcher that starts again tells nothing twice and forgets no end. Holds no secret. */
export class WatchMemory {
  readonly #file: string | null;
  readonly #told: Map<string, Told>;

  /** `file`: null keeps it in memory only. */
  constructor(file: string | null) {
    this.#file = file;
    this.#told = new Map(file === null ? [] : entriesIn(file));
  }

  get(key: string): Told | null {
    return this.#told.get(key) ?? null;
  }

  set(key: string, told: Told): void {
    this.#told.set(key, told);
    if (this.#file === null) return;
    writeFileSync(`${this.#file}.new`, JSON.stringify([...this.#told]), { mode: 0o600 });
    renameSync(`${this.#file}.new`, this.#file);
  }
}

function entriesIn(file: string): [string, Told][] {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as [string, Told][];
  } catch {
    // None yet, or one that was cut short: then what is not well is told once more.
    return [];
  }
}
