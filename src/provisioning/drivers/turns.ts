import { ArungError } from '../../domain/errors.ts';

/** One at a time for each device: whoever comes while it is held waits, and not for ever. */
export class Turns {
  readonly #held = new Map<string, (() => void)[]>();

  /**
   * @param name `10.73.8.1:8728`.
   * @returns what gives the turn back; calling it again does nothing.
   * Throws `router.busy` when the turn does not come in time.
   */
  async take(name: string, waitMs: number): Promise<() => void> {
    const waiting = this.#held.get(name);
    if (waiting === undefined) this.#held.set(name, []);
    else await this.#comes(name, waiting, waitMs);
    let isHeld = true;
    return () => {
      if (isHeld) this.#give(name);
      isHeld = false;
    };
  }

  #comes(name: string, waiting: (() => void)[], waitMs: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        waiting.splice(waiting.indexOf(comes), 1);
        const text = `${name} is being configured by another task: try again when it is done.`;
        reject(new ArungError('unavailable', text, { code: 'router.busy', arguments: { address: name } }));
      }, waitMs);
      const comes = (): void => {
        clearTimeout(timer);
        resolve();
      };
      waiting.push(comes);
    });
  }

  #give(name: string): void {
    const next = this.#held.get(name)?.shift();
    if (next === undefined) this.#held.delete(name);
    else next();
  }
}
