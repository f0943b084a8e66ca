import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { parse as parseToml, TomlError } from 'smol-toml';
import { ArungError, type ErrorDetail } from './domain/errors.ts';

/**
 * Every setting: its name, how it is read, its default, what it does. A setting comes from the environment
 * (`ARUNG_PORT`), else from one TOML file (`port`), else from its default. What is unknown or wrong is refused with
 * the place to mend; nothing else in the program reads the environment.
 */
interface Setting<T> {
  /** Name in the environment; the name in the file is the same without `ARUNG_`, in lower case. */
  readonly env: string;
  readonly meaning: string;
  readonly secret?: boolean;
  readonly fallback: (context: { dataDir: string; home: string }) => T;
  /** Throws a sentence that says what is accepted. */
  readonly read: (text: string) => T;
}

function text(text: string): string {
  return text;
}

function optional(value: string): string | null {
  return value === '' ? null : value;
}

function path(value: string): string {
  if (value === '') throw new Error('give a path');
  return resolve(value);
}

function optionalPath(value: string): string | null {
  return value === '' ? null : resolve(value);
}

function integer(min: number, max: number) {
  return (value: string): number => {
    const number = Number(value);
    if (!/^-?\d+$/.test(value.trim()) || number < min || number > max) {
      throw new Error(`give a whole number from ${min} to ${max}`);
    }
    return number;
  };
}

function flag(value: string): boolean {
  if (/^(true|yes|1|on)$/i.test(value)) return true;
  if (/^(false|no|0|off)$/i.test(value)) return false;
  throw new Error('give true or false');
}

function oneOf<const T extends string>(...choices: readonly T[]) {
  return (value: string): T => {
    const found = choices.find((choice) => choice === value);
    if (found === undefined) throw new Error(`give one of: ${choices.join(', ')}`);
    return found;
  };
}

function url(...protocols: readonly string[]) {
  return (value: string): string | null => {
    if (value === '') return null;
    let parsed: URL;
    try {
      parsed = new URL(value);
    } catch {
      throw new Error(`give a whole address such as ${protocols[0]}//host`);
    }
    if (!protocols.includes(parsed.protocol))
      throw new Error(`give an address that starts with ${protocols.join(' or ')}`);
    return value.replace(/\/+$/, '');
  };
}

function timeZone(value: string): string {
  try {
    Intl.DateTimeFormat('en', { timeZone: value });
  } catch {
    throw new Error('give an IANA time zone such as Asia/Makassar');
  }
  return value;
}

function list(value: string): readonly string[] {
  return value
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}

