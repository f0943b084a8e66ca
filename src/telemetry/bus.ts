import type { Logger } from 'pino';
import type { PointBatch, PointBus, PointConsumer } from '../domain/point.ts';

interface Listener {
  readonly consumer: PointConsumer;
  failures: number;
}

/**
 * The one way in: hands every batch to every consumer, in the order they were added, before `publish` returns. A
 * consumer that throws loses that batch, is counted and logged (once per error burst), and harms nobody else.
 */
export class FanOutBus implements PointBus {
  readonly #logger: Logger;
  #listeners: readonly Listener[] = [];
  #batches = 0;
  #rows = 0;

  constructor(options: { readonly logger: Logger }) {
    this.#logger = options.logger;
  }

  publish(batch: PointBatch): void {
    this.#batches++;
    this.#rows += batch.times.length;
    // The array is replaced, never changed, so a consumer may leave while a batch is on its way.
    for (const listener of this.#listeners) {
      try {
        listener.consumer.accept(batch);
      } catch (error) {
        listener.failures++;
        if (isPowerOfTwo(listener.failures)) {
          this.#logger.error(
            {
              err: error,
              consumer: listener.consumer.name,
              failures: listener.failures,
              measurement: batch.measurement,
            },
            'a consumer of the point stream failed and lost a batch',
          );
        }
      }
    }
  }

  to(consumer: PointConsumer): () => void {
    const listener: Listener = { consumer, failures: 0 };
    this.#listeners = [...this.#listeners, listener];
    return () => {
      this.#listeners = this.#listeners.filter((other) => other !== listener);
    };
  }

  statistics(): {
    readonly batches: number;
    readonly rows: number;
    readonly failures: Readonly<Record<string, number>>;
  } {
    const failures: Record<string, number> = {};
    for (const { consumer, failures: count } of this.#listeners) {
      failures[consumer.name] = (failures[consumer.name] ?? 0) + count;
    }
    return { batches: this.#batches, rows: this.#rows, failures };
  }
}

/** Logs the first failure and then ever more rarely: 1, 2, 4, 8, … */
function isPowerOfTwo(count: number): boolean {
  return Math.log2(count) % 1 === 0;
}
