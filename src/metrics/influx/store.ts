import type { Logger } from 'pino';
import type { Clock } from '../../domain/clock.ts';
import { ArungError } from '../../domain/errors.ts';
import type { Measurement, PointBatch } from '../../domain/point.ts';
import type { LatestPoint, MetricStore, SeriesFilter, SeriesQuery, SeriesResult, StoreStatistics } from '../store.ts';
import { influxLines } from './lines.ts';
import { Reader } from './reader.ts';
import { oldestOf, RollUps } from './roll-ups.ts';
import type { InfluxServer } from './server.ts';
import { fiveMinutes, tiers, usualRetention, type Retention, type Tier } from './tiers.ts';

/**
 * Nothing is kept that claims to be from further ahead. Who takes points of others looks closer; here it is our own clock
 * that may be wrong: one that runs on local time for a while is hours behind.
 */
const maxAheadS = 86_400;
/** Rows in one request, and at most one batch more: about 1.5 MB, well below what both versions take. */
const maxLines = 10_000;
const upkeepEveryMs = 20_000;
/** Servers are asked for sizes at most so often: somebody reads /metrics every few seconds. */
const sizesKeptMs = 10_000;

export interface InfluxStoreOptions {
  readonly server: InfluxServer;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly retention?: Partial<Retention>;
  /** Where it notes which roll-ups are due; without it a new start rolls everything up once more. */
  readonly statePath?: string | null;
}

/**
 * What InfluxDB 1.x and 2.x have in common as metric stores. Points are written as line protocol; every question is
 * InfluxQL, which both answer; retention and roll-ups are kept right by a loop that needs no input. The start does not
 * wait for the server: what it takes is known by the first write.
 */
export class InfluxStore implements MetricStore {
  readonly name: string;
  readonly #server: InfluxServer;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #retention: Retention;
  readonly #rollUps: RollUps;
  readonly #reader: Reader;
  #provisioned = false;
  #provisioning: Promise<void> | null = null;
  #timer: NodeJS.Timeout | null = null;
  #upkeep: Promise<void> | null = null;
  #stopped = false;
  #written = 0;
  #refused = 0;
  #sizes: { readonly at: number; readonly found: Pick<StoreStatistics, 'series' | 'bytes' | 'oldest'> } | null = null;

  constructor(options: InfluxStoreOptions) {
    this.#server = options.server;
    this.#clock = options.clock;
    this.#logger = options.logger;
    this.#retention = { ...usualRetention, ...options.retention };
    this.name = `metric store (${options.server.title})`;
    const shared = { server: this.#server, clock: this.#clock, retention: this.#retention };
    this.#rollUps = new RollUps({ ...shared, logger: this.#logger, statePath: options.statePath ?? null });
    this.#reader = new Reader({ ...shared, rollUps: this.#rollUps });
  }

  async start(): Promise<void> {
    try {
      await this.#provision();
    } catch (error) {
      const fields = error instanceof ArungError ? { code: error.code, reason: error.message } : { err: error };
      this.#logger.error(fields, 'the metric store is not ready: points are kept on disk until it is');
    }
    this.#upkeepIn(upkeepEveryMs);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    await this.#rollUps.stop();
    await this.#upkeep;
    this.#server.close();
  }

  async write(batches: readonly PointBatch[]): Promise<void> {
    const now = Math.floor(this.#clock.now() / 1_000);
    const oldest = now - this.#retention.rawS;
    const windows = new Set<number>();
    let window = -1;
    let refused = 0;
    const accepts = (time: number): boolean => {
      if (!(time > oldest && time > 0 && time <= now + maxAheadS)) {
        refused++;
        return false;
      }
      if (time < window || time >= window + fiveMinutes.stepS || window < 0) {
        window = Math.floor(time / fiveMinutes.stepS) * fiveMinutes.stepS;
        windows.add(window);
      }
      return true;
    };
    const lines = influxLines();
    const texts: string[] = [];
    let rows = 0;
    let inText = 0;
    for (const batch of batches) {
      rows += batch.times.length;
      inText += batch.times.length;
      lines.append(batch, accepts);
      if (inText < maxLines) continue;
      texts.push(lines.take().toString());
      inText = 0;
    }
    if (lines.length > 0) texts.push(lines.take().toString());
    if (texts.some((text) => text !== '')) {
      this.#rollUps.touch(windows);
      await this.#ready();
      for (const text of texts) if (text !== '') await this.#post(text);
    }
    this.#written += rows - refused;
    this.#refused += refused;
  }

  query(query: SeriesQuery): Promise<SeriesResult> {
    return this.#reader.query(query);
  }

  latest(measurement: Measurement, filter: SeriesFilter, maxAgeS: number): Promise<readonly LatestPoint[]> {
    return this.#reader.latest(measurement, filter, maxAgeS);
  }

  async statistics(): Promise<StoreStatistics> {
    const at = this.#clock.monotonic();
    if (this.#sizes === null || at - this.#sizes.at > sizesKeptMs) {
      const size = await this.#server.size();
      const oldest: Record<string, number | null> = {};
      for (const tier of tiers) oldest[tier.name] = await oldestOf(this.#server, tier);
      this.#sizes = { at, found: { ...size, oldest } };
    }
    return { ...this.#sizes.found, rowsWritten: this.#written, rowsRefused: this.#refused };
  }

  /**
   * Entries of a roll-up as they are, for a copy of history: fields are those of the measurement with `_min`, `_max`,
   * `_sum`, `_count` and `_last` behind their name.
   */
  async writeRolled(resolution: Tier['name'], lines: readonly string[]): Promise<void> {
    const tier = tiers.find(({ name }) => name === resolution);
    if (tier === undefined) return;
    await this.#ready();
    for (let from = 0; from < lines.length; from += maxLines) {
      await this.#server.write(tier, lines.slice(from, from + maxLines).join('\n'));
    }
  }

  /** Makes databases, buckets, retention and roll-ups right now, as the loop does by itself. */
  async reconcile(): Promise<void> {
    await this.#provision();
    await this.#rollUps.run();
  }

  async #post(text: string): Promise<void> {
    const [raw] = tiers;
    try {
      await this.#server.write(raw, text);
    } catch (error) {
      if (!(error instanceof ArungError) || error.code !== 'metrics.influx-missing') throw error;
      // Somebody removed what we write to: it is made anew, and the points are written there.
      await this.#provision();
      await this.#server.write(raw, text);
    }
  }

  async #ready(): Promise<void> {
    if (!this.#provisioned) await this.#provision();
  }

  #provision(): Promise<void> {
    this.#provisioning ??= this.#provisionOnce().finally(() => {
      this.#provisioning = null;
    });
    return this.#provisioning;
  }

  async #provisionOnce(): Promise<void> {
    const done = await this.#server.provision();
    this.#provisioned = true;
    if (done.length === 0) return;
    this.#rollUps.forget();
    this.#logger.info({ done }, 'made the metric store as it should be');
  }

  #upkeepIn(pauseMs: number): void {
    if (this.#stopped) return;
    this.#timer = setTimeout(() => {
      this.#upkeep = this.#provision()
        .then(() => this.#rollUps.run())
        // A write says why, once; here it is only tried again.
        .catch((error: unknown) => this.#logger.debug({ err: error }, 'upkeep of the metric store has to wait'))
        .finally(() => this.#upkeepIn(upkeepEveryMs));
    }, pauseMs);
    this.#timer.unref();
  }
}
