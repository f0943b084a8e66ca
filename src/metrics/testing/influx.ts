import { pino } from 'pino';
import { afterAll, beforeAll } from 'vitest';
import {
  influxOrg,
  influxToken,
  startInflux1,
  startInflux2,
  type RunningInflux,
} from '../../../tests/support/influx.ts';
import { describeWithPeer } from '../../../tests/support/peers.ts';
import { openMetricStore, type MetricStoreChoice } from '../open-store.ts';
import { describeMetricStore } from './contract.ts';

const logger = pino({ enabled: false });
let used = 0;

/** How a test reaches its own, empty database of a running InfluxDB. */
export function choiceFor(influx: RunningInflux, name = `arung-${++used}`): MetricStoreChoice {
  return influx.version === 1
    ? { kind: 'influx1', url: influx.url, database: name, user: null, password: null }
    : { kind: 'influx2', url: influx.url, org: influxOrg, bucket: name, token: influxToken };
}

export function startedInflux(version: 1 | 2, program: string): Promise<RunningInflux> {
  return version === 1 ? startInflux1(program) : startInflux2(program);
}

/** What holds for both versions, on a real server. */
export function describeInfluxStore(version: 1 | 2): void {
  describeWithPeer(`influxd${version}`, `InfluxDB ${version}`, (program) => {
    let influx: RunningInflux;
    beforeAll(async () => {
      influx = await startedInflux(version, program);
    }, 240_000);
    afterAll(async () => {
      await influx.end();
    });

    describeMetricStore(`InfluxDB ${version}`, async () => {
      const store = openMetricStore(choiceFor(influx), logger);
      await store.start();
      return { store, end: () => store.stop() };
    });
  });
}
