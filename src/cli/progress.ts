import { systemClock } from '../domain/clock.ts';

/** Says on stderr how far something long is, at most once a second; stdout stays for the result. */
export class ProgressLine {
  readonly #quiet: boolean;
  #saidAt = -Infinity;

  constructor(options: { readonly quiet: boolean }) {
    this.#quiet = options.quiet;
  }

  say(text: string): void {
    const now = systemClock.monotonic();
    if (this.#quiet || now - this.#saidAt < 1_000) return;
    this.#saidAt = now;
    process.stderr.write(text + '\n');
  }
}

/** Such as `41.2 MB`. */
export function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
