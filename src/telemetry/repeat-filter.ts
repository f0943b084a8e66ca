const remembered = 2_048;
const boots = 4;

interface Boot {
  readonly id: string;
  highest: number;
  readonly seen: Set<number>;
}

/**
 * Knows which batches of an agent were taken already. An agent numbers its batches from each of its starts on (`boot`,
 * `seq`) and sends a batch again when it is not sure that it arrived; MQTT may deliver one twice, too. Bounded: a batch
 * that lags more than two thousand behind counts as a repeat, and only the last few boots are remembered.
 */
export class RepeatFilter {
  readonly #agents = new Map<string, Boot[]>();

  /** True once for each batch. */
  isNew(agent: string, bootId: string, seq: number): boolean {
    const known = this.#agents.get(agent) ?? [];
    let boot = known.find((candidate) => candidate.id === bootId);
    if (boot === undefined) {
      boot = { id: bootId, highest: -1, seen: new Set() };
      known.push(boot);
      if (known.length > boots) known.shift();
      this.#agents.set(agent, known);
    }
    if (seq <= boot.highest - remembered || boot.seen.has(seq)) return false;
    boot.seen.add(seq);
    if (seq > boot.highest) boot.highest = seq;
    if (boot.seen.size > 2 * remembered) {
      for (const old of boot.seen) if (old <= boot.highest - remembered) boot.seen.delete(old);
    }
    return true;
  }
}
