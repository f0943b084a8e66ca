import type { AgentId } from './ids.ts';

/**
 * A measurement's fields are fixed columns, so that a batch is numbers in an array and a store can keep a table.
 * Units are in the name: `_bps` bits per second, `_pps` packets, `_eps` errors per second, `_s` seconds.
 * `stored: false` is what only status listens to: it travels the same bus, no metric store keeps it.
 */
export const measurements = {
  /**
   * One probe of one device, as it ended. tags: device. answered 1 or 0; rtt_ms only when answered. Without `answered`: its
   * next word is not due yet.
   */
  probe: { fields: ['answered', 'rtt_ms', 'uptime_s'], stored: false },
  /** ifOperStatus (RFC 2863: 1 up, 2 down, …) of an interface that carries a link. tags: device, interface. */
  port: { fields: ['oper_status'], stored: false },
  /** Summary of a minute of probes. tags: device. */
  reachability: { fields: ['loss_percent', 'rtt_ms', 'rtt_max_ms'], stored: true },
  /** IF-MIB as rates. tags: device, interface. */
  interface: {
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
  /** tags: device. */
  device: { fields: ['cpu_percent', 'memory_percent', 'uptime_s'], stored: true },
  /** One sensor of a device: temperature, voltage, optical power, battery… tags: device, sensor. Unit: the sensor's. */
  sensor: { fields: ['value'], stored: true },
  /** An attendance terminal. tags: device. */
  terminal: {
    fields: ['users', 'records', 'capacity_records', 'clock_drift_s', 'last_punch_age_s', 'uptime_s'],
    stored: true,
  },
  /**
   * What others measured (Telegraf), one series for each of their fields. tags: device, sensor; the sensor is measurement,
   * tags and field as line protocol writes them: `cpu,cpu=cpu0 usage_idle`.
   */
  external: { fields: ['value'], stored: true },
  /** What polling a device cost. tags: device. */
  agent: { fields: ['poll_ms', 'packets', 'lost_packets', 'values'], stored: true },
} as const satisfies Record<string, { readonly fields: readonly string[]; readonly stored: boolean }>;

export type Measurement = keyof typeof measurements;

/** Tags of our own series are stable ids (and a sensor's key); names are looked up when somebody reads. */
export interface SeriesTags {
  readonly device: string;
  readonly interface?: string;
  readonly sensor?: string;
}

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
 * Points of one measurement, in columns: row `r` is `series[r]` at `times[r]` (whole seconds UTC) with
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

/** Makes a series; tags in alphabetical order, as line protocol advises. */
export function seriesOf(measurement: Measurement, tags: SeriesTags): Series {
  let key: string = measurement;
  key += ',device=' + escapeTag(tags.device);
  if (tags.interface !== undefined) key += ',interface=' + escapeTag(tags.interface);
  if (tags.sensor !== undefined) key += ',sensor=' + escapeTag(tags.sensor);
  return { measurement, tags, key };
}
