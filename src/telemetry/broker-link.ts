import type { Aedes } from 'aedes';
import { matchesFilter, type MqttLink, type MqttMessage, type Receive } from './mqtt-link.ts';

interface Subscription {
  readonly filter: string;
  readonly receive: Receive;
}

/** The controller's link to the embedded broker: no socket in between. Outlives a broker that is stopped and started. */
export class BrokerLink implements MqttLink {
  #broker: Aedes | null = null;
  #subscriptions: readonly Subscription[] = [];
  #listeners: readonly ((up: boolean) => void)[] = [];

  get connected(): boolean {
    return this.#broker !== null;
  }

  attach(broker: Aedes): void {
    this.#broker = broker;
    for (const listener of this.#listeners) listener(true);
  }

  detach(): void {
    if (this.#broker === null) return;
    this.#broker = null;
    for (const listener of this.#listeners) listener(false);
  }

  /**
   * A guest's message, before the broker acknowledges it: aedes itself would acknowledge first and deliver then. Resolves
   * when it is worked in; rejects when it was not taken.
   */
  async take(message: MqttMessage): Promise<void> {
    const receivers = this.#subscriptions.filter(({ filter }) => matchesFilter(filter, message.topic));
    await Promise.all(receivers.map(({ receive }) => receive(message)));
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
    return () => {
      this.#subscriptions = this.#subscriptions.filter((other) => other !== subscription);
    };
  }

  onConnection(changed: (up: boolean) => void): () => void {
    this.#listeners = [...this.#listeners, changed];
    changed(this.connected);
    return () => {
      this.#listeners = this.#listeners.filter((other) => other !== changed);
    };
  }
}
