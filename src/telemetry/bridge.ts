import type { LongLived } from '../domain/lifecycle.ts';
import { LineWriter } from '../domain/line-writer.ts';
import { measurements, type Measurement, type PointBatch, type PointConsumer } from '../domain/point.ts';
import type { MqttLink } from './mqtt-link.ts';

const flushEveryMs = 1_000;
/** A message is sent when it has grown to this. */
const messageBytes = 65_536;

/**
 * Publishes all that is measured again, as line protocol with whole seconds in nanoseconds: for a Telegraf
 * (`inputs.mqtt_consumer`) or anything else. Topic: `TOPIC/MEASUREMENT`. What others handed in is not sent: it may come
 * from whoever listens. While the broker is away nothing is kept for it.
 */
export class MqttBridge implements PointConsumer, LongLived {
  readonly name = 'MQTT bridge';
  readonly #link: MqttLink;
  readonly #topic: string;
  readonly #waiting = new Map<Measurement, LineWriter>();
  #timer: NodeJS.Timeout | null = null;

  constructor(options: { readonly link: MqttLink; readonly topic: string }) {
    this.#link = options.link;
    this.#topic = options.topic;
  }

  start(): Promise<void> {
    this.#timer = setInterval(() => this.#flush(), flushEveryMs);
    return Promise.resolve();
  }

  stop(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#flush();
    return Promise.resolve();
  }

  accept(batch: PointBatch): void {
    const { measurement } = batch;
    if (!measurements[measurement].stored || measurement === 'external' || !this.#link.connected) return;
    let lines = this.#waiting.get(measurement);
    if (lines === undefined) {
      lines = new LineWriter({ afterTime: '000000000' });
      this.#waiting.set(measurement, lines);
    }
    lines.append(batch);
    if (lines.length >= messageBytes) this.#publish(measurement, lines);
  }

  #flush(): void {
    for (const [measurement, lines] of this.#waiting) if (lines.length > 0) this.#publish(measurement, lines);
  }

  #publish(measurement: Measurement, lines: LineWriter): void {
    this.#link.publish(`${this.#topic}/${measurement}`, lines.take());
  }
}
