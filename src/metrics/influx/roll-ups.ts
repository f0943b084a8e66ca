import type { Logger } from 'pino';
import type { Clock } from '../../domain/clock.ts';
import { ArungError } from '../../domain/errors.ts';
import { measurements, seriesTagNames, type Measurement } from '../../domain/point.ts';
import { PendingWindows } from './pending.ts';
import type { InfluxSeries, InfluxServer } from './server.ts';
import { lineTag } from './tag-text.ts';
import { fiveMinutes, hourly, raw, statistics, type Retention, type Statistic, type Tier } from './tiers.ts';

/** So long after its end a window is rolled up; what comes later makes it anew. */
const settleS = 20;
/** Windows that one question reads. */
const maxWindows = 12;
const stored = (Object.keys(measurements) as Measurement[]).filter((name) => measurements[name].stored);

/**
 * Makes the resolutions of five minutes and an hour, the same way in every version: asks for min, max, sum, count and
 * last of each window that something was written into and writes them as points. Neither continuous queries nor tasks
 * do that: they look at a window once, at its time, and never see what an agent brings later. Idempotent; what fails is
 * tried again.
 */
export class RollUps {
  readonly #server: InfluxServer;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #retention: Retention;
  readonly #pending: PendingWindows;
  #running: Promise<void> | null = null;
  #failing = false;
  #stopped = false;

  constructor(options: {
    readonly server: InfluxServer;
    readonly clock: Clock;
    readonly logger: Logger;
    readonly retention: Retention;
    readonly statePath: string | null;
  }) {
    this.#server = options.server;
    this.#clock = options.clock;
    this.#logger = options.logger;
    this.#retention = options.retention;
    this.#pending = new PendingWindows(options.statePath);
  }

  /** Before points are written: notes the windows they fall into. */
  touch(starts: ReadonlySet<number>): void {
    this.#pending.add('5m', starts);
  }

  /** Everything that is still there in raw points is rolled up again: somebody removed a roll-up by hand. */
  forget(): void {
    this.#pending.everything = true;
  }

