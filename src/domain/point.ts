import type { AgentId } from './ids.ts';

/** In alphabetical order, as line protocol advises. */
export const seriesTagNames = ['agent', 'check', 'device', 'interface', 'sensor', 'service'] as const;
export type SeriesTagName = (typeof seriesTagNames)[number];

/**
 * A measurement's fields are fixed columns, so that a batch is numbers in an array and a store can keep a table.
 * Units are in the name: `_bps` bits per second, `_pps` packets, `_eps` errors per second, `_s` seconds.
 * `stored: false` is what only status listens to: it travels the same bus, no metric store keeps it.
 */
export const measurements = {
  /**
   * One probe of one device, as it ended. answered 1 or 0; rtt_ms only when answered. Without `answered`: its next word is
   * not due yet.
   */
  probe: { tags: ['device'], fields: ['answered', 'rtt_ms', 'uptime_s'], stored: false },
  /** ifOperStatus (RFC 2863: 1 up, 2 down, …) of an interface that carries a link. */
  port: { tags: ['device', 'interface'], fields: ['oper_status'], stored: false },
  /** Summary of a minute of probes. */
  reachability: { tags: ['device'], fields: ['loss_percent', 'rtt_ms', 'rtt_max_ms'], stored: true },
  /** IF-MIB as rates. */
  interface: {
    tags: ['device', 'interface'],
    fields: [
      'in_bps',
      'out_bps',
      'in_pps',
      'out_pps',
      'in_eps',
      'out_eps',
      'in_discards_pps',
      'out_discards_pps',
      'oper_status',
    ],
    stored: true,
  },
  device: { tags: ['device'], fields: ['cpu_percent', 'memory_percent', 'uptime_s'], stored: true },
  /** One sensor of a device: temperature, voltage, optical power, battery… Unit: the sensor's. */
  sensor: { tags: ['device', 'sensor'], fields: ['value'], stored: true },
  /** An attendance terminal. */
  terminal: {
    tags: ['device'],
    fields: ['users', 'records', 'capacity_records', 'clock_drift_s', 'last_punch_age_s', 'uptime_s'],
    stored: true,
  },
  /**
   * What others measured (Telegraf), one series for each of their fields. The sensor is measurement, tags and field as line
   * protocol writes them: `cpu,cpu=cpu0 usage_idle`.
   */
  external: { tags: ['device', 'sensor'], fields: ['value'], stored: true },
  /** What polling a device cost. */
  agent: { tags: ['device'], fields: ['poll_ms', 'packets', 'lost_packets', 'values'], stored: true },
  /**
   * One check of one service, as one Agent sees it. up and degraded are 1 or 0, and what is degraded is up, too; the rest
   * as far as the kind of check measures it, see `polling/probes/probe.ts`.
   */
  service: {
    tags: ['agent', 'check', 'service'],
    fields: [
      'up',
      'degraded',
      'total_ms',
      'dns_ms',
      'connect_ms',
      'tls_ms',
      'first_byte_ms',
      'value',
      'loss_percent',
      'rtt_min_ms',
      'rtt_max_ms',
      'jitter_ms',
      'days_left',
      'offset_ms',
    ],
    stored: true,
  },
} as const satisfies Record<
  string,
  { readonly tags: readonly SeriesTagName[]; readonly fields: readonly string[]; readonly stored: boolean }
>;

export type Measurement = keyof typeof measurements;

export function isMeasurement(name: string): name is Measurement {
  return Object.hasOwn(measurements, name);
}

/** Tags of our own series are stable ids (and a sensor's or a check's key); names are looked up when somebody reads. */
export type SeriesTags = { readonly [Tag in SeriesTagName]?: string };

/**
 * A series, made once when a plan is compiled and shared by every batch that carries it. `key` is its line-protocol
 * head (measurement and sorted, escaped tags), which is also its identity everywhere.
 */
export interface Series {
  readonly measurement: Measurement;
  readonly tags: SeriesTags;
  readonly key: string;
}

/**
 * Points of one measurement, in columns: row `r` is `series[r]` at `times[r]` (seconds UTC, whole ones but in `external`) with
 * `values[r * fields + f]`; NaN means the field is absent in that row. A batch is immutable once it is on the bus.
 */
export interface PointBatch {
  readonly agent: AgentId;
  readonly measurement: Measurement;
  readonly series: readonly Series[];
  readonly times: Float64Array;
  readonly values: Float64Array;
}

/** A consumer of the stream. It must not throw and must not block: slow work goes behind a queue of its own. */
export interface PointConsumer {
  readonly name: string;
  accept(batch: PointBatch): void;
}

/** The one way in. */
export interface PointBus {
  publish(batch: PointBatch): void;
  /** Adds a consumer; returns the way to take it off. */
  to(consumer: PointConsumer): () => void;
}

function escapeTag(value: string): string {
  return value.replace(/[,= \\]/g, '\\$&').replace(/[\r\n]/g, ' ');
}

/** Makes a series. */
export function seriesOf(measurement: Measurement, tags: SeriesTags): Series {
  const parts: string[] = [measurement];
  for (const name of seriesTagNames) {
    const value = tags[name];
    if (value !== undefined) parts.push(`${name}=${escapeTag(value)}`);
  }
  // Joined, it is one string; put together by `+`, a chain of pieces that lives as long.
  return { measurement, tags, key: parts.join(',') };
}

/** The series that has this key, as `seriesOf` made it; null for what is no key of a series. */
export function seriesOfKey(key: string): Series | null {
  const [measurement, ...pairs] = splitUnescaped(key, ',');
  if (measurement === undefined || !isMeasurement(measurement)) return null;
  const tags: { [Tag in SeriesTagName]?: string } = {};
  for (const pair of pairs) {
    const [name = '', value, ...more] = splitUnescaped(pair, '=');
    const tag = seriesTagNames.find((one) => one === name);
    if (tag === undefined || value === undefined || more.length > 0) return null;
    tags[tag] = value.replace(/\\([,= \\])/g, '$1');
  }
  return seriesOf(measurement, tags);
}

function splitUnescaped(text: string, at: string): string[] {
  const parts: string[] = [];
  let from = 0;
  for (let i = 0; i < text.length; i += 1) {
    if (text[i] === '\\') i += 1;
    else if (text[i] === at) {
      parts.push(text.slice(from, i));
      from = i + 1;
    }
  }
  parts.push(text.slice(from));
  return parts;
}
