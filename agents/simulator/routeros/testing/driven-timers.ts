import type { RouterTimers } from '../router-device.ts';

/** Time that a test moves: schedulers and scripts of routers wait for it. */
export class DrivenTimers implements RouterTimers {
  #nowS = 0;
  #waiting: { atS: number; run: () => void }[] = [];

  readonly after = (seconds: number, run: () => void): (() => void) => {
    const one = { atS: this.#nowS + seconds, run };
    this.#waiting.push(one);
    return () => {
      this.#waiting = this.#waiting.filter((other) => other !== one);
    };
  };

  readonly aheadS = (): number => this.#nowS;

  /** Lets time pass; what is due on the way is run, in its order. */
  pass(seconds: number): void {
    const untilS = this.#nowS + seconds;
    for (;;) {
      const next = this.#waiting.filter(({ atS }) => atS <= untilS).sort((a, b) => a.atS - b.atS)[0];
      if (next === undefined) break;
      this.#nowS = next.atS;
      this.#waiting = this.#waiting.filter((one) => one !== next);
      next.run();
    }
    this.#nowS = untilS;
  }
}
