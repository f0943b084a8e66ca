import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readConfig, settingsAsToml } from './config.ts';

const nowhere = mkdtempSync(join(tmpdir(), 'arung-config-'));

function withFile(content: string): string {
  const path = join(mkdtempSync(join(tmpdir(), 'arung-config-')), 'arung.toml');
  writeFileSync(path, content);
  return path;
}

describe('the settings', () => {
  it('have defaults that listen on loopback only', () => {
    const { config } = readConfig({ env: { HOME: '/home/arung' }, cwd: nowhere });
    expect(config.host).toBe('127.0.0.1');
    expect(config.mqttHost).toBe('127.0.0.1');
    expect(config.keyFile.startsWith('/home/arung/.config/arung/')).toBe(true);
    expect(config.keyFile.startsWith(config.dataDir)).toBe(false);
  });

  it('come from the environment before the file', () => {
    const file = withFile('port = 9000\nlanguage = "en"\n');
    const { config, report } = readConfig({ env: { ARUNG_CONFIG_FILE: file, ARUNG_PORT: '9100' }, cwd: nowhere });
    expect(config.port).toBe(9100);
    expect(config.language).toBe('en');
    expect(report.find((row) => row.name === 'ARUNG_PORT')?.source).toBe('environment');
    expect(report.find((row) => row.name === 'ARUNG_LANGUAGE')?.source).toBe(`${file} line 2`);
  });

  it('refuse an unknown name in the file with its line and a guess', () => {
    const file = withFile('# Arung\nporrt = 9000\n');
    expect(() => readConfig({ env: { ARUNG_CONFIG_FILE: file }, cwd: nowhere })).toThrow(
      `${file} line 2: porrt is not a setting (did you mean port?). Remove or correct that line.`,
    );
  });

  it('refuse an unknown name in the environment', () => {
    expect(() => readConfig({ env: { ARUNG_PROT: '1' }, cwd: nowhere })).toThrow(/did you mean ARUNG_PORT\?/);
  });

  it('refuse a wrong value and say what is accepted, all at once', () => {
    const wrong = () => readConfig({ env: { ARUNG_PORT: 'http', ARUNG_TIME_ZONE: 'WITA' }, cwd: nowhere });
    expect(wrong).toThrow(/ARUNG_PORT is not accepted: give a whole number from 0 to 65535/);
    expect(wrong).toThrow(/ARUNG_TIME_ZONE is not accepted: give an IANA time zone/);
  });

  it('never show a secret, neither in the report nor in an error', () => {
    const { report } = readConfig({ env: { ARUNG_ADMIN_PASSWORD: 'rahasia-sekali' }, cwd: nowhere });
    expect(JSON.stringify(report)).not.toContain('rahasia-sekali');
    expect(() => readConfig({ env: { DATABASE_URL: 'mysql://u:rahasia@h/d' }, cwd: nowhere })).toThrow(
      /^(?!.*rahasia).*$/s,
    );
  });

  it('want an address for InfluxDB, and never show its token', () => {
    const env = { ARUNG_METRICS_STORE: 'influx2', ARUNG_INFLUX_TOKEN: 'rahasia-sekali' };
    expect(() => readConfig({ env, cwd: nowhere })).toThrow(/ARUNG_METRICS_STORE is influx2: give ARUNG_INFLUX_URL/);
    const { config, report } = readConfig({
      env: { ...env, ARUNG_INFLUX_URL: 'http://127.0.0.1:8086/' },
      cwd: nowhere,
    });
    expect(config.influxUrl).toBe('http://127.0.0.1:8086');
    expect(JSON.stringify(report)).not.toContain('rahasia-sekali');
  });

  it('refuse a file that is not TOML, with the line', () => {
    const file = withFile('port = 9000\nhost = \n');
    expect(() => readConfig({ env: { ARUNG_CONFIG_FILE: file }, cwd: nowhere })).toThrow(/line 2/);
  });
});

describe('a secret in a file of its own', () => {
  it('is read by the name with _FILE, without its last line break, and is told as a file', () => {
    const file = withFile('postgresql://arung:s3cret@db/arung\n');
    const { config, report } = readConfig({ env: { DATABASE_URL_FILE: file }, cwd: nowhere });
    expect(config.databaseUrl).toBe('postgresql://arung:s3cret@db/arung');
    const row = report.find((one) => one.name === 'DATABASE_URL');
    expect(row?.source).toBe(`file ${file}`);
    expect(settingsAsToml(report)).toBe('# database_url is a secret: set it anew\n');
  });

  it('is refused when the file is not there, and is no way for what is not secret', () => {
    const missing = join(nowhere, 'missing');
    expect(() => readConfig({ env: { ARUNG_ADMIN_PASSWORD_FILE: missing }, cwd: nowhere })).toThrow(
      /Cannot read .*missing/,
    );
    expect(() => readConfig({ env: { ARUNG_PORT_FILE: missing }, cwd: nowhere })).toThrow(
      /ARUNG_PORT_FILE is not a setting/,
    );
  });

  it('leaves alone what the Pulumi provider has in the same terminal', () => {
    const env = { ARUNG_URL: 'http://127.0.0.1:8080', ARUNG_TOKEN: 'arung_x' };
    expect(() => readConfig({ env, cwd: nowhere })).not.toThrow();
  });
});