const settings = {
  dataDir: {
    env: 'ARUNG_DATA_DIR',
    meaning: 'Folder for everything that Arung keeps: state, metrics, map tiles, logs.',
    fallback: () => resolve('var'),
    read: path,
  },
  host: {
    env: 'ARUNG_HOST',
    meaning: 'Address the console and API listen on. Anything but loopback is reachable from the network.',
    fallback: () => '127.0.0.1',
    read: text,
  },
  port: {
    env: 'ARUNG_PORT',
    meaning: 'TCP port of the console and API; 0 takes a free one and prints it.',
    fallback: () => 8080,
    read: integer(0, 65535),
  },
  publicUrl: {
    env: 'ARUNG_PUBLIC_URL',
    meaning:
      'The address people type, when a proxy stands in front: links in messages, cookies and origin checks use it.',
    fallback: () => null,
    read: url('https:', 'http:'),
  },
  trustedProxies: {
    env: 'ARUNG_TRUSTED_PROXIES',
    meaning: 'Addresses or networks (comma separated) of proxies whose X-Forwarded headers are believed.',
    fallback: () => [],
    read: list,
  },
  tlsCertFile: {
    env: 'ARUNG_TLS_CERT_FILE',
    meaning: 'PEM certificate chain; with ARUNG_TLS_KEY_FILE the listener speaks HTTPS itself.',
    fallback: () => null,
    read: optionalPath,
  },
  tlsKeyFile: {
    env: 'ARUNG_TLS_KEY_FILE',
    meaning: 'PEM private key that belongs to ARUNG_TLS_CERT_FILE.',
    fallback: () => null,
    read: optionalPath,
  },
  adminPassword: {
    env: 'ARUNG_ADMIN_PASSWORD',
    meaning: 'Password of the user admin at the very first start; without it a one-time password is printed once.',
    secret: true,
    fallback: () => null,
    read: optional,
  },
  secondFactorRule: {
    env: 'ARUNG_REQUIRE_SECOND_FACTOR',
    meaning: 'Who must sign in with a code of an app besides the password: nobody, administrators or everyone.',
    fallback: () => 'nobody' as const,
    read: oneOf('nobody', 'administrators', 'everyone'),
  },
  keyFile: {
    env: 'ARUNG_KEY_FILE',
    meaning:
      'File with the key that seals secrets in the database. Made at the first start; keep it apart from backups.',
    fallback: ({ dataDir, home }) =>
      join(home, '.config', 'arung', createHash('sha256').update(dataDir).digest('hex').slice(0, 16) + '.key'),
    read: path,
  },
  databaseUrl: {
    env: 'DATABASE_URL',
    meaning:
      'External PostgreSQL (15 or later), postgresql://user:password@host/name; without it an embedded one runs.',
    secret: true,
    fallback: () => null,
    read: url('postgresql:', 'postgres:'),
  },
  mqttUrl: {
    env: 'ARUNG_MQTT_URL',
    meaning: 'External MQTT broker, mqtt://user:password@host:1883; without it an embedded one runs.',
    secret: true,
    fallback: () => null,
    read: url('mqtt:', 'mqtts:'),
  },
  mqttHost: {
    env: 'ARUNG_MQTT_HOST',
    meaning: 'Address the embedded MQTT broker listens on.',
    fallback: () => '127.0.0.1',
    read: text,
  },
  mqttPort: {
    env: 'ARUNG_MQTT_PORT',
    meaning: 'TCP port of the embedded MQTT broker; 0 takes a free one.',
    fallback: () => 0,
    read: integer(0, 65535),
  },
  metricsStore: {
    env: 'ARUNG_METRICS_STORE',
    meaning: 'Where measured points are kept: embedded, influx1 (InfluxDB 1.x) or influx2 (InfluxDB 2.x).',
    fallback: () => 'embedded' as const,
    read: oneOf('embedded', 'influx1', 'influx2'),
  },
  influxUrl: {
    env: 'ARUNG_INFLUX_URL',
    meaning: 'Address of InfluxDB such as http://127.0.0.1:8086; with ARUNG_METRICS_STORE=influx1 or influx2.',
    fallback: () => null,
    read: url('http:', 'https:'),
  },
  influxOrg: {
    env: 'ARUNG_INFLUX_ORG',
    meaning: 'Organisation in InfluxDB 2; made when it is missing and the token may.',
    fallback: () => 'arung',
    read: text,
  },
  influxBucket: {
    env: 'ARUNG_INFLUX_BUCKET',
    meaning: 'Bucket of raw points in InfluxDB 2; the roll-ups lie beside it, with /5m and /1h behind its name.',
    fallback: () => 'arung',
    read: text,
  },
  influxToken: {
    env: 'ARUNG_INFLUX_TOKEN',
    meaning: 'Token for InfluxDB 2 that may read and write the buckets, and make them.',
    secret: true,
    fallback: () => null,
    read: optional,
  },
  influxTokenFile: {
    env: 'ARUNG_INFLUX_TOKEN_FILE',
    meaning: 'File that holds the token for InfluxDB 2, instead of ARUNG_INFLUX_TOKEN.',
    fallback: () => null,
    read: optionalPath,
  },
  influxDatabase: {
    env: 'ARUNG_INFLUX_DATABASE',
    meaning: 'Database in InfluxDB 1; made when it is missing.',
    fallback: () => 'arung',
    read: text,
  },
  influxUser: {
    env: 'ARUNG_INFLUX_USER',
    meaning: 'User of InfluxDB 1, when it asks for one.',
    fallback: () => null,
    read: optional,
  },
  influxPassword: {
    env: 'ARUNG_INFLUX_PASSWORD',
    meaning: 'Password of ARUNG_INFLUX_USER.',
    secret: true,
    fallback: () => null,
    read: optional,
  },
  influxPasswordFile: {
    env: 'ARUNG_INFLUX_PASSWORD_FILE',
    meaning: 'File that holds the password of ARUNG_INFLUX_USER, instead of ARUNG_INFLUX_PASSWORD.',
    fallback: () => null,
    read: optionalPath,
  },
  metricsJournalMegabytes: {
    env: 'ARUNG_METRICS_JOURNAL_MEGABYTES',
    meaning: 'Disk for points that wait while InfluxDB is away; beyond it the oldest are lost.',
    fallback: () => 2048,
    read: integer(16, 1_000_000),
  },
  metricsRawDays: {
    env: 'ARUNG_METRICS_RAW_DAYS',
    meaning: 'Days that raw points are kept in the metric store (roll-ups of 5 minutes and 1 hour stay longer).',
    fallback: () => 7,
    read: integer(1, 3650),
  },
  metricsMaxMegabytes: {
    env: 'ARUNG_METRICS_MAX_MEGABYTES',
    meaning: 'Size at which the embedded metric store drops its oldest raw points.',
    fallback: () => 4096,
    read: integer(64, 1_000_000),
  },
  historyDays: {
    env: 'ARUNG_HISTORY_DAYS',
    meaning: 'Days that states and events are kept; 0 keeps them for ever.',
    fallback: () => 0,
    read: integer(0, 36500),
  },
  reachabilityIntervalMs: {
    env: 'ARUNG_REACHABILITY_INTERVAL_MS',
    meaning: 'How often each device is asked whether it lives.',
    fallback: () => 5000,
    read: integer(1000, 300_000),
  },
  backboneIntervalMs: {
    env: 'ARUNG_BACKBONE_INTERVAL_MS',
    meaning: 'How often interfaces of hubs, POPs and the data centre are read.',
    fallback: () => 10_000,
    read: integer(5000, 600_000),
  },
  edgeIntervalMs: {
    env: 'ARUNG_EDGE_INTERVAL_MS',
    meaning: 'How often interfaces of all other devices are read.',
    fallback: () => 30_000,
    read: integer(5000, 600_000),
  },
  timeZone: {
    env: 'ARUNG_TIME_ZONE',
    meaning: 'Time zone on screens; every API speaks UTC.',
    fallback: () => 'Asia/Makassar',
    read: timeZone,
  },
  language: {
    env: 'ARUNG_LANGUAGE',
    meaning: 'Language before a person chose one: id (Indonesian) or en (English).',
    fallback: () => 'id' as const,
    read: oneOf('id', 'en'),
  },
  logLevel: {
    env: 'ARUNG_LOG_LEVEL',
    meaning: 'Least level that is logged: trace, debug, info, warn, error or silent.',
    fallback: () => 'info' as const,
    read: oneOf('trace', 'debug', 'info', 'warn', 'error', 'silent'),
  },
  secureCookies: {
    env: 'ARUNG_SECURE_COOKIES',
    meaning:
      'Whether session cookies travel over HTTPS only; by default they do when the address people type is HTTPS.',
    fallback: () => null,
    read: flag,
  },
} satisfies Record<string, Setting<unknown>>;

