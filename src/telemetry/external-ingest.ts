import { setImmediate } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Clock } from '../domain/clock.ts';
import { ArungError } from '../domain/errors.ts';
import { type KnownSource, type Origin, type SourceDirectory } from '../domain/external-source.ts';
import type { AgentId } from '../domain/ids.ts';
import type { LongLived } from '../domain/lifecycle.ts';
import { seriesOf, type PointBus, type Series } from '../domain/point.ts';
import type { AbsenceWatch } from './absence.ts';
import type { Counters } from './counters.ts';
import { readExternal, type ExternalPoint } from './external-points.ts';
import { decodeParts, type DecodedLines, type LineError, type Precision } from './line-protocol.ts';
import type { MqttLink, MqttMessage } from './mqtt-link.ts';
import { MessageQueues } from './message-queues.ts';
import { readTelegrafTopic, telegrafTopics } from './topics.ts';

/** Series of all publishers together, and of one source. */
const maxSeries = 100_000;
const maxSeriesOfSource = 5_000;
/** Lines that are wrong and told one by one; the rest is counted. */
const mostErrorsTold = 1_000;

export interface Written {
  /** Lines that were taken. */
  readonly accepted: number;
  /** Lines that are no line protocol; the others of the same text were taken. */
  readonly errors: readonly LineError[];
  /** Lines that were left out, by reason. */
  readonly refused: ReadonlyMap<string, number>;
}

export interface ExternalIngestOptions {
  /** Where `telegraf/AGENT/…` comes in. */
  readonly link: MqttLink;
  readonly bus: PointBus;
  readonly sources: SourceDirectory;
  readonly agentIdOf: (name: string) => AgentId | null;
  /** In whose name points of tokens travel on the bus. */
  readonly ownAgentId: AgentId;
  readonly absence: AbsenceWatch;
  /** Resolves when all that was put on the bus outlives a crash; rejects with `unavailable` while it cannot. */
  readonly durable: () => Promise<void>;
  /** Tags that say what a point is about, the first that is there. */
  readonly identityTags: readonly string[];
  readonly clock: Clock;
  readonly logger: Logger;
  readonly counters: Counters;
  /** Waits while more is kept for the store than it has taken; false when it takes nothing now and enough is kept. */
  readonly room: () => Promise<boolean>;
}

/**
 * Points of Telegraf and others that speak line protocol, over MQTT as `outputs.mqtt` writes it or handed in by HTTP:
 * they become rows of `external` on the bus. The same point again lands on itself, so a repeat is harmless.
 */
export class ExternalIngest implements LongLived {
  readonly name = 'external ingest';
  readonly #options: ExternalIngestOptions;
  readonly #queues: MessageQueues;
  /** By source: its series by their name. Shared by all batches, as a plan's series are. */
  readonly #series = new Map<string, Map<string, Series>>();
  #seriesCount = 0;
  #stop: () => void = () => undefined;

  constructor(options: ExternalIngestOptions) {
    this.#options = options;
    this.#queues = new MessageQueues({ ...options, counter: 'external_batches' });
  }

  start(): Promise<void> {
    this.#stop = this.#options.link.subscribe(telegrafTopics, (message) => this.#message(message));
    return Promise.resolve();
  }

  async stop(): Promise<void> {
    this.#stop();
    await this.#queues.ended();
  }

  #message(message: MqttMessage): void | Promise<void> {
    const { counters, agentIdOf } = this.#options;
    const name = readTelegrafTopic(message.topic);
    const agentId = name === null ? null : agentIdOf(name);
    if (name === null || agentId === null) return counters.count('external_batches', 'unknown-agent');
    // What a broker kept from before was taken when it was news.
    if (message.retained) return counters.count('external_batches', 'retained');
    const taken = this.#queues.add(name, message.payload, async (text) => {
      await this.write({ kind: 'agent', agentId, name }, text);
    });
    return message.qos === 0 ? taken.catch(() => undefined) : taken.then(() => this.#options.durable());
  }

  /**
   * Takes lines, some at a time, so that a long text neither stops everything else nor pushes other points out of the
   * queue. Rejects with `unavailable` while new sources cannot be kept or the store takes nothing.
   */
  async write(origin: Origin, text: string, precision: Precision = 'ns'): Promise<Written> {
    const { counters } = this.#options;
    const refused = new Map<string, number>();
    const errors: LineError[] = [];
    let accepted = 0;
    for (const lines of decodeParts(text)) {
      if (!(await this.#options.room())) throw storeAway();
      const part = await this.#take(origin, lines, precision);
      accepted += part.accepted;
      errors.push(...lines.errors.slice(0, mostErrorsTold - errors.length));
      for (const [reason, count] of part.refused) {
        refused.set(reason, (refused.get(reason) ?? 0) + count);
        counters.count('external_lines', reason, count);
      }
      await setImmediate();
    }
    counters.count('external_batches', 'accepted');
    return { accepted, errors, refused };
  }

  async #take(origin: Origin, lines: DecodedLines, precision: Precision): Promise<Omit<Written, 'errors'>> {
    const { clock, sources, counters, identityTags, absence } = this.#options;
    const nowS = Math.floor(clock.now() / 1_000);
    const read = readExternal(lines, { precision, nowS, identityTags });
    const refused = new Map<string, number>(read.refused);
    const known = await sources.resolve(origin, [...read.identities.values()]);
    const taken: { source: KnownSource; point: ExternalPoint }[] = [];
    for (const point of read.points) {
      const source = known.get(point.key);
      if (source !== undefined && source.state !== 'ignored') taken.push({ source, point });
      else refused.set(...plusOne(refused, source === undefined ? 'too-many-sources' : 'ignored'));
    }
    this.#publish(origin, taken, refused);
    absence.heard(origin, taken);
    if (taken.length > 0) counters.count('external_lines', 'accepted', taken.length);
    return { accepted: taken.length, refused };
  }

  #publish(
    origin: Origin,
    taken: readonly { source: KnownSource; point: ExternalPoint }[],
    refused: Map<string, number>,
  ): void {
    const series: Series[] = [];
    const times: number[] = [];
    const values: number[] = [];
    for (const { source, point } of taken) {
      for (const [name, value] of point.values) {
        const one = this.#seriesOf(source, name);
        if (one === null) {
          refused.set(...plusOne(refused, 'too-many-series'));
          continue;
        }
        series.push(one);
        times.push(point.time);
        values.push(value);
      }
    }
    if (series.length === 0) return;
    this.#options.bus.publish({
      agent: origin.kind === 'agent' ? origin.agentId : this.#options.ownAgentId,
      measurement: 'external',
      series,
      times: Float64Array.from(times),
      values: Float64Array.from(values),
    });
  }

  #seriesOf(source: KnownSource, name: string): Series | null {
    const own = this.#series.get(source.deviceId) ?? new Map<string, Series>();
    this.#series.set(source.deviceId, own);
    const known = own.get(name);
    if (known !== undefined) return known;
    if (own.size >= maxSeriesOfSource || this.#seriesCount >= maxSeries) return null;
    const made = seriesOf('external', { device: source.deviceId, sensor: name });
    own.set(name, made);
    this.#seriesCount++;
    return made;
  }
}

function plusOne(counts: ReadonlyMap<string, number>, reason: string): [string, number] {
  return [reason, (counts.get(reason) ?? 0) + 1];
}

function storeAway(): ArungError {
  return new ArungError('unavailable', 'The metric store takes no points now: send them again in a while.', {
    code: 'metrics.away',
    retryAfterS: 10,
  });
}
