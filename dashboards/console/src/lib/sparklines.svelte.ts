import type { SparklinesView } from '../../../../src/api/views.ts';
import { api } from './api.ts';
import { currentTime } from './now.svelte.ts';

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
    const now = currentTime();
    for (const id of ids) this.#askedAt.set(id, now);
    try {
      const answer = await api.get<SparklinesView>('/series/sparklines', { query: { devices: ids.join(',') } });
      const values = new Map(this.#values);
      for (const item of answer.items) values.set(item.id, item.in);
      this.#values = values;
    } catch {
      for (const id of ids) this.#askedAt.delete(id); // asked again at the next scroll
    }
    if (this.#wanted.size > 0) void this.#fetch();
  }
}

export const sparklines = new Sparklines();
