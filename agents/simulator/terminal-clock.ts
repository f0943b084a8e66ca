import type { SimulatedDevice } from './device.ts';
import { fraction } from './hash.ts';

/** The clock of an attendance terminal: it drifts since somebody set it, or since its battery was changed. */
export class TerminalClock {
  readonly #device: SimulatedDevice;
  #driftS: number;

  constructor(device: SimulatedDevice) {
    this.#device = device;
    // Most clocks are right within two seconds, some run away: nobody set them since the battery was changed.
    const kind = fraction(`${device.serial}/drift`);
    this.#driftS =
      kind < 0.86 ? (kind / 0.86) * 4 - 2 : kind < 0.97 ? (kind - 0.86) * 1200 - 60 : (kind - 0.97) * 30_000;
  }

  /** Seconds since 1970 UTC. */
  wallS(): number {
    return this.#device.clock.wallS() + this.#driftS;
  }

  /** How far it is ahead of the right time, in seconds. */
  get driftS(): number {
    return this.#driftS;
  }

  /** It has run on, by its battery. */
  resume(driftS: number): void {
    this.#driftS = driftS;
  }

  set(wallS: number): void {
    this.#driftS = wallS - this.#device.clock.wallS();
  }
}
