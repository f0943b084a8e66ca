import { connect, type MqttClient } from 'mqtt';
import { agentTopic } from '../../../src/telemetry/topics.ts';

export interface WitnessOptions {
  readonly url: string;
  readonly name: string;
  readonly password: string;
  readonly deviceId: string;
  /** 1: it keeps what is not acknowledged and sends it again. 0: it sends once, and only while it is connected. */
  readonly qos: 0 | 1;
}

/** Of each message, beside one probe of its device. */
export const sensors = 20;

/**
 * An agent at another place that knows what it measured: a message a second, each with the values of twenty sensors,
 * no value twice. What it made is compared with what is stored, value by value.
 */
export class Witness {
  readonly deviceId: string;
  readonly #options: WitnessOptions;
  readonly #client: MqttClient;
  /** Number of a message by its second. */
  readonly #made = new Map<number, number>();
  #timer: NodeJS.Timeout | null = null;
  #last = 0;
  #number = 0;
  #acknowledged = 0;
  #sent = 0;

  constructor(options: WitnessOptions) {
    this.deviceId = options.deviceId;
    this.#options = options;
    const { name, password, qos } = options;
    this.#client = connect(options.url, {
      clientId: `witness-${name}`,
      username: name,
      password,
      clean: qos === 0,
      keepalive: 10,
      reconnectPeriod: 500,
      queueQoSZero: false,
      will: { topic: agentTopic(name, 'state'), payload: Buffer.from('{"online":false}'), qos: 1, retain: true },
    });
    this.#client.on('connect', () => {
      this.#client.publish(agentTopic(name, 'state'), '{"online":true}', { qos: 1, retain: true });
    });
    // It tries again by itself.
    this.#client.on('error', () => undefined);
  }

  start(): void {
    this.#timer = setInterval(() => this.#measure(), 1_000);
  }

  /** Measures nothing more; what is not acknowledged yet is still sent. */
  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
  }

  async end(): Promise<void> {
    this.stop();
    await this.#client.endAsync(true);
  }

  /** Messages that were made, that left it, and that the broker has acknowledged. */
  get counts(): { readonly made: number; readonly sent: number; readonly acknowledged: number } {
    return { made: this.#made.size, sent: this.#sent, acknowledged: this.#acknowledged };
  }

  /** The first and the last second that it measured. */
  get span(): { readonly from: number; readonly to: number } {
    const seconds = [...this.#made.keys()];
    return { from: Math.min(...seconds), to: Math.max(...seconds) };
  }

  /** The value of a sensor at a second; null where it measured nothing. */
  valueAt(second: number, sensor: number): number | null {
    const number = this.#made.get(second);
    return number === undefined ? null : number * 100 + sensor;
  }

  #measure(): void {
    const { name, deviceId, qos } = this.#options;
    // A second is never used twice, however late the timer is.
    const second = Math.max(this.#last + 1, Math.floor(Date.now() / 1_000));
    this.#last = second;
    this.#number++;
    this.#made.set(second, this.#number);
    const lines = Array.from(
      { length: sensors },
      (_, at) => `sensor,device=${deviceId},sensor=s${at} value=${this.#number * 100 + at} ${second}`,
    );
    const probe = `probe,device=${deviceId} answered=1,rtt_ms=1 ${second}`;
    const text = [`# agent=${name} boot=b1 seq=${this.#number}`, ...lines, probe].join('\n');
    if (qos === 0 && !this.#client.connected) return;
    this.#sent++;
    this.#publish(`${text}\n`);
  }

  /** MQTT.js gives a message back whose connection ended while it sent older ones again: who queues keeps it. */
  #publish(text: string): void {
    const { name, qos } = this.#options;
    this.#client.publish(agentTopic(name, 'points'), text, { qos }, (error) => {
      if (error === undefined || error === null) this.#acknowledged++;
      else if (qos === 1 && !this.#client.disconnecting) setTimeout(() => this.#publish(text), 500);
    });
  }
}
