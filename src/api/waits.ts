import type { Access } from '../domain/access.ts';
import { ArungError } from '../domain/errors.ts';

/** A console has one for each page that follows something, a program one for each Rollout. */
const mostOfOne = 50;
const laterS = 5;

/**
 * Requests that are answered when something has changed: while they wait they look again and again, so that one caller may
 * have only so many at the same time.
 */
export class Waits {
  readonly #waiting = new Map<string, number>();

  /** Throws `request.too-many`. */
  async of<T>({ id, name }: Access, work: () => Promise<T>): Promise<T> {
    const who = id ?? name;
    const others = this.#waiting.get(who) ?? 0;
    if (others >= mostOfOne) throw tooManyWait();
    this.#waiting.set(who, others + 1);
    try {
      return await work();
    } finally {
      const left = (this.#waiting.get(who) ?? 1) - 1;
      if (left === 0) this.#waiting.delete(who);
      else this.#waiting.set(who, left);
    }
  }
}

function tooManyWait(): ArungError {
  return new ArungError('too-many-requests', `${mostOfOne} requests of yours wait for a change already.`, {
    code: 'request.too-many',
    arguments: { seconds: laterS },
    retryAfterS: laterS,
  });
}