  /** Up to which time a resolution answers for everything since `from`. */
  doneUntil(tier: Tier, from: number): number {
    const now = Math.floor(this.#clock.now() / 1_000);
    const kept = now - this.#retention.rawS;
    // Where no raw points are kept any more, the roll-up is all there is.
    if (this.#pending.everything) return Math.max(0, windowOf(kept, tier.stepS));
    const since = Math.max(windowOf(from, tier.stepS), windowOf(kept, tier.stepS));
    let until = Math.min(windowOf(now, tier.stepS), windowOf(this.#pending.firstFrom('5m', since), tier.stepS));
    if (tier.stepS === hourly.stepS) until = Math.min(until, this.#pending.firstFrom('1h', since));
    return until;
  }

  /** Rolls up what is due. Never rejects. */
  run(): Promise<void> {
    this.#running ??= this.#run().finally(() => {
      this.#running = null;
    });
    return this.#running;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#running;
  }

  async #run(): Promise<void> {
    try {
      if (this.#pending.everything) await this.#findAll();
      await this.#tier(raw, fiveMinutes);
      await this.#tier(fiveMinutes, hourly);
      if (this.#failing) this.#logger.info('the metric store rolls up again');
      this.#failing = false;
    } catch (error) {
      if (!this.#failing) {
        const fields = error instanceof ArungError ? { code: error.code, reason: error.message } : { err: error };
        this.#logger.warn(fields, 'could not roll up what was measured: tried again; until then raw points answer');
      }
      this.#failing = true;
    }
  }

  /** Notes every window since the oldest raw point. */
  async #findAll(): Promise<void> {
    const now = Math.floor(this.#clock.now() / 1_000);
    const oldest = await oldestOf(this.#server, raw);
    const from = Math.max(oldest ?? now, now - this.#retention.rawS + fiveMinutes.stepS);
    const starts: number[] = [];
    for (let start = windowOf(from, fiveMinutes.stepS); start <= now; start += fiveMinutes.stepS) starts.push(start);
    this.#pending.add('5m', starts);
    this.#pending.everything = false;
    this.#logger.info({ windows: starts.length, from: new Date(from * 1_000).toISOString() }, 'rolls up anew');
  }

  async #tier(source: Tier, target: Tier): Promise<void> {
    const name = target.name === '1h' ? '1h' : '5m';
    const now = Math.floor(this.#clock.now() / 1_000);
    const kept = now - this.#retention.rawS;
    const due = this.#pending.starts(name).filter((start) => {
      if (start + target.stepS + settleS > now) return false;
      return name === '5m' || this.#pending.firstFrom('5m', start) >= start + target.stepS;
    });
    while (due.length > 0 && !this.#stopped) {
      const first = due.shift() ?? 0;
      const stamps = new Map([[first, this.#pending.stamp(name, first)]]);
      let end = first + target.stepS;
      while (due[0] === end && stamps.size < maxWindows) {
        stamps.set(end, this.#pending.stamp(name, end));
        due.shift();
        end += target.stepS;
      }
      // Half of a window whose raw points are dropped already would replace the whole one.
      if (name === '1h' || first >= kept) await this.#windows({ source, target, from: first, to: end });
      if (name === '5m') this.#pending.add('1h', new Set([...stamps.keys()].map((at) => windowOf(at, hourly.stepS))));
      this.#pending.done(name, stamps);
    }
  }

  async #windows(range: { source: Tier; target: Tier; from: number; to: number }): Promise<void> {
    const { source, target, from, to } = range;
    for (const measurement of stored) {
      const [found = []] = await this.#server.query([rollUpQuery({ measurement, source, target, from, to })]);
      const lines = found.flatMap((series) => rolledLines(series));
      if (lines.length > 0) await this.#server.write(target, lines.join('\n'));
    }
  }
}

function windowOf(time: number, stepS: number): number {
  return Number.isFinite(time) ? Math.floor(time / stepS) * stepS : time;
}

/** How a statistic of a window is made: from measured points, or from finer roll-ups. */
function expression(which: Statistic, field: string, source: Tier): string {
  if (source.stepS === 0) return `${which}("${field}")`;
  const over = which === 'count' ? 'sum' : which;
  return `${over}("${field}_${which}")`;
}

function rollUpQuery(range: {
  readonly measurement: Measurement;
  readonly source: Tier;
  readonly target: Tier;
  readonly from: number;
  readonly to: number;
}): string {
  const { measurement, source, target, from, to } = range;
  const selected = measurements[measurement].fields.flatMap((field) =>
    statistics.map((which) => `${expression(which, field, source)} AS "${field}_${which}"`),
  );
  return (
    `SELECT ${selected.join(', ')} FROM "${source.policy}"."${measurement}" ` +
    `WHERE time >= ${from}s AND time < ${to}s ` +
    `GROUP BY time(${target.stepS}s), ${seriesTagNames.map((name) => `"${name}"`).join(', ')} fill(none)`
  );
}

/** An answer of `rollUpQuery` as lines; its tags are as they are stored. */
function rolledLines(series: InfluxSeries): string[] {
  let head = series.name;
  for (const name of seriesTagNames) {
    const value = series.tags?.[name] ?? '';
    if (value !== '') head += `,${name}=${lineTag(value)}`;
  }
  const lines: string[] = [];
  for (const [time, ...values] of series.values) {
    const fields: string[] = [];
    for (const [index, value] of values.entries()) {
      if (typeof value === 'number') fields.push(`${series.columns[index + 1] ?? ''}=${value}`);
    }
    if (fields.length > 0) lines.push(`${head} ${fields.join(',')} ${Number(time)}`);
  }
  return lines;
}

/** Time of the oldest entry of a resolution in seconds; null when it is empty. */
export async function oldestOf(server: InfluxServer, tier: Tier): Promise<number | null> {
  const statements = stored.map((measurement) => `SELECT * FROM "${tier.policy}"."${measurement}" LIMIT 1`);
  let oldest: number | null = null;
  for (const found of await server.query(statements)) {
    const time = found[0]?.values[0]?.[0];
    if (typeof time === 'number') oldest = Math.min(oldest ?? time, time);
  }
  return oldest;
}
