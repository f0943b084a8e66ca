import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { Logger } from 'pino';
import { Check } from 'typebox/value';
import packageJson from '../../package.json' with { type: 'json' };
import { AgentPlan } from '../../src/domain/agent-plan.ts';
import type { Clock } from '../../src/domain/clock.ts';
import type { AgentId } from '../../src/domain/ids.ts';
import type { LongLived } from '../../src/domain/lifecycle.ts';
import { KeptFile } from '../../src/polling/kept-file.ts';
import { Probes } from '../../src/polling/probes/probes.ts';
import { probeCheckOf } from '../../src/polling/probes/service-check.ts';
import { ServicePoints } from '../../src/services/service-points.ts';
import { encodeBatch } from '../../src/telemetry/line-protocol.ts';
import { encodeReasons } from '../../src/telemetry/look-reasons.ts';
import { MqttClientLink } from '../../src/telemetry/mqtt-client.ts';
import { agentTopic } from '../../src/telemetry/topics.ts';
import { Looking, type Looks } from './looking.ts';
import { Outbox } from './outbox.ts';
import { Sender } from './sender.ts';
import type { SiteAgentSettings } from './settings.ts';

const packed = promisify(gzip);

/**
 * The agent at a site, top to bottom: its way to the broker, what waits for it on the disk, and the looks at services that
 * the controller's plan names. While the broker is away it goes on with its last plan, also after a restart.
 */
export class SiteAgent implements LongLived {
  readonly name = 'site agent';
  readonly #settings: SiteAgentSettings;
  readonly #logger: Logger;
  readonly #link: MqttClientLink;
  readonly #outbox: Outbox;
  readonly #sender: Sender;
  readonly #looking: Looking;
  readonly #keptPlan: KeptFile;
  readonly #points: ServicePoints;
  /** Of this start: with the number of a message it makes a repeat harmless. */
  readonly #boot = randomUUID();
  #seq = 0;
  /** Of the plan that is followed. */
  #planText = '';

  constructor(options: { readonly settings: SiteAgentSettings; readonly clock: Clock; readonly logger: Logger }) {
    const { settings, clock, logger } = options;
    const { broker, name, user = name, password, caFile, dataDir, queueMegabytes = 64, everyS } = settings;
    this.#settings = settings;
    this.#logger = logger;
    this.#link = new MqttClientLink({
      url: broker,
      username: user,
      password,
      ...(caFile === undefined ? {} : { caFile }),
      clientId: `arung-agent-${name}`,
      will: { topic: agentTopic(name, 'state'), payload: Buffer.from(stateText(false)) },
      logger,
    });
    this.#outbox = new Outbox({ folder: join(dataDir, 'queue'), maxBytes: queueMegabytes * 1_048_576, logger });
    const points = agentTopic(name, 'points');
    this.#sender = new Sender({
      outbox: this.#outbox,
      deliver: (payload) => this.#link.deliver(points, payload),
      logger,
    });
    const probes = new Probes({});
    this.#looking = new Looking({
      probe: (asked, budget) =>
        probes.run(
          asked.map(({ check, url }) => probeCheckOf(check, url)),
          budget,
        ),
      told: (looks) => this.#told(looks),
      everyMs: everyS === undefined ? null : everyS * 1_000,
      clock,
      logger,
    });
    this.#keptPlan = new KeptFile(join(dataDir, 'plan.json'), logger);
    // Whose points they are the controller knows from the topic; it passes this tag over.
    this.#points = new ServicePoints(name as AgentId);
  }

  async start(): Promise<void> {
    const { name } = this.#settings;
    await this.#outbox.start();
    this.#takePlan(await this.#keptPlan.read(), 'the plan of before');
    this.#link.subscribe(agentTopic(name, 'plan'), async ({ payload }) => {
      if (this.#takePlan(payload, 'a plan of the controller')) await this.#keptPlan.replace(payload);
    });
    this.#link.onConnection((up) => {
      if (up) this.#link.publish(agentTopic(name, 'state'), stateText(true), { qos: 1, retain: true });
    });
    await this.#link.start();
    await this.#sender.start();
    await this.#looking.start();
  }

  async stop(): Promise<void> {
    await this.#looking.stop();
    await this.#sender.stop();
    // A goodbye in good order has no last will.
    this.#link.publish(agentTopic(this.#settings.name, 'state'), stateText(false), { qos: 1, retain: true });
    await this.#link.stop();
    const { waiting, lost } = this.#outbox;
    this.#logger.info({ sent: this.#sender.sent, waiting: waiting.length, lost }, 'the agent has stopped');
  }

  /** False when it is none. An empty one, or none kept, is nothing to look at. */
  #takePlan(payload: Buffer | null, what: string): boolean {
    if (payload === null || payload.length === 0) {
      if (payload !== null) this.#logger.info('the controller has nothing to look at for this agent');
      this.#planText = '';
      this.#looking.follow(null);
      return payload !== null;
    }
    const text = payload.toString('utf8');
    if (text === this.#planText) return true;
    let plan: unknown;
    try {
      plan = JSON.parse(text);
    } catch {
      plan = null;
    }
    if (!Check(AgentPlan, plan)) {
      this.#logger.error({ bytes: payload.length }, `${what} cannot be understood: the one before goes on`);
      return false;
    }
    this.#logger.info({ services: plan.services.length, everyS: plan.everyS }, what);
    this.#planText = text;
    this.#looking.follow(plan);
    return true;
  }

  /** On the disk when it resolves. */
  async #told({ at, checked, reasons }: Looks): Promise<void> {
    const seq = this.#seq++;
    const header = `# agent=${this.#settings.name} boot=${this.#boot} seq=${seq}\n`;
    const lines = encodeBatch(this.#points.batchOf(checked, at));
    await this.#outbox.add(await packed(`${header}${encodeReasons(reasons)}${lines}`));
    const looked = { seq, at: Math.floor(at / 1_000), checks: checked.length, notUp: reasons.length };
    this.#logger.debug(looked, 'looked');
    this.#sender.wake();
  }
}

function stateText(online: boolean): string {
  return JSON.stringify({ online, version: packageJson.version });
}
