import type { LongLived } from '../domain/lifecycle.ts';
import { measurements, type Measurement, type PointBatch, type PointConsumer } from '../domain/point.ts';
import { encodeBatch } from './line-protocol.ts';
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
  readonly #waiting = new Map<Measurement, string>();
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
    const text = (this.#waiting.get(measurement) ?? '') + encodeBatch(batch).replaceAll('\n', '000000000\n');
    if (text.length < messageBytes) {
      this.#waiting.set(measurement, text);
      return;
    }
    this.#waiting.delete(measurement);
    this.#publish(measurement, text);
  }

  #flush(): void {
    const all = [...this.#waiting];
    this.#waiting.clear();
    for (const [measurement, text] of all) if (text !== '') this.#publish(measurement, text);
  }

  #publish(measurement: Measurement, text: string): void {
    this.#link.publish(`${this.#topic}/${measurement}`, text);
  }
}
