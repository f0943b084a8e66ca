import type { Logger } from 'pino';
import type { Clock } from '../../domain/clock.ts';
import type { DeviceId } from '../../domain/ids.ts';
import type { LongLived } from '../../domain/lifecycle.ts';
import type { Measurement, SeriesTagName } from '../../domain/point.ts';
import type { TopologyLinkEnd, TopologySource } from '../../domain/topology.ts';
import type { Readings } from './surroundings.ts';

type Filter = { readonly [Tag in SeriesTagName]?: readonly string[] };

/** The metric store, as far as it is asked here. */
export interface SensorStore {
  latest(
    measurement: Measurement,
    filter: Filter,
    maxAgeS: number,
  ): Promise<
    readonly {
      readonly tags: Readonly<Record<string, string>>;
      /** Seconds since the epoch. */
      readonly time: number;
      readonly values: Readonly<Record<string, number>>;
    }[]
  >;
  query(query: {
    readonly measurement: Measurement;
    readonly fields: readonly string[];
    readonly filter: Filter;
    readonly from: number;
    readonly to: number;
    readonly step: { readonly stepS: number };
    readonly aggregate: 'mean';
    readonly groupBy: readonly SeriesTagName[];
  }): Promise<{ readonly series: readonly { readonly values: readonly (number | null)[] }[] }>;
}

export interface SensorReadingsOptions {
  readonly store: SensorStore;
  readonly topology: TopologySource;
  readonly clock: Clock;
  readonly logger: Logger;
}

interface Reading {
  readonly now: number | null;
  /** When `now` was measured, milliseconds since the epoch. */
  readonly at: number;
  readonly usual: number | null;
}

interface Asked {
  readonly device: string;
  readonly sensors: readonly string[];
  readonly kept: Kept;
}

interface Kept {
  reading: Reading | null;
  /** Monotonic milliseconds of the last answer; NaN before the first. */
  at: number;
  isAsked: boolean;
}

const weekS = 7 * 86_400;
const hourS = 3_600;
/** What was measured longer ago says nothing of now. */
const freshS = 600;
const againMs = 60_000;
/** A failure of much asks for much: what is beyond this is not looked up. */
const mostAsked = 200;
const atOnce = 4;
/** So much off what is usual a supply must be to be worth a sentence. */
const oddVoltage = 0.1;

/**
 * Sensors that speak for a cause: the light that a port receives, the supply of a device, now and as usual (the median of
 * the last week's hours). What is asked for the first time is looked up in the metric store, and who listens is woken when
 * it is there: nobody waits for it.
 */
export class SensorReadings implements LongLived, Pick<Readings, 'opticalOf' | 'voltageOf'> {
  readonly name = 'sensor readings';
  readonly #options: SensorReadingsOptions;
  readonly #kept = new Map<string, Kept>();
  readonly #waiting: Asked[] = [];
  readonly #listeners = new Set<() => void>();
  readonly #working = new Set<Promise<void>>();
  #isStopped = false;

  constructor(options: SensorReadingsOptions) {
    this.#options = options;
  }

  async start(): Promise<void> {
    this.#isStopped = false;
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#waiting.length = 0;
    await Promise.all(this.#working);
  }

  /** Calls back when something that was asked for is known; returns the way to stop. */
  onChange(wake: () => void): () => void {
    this.#listeners.add(wake);
    return () => this.#listeners.delete(wake);
  }

  opticalOf(
    interfaceId: string,
    since: number,
  ): { readonly nowDbm: number | null; readonly usualDbm: number | null } | null {
    const end = this.#endOf(interfaceId);
    if (end === null) return null;
    // As a profile names the sensor of a port.
    const reading = this.#reading(end.deviceId, [`optical-rx.${end.interfaceName.replaceAll(',', '-')}`]);
    if (reading === null) return null;
    // What was received before it broke says how it was, not how it is.
    return { nowDbm: reading.at >= since ? rounded(reading.now) : null, usualDbm: rounded(reading.usual) };
  }

  voltageOf(deviceId: string): { readonly nowV: number; readonly usualV: number | null } | null {
    const reading = this.#reading(deviceId, ['voltage', 'voltage.input']);
    if (reading === null || reading.now === null || reading.usual === null) return null;
    if (Math.abs(reading.now - reading.usual) < oddVoltage * Math.abs(reading.usual)) return null;
    return { nowV: rounded(reading.now) ?? 0, usualV: rounded(reading.usual) };
  }

  #endOf(interfaceId: string): TopologyLinkEnd | null {
    for (const { a, b } of this.#options.topology.current().links.values()) {
      if (a.interfaceId === interfaceId) return a;
      if (b.interfaceId === interfaceId) return b;
    }
    return null;
  }

  /** What is known; asks for it when it is not, or old. */
  #reading(device: DeviceId | string, sensors: readonly string[]): Reading | null {
    const key = `${device} ${sensors.join(' ')}`;
    const kept = this.#kept.get(key) ?? { reading: null, at: Number.NaN, isAsked: false };
    this.#kept.set(key, kept);
    const isOld = !(this.#options.clock.monotonic() - kept.at < againMs);
    if (isOld && !kept.isAsked && !this.#isStopped && this.#waiting.length < mostAsked) {
      kept.isAsked = true;
      this.#waiting.push({ device, sensors, kept });
      this.#work();
    }
    return kept.reading;
  }

  #work(): void {
    while (this.#working.size < atOnce) {
      const next = this.#waiting.shift();
      if (next === undefined) return;
      const work = this.#look(next).finally(() => {
        this.#working.delete(work);
        this.#work();
      });
      this.#working.add(work);
    }
  }

  async #look({ device, sensors, kept }: Asked): Promise<void> {
    try {
      const reading = await this.#ask(device, sensors);
      const isNews = JSON.stringify(reading) !== JSON.stringify(kept.reading);
      kept.reading = reading;
      if (isNews) for (const wake of this.#listeners) wake();
    } catch (error) {
      // Evidence that is missing keeps nobody from being told.
      this.#options.logger.debug({ err: error }, 'a sensor could not be looked up for an incident');
    } finally {
      kept.isAsked = false;
      kept.at = this.#options.clock.monotonic();
    }
  }

  async #ask(device: string, sensors: readonly string[]): Promise<Reading | null> {
    const { store, clock } = this.#options;
    const filter = { device: [device], sensor: sensors };
    const to = Math.floor(clock.now() / 1000);
    const [latest, past] = await Promise.all([
      store.latest('sensor', filter, freshS),
      store.query({
        measurement: 'sensor',
        fields: ['value'],
        filter,
        from: to - weekS,
        to: to - hourS,
        step: { stepS: hourS },
        aggregate: 'mean',
        groupBy: ['device', 'sensor'],
      }),
    ]);
    const now = latest[0]?.values['value'] ?? null;
    const usual = median(past.series[0]?.values.filter((value) => value !== null) ?? []);
    return now === null && usual === null ? null : { now, at: (latest[0]?.time ?? 0) * 1000, usual };
  }
}

function median(values: readonly number[]): number | null {
  if (values.length === 0) return null;
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? null;
}

function rounded(value: number | null): number | null {
  return value === null ? null : Math.round(value * 10) / 10;
}
