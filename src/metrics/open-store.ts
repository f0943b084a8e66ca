import type { Logger } from 'pino';
import { EmbeddedStore, type EmbeddedStoreOptions } from './embedded/store.ts';
import type { MetricStore } from './store.ts';

/** The family's register: a store is chosen by its `kind`, and what else it needs stands beside it. */
const members = {
  embedded: (options: EmbeddedStoreOptions): MetricStore => new EmbeddedStore(options),
} as const;

export type MetricStoreChoice = { readonly kind: 'embedded' } & Omit<EmbeddedStoreOptions, 'logger'>;

export function openMetricStore(choice: MetricStoreChoice, logger: Logger): MetricStore {
  return members[choice.kind]({ ...choice, logger });
}
