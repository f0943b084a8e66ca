import { Counter, type Registry } from 'prom-client';

/** What telemetry counts; the label says how it went (`accepted`, `wrong-password`, `malformed`, …). */
export const telemetryCounters = {
  mqtt_connections: 'Connections to the embedded MQTT broker, by how they ended or were answered',
  mqtt_messages: 'MQTT messages published to the embedded broker, by result',
  ingest_batches: 'Batches of points from agents over MQTT, by result',
  ingest_lines: 'Lines of points from agents over MQTT, by result',
  external_batches: 'Texts of line protocol from Telegraf and others, by result',
  external_lines: 'Lines of Telegraf and others, by result',
  syslog_messages: 'Datagrams of syslog from devices, by result',
  terminal_messages: 'Messages of attendance terminals, by result',
  terminal_requests: 'Requests to attendance terminals, by result',
} as const;
export type TelemetryCounter = keyof typeof telemetryCounters;

/** Where telemetry counts. Labels are words of the program, never text from outside. */
export interface Counters {
  count(counter: TelemetryCounter, result: string, by?: number): void;
}

/** Counts into a Prometheus registry: `arung_<counter>_total{result="…"}`. */
export class PrometheusCounters implements Counters {
  readonly #counters: ReadonlyMap<TelemetryCounter, Counter<'result'>>;

  constructor(registry: Registry) {
    const counters = new Map<TelemetryCounter, Counter<'result'>>();
    for (const name of Object.keys(telemetryCounters) as TelemetryCounter[]) {
      counters.set(
        name,
        new Counter({
          name: `arung_${name}_total`,
          help: telemetryCounters[name],
          labelNames: ['result'] as const,
          registers: [registry],
        }),
      );
    }
    this.#counters = counters;
  }

  count(counter: TelemetryCounter, result: string, by = 1): void {
    this.#counters.get(counter)?.inc({ result }, by);
  }
}

/** Counts in memory; what tests and `statistics()` read. */
export class MemoryCounters implements Counters {
  readonly #values = new Map<string, number>();

  count(counter: TelemetryCounter, result: string, by = 1): void {
    const key = `${counter} ${result}`;
    this.#values.set(key, (this.#values.get(key) ?? 0) + by);
  }

  value(counter: TelemetryCounter, result: string): number {
    return this.#values.get(`${counter} ${result}`) ?? 0;
  }

  all(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#values);
  }
}
