import type { Logger } from 'pino';
import type { Clock } from '../domain/clock.ts';
import { systemClock } from '../domain/clock.ts';
import { EmbeddedStore, type EmbeddedStoreOptions } from './embedded/store.ts';
import { InfluxStore } from './influx/store.ts';
import { usualRetention, type Retention } from './influx/tiers.ts';
import { Influx1Server, type Influx1Options } from './influx1/server.ts';
import { Influx2Server, type Influx2Options } from './influx2/server.ts';
import type { MetricStore } from './store.ts';

interface InfluxChoice {
  readonly retention?: Partial<Retention>;
  /** Where it notes which roll-ups are due. */
  readonly statePath?: string;
}

type Choices = {
  readonly embedded: Omit<EmbeddedStoreOptions, 'logger'>;
  readonly influx1: Influx1Options & InfluxChoice;
  readonly influx2: Influx2Options & InfluxChoice;
};
export type MetricStoreKind = keyof Choices;
export type MetricStoreChoice = {
  readonly [Kind in MetricStoreKind]: { readonly kind: Kind } & Choices[Kind];
}[MetricStoreKind];

/** The family's register: a store is chosen by its `kind`, and what else it needs stands beside it. */
export function openMetricStore(choice: MetricStoreChoice, logger: Logger, clock: Clock = systemClock): MetricStore {
  switch (choice.kind) {
    case 'embedded':
      return new EmbeddedStore({ ...choice, logger });
    case 'influx1':
      return influxStore(choice, (retention) => new Influx1Server(choice, retention), { logger, clock });
    case 'influx2':
      return influxStore(choice, (retention) => new Influx2Server(choice, retention), { logger, clock });
  }
}

function influxStore(
  choice: InfluxChoice,
  server: (retention: Retention) => Influx1Server | Influx2Server,
  parts: { readonly logger: Logger; readonly clock: Clock },
): InfluxStore {
  const wanted = { ...usualRetention, ...choice.retention };
  // A roll-up that ends before what it is made of would be refused by the server, and missing where it is read first.
  const fiveMinutesS = Math.max(wanted.fiveMinutesS, wanted.rawS);
  const retention = { ...wanted, fiveMinutesS, hourlyS: Math.max(wanted.hourlyS, fiveMinutesS) };
  return new InfluxStore({ ...parts, server: server(retention), retention, statePath: choice.statePath ?? null });
}
