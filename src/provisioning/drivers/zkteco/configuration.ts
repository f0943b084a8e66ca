import type { DeviceConfiguration } from '../driver.ts';

/** The driver's kind, also in documents. */
export const zktecoKind = 'zkteco';

/** What a terminal is set to. Private, so that no log and no JSON shows its comm key. */
export class ZkConfiguration implements DeviceConfiguration {
  readonly driver = zktecoKind;
  readonly readAt: number;
  /** What its clock shows, as if it were UTC: milliseconds since 1970. */
  readonly wallMs: number;
  readonly #options: ReadonlyMap<string, string>;

  constructor(readAt: number, wallMs: number, options: ReadonlyMap<string, string>) {
    this.readAt = readAt;
    this.wallMs = wallMs;
    this.#options = options;
  }

  /** Null where the terminal has no such setting. */
  option(name: string): string | null {
    return this.#options.get(name) ?? null;
  }

  /** The same with these settings otherwise. */
  with(options: ReadonlyMap<string, string>): ZkConfiguration {
    return new ZkConfiguration(this.readAt, this.wallMs, new Map([...this.#options, ...options]));
  }
}
