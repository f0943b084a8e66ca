import type { Aedes } from 'aedes';
import { matchesFilter, type MqttLink, type MqttMessage, type Receive } from './mqtt-link.ts';

type Deliver = Parameters<Aedes['subscribe']>[1];

interface Subscription {
  readonly filter: string;
  readonly receive: Receive;
}

/** The controller's link to the embedded broker: no socket in between. Outlives a broker that is stopped and started. */
export class BrokerLink implements MqttLink {
  #broker: Aedes | null = null;
  #subscriptions: readonly Subscription[] = [];
  #listeners: readonly ((up: boolean) => void)[] = [];
  readonly #filters = new Map<string, Deliver>();

  get connected(): boolean {
    return this.#broker !== null;
  }

  attach(broker: Aedes): void {
    this.#broker = broker;
    for (const filter of new Set(this.#subscriptions.map((s) => s.filter))) this.#subscribeAt(broker, filter);
    for (const listener of this.#listeners) listener(true);
  }

  detach(): void {
    if (this.#broker === null) return;
    this.#broker = null;
    this.#filters.clear();
    for (const listener of this.#listeners) listener(false);
  }

  publish(
    topic: string,
    payload: string | Buffer,
    options: { readonly qos?: 0 | 1; readonly retain?: boolean } = {},
  ): void {
    this.#broker?.publish(
      { cmd: 'publish', topic, payload, qos: options.qos ?? 0, retain: options.retain ?? false, dup: false },
      () => undefined,
    );
  }

  subscribe(filter: string, receive: Receive): () => void {
    const subscription: Subscription = { filter, receive };
    this.#subscriptions = [...this.#subscriptions, subscription];
    if (this.#broker !== null && !this.#filters.has(filter)) this.#subscribeAt(this.#broker, filter);
    return () => {
      this.#subscriptions = this.#subscriptions.filter((other) => other !== subscription);
      if (this.#subscriptions.some((other) => other.filter === filter)) return;
      const deliver = this.#filters.get(filter);
      this.#filters.delete(filter);
      if (deliver !== undefined) this.#broker?.unsubscribe(filter, deliver, () => undefined);
    };
  }

  onConnection(changed: (up: boolean) => void): () => void {
    this.#listeners = [...this.#listeners, changed];
    changed(this.connected);
    return () => {
      this.#listeners = this.#listeners.filter((other) => other !== changed);
    };
  }

  #subscribeAt(broker: Aedes, filter: string): void {
    const deliver: Deliver = (packet, done) => {
      const payload = typeof packet.payload === 'string' ? Buffer.from(packet.payload) : packet.payload;
      const message: MqttMessage = { topic: packet.topic, payload, retained: false };
      const working = this.#subscriptions
        .filter((subscription) => subscription.filter === filter && matchesFilter(filter, packet.topic))
        .map((subscription) => subscription.receive(message))
        .filter((work) => work instanceof Promise);
      if (working.length === 0) done();
      else void Promise.all(working).finally(() => done());
    };
    this.#filters.set(filter, deliver);
    broker.subscribe(filter, deliver, () => undefined);
  }
}