type Settings = typeof settings;
export type SettingName = keyof Settings;
type Value<N extends SettingName> = ReturnType<Settings[N]['read']> | ReturnType<Settings[N]['fallback']>;
export type Config = { readonly [N in SettingName]: Value<N> };

/** One setting as `arung config` prints it; a secret's value is masked. */
export interface SettingReport {
  readonly name: string;
  readonly value: string;
  readonly source: string;
  readonly meaning: string;
  readonly secret: boolean;
}

export interface ReadConfig {
  readonly config: Config;
  readonly report: readonly SettingReport[];
}

export interface ConfigSources {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Values that win over all, from the command line. */
  readonly overrides?: Readonly<Partial<Record<SettingName, string>>>;
  readonly cwd?: string;
}

/**
 * Reads every setting. Throws `ArungError('invalid')` with one detail per wrong setting, each naming where it stands.
 * The file is `ARUNG_CONFIG_FILE`, else `arung.toml` in the working folder if there is one.
 */
export function readConfig(sources: ConfigSources): ReadConfig {
  const problems: ErrorDetail[] = [];
  const file = readConfigFile(sources, problems);
  refuseUnknown(sources.env, file, problems);
  const home = sources.env['HOME'] ?? homedir();
  const values: Record<string, unknown> = {};
  const report: SettingReport[] = [];
  const names = Object.keys(settings) as SettingName[];
  for (const name of names) {
    const setting: Setting<unknown> = settings[name];
    const given = findGiven(name, setting, sources, file, problems);
    const dataDir = typeof values['dataDir'] === 'string' ? values['dataDir'] : resolve('var');
    let value = setting.fallback({ dataDir, home });
    if (given !== null) {
      try {
        value = setting.read(given.text);
      } catch (error) {
        const shown = setting.secret === true ? 'The value' : `The value ${JSON.stringify(given.text)}`;
        problems.push({
          message: `${given.source}: ${shown} of ${given.name} is not accepted: ${(error as Error).message}.`,
          field: given.name,
          ...(given.line === undefined ? {} : { line: given.line }),
        });
      }
    }
    values[name] = value;
    report.push({
      name: setting.env,
      value: setting.secret === true && value !== null ? '••••••••' : show(value),
      source: given === null ? 'default' : given.source,
      meaning: setting.meaning,
      secret: setting.secret === true,
    });
  }
  if (values['tlsCertFile'] !== null && values['tlsKeyFile'] === null) {
    problems.push({ message: 'ARUNG_TLS_CERT_FILE is set but ARUNG_TLS_KEY_FILE is not: set both or neither.' });
  }
  if (values['tlsKeyFile'] !== null && values['tlsCertFile'] === null) {
    problems.push({ message: 'ARUNG_TLS_KEY_FILE is set but ARUNG_TLS_CERT_FILE is not: set both or neither.' });
  }
  if (values['metricsStore'] !== 'embedded' && values['influxUrl'] === null) {
    problems.push({ message: `ARUNG_METRICS_STORE is ${String(values['metricsStore'])}: give ARUNG_INFLUX_URL, too.` });
  }
  if (problems.length > 0) {
    throw new ArungError('invalid', problems.map((problem) => problem.message).join('\n'), {
      code: 'config.invalid',
      details: problems,
    });
  }
  return { config: values as Config, report };
}

