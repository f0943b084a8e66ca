import type { Clock } from '../domain/clock.ts';
import { originKey, type KnownSource, type Origin, type SourceDirectory } from '../domain/external-source.ts';
import type { AgentId } from '../domain/ids.ts';
import type { LongLived } from '../domain/lifecycle.ts';
import { seriesOf, type PointBus, type Series } from '../domain/point.ts';
import type { ExternalPoint } from './external-points.ts';
import { LearnedInterval } from './learned-interval.ts';

/** Intervals without a word after which a device is down. */
const missedIntervals = 3;
/** A single missed probe is chance; these are whole intervals of silence, which count as so many. */
const certainMisses = 8;
/** Before the first distance is known. */
const assumedIntervalS = 60;
/** A row this much older than now is a backlog, which proves no life. */
const staleS = 300;
const tickMs = 1_000;
/** Status forgets what it hears nothing about: it hears this often that the next word is not due yet, or overdue. */
const tellEveryMs = 5_000;
const noteEveryMs = 60_000;

interface Heard {
  source: KnownSource;
  readonly interval: LearnedInterval;
  /** Monotonic; NaN before the first fresh word. */
  at: number;
  wallAt: number;
  missed: number;
  toldAt: number;
  readonly measurements: Set<string>;
  news: boolean;
}

/**
 * Status by absence, for devices that only a publisher sees: how often each speaks is learned from its stream, and whole
 * intervals without a word become misses of `probe`, which the status board takes as any other. A device that another
 * machine reads (`agent_host`, a ping) misses only while that machine is heard; else nothing is known about it.
 */
