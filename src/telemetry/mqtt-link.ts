/** A message as telemetry sees it, from the embedded broker or an external one. */
export interface MqttMessage {
  readonly topic: string;
  readonly payload: Buffer;
  /** It was kept by the broker from before: it says how something was, and proves no life. */
  readonly retained: boolean;
  /** 0: its sender sends it once and does not ask what became of it. */
  readonly qos: 0 | 1 | 2;
}

export interface LastWill {
  readonly topic: string;
  readonly payload: Buffer;
}

/**
 * Takes a message. A promise holds its sender back until it resolves: a broker acknowledges the message only then, so that
 * who sends faster than is worked in waits instead of losing. One that rejects was not taken and is not acknowledged: the
 * same message comes again.
 */
export type Receive = (message: MqttMessage) => unknown;

/** The controller's own way to the MQTT broker, whichever it is. */
export interface MqttLink {
  /** False while there is no broker: then nothing can be asked and nothing is known. */
  readonly connected: boolean;
  publish(topic: string, payload: string | Buffer, options?: { readonly qos?: 0 | 1; readonly retain?: boolean }): void;
  /** Calls back for each message on a filter; returns the way to stop. Goes on by itself after a reconnect. */
  subscribe(filter: string, receive: Receive): () => void;
  /** Calls back when the link goes up or down, and once at once; returns the way to stop. */
  onConnection(changed: (up: boolean) => void): () => void;
}

/** Whether a topic falls under a filter with `+` and `#` (MQTT 3.1.1, section 4.7). */
export function matchesFilter(filter: string, topic: string): boolean {
  const wanted = filter.split('/');
  const levels = topic.split('/');
  for (const [index, level] of wanted.entries()) {
    if (level === '#') return true;
    if (levels[index] === undefined || (level !== '+' && level !== levels[index])) return false;
  }
  return wanted.length === levels.length;
}
