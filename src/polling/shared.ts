/**
 * One object for all that hold the same: devices of one model are read alike, and what thousands of polls have in common
 * is in the processor's cache when it is one. Forgotten when nobody holds it any more.
 */
export class Shared<Value extends object> {
  readonly #known = new Map<string, WeakRef<Value>>();
  readonly #forgotten = new FinalizationRegistry<string>((key) => {
    if (this.#known.get(key)?.deref() === undefined) this.#known.delete(key);
  });

  /** The one under this key; `make` is called where there is none. `key` tells all of its content. */
  get(key: string, make: () => Value): Value {
    const there = this.#known.get(key)?.deref();
    if (there !== undefined) return there;
    const made = make();
    this.#known.set(key, new WeakRef(made));
    this.#forgotten.register(made, key);
    return made;
  }
}
