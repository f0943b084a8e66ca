/** Those of a list whose ranks already rise, as many as can be, in its order (patience sorting). No item is there twice. */
export function longestRising<T>(list: readonly T[], rankOf: (item: T) => number): readonly T[] {
  /** The last item of the best run of each length, and which item comes before each. */
  const tails: T[] = [];
  const previous = new Map<T, T | undefined>();
  for (const item of list) {
    let low = 0;
    let high = tails.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const tail = tails[middle];
      if (tail !== undefined && rankOf(tail) < rankOf(item)) low = middle + 1;
      else high = middle;
    }
    previous.set(item, tails[low - 1]);
    tails[low] = item;
  }
  const run: T[] = [];
  for (let item = tails.at(-1); item !== undefined; item = previous.get(item)) run.push(item);
  return run.toReversed();
}
