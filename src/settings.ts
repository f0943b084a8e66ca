import { createHash } from 'node:crypto';
import { join, resolve } from 'node:path';
import { DeviceNetworks } from './domain/device-networks.ts';

/**
 * Every setting: its name, how it is read, its default, what it does. A setting comes from the environment
 * (`ARUNG_PORT`), else from one TOML file (`port`), else from its default. What is unknown or wrong is refused with
 * the place to mend; nothing else in the program reads the environment.
 */
export interface Setting<T> {
  /** Name in the environment; the name in the file is the same without `ARUNG_`, in lower case. */
  readonly env: string;
  readonly meaning: string;
  readonly secret?: boolean;
  readonly fallback: (context: { dataDir: string; home: string }) => T;
  /** Throws a sentence that says what is accepted. */
  readonly read: (text: string) => T;
}

function text(value: string): string {
  return value;
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

function topic(value: string): string | null {
  if (value === '') return null;
  if (/[+#\s]|^\/|\/$/.test(value)) throw new Error('give a topic such as arung/v1/bridge, without + and #');
  return value;
}

function list(value: string): readonly string[] {
  return value
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}

function networks(value: string): readonly string[] {
  const found = list(value);
  try {
    void new DeviceNetworks(found);
  } catch (error) {
    throw new Error(`give networks such as 10.73.0.0/16: ${(error as Error).message}`, { cause: error });
  }
  return found;
}

export const settings = {
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
    meaning: 'The address people type, when a proxy stands in front: cookies and origin checks use it.',
    fallback: () => null,
    read: url('https:', 'http:'),
  },
  rulesFile: {
    env: 'ARUNG_RULES_FILE',
    meaning: 'JSON or YAML file of alert rules: what it names is kept as it says, and changed only there.',
    fallback: () => null,
    read: optionalPath,
  },
  trustedProxies: {
    env: 'ARUNG_TRUSTED_PROXIES',
    meaning: 'Addresses or networks (comma separated) of proxies whose X-Forwarded headers are believed.',
    fallback: () => [],
    read: list,
  },
  deviceNetworks: {
    env: 'ARUNG_DEVICE_NETWORKS',
    meaning:
      'Networks (comma separated) in which devices may be: nobody gives a device another address, and no credential is sent elsewhere. Empty: anywhere.',
    fallback: () => [],
    read: networks,
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
  databaseReaderPassword: {
    env: 'ARUNG_DATABASE_READER_PASSWORD',
    meaning:
      'Makes the database account arung_reader with this password, by which Grafana reads the names of what series carry as ids.',
    secret: true,
    fallback: () => null,
    read: optional,
  },
  mqttUrl: {
    env: 'ARUNG_MQTT_URL',
    meaning: 'External MQTT broker, mqtt://user:password@host:1883; without it an embedded one runs.',
    secret: true,
    fallback: () => null,
    read: url('mqtt:', 'mqtts:'),
  },
  mqttCaFile: {
    env: 'ARUNG_MQTT_CA_FILE',
    meaning: 'PEM certificates of authorities that are trusted for mqtts://, beside those of the system.',
    fallback: () => null,
    read: optionalPath,
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
  mqttTlsCertFile: {
    env: 'ARUNG_MQTT_TLS_CERT_FILE',
    meaning: 'PEM certificate chain of the embedded MQTT broker; with ARUNG_MQTT_TLS_KEY_FILE it speaks TLS, too.',
    fallback: () => null,
    read: optionalPath,
  },
  mqttTlsKeyFile: {
    env: 'ARUNG_MQTT_TLS_KEY_FILE',
    meaning: 'PEM private key that belongs to ARUNG_MQTT_TLS_CERT_FILE.',
    fallback: () => null,
    read: optionalPath,
  },
  mqttTlsHost: {
    env: 'ARUNG_MQTT_TLS_HOST',
    meaning: 'Address the embedded MQTT broker listens on for TLS; without TLS it stays at ARUNG_MQTT_HOST.',
    fallback: () => '0.0.0.0',
    read: text,
  },
  mqttTlsPort: {
    env: 'ARUNG_MQTT_TLS_PORT',
    meaning: 'TCP port of the embedded MQTT broker for TLS; 0 takes a free one.',
    fallback: () => 8883,
    read: integer(0, 65535),
  },
  mqttBridgeTopic: {
    env: 'ARUNG_MQTT_BRIDGE_TOPIC',
    meaning:
      'Topic below which every measured point is published again as line protocol, at an external broker; empty: none.',
    fallback: () => null,
    read: topic,
  },
  syslogHost: {
    env: 'ARUNG_SYSLOG_HOST',
    meaning: 'Address at which syslog of devices is heard, with ARUNG_SYSLOG_PORT.',
    fallback: () => '0.0.0.0',
    read: text,
  },
  syslogPort: {
    env: 'ARUNG_SYSLOG_PORT',
    meaning:
      'UDP port at which syslog of devices is heard: one that says that it was configured is compared at once; 0: none.',
    fallback: () => 0,
    read: integer(0, 65535),
  },
  telegrafTags: {
    env: 'ARUNG_TELEGRAF_TAGS',
    meaning: 'Tags of Telegraf (comma separated) that say what a point is about; the first that a point has counts.',
    fallback: () => ['agent_host', 'source', 'url', 'host'],
    read: list,
  },
  uplinkNeighbours: {
    env: 'ARUNG_UPLINK_NEIGHBOURS',
    meaning:
      'Addresses near this machine that are not watched (comma separated, host or host:port): while one answers, a silent network is no cut of our own uplink.',
    fallback: () => [],
    read: list,
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
  incidentDays: {
    env: 'ARUNG_INCIDENT_DAYS',
    meaning: 'Days that an incident is kept after its end, with its log.',
    fallback: () => 730,
    read: integer(1, 36500),
  },
  messageDays: {
    env: 'ARUNG_MESSAGE_DAYS',
    meaning: 'Days that photos, the texts of messages and the addresses that they went to are kept.',
    fallback: () => 90,
    read: integer(1, 36500),
  },
  rolloutDays: {
    env: 'ARUNG_ROLLOUT_DAYS',
    meaning: 'Days that a rollout is kept after its end, with what it changed; the last of each device stays.',
    fallback: () => 730,
    read: integer(1, 36500),
  },
  heartbeatUrl: {
    env: 'ARUNG_HEARTBEAT_URL',
    meaning:
      'Address that is called every minute while Arung is well, and with /fail behind it when it is not (healthchecks.io and others).',
    secret: true,
    fallback: () => null,
    read: url('https:', 'http:'),
  },
  pulumiDir: {
    env: 'ARUNG_PULUMI_DIR',
    meaning: 'Folder of the Pulumi program that the console may run; empty: none.',
    fallback: () => join(import.meta.dirname, '../pulumi'),
    read: optionalPath,
  },
  pulumiBin: {
    env: 'ARUNG_PULUMI_BIN',
    meaning:
      "Folder with Pulumi's command line, pulumi; without it that of the program's node_modules, else the system's.",
    fallback: () => null,
    read: optionalPath,
  },
  pulumiPassphrase: {
    env: 'ARUNG_PULUMI_PASSPHRASE',
    meaning: 'Passphrase of stacks for which none was entered in the console.',
    secret: true,
    fallback: () => null,
    read: optional,
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
