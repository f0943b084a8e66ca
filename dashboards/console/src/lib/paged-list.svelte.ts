import type { Page } from '../../../../src/api/views.ts';
import { api, type RequestOptions } from './api.ts';
import { sentenceOf } from './problem.ts';

/**
 * A list of the controller, page by page: `show` starts it anew for other filters, `more` fetches the next page, `refresh`
 * reads again as much as is here. What is shown stays until the new is there.
 */
export class PagedList<T extends { readonly id: string }> {
  items: readonly T[] = $state.raw([]);
  next: string | null = $state(null);
  state: 'loading' | 'ready' | 'failed' = $state('loading');
  problem: string = $state('');
  #path: string;
  #query: RequestOptions['query'] = {};
  #asked = '';
  #busy: AbortController | null = null;
  readonly #size: number;

  constructor(path: string, size = 200) {
    this.#path = path;
    this.#size = size;
  }

  /** The same filters again do nothing. */
  show(query: RequestOptions['query'], path = this.#path): void {
    const asked = JSON.stringify([path, query]);
    if (asked === this.#asked) return;
    const first = this.#asked === '';
    this.#asked = asked;
    this.#query = query;
    this.#path = path;
    if (first) this.state = 'loading';
    void this.#read(null, 0);
  }

  more(): void {
    if (this.next === null || this.#busy) return;
    void this.#read(this.next, this.items.length);
  }

  refresh(): void {
    if (this.#asked === '' || this.#busy) return;
    void this.#read(null, 0, Math.min(1000, Math.max(this.#size, this.items.length)));
  }

  retry(): void {
    this.#busy?.abort();
    this.state = 'loading';
    void this.#read(null, 0);
  }

  async #read(cursor: string | null, keep: number, limit = this.#size): Promise<void> {
    if (keep === 0) this.#busy?.abort();
    const busy = new AbortController();
    this.#busy = busy;
    try {
      const page = await api.get<Page<T>>(this.#path, {
        query: { ...this.#query, limit, cursor },
        signal: busy.signal,
      });
      const kept = this.items.slice(0, keep);
      const known = new Set(kept.map((item) => item.id));
      this.items = [...kept, ...page.items.filter((item) => !known.has(item.id))];
      this.next = page.next;
      this.state = 'ready';
    } catch (error) {
      if (busy.signal.aborted) return;
      this.problem = sentenceOf(error);
      // What is here stays; the live picture says that the connection is lost.
      if (this.items.length === 0 || keep > 0) this.state = this.items.length === 0 ? 'failed' : 'ready';
    } finally {
      if (this.#busy === busy) this.#busy = null;
    }
  }
}
