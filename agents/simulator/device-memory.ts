import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Static, TSchema } from 'typebox';
import { Check } from 'typebox/value';

/** What came in between two writings is written once. */
const soonMs = 500;
const ending = '.json';

/**
 * What devices hold while the simulator does not run, as they do without power: a file for each that somebody has
 * configured, readable by its owner alone, since passwords are in it.
 */
export class DeviceMemory {
  /** Null: everything is forgotten. */
  readonly #folder: string | null;
  readonly #complain: (sentence: string) => void;
  readonly #waiting = new Map<string, () => unknown>();
  #timer: NodeJS.Timeout | null = null;

  constructor(folder: string | null, complain: (sentence: string) => void = () => undefined) {
    this.#folder = folder;
    this.#complain = complain;
    if (folder !== null) mkdirSync(folder, { recursive: true, mode: 0o700 });
  }

  /** Those of some devices, by name, of which something is held. */
  heldOf<Device>(devices: ReadonlyMap<string, Device>): readonly Device[] {
    if (this.#folder === null) return [];
    const files = readdirSync(this.#folder).filter((file) => file.endsWith(ending));
    return files.flatMap((file) => devices.get(decodeURIComponent(file.slice(0, -ending.length))) ?? []);
  }

  /** What is held of a device; null where there is nothing, or nothing of use, which is complained of. */
  read<Schema extends TSchema>(device: string, schema: Schema): Static<Schema> | null {
    if (this.#folder === null || !existsSync(this.#fileOf(device))) return null;
    try {
      const content: unknown = JSON.parse(readFileSync(this.#fileOf(device), 'utf8'));
      if (Check(schema, content)) return content;
    } catch {
      // Said below.
    }
    this.#complain(`${this.#fileOf(device)} is damaged: ${device} starts as it was set up first.`);
    return null;
  }

  /** Holds what `content` gives in a moment. */
  keep(device: string, content: () => unknown): void {
    if (this.#folder === null) return;
    this.#waiting.set(device, content);
    this.#timer ??= setTimeout(() => this.flush(), soonMs);
  }

  /** Writes what waits, now. */
  flush(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    for (const [device, content] of this.#waiting) {
      const file = this.#fileOf(device);
      writeFileSync(`${file}.new`, JSON.stringify(content()), { mode: 0o600 });
      renameSync(`${file}.new`, file);
    }
    this.#waiting.clear();
  }

  #fileOf(device: string): string {
    return join(this.#folder ?? '', encodeURIComponent(device) + ending);
  }
}
