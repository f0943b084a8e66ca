import { setImmediate } from 'node:timers/promises';
import type { Logger } from 'pino';
import { Type } from 'typebox';
import { Check } from 'typebox/value';
import type { Clock } from '../domain/clock.ts';
import type { AgentId } from '../domain/ids.ts';
import type { LongLived } from '../domain/lifecycle.ts';
import type { PointBus } from '../domain/point.ts';
import type { LookReason } from '../domain/service-state.ts';
import type { Counters } from './counters.ts';
import type { MqttLink, MqttMessage } from './mqtt-link.ts';
import { MessageQueues } from './message-queues.ts';
import { decodeParts } from './line-protocol.ts';
import { readReasons } from './look-reasons.ts';
import { OwnPointReader, type Ownership } from './own-points.ts';
import { RepeatFilter } from './repeat-filter.ts';
import { allAgents, readTopic } from './topics.ts';

/** The first line of a message of points: what makes a repeat harmless. */
const header = /^# agent=(\S{1,120}) boot=(\S{1,80}) seq=(\d{1,15})(?: |\r?\n|$)/;

const AgentState = Type.Object({
  online: Type.Boolean(),
  version: Type.Optional(Type.String({ maxLength: 60 })),
});

/** Whom the controller knows as an agent: by the name in its topics. */
export interface KnownAgents extends Ownership {
  agentIdOf(name: string): AgentId | null;
  /** Resolves when the inventory has been read anew. */
  refresh(): Promise<void>;
}

/** So long it is believed that an agent has nothing to say of a thing, seconds. */
const strangerForMs = 10_000;
const mostStrangers = 10_000;

export interface IngestOptions {
  readonly link: MqttLink;
  /** Where points come in; without it `link`. */
  readonly points?: MqttLink;
  readonly bus: PointBus;
  readonly agents: KnownAgents;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly counters: Counters;
  /** Waits while more is kept for the store than it has taken. */
  readonly room: () => Promise<unknown>;
  /** Resolves when all that was put on the bus outlives a crash; rejects with `unavailable` while it cannot. */
  readonly durable: () => Promise<void>;
  /** Why looks at services were not up; before their points come. */
  readonly onReasons?: (agent: AgentId, reasons: readonly LookReason[]) => void;
  /** Anything fresh came from the agent. */
  readonly onAgentSeen: (agent: AgentId) => void;
  /** The agent said goodbye, or its broker said so for it (last will). */
  readonly onAgentSilent: (agent: AgentId) => void;
  /** Agents speak and are turned away, or held up behind one that is: what they send cannot be kept now. */
  readonly onTurnedAway: () => void;
}

/** Points from agents at other places: MQTT messages of line protocol become batches on the bus, each of them once. */
export class Ingest implements LongLived {
  readonly name = 'ingest';
  readonly #options: IngestOptions;
  readonly #reader: OwnPointReader;
  readonly #repeats = new RepeatFilter();
  readonly #queues: MessageQueues;
  /** By agent and thing: when it was last looked up that the agent has nothing to say of it. */
  readonly #strangers = new Map<string, number>();
  #stops: (() => void)[] = [];

  constructor(options: IngestOptions) {
    this.#options = options;
    this.#reader = new OwnPointReader(options.agents);
    this.#queues = new MessageQueues({ ...options, counter: 'ingest_batches' });
  }

  start(): Promise<void> {
    const { link, points } = this.#options;
    this.#stops = [
      (points ?? link).subscribe(allAgents('points'), (message) => this.#points(message)),
      link.subscribe(allAgents('state'), (message) => this.#state(message)),
    ];
    return Promise.resolve();
  }

  async stop(): Promise<void> {
    for (const stop of this.#stops) stop();
    await this.#queues.ended();
  }

  #agentOf(message: MqttMessage): { readonly id: AgentId; readonly name: string } | null {
    const name = readTopic(message.topic)?.name;
    const id = name === undefined ? null : this.#options.agents.agentIdOf(name);
    if (id === null || name === undefined) {
      this.#options.counters.count('ingest_batches', 'unknown-agent');
      return null;
    }
    return { id, name };
  }

  #state(message: MqttMessage): void {
    const agent = this.#agentOf(message);
    if (agent === null) return;
    let state: unknown;
    try {
      state = message.payload.length <= 4_096 ? JSON.parse(message.payload.toString('utf8')) : null;
    } catch {
      state = null;
    }
    if (!Check(AgentState, state)) {
      this.#options.counters.count('ingest_batches', 'malformed-state');
      return;
    }
    // A state that the broker kept says how the agent was: `offline` still holds, `online` is no proof.
    if (!state.online) this.#options.onAgentSilent(agent.id);
    else if (!message.retained) this.#options.onAgentSeen(agent.id);
  }

  #points(message: MqttMessage): void | Promise<void> {
    const { counters } = this.#options;
    const agent = this.#agentOf(message);
    if (agent === null) return;
    if (message.retained) return counters.count('ingest_batches', 'retained');
    const taken = this.#queues.add(agent.name, message.payload, (text) => this.#take(agent, text));
    // Who queues forgets a batch when it is acknowledged: a repeat of one that is not durable yet is no exception.
    if (message.qos === 0) return taken.catch(() => undefined);
    return taken
      .then(() => this.#options.durable())
      .catch((error: unknown) => {
        this.#options.onTurnedAway();
        throw error;
      });
  }

  async #take(agent: { id: AgentId; name: string }, text: string): Promise<void> {
    const { counters, bus, clock, onAgentSeen } = this.#options;
    const [, name, boot = '', seq = ''] = header.exec(text.slice(0, 300)) ?? [];
    if (name === undefined) return counters.count('ingest_batches', 'no-header');
    if (name !== agent.name) return counters.count('ingest_batches', 'foreign-agent');
    onAgentSeen(agent.id);
    if (!this.#repeats.isNew(agent.name, boot, Number(seq))) return counters.count('ingest_batches', 'repeat');
    counters.count('ingest_batches', 'accepted');
    const reasons = readReasons(text).filter(({ serviceId }) => this.#options.agents.knowsService(serviceId));
    if (reasons.length > 0) this.#options.onReasons?.(agent.id, reasons);
    let isFirst = true;
    for (const lines of decodeParts(text)) {
      // Not behind the last: what is on the bus is acknowledged at once, so that it does not come again.
      if (!isFirst) await this.#options.room().then(() => setImmediate());
      isFirst = false;
      const options = { agent: agent.id, nowS: Math.floor(clock.now() / 1_000) };
      let points = this.#reader.read(lines, options);
      // A device may have been given to the agent a moment ago, and what is acknowledged does not come again.
      if (await this.#lookedUp(agent, points.strangers)) points = this.#reader.read(lines, options);
      if (points.accepted > 0) counters.count('ingest_lines', 'accepted', points.accepted);
      for (const [reason, count] of points.refused) counters.count('ingest_lines', reason, count);
      for (const batch of points.batches) bus.publish(batch);
    }
  }

  /** Reads the directory anew for things that were not looked up lately; false when there was no need. */
  async #lookedUp(agent: { id: AgentId }, strangers: ReadonlySet<string>): Promise<boolean> {
    const { agents, clock } = this.#options;
    const now = clock.monotonic();
    const keys = [...strangers].map((id) => `${agent.id} ${id}`);
    if (keys.every((key) => now - (this.#strangers.get(key) ?? Number.NEGATIVE_INFINITY) < strangerForMs)) return false;
    await agents.refresh();
    if (this.#strangers.size + keys.length > mostStrangers) this.#strangers.clear();
    for (const key of keys) this.#strangers.set(key, now);
    return true;
  }
}
