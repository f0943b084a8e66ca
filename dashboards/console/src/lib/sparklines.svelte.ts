import { currentTime } from './now.svelte.ts';
import { querySeries } from './series.ts';

const freshMs = 5 * 60_000;
const atOnce = 60;

/** The last 24 hours' traffic of devices for the rows in sight: fetched in batches, kept five minutes. */
class Sparklines {
  #values = $state.raw<ReadonlyMap<string, readonly (number | null)[]>>(new Map());
  readonly #askedAt = new Map<string, number>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #wanted = new Set<string>();

  of(deviceId: string): readonly (number | null)[] {
    return this.#values.get(deviceId) ?? [];
  }

  want(deviceIds: readonly string[]): void {
    const now = currentTime();
    for (const id of deviceIds) if (now - (this.#askedAt.get(id) ?? 0) > freshMs) this.#wanted.add(id);
    clearTimeout(this.#timer);
    if (this.#wanted.size > 0) this.#timer = setTimeout(() => void this.#fetch(), 200);
  }

  async #fetch(): Promise<void> {
    const ids = [...this.#wanted].slice(0, atOnce);
    for (const id of ids) this.#wanted.delete(id);
    const to = Math.floor(currentTime() / 1000);
    for (const id of ids) this.#askedAt.set(id, to * 1000);
    try {
      const answer = await querySeries({
        measurement: 'interface',
        fields: ['in_bps'],
        filter: { device: ids },
        from: to - 86_400,
        to,
        stepS: 1800,
        aggregate: 'mean',
        groupBy: ['device'],
      });
      const values = new Map(this.#values);
      for (const series of answer.series) values.set(series.tags['device'] ?? '', series.values);
      this.#values = values;
    } catch {
      for (const id of ids) this.#askedAt.delete(id); // asked again at the next scroll
    }
    if (this.#wanted.size > 0) void this.#fetch();
  }
}

export const sparklines = new Sparklines();