export class AbsenceWatch implements LongLived {
  readonly name = 'absence watch';
  readonly #options: {
    readonly sources: SourceDirectory;
    readonly bus: PointBus;
    readonly clock: Clock;
    readonly ownAgentId: AgentId;
  };
  /** By id of the source. */
  readonly #heard = new Map<string, Heard>();
  /** By origin and `host`: when the publisher was heard last (monotonic). */
  readonly #publishers = new Map<string, number>();
  readonly #series = new Map<string, Series>();
  #channelDownAt: number | null = null;
  #timer: NodeJS.Timeout | null = null;
  #notedAt = 0;
  #noting: Promise<void> = Promise.resolve();

  constructor(options: {
    readonly sources: SourceDirectory;
    readonly bus: PointBus;
    readonly clock: Clock;
    readonly ownAgentId: AgentId;
  }) {
    this.#options = options;
  }

  start(): Promise<void> {
    this.#timer = setInterval(() => this.tick(), tickMs);
    return Promise.resolve();
  }

  async stop(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#note();
    await this.#noting;
  }

  /** The broker is there or not: while it is away nobody who publishes there is missed. */
  setChannel(up: boolean): void {
    const now = this.#options.clock.monotonic();
    if (!up) this.#channelDownAt ??= now;
    if (!up || this.#channelDownAt === null) return;
    const away = now - this.#channelDownAt;
    this.#channelDownAt = null;
    for (const heard of this.#heard.values()) if (isMqtt(heard.source.origin)) heard.at += away;
    for (const [key, at] of this.#publishers) if (isMqtt(key)) this.#publishers.set(key, at + away);
  }

  heard(origin: Origin, taken: readonly { readonly source: KnownSource; readonly point: ExternalPoint }[]): void {
    const { clock } = this.#options;
    const now = clock.monotonic();
    const nowS = clock.now() / 1_000;
    const answered = new Set<Heard>();
    for (const { source, point } of taken) {
      this.#publishers.set(`${originKey(origin)} ${source.identity.publisher}`, now);
      const heard = this.#heardOf(source, now);
      heard.source = source;
      heard.wallAt = clock.now();
      heard.news = true;
      if (heard.measurements.size < 50) heard.measurements.add(point.measurement);
      if (!point.alive) continue;
      const isNews = heard.interval.observe(point.measurement, Math.floor(point.time));
      if (isNews && Math.abs(nowS - point.time) <= staleS) answered.add(heard);
    }
    for (const heard of answered) {
      heard.interval.arrived(now);
      heard.at = now;
      heard.missed = 0;
      if (heard.source.watched) this.#tell(heard, 1, 1, now);
    }
  }

  tick(): void {
    const now = this.#options.clock.monotonic();
    for (const source of this.#options.sources.watched()) {
      const heard = this.#heardOf(source, now);
      heard.source = source;
      if (this.#channelDownAt !== null && isMqtt(source.origin)) continue;
      this.#look(heard, now);
    }
    if (now - this.#notedAt > noteEveryMs) this.#note();
  }

  #look(heard: Heard, now: number): void {
    const intervalMs = this.#intervalS(heard) * 1_000;
    const age = now - heard.at;
    // Half an interval of patience: a publisher jitters, and flushes what it gathered.
    const due = Math.max(0, Math.floor(age / intervalMs - 0.5));
    if (due === 0) {
      if (now - heard.toldAt >= tellEveryMs) this.#tell(heard, Number.NaN, 1, now);
      return;
    }
    const missed = Math.min(due, this.#intervalsOfPublisher(heard, intervalMs));
    // Nobody can say more of it while who reads it is silent.
    if (missed < due - 1 || missed === 0) return;
    if (missed > heard.missed) {
      const settles = heard.missed < missedIntervals && missed >= missedIntervals;
      heard.missed = missed;
      this.#tell(heard, 0, settles ? certainMisses : 1, now);
    } else if (now - heard.toldAt >= tellEveryMs) {
      if (missed >= missedIntervals) this.#tell(heard, 0, 1, now);
      else this.#tell(heard, Number.NaN, 1, now);
    }
  }

  /** Intervals since its last word in which its publisher was heard. A machine speaks for itself: its silence is its own. */
  #intervalsOfPublisher(heard: Heard, intervalMs: number): number {
    const { identity, origin } = heard.source;
    if (identity.publisher === '' || identity.publisher === identity.value) return Number.POSITIVE_INFINITY;
    const heardAt = this.#publishers.get(`${origin} ${identity.publisher}`);
    return heardAt === undefined ? 0 : Math.floor((heardAt - heard.at) / intervalMs + 0.5);
  }

  #intervalS(heard: Heard): number {
    return heard.interval.seconds ?? heard.source.intervalS ?? assumedIntervalS;
  }

  /** `answered` 1 or 0; NaN: its next word is not due yet. */
  #tell(heard: Heard, answered: number, rows: number, now: number): void {
    heard.toldAt = now;
    const { bus, ownAgentId, clock } = this.#options;
    const { deviceId } = heard.source;
    let series = this.#series.get(deviceId);
    if (series === undefined) {
      series = seriesOf('probe', { device: deviceId });
      this.#series.set(deviceId, series);
    }
    const timeS = Math.floor(clock.now() / 1_000);
    bus.publish({
      agent: ownAgentId,
      measurement: 'probe',
      series: Array.from({ length: rows }, () => series),
      times: new Float64Array(rows).fill(timeS),
      values: Float64Array.from(Array.from({ length: rows }, () => [answered, Number.NaN, Number.NaN]).flat()),
    });
  }

  #heardOf(source: KnownSource, now: number): Heard {
    const known = this.#heard.get(source.id);
    if (known !== undefined) return known;
    const heard: Heard = {
      source,
      interval: new LearnedInterval(),
      // Of one that was known before the start nothing may come any more: its time begins now.
      at: now,
      wallAt: Number.NaN,
      missed: 0,
      toldAt: Number.NEGATIVE_INFINITY,
      measurements: new Set(),
      news: false,
    };
    this.#heard.set(source.id, heard);
    return heard;
  }

  #note(): void {
    this.#notedAt = this.#options.clock.monotonic();
    const news = [...this.#heard.values()].filter((heard) => heard.news);
    if (news.length === 0) return;
    for (const heard of news) heard.news = false;
    this.#noting = this.#options.sources.note(
      news.map((heard) => ({
        id: heard.source.id,
        lastSeen: heard.wallAt,
        intervalS: heard.interval.seconds,
        measurements: [...heard.measurements].sort(),
      })),
    );
  }
}

function isMqtt(origin: string): boolean {
  return origin.startsWith('agent ');
}
