import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readConfig, type Config } from './config.ts';
import { metricStoreChoice } from './metric-store.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'arung-metric-store-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function configOf(env: Readonly<Record<string, string>>): Config {
  return readConfig({ env: { ARUNG_DATA_DIR: folder, ...env }, cwd: folder }).config;
}

describe('the choice of a metric store', () => {
  it('is the file in the data folder when nothing is set', () => {
    expect(metricStoreChoice(configOf({}))).toMatchObject({ kind: 'embedded', path: join(folder, 'metrics.sqlite') });
  });

  it('takes the token of InfluxDB 2 and the password of InfluxDB 1 from a file', () => {
    const secret = join(folder, 'secret');
    writeFileSync(secret, 'from-a-file\n');
    const url = { ARUNG_INFLUX_URL: 'http://127.0.0.1:8086' };
    const two = configOf({ ...url, ARUNG_METRICS_STORE: 'influx2', ARUNG_INFLUX_TOKEN_FILE: secret });
    expect(metricStoreChoice(two)).toMatchObject({
      kind: 'influx2',
      token: 'from-a-file',
      org: 'arung',
      bucket: 'arung',
    });
    const one = configOf({ ...url, ARUNG_METRICS_STORE: 'influx1', ARUNG_INFLUX_PASSWORD_FILE: secret });
    expect(metricStoreChoice(one)).toMatchObject({ kind: 'influx1', password: 'from-a-file', user: null });
  });

  it('says what is missing', () => {
    const url = { ARUNG_INFLUX_URL: 'http://127.0.0.1:8086' };
    expect(() => metricStoreChoice(configOf({ ...url, ARUNG_METRICS_STORE: 'influx2' }))).toThrow(/wants a token/);
    expect(() => metricStoreChoice(configOf({}), 'influx1')).toThrow(/ARUNG_INFLUX_URL/);
    const absent = { ...url, ARUNG_METRICS_STORE: 'influx2', ARUNG_INFLUX_TOKEN_FILE: join(folder, 'absent') };
    expect(() => metricStoreChoice(configOf(absent))).toThrow(/ENOENT.*ARUNG_INFLUX_TOKEN_FILE/);
  });
});
