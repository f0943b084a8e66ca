import { readFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { rootCertificates } from 'node:tls';
import { connect, ErrorWithReasonCode, type IClientOptions, type MqttClient } from 'mqtt';
import type { Logger } from 'pino';
import type { LongLived } from '../domain/lifecycle.ts';
import { ArungError } from '../domain/errors.ts';
import { matchesFilter, type LastWill, type MqttLink, type MqttMessage, type Receive } from './mqtt-link.ts';

/** What was not taken is tried again after so long. */
const againMs = 1_000;
/** So long a broker is waited for when the link ends. */
const goodbyeMs = 2_000;
const refusedText =
  'the MQTT broker refuses this login: check its user name and password there and here; it is tried again';

interface Subscription {
  readonly filter: string;
  readonly receive: Receive;
}

/** The link to an external broker (Mosquitto in production): connects again by itself, subscriptions included. */
export class MqttClientLink implements MqttLink, LongLived {
  readonly name = 'MQTT client';
  readonly #url: string;
  readonly #options: IClientOptions;
  readonly #logger: Logger;
  readonly #lasting: boolean;
  #client: MqttClient | null = null;
  /** What works at the message that came last. */
  #working: Promise<unknown> = Promise.resolve();
  #up = false;
  #subscriptions: readonly Subscription[] = [];
  #listeners: readonly ((up: boolean) => void)[] = [];

  constructor(options: {
    /** `mqtt://`, `mqtts://`; user name and password not in it but beside it. */
    readonly url: string;
    readonly username?: string;
    readonly password?: string;
    /** File with the certificates that are trusted, beside the system's. */
    readonly caFile?: string;
    readonly clientId: string;
    /**
     * The broker keeps messages of QoS 1 for this client id while it is away, as far as the broker is set to. For what
     * carries its own time; a message that is read as news must not come late.
     */
    readonly lasting?: boolean;
    /** What the broker publishes for us, retained, when the connection ends without a goodbye. */
    readonly will?: LastWill;
    readonly logger: Logger;
  }) {
    this.#url = options.url;
    this.#logger = options.logger;
    this.#lasting = options.lasting ?? false;
    this.#options = {
      clientId: options.clientId,
      protocolVersion: 4,
      clean: !this.#lasting,
      keepalive: 30,
      reconnectPeriod: 2_000,
      connectTimeout: 10_000,
      // A login that the broker does not know yet, or whose list of logins is just being written, is no end.
      reconnectOnConnackError: true,
      resubscribe: true,
      // What could not be sent while the broker was away is stale when it comes back.
      queueQoSZero: false,
      ...(options.username === undefined ? {} : { username: options.username }),
      ...(options.password === undefined ? {} : { password: options.password }),
      ...(options.will === undefined ? {} : { will: { ...options.will, qos: 1, retain: true } }),
      ...(options.caFile === undefined ? {} : { ca: trusted(options.caFile) }),
    };
  }

  get connected(): boolean {
    return this.#up;
  }

  /** Does not wait for the broker: while it is away what hangs on it is unknown, and the rest goes on. */
  start(): Promise<void> {
    let client: MqttClient;
    try {
      client = connect(this.#url, this.#options);
    } catch (error) {
      throw new ArungError(
        'invalid',
        'The address of the MQTT broker is wrong: write mqtt://host:1883 or mqtts://host:8883.',
        {
          code: 'mqtt.wrong-address',
          cause: error,
        },
      );
    }
    this.#client = client;
    let said = '';
    client.on('connect', () => {
      said = '';
      this.#changed(true);
    });
    client.on('close', () => this.#changed(false));
    client.on('error', (error) => {
      if (error.message === said) return;
      said = error.message;
      const isRefused = error instanceof ErrorWithReasonCode;
      this.#logger.error({ reason: said }, isRefused ? refusedText : 'the MQTT broker cannot be reached');
    });
    client.on('message', (topic, payload, { retain, qos }) => {
      this.#working = this.#take({ topic, payload, retained: retain, qos });
    });
    // Runs behind the event, one message after the other; a message is acknowledged when it calls back.
    client.handleMessage = (_packet, acknowledge) => void this.#working.then(() => acknowledge());
    for (const filter of new Set(this.#subscriptions.map((s) => s.filter))) this.#subscribeAt(client, filter);
    return Promise.resolve();
  }

  async stop(): Promise<void> {
    const client = this.#client;
    this.#client = null;
    if (client === null) return;
    const { stream } = client;
    // A broker that has no ear for a goodbye holds nobody up: without it, it notices by the end of the connection.
    const late = new AbortController();
    await Promise.race([
      client.endAsync(!this.#up),
      setTimeout(goodbyeMs, undefined, { signal: late.signal }).catch(() => undefined),
    ]);
    late.abort();
    stream.destroy();
  }

  publish(
    topic: string,
    payload: string | Buffer,
    options: { readonly qos?: 0 | 1; readonly retain?: boolean } = {},
  ): void {
    if (!this.#up) return;
    this.#client?.publish(topic, payload, { qos: options.qos ?? 0, retain: options.retain ?? false });
  }

  /**
   * Resolves when the broker has it (QoS 1): it is sent again by itself after each reconnect until then. Rejects when the
   * link is stopped before.
   */
  async deliver(topic: string, payload: Buffer): Promise<void> {
    if (this.#client === null) throw new Error('The link to the MQTT broker has been stopped.');
    await this.#client.publishAsync(topic, payload, { qos: 1 });
  }

  subscribe(filter: string, receive: Receive): () => void {
    const subscription: Subscription = { filter, receive };
    const known = this.#subscriptions.some((other) => other.filter === filter);
    this.#subscriptions = [...this.#subscriptions, subscription];
    if (!known && this.#client !== null) this.#subscribeAt(this.#client, filter);
    return () => {
      this.#subscriptions = this.#subscriptions.filter((other) => other !== subscription);
      // What nobody takes any more stays with the broker for the next start.
      if (this.#lasting) return void this.stop();
      if (!this.#subscriptions.some((other) => other.filter === filter)) this.#client?.unsubscribe(filter);
    };
  }

  onConnection(changed: (up: boolean) => void): () => void {
    this.#listeners = [...this.#listeners, changed];
    changed(this.#up);
    return () => {
      this.#listeners = this.#listeners.filter((other) => other !== changed);
    };
  }

  #subscribeAt(client: MqttClient, filter: string): void {
    client.subscribe(filter, { qos: 1 }, (error, granted) => {
      const refused = granted?.some((grant) => Number(grant.qos) === 128) ?? false;
      // One that was lost with the connection is made again with the next.
      if (refused || (error !== null && this.#up)) {
        this.#logger.error(
          { filter, reason: error?.message },
          'the MQTT broker refused a subscription: look at its access list for our user',
        );
      }
    });
  }

  /** Resolves when a message is taken. What is not taken is tried again until this link ends; the broker keeps it. */
  async #take(message: MqttMessage): Promise<void> {
    for (let isFirst = true; ; isFirst = false) {
      const working = this.#subscriptions
        .filter(({ filter }) => matchesFilter(filter, message.topic))
        .map(async ({ receive }) => receive(message));
      const results = await Promise.allSettled(working);
      const fault = results.find((one) => one.status === 'rejected' && !(one.reason instanceof ArungError));
      if (fault !== undefined && isFirst) {
        this.#logger.error({ err: (fault as PromiseRejectedResult).reason, topic: message.topic }, 'a message over MQTT could not be worked in'); // prettier-ignore
      }
      if (message.qos === 0 || results.every(({ status }) => status === 'fulfilled')) return;
      await setTimeout(againMs);
      if (this.#client === null) return new Promise(() => undefined);
    }
  }

  #changed(up: boolean): void {
    if (this.#up === up) return;
    this.#up = up;
    this.#logger[up ? 'info' : 'warn'](
      { url: this.#url.replace(/\/\/[^@/]*@/, '//') },
      up ? 'connected to the MQTT broker' : 'lost the MQTT broker',
    );
    for (const listener of this.#listeners) listener(up);
  }
}

function trusted(caFile: string): string[] {
  try {
    return [...rootCertificates, readFileSync(caFile, 'utf8')];
  } catch (error) {
    const { message } = error as Error;
    throw new ArungError(
      'invalid',
      `The certificates of the MQTT broker's authority cannot be read (${message}): mend ARUNG_MQTT_CA_FILE, or caFile of an agent at a site.`,
      { code: 'mqtt.ca-unreadable', arguments: { file: caFile }, cause: error },
    );
  }
}
