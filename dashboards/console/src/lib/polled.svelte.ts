import { isNotThere, sentenceOf } from './problem.ts';

/**
 * One thing read from the controller and read again each so many seconds while somebody looks. What was read stays when
 * a later reading fails. Make it in a component; it ends with the component.
 */
export class Polled<T> {
  value = $state.raw<T | null>(null);
  problem = $state<string | null>(null);
  /** The controller knows none of that name: to try again helps nobody. */
  isMissing = $state(false);
  loading = $state(true);
  #again = $state(0);

  /** `read` may read reactive values; it runs anew when they change, and is skipped while it gives null. */
  constructor(read: (signal: AbortSignal) => Promise<T> | null, everyS: number) {
    $effect(() => {
      void this.#again;
      const abort = new AbortController();
      let timer: ReturnType<typeof setTimeout> | undefined;
      const once = async (first: Promise<T> | null): Promise<void> => {
        const answer = first ?? (document.hidden ? null : read(abort.signal));
        if (answer !== null) {
          try {
            const value = await answer;
            if (abort.signal.aborted) return;
            this.value = value;
            this.problem = null;
            this.isMissing = false;
          } catch (error) {
            if (abort.signal.aborted) return;
            this.problem = sentenceOf(error);
            this.isMissing = isNotThere(error);
          }
          this.loading = false;
        }
        if (everyS > 0) timer = setTimeout(() => void once(null), everyS * 1000);
      };
      void once(read(abort.signal));
      return () => {
        abort.abort();
        clearTimeout(timer);
      };
    });
  }

  retry(): void {
    this.loading = this.value === null;
    this.#again++;
  }
}
