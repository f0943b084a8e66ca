import type { Logger } from 'pino';
import type { AgentPlan } from '../domain/agent-plan.ts';
import type { AgentId } from '../domain/ids.ts';
import type { LongLived } from '../domain/lifecycle.ts';
import type { AgentSource } from '../domain/plan.ts';
import type { MqttLink } from './mqtt-link.ts';
import { Rereading } from './rereading.ts';
import { agentTopic, allAgents, isTopicName, readTopic } from './topics.ts';

/** A broker takes no larger message of it (`deploy/mosquitto/mosquitto.conf`: 2 MiB). */
const mostBytes = 1_048_576;
/** So often it is looked anew whether all is as it should be. */
const everyMs = 60_000;

export interface PlanPublisherOptions {
  readonly link: MqttLink;
  readonly agents: Pick<AgentSource, 'agents'>;
  readonly plans: () => Promise<ReadonlyMap<AgentId, AgentPlan>>;
  /** Wakes when either may have changed. */
  readonly onChange: (wake: () => void) => () => void;
  readonly logger: Logger;
}

/**
 * Keeps at the broker, retained, what each agent at another place has to look at, and removes what was kept for one that
 * is gone. A reconciler: it compares what is kept, as far as the broker tells, with what the inventory says.
 */
export class PlanPublisher implements LongLived {
  readonly name = 'plans of agents';
  readonly #options: PlanPublisherOptions;
  /** What the broker keeps, by agent's name. */
  readonly #kept = new Map<string, string>();
  readonly #tooLarge = new Set<string>();
  readonly #reconciling = new Rereading(() => this.#reconcile());
  #stops: (() => void)[] = [];

  constructor(options: PlanPublisherOptions) {
    this.#options = options;
  }

  start(): Promise<void> {
    const { link, onChange } = this.#options;
    const wake = (): void => void this.#reconciling.again();
    const timer = setInterval(wake, everyMs);
    timer.unref();
    this.#stops = [
      // What an external broker kept from before; of what is published now nothing needs to be heard.
      link.subscribe(allAgents('plan'), ({ topic, payload, retained }) => {
        const name = retained ? readTopic(topic)?.name : undefined;
        if (name === undefined) return;
        this.#kept.set(name, payload.toString('utf8'));
        wake();
      }),
      link.onConnection((up) => {
        // An embedded broker keeps nothing over its end.
        this.#kept.clear();
        if (up) wake();
      }),
      onChange(wake),
      () => clearInterval(timer),
    ];
    return Promise.resolve();
  }

  async stop(): Promise<void> {
    for (const stop of this.#stops) stop();
    await this.#reconciling.ended();
  }

  async #reconcile(): Promise<void> {
    const { link, logger } = this.#options;
    if (!link.connected) return;
    let wanted: ReadonlyMap<string, string>;
    try {
      wanted = await this.#wanted();
    } catch (error) {
      logger.warn({ err: error }, 'the plans of the agents could not be made; the last ones stay');
      return;
    }
    for (const [name, text] of wanted) {
      if (this.#kept.get(name) === text || !link.connected) continue;
      link.publish(agentTopic(name, 'plan'), text, { qos: 1, retain: true });
      this.#kept.set(name, text);
    }
    for (const name of this.#kept.keys()) {
      if (wanted.has(name) || !link.connected) continue;
      // An empty retained message removes what was kept (MQTT 3.1.1, section 3.3.1.3).
      link.publish(agentTopic(name, 'plan'), '', { qos: 1, retain: true });
      this.#kept.delete(name);
    }
  }

  async #wanted(): Promise<ReadonlyMap<string, string>> {
    const { agents, plans, logger } = this.#options;
    const [known, planned] = [await agents.agents(), await plans()];
    const wanted = new Map<string, string>();
    for (const { id, name } of known) {
      const plan = planned.get(id);
      if (plan === undefined || !isTopicName(name)) continue;
      const text = JSON.stringify(plan);
      if (Buffer.byteLength(text) > mostBytes) {
        if (!this.#tooLarge.has(name)) {
          logger.error({ agent: name }, 'what this agent has to look at is larger than 1 MiB: it keeps its last plan');
        }
        this.#tooLarge.add(name);
        const before = this.#kept.get(name);
        if (before !== undefined) wanted.set(name, before);
        continue;
      }
      this.#tooLarge.delete(name);
      wanted.set(name, text);
    }
    return wanted;
  }
}
