interface Told {
  readonly id: string;
  readonly state: string;
}

/** Whether an incident is not over. */
export function isOpen({ state }: Told): boolean {
  return state === 'open' || state === 'clearing';
}

/** Of a list that is read anew: what differs from what was told of it; one that ended is told once more. */
export class TellChanges<T extends Told> {
  stale = true;
  readonly #read: () => readonly T[];
  readonly #told = new Map<string, string>();

  constructor(read: () => readonly T[]) {
    this.#read = read;
  }

  next(): readonly T[] {
    if (!this.stale) return [];
    this.stale = false;
    const all = this.#read();
    const changed = all.filter((one) => {
      const text = JSON.stringify(one);
      if (this.#told.get(one.id) === text) return false;
      // What was over before anybody heard of it is no news.
      const isNews = isOpen(one) || this.#told.has(one.id);
      this.#told.set(one.id, text);
      return isNews;
    });
    const kept = new Set(all.map(({ id }) => id));
    for (const id of this.#told.keys()) if (!kept.has(id)) this.#told.delete(id);
    return changed;
  }
}
