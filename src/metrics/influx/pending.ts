import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * The windows of time whose roll-up is not made yet, or not made since something was written into them. They are on
 * disk before the first point of a window is written, so that a crash forgets none; what is there too much is rolled
 * up once more, which changes nothing.
 */
export class PendingWindows {
  readonly #path: string | null;
  /** Start of a window, and a number that grows with each write into it. */
  readonly #windows: { readonly '5m': Map<number, number>; readonly '1h': Map<number, number> };
  #everything: boolean;
  #touches = 0;

  /** Without a path they are kept in memory only (tests, copies). */
  constructor(path: string | null) {
    this.#path = path;
    const found = path === null ? null : read(path);
    this.#everything = found === null || found.everything;
    this.#windows = {
      '5m': new Map((found?.['5m'] ?? []).map((start) => [start, 0])),
      '1h': new Map((found?.['1h'] ?? []).map((start) => [start, 0])),
    };
  }

  /** True: what is in the database may not have been rolled up, and the windows have to be found first. */
  get everything(): boolean {
    return this.#everything;
  }

  set everything(unknown: boolean) {
    if (this.#everything === unknown) return;
    this.#everything = unknown;
    this.#save();
  }

  /** Durable when it returns. */
  add(tier: '5m' | '1h', starts: Iterable<number>): void {
    const windows = this.#windows[tier];
    let fresh = false;
    this.#touches++;
    for (const start of starts) {
      fresh ||= !windows.has(start);
      windows.set(start, this.#touches);
    }
    if (fresh) this.#save();
  }

  /** What `done` wants back: it takes a window off only when nothing was written into it meanwhile. */
  stamp(tier: '5m' | '1h', start: number): number {
    return this.#windows[tier].get(start) ?? 0;
  }

  done(tier: '5m' | '1h', stamps: ReadonlyMap<number, number>): void {
    for (const [start, stamp] of stamps) {
      if (this.#windows[tier].get(start) === stamp) this.#windows[tier].delete(start);
    }
    this.#save();
  }

  /** Oldest first. */
  starts(tier: '5m' | '1h'): number[] {
    return [...this.#windows[tier].keys()].sort((one, other) => one - other);
  }

  /** Start of the first window at or after a time; Infinity when there is none. */
  firstFrom(tier: '5m' | '1h', time: number): number {
    let first = Infinity;
    for (const start of this.#windows[tier].keys()) if (start >= time && start < first) first = start;
    return first;
  }

  #save(): void {
    if (this.#path === null) return;
    mkdirSync(dirname(this.#path), { recursive: true });
    const beside = `${this.#path}.new`;
    const file = openSync(beside, 'w', 0o600);
    try {
      const content = { everything: this.#everything, '5m': this.starts('5m'), '1h': this.starts('1h') };
      writeSync(file, JSON.stringify(content));
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(beside, this.#path);
  }
}

interface Content {
  readonly everything: boolean;
  readonly '5m': readonly number[];
  readonly '1h': readonly number[];
}

/** Null when there is no file, or one that cannot be read: then everything is rolled up anew. */
function read(path: string): Content | null {
  try {
    const found = JSON.parse(readFileSync(path, 'utf8')) as Partial<Record<keyof Content, unknown>>;
    const numbers = (list: unknown): number[] | null =>
      Array.isArray(list) && list.every((item) => typeof item === 'number') ? list : null;
    const five = numbers(found['5m']);
    const hour = numbers(found['1h']);
    if (five === null || hour === null) return null;
    return { everything: found.everything !== false, '5m': five, '1h': hour };
  } catch {
    return null;
  }
}
