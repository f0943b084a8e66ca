import { join } from 'node:path';
import type { Logger } from 'pino';
import { CopyDesk, metricsCopyPath } from './backup/copy-desk.ts';
import type { Config } from './config.ts';
import type { Clock } from './domain/clock.ts';
import { ArungError } from './domain/errors.ts';
import { Journal } from './metrics/journal/journal.ts';
import type { MetricStoreChoice, MetricStoreKind } from './metrics/open-store.ts';
import type { MetricStore } from './metrics/store.ts';

/** The settings of a metric store as its family wants them: of the one that is set, or of another to copy from or to. */
export function metricStoreChoice(config: Config, kind: MetricStoreKind = config.metricsStore): MetricStoreChoice {
  const retention = { rawS: config.metricsRawDays * 86_400 };
  if (kind === 'embedded') {
    const path = join(config.dataDir, 'metrics.sqlite');
    return { kind, path, maxBytes: config.metricsMaxMegabytes * 1e6, retention };
  }
  const url = config.influxUrl;
  if (url === null) {
    throw new ArungError('invalid', `Where is InfluxDB? Give its address in ARUNG_INFLUX_URL.`, {
      code: 'metrics.no-address',
    });
  }
  const statePath = join(config.dataDir, 'metrics', `${kind}-roll-ups.json`);
  if (kind === 'influx1') {
    const { influxDatabase: database, influxUser: user, influxPassword: password } = config;
    return { kind, url, database, user, password, retention, statePath };
  }
  const token = config.influxToken;
  if (token === null) {
    throw new ArungError(
      'invalid',
      'InfluxDB 2 wants a token: give it in ARUNG_INFLUX_TOKEN or ARUNG_INFLUX_TOKEN_FILE.',
      {
        code: 'metrics.no-token',
      },
    );
  }
  return { kind, url, org: config.influxOrg, bucket: config.influxBucket, token, retention, statePath };
}

/** What keeps points on this disk while a store on another machine is away; null before the embedded store. */
export function journalBefore(
  store: MetricStore,
  parts: { readonly config: Config; readonly clock: Clock; readonly logger: Logger },
): Journal | null {
  const { config, clock, logger } = parts;
  if (config.metricsStore === 'embedded') return null;
  const folder = join(config.dataDir, 'metrics', 'journal');
  const maxAgeS = config.metricsRawDays * 86_400;
  return new Journal({ store, clock, logger, folder, maxBytes: config.metricsJournalMegabytes * 1e6, maxAgeS });
}

/** Where a backup beside this controller asks for a copy of the store; one on another machine is not ours to copy. */
export function copyDeskOf(store: MetricStore, dataDir: string, logger: Logger): CopyDesk {
  const copy = async (): Promise<boolean> => {
    await store.copyTo?.(metricsCopyPath(dataDir));
    return store.copyTo !== undefined;
  };
  return new CopyDesk({ dataDir, copy, logger });
}