/** The settings that were given, as a file that `ARUNG_CONFIG_FILE` may name; of secrets only that they were given. */
export function settingsAsToml(report: readonly SettingReport[]): string {
  const lines = report.flatMap(({ name, value, source, secret }) => {
    if (source === 'default') return [];
    const key = fileName(name);
    return [secret ? `# ${key} is a secret: set it anew` : `${key} = ${JSON.stringify(value === none ? '' : value)}`];
  });
  return lines.map((line) => line + '\n').join('');
}

interface ConfigFile {
  readonly path: string;
  readonly entries: ReadonlyMap<string, { readonly text: string; readonly line: number }>;
}

function readConfigFile(sources: ConfigSources, problems: ErrorDetail[]): ConfigFile | null {
  const named = sources.env['ARUNG_CONFIG_FILE'];
  const path = named === undefined ? join(sources.cwd ?? process.cwd(), 'arung.toml') : resolve(named);
  let content: string;
  try {
    content = readFileSync(path, 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (named === undefined && code === 'ENOENT') return null;
    problems.push({
      message: `Cannot read the settings file ${path} (${code}): check ARUNG_CONFIG_FILE and the file's rights.`,
    });
    return null;
  }
  const entries = new Map<string, { text: string; line: number }>();
  try {
    const parsed = parseToml(content);
    for (const [key, value] of Object.entries(parsed)) {
      const line = content.split('\n').findIndex((row) => row.trim().startsWith(key)) + 1;
      const written = Array.isArray(value) ? value.join(',') : String(value);
      entries.set(key, { text: written, line });
    }
  } catch (error) {
    const line = error instanceof TomlError ? error.line : 0;
    const first = (error as Error).message.split('\n')[0] ?? '';
    problems.push({
      message: `${path} line ${line}: ${first}. Mend that line; the file is TOML (name = value).`,
      line,
    });
  }
  return { path, entries };
}

function refuseUnknown(env: ConfigSources['env'], file: ConfigFile | null, problems: ErrorDetail[]): void {
  const known = new Set(Object.values(settings).map((setting) => setting.env));
  const inFile = new Set([...known].map(fileName));
  for (const name of Object.keys(env)) {
    if (!name.startsWith('ARUNG_') || known.has(name) || name === 'ARUNG_CONFIG_FILE') continue;
    if (name.startsWith('ARUNG_TEST_') || isSecretFile(name)) continue;
    problems.push({
      message: `environment: ${name} is not a setting${hint(name, known)}. \`./arung config\` lists them.`,
    });
  }
  if (file === null) return;
  for (const [key, entry] of file.entries) {
    if (inFile.has(key)) continue;
    problems.push({
      message: `${file.path} line ${entry.line}: ${key} is not a setting${hint(key, inFile)}. Remove or correct that line.`,
      line: entry.line,
      field: key,
    });
  }
}

function findGiven(
  name: SettingName,
  setting: Setting<unknown>,
  sources: ConfigSources,
  file: ConfigFile | null,
  problems: ErrorDetail[],
): { text: string; source: string; name: string; line?: number } | null {
  const override = sources.overrides?.[name];
  if (override !== undefined) return { text: override, source: 'command line', name: setting.env };
  const fromEnv = sources.env[setting.env];
  if (fromEnv !== undefined) return { text: fromEnv, source: 'environment', name: setting.env };
  const secretFile = isSecretFile(`${setting.env}_FILE`) ? sources.env[`${setting.env}_FILE`] : undefined;
  if (secretFile !== undefined) {
    const name = `${setting.env}_FILE`;
    try {
      return { text: readFileSync(secretFile, 'utf8').trim(), source: `file ${secretFile}`, name };
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      problems.push({
        message: `environment: Cannot read ${secretFile} (${code}), which ${name} names: check the path and its rights.`,
        field: name,
      });
      return null;
    }
  }
  const key = fileName(setting.env);
  const entry = file?.entries.get(key);
  if (entry === undefined || file === null) return null;
  return { text: entry.text, source: `${file.path} line ${entry.line}`, name: key, line: entry.line };
}

/** `ARUNG_MQTT_URL_FILE` names a file that holds the secret `ARUNG_MQTT_URL`, as container secrets and systemd credentials come. */
function isSecretFile(env: string): boolean {
  const all: readonly Setting<unknown>[] = Object.values(settings);
  if (all.some((setting) => setting.env === env)) return false; // a setting of its own
  return all.some((setting) => setting.secret === true && `${setting.env}_FILE` === env);
}

function fileName(env: string): string {
  return env.replace(/^ARUNG_/, '').toLowerCase();
}

const none = '(none)';

function show(value: unknown): string {
  if (value === null) return none;
  if (Array.isArray(value)) return value.length === 0 ? none : value.join(', ');
  return String(value);
}

/** ` (did you mean ARUNG_PORT?)` when a known name is near, else nothing. */
function hint(name: string, known: ReadonlySet<string>): string {
  let best: string | null = null;
  let least = 4;
  for (const candidate of known) {
    const distance = editDistance(name, candidate);
    if (distance < least) {
      least = distance;
      best = candidate;
    }
  }
  return best === null ? '' : ` (did you mean ${best}?)`;
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = a[i - 1] === b[j - 1] ? 0 : 1;
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + change));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
