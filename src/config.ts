import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { parse as parseToml, TomlError } from 'smol-toml';
import { ArungError, type ErrorDetail } from './domain/errors.ts';
import { settings, type Setting } from './settings.ts';

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
    const given = findGiven(setting, sources, file, problems);
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
  for (const [one, other] of bothOrNeither) {
    if (values[one] === null || values[other] !== null) continue;
    const [set, missing] = [settings[one].env, settings[other].env];
    problems.push({ message: `${set} is set but ${missing} is not: set both or neither.` });
  }
  if (values['mqttTlsCertFile'] !== null && values['mqttUrl'] !== null) {
    problems.push({
      message:
        'ARUNG_MQTT_TLS_CERT_FILE is for the embedded broker, and ARUNG_MQTT_URL names another: give that one the certificate.',
    });
  }
  if (values['mqttBridgeTopic'] !== null && values['mqttUrl'] === null) {
    problems.push({
      message: 'ARUNG_MQTT_BRIDGE_TOPIC is set, but nobody may read at the embedded broker: give ARUNG_MQTT_URL, too.',
    });
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

const bothOrNeither = [
  ['tlsCertFile', 'tlsKeyFile'],
  ['tlsKeyFile', 'tlsCertFile'],
  ['mqttTlsCertFile', 'mqttTlsKeyFile'],
  ['mqttTlsKeyFile', 'mqttTlsCertFile'],
] as const;

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

/** A terminal in which `pulumi up` runs has these, too: pulumi/provider. */
const ofThePulumiProvider: ReadonlySet<string> = new Set([
  'ARUNG_URL',
  'ARUNG_TOKEN',
  'ARUNG_AWAY_S',
  'ARUNG_LOOK_AGE_S',
]);

function refuseUnknown(env: ConfigSources['env'], file: ConfigFile | null, problems: ErrorDetail[]): void {
  const known = new Set(Object.values(settings).map((setting) => setting.env));
  const bySecretFile = new Set(secretFiles());
  const inFile = new Set([...known, ...bySecretFile].map(fileName));
  for (const name of Object.keys(env)) {
    if (!name.startsWith('ARUNG_') || known.has(name) || name === 'ARUNG_CONFIG_FILE') continue;
    if (name.startsWith('ARUNG_TEST_') || ofThePulumiProvider.has(name) || bySecretFile.has(name)) continue;
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

interface Given {
  readonly text: string;
  readonly source: string;
  readonly name: string;
  readonly line?: number;
}

function findGiven(
  setting: Setting<unknown>,
  sources: ConfigSources,
  file: ConfigFile | null,
  problems: ErrorDetail[],
): Given | null {
  const fromEnv = sources.env[setting.env];
  if (fromEnv !== undefined) return { text: fromEnv, source: 'environment', name: setting.env };
  const fromSecretFile = readSecretFile(setting, sources, file, problems);
  if (fromSecretFile !== null) return fromSecretFile;
  const key = fileName(setting.env);
  const entry = file?.entries.get(key);
  if (entry === undefined || file === null) return null;
  return { text: entry.text, source: `${file.path} line ${entry.line}`, name: key, line: entry.line };
}

/**
 * `ARUNG_MQTT_URL_FILE` (`mqtt_url_file` in the settings file) names a file that holds the secret `ARUNG_MQTT_URL`, as
 * container secrets and systemd credentials come.
 */
function readSecretFile(
  setting: Setting<unknown>,
  sources: ConfigSources,
  file: ConfigFile | null,
  problems: ErrorDetail[],
): Given | null {
  if (setting.secret !== true) return null;
  const name = `${setting.env}_FILE`;
  const entry = file?.entries.get(fileName(name));
  const path = sources.env[name] ?? entry?.text;
  if (path === undefined) return null;
  try {
    return { text: readFileSync(path, 'utf8').trim(), source: `file ${path}`, name };
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    const where = sources.env[name] === undefined ? `${file?.path} line ${entry?.line}` : 'environment';
    problems.push({
      message: `${where}: Cannot read ${path} (${code}), which ${name} names: check the path and its rights.`,
      field: name,
    });
    return null;
  }
}

function secretFiles(): readonly string[] {
  const all: readonly Setting<unknown>[] = Object.values(settings);
  return all.filter((setting) => setting.secret === true).map((setting) => `${setting.env}_FILE`);
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
