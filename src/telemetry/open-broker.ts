import type { Logger } from 'pino';
import type { Clock } from '../domain/clock.ts';
import type { AgentId } from '../domain/ids.ts';
import type { LongLived } from '../domain/lifecycle.ts';
import type { TargetSource } from '../domain/plan.ts';
import { EmbeddedBroker } from './broker.ts';
import type { Counters } from './counters.ts';
import { JoinedCredentials, type MqttCredentials } from './credentials.ts';
import { TerminalCredentials } from './terminal-credentials.ts';
import { MqttClientLink } from './mqtt-client.ts';
import type { MqttLink } from './mqtt-link.ts';

/** The broker that the program uses, whichever it is. */
export interface OpenBroker {
  readonly link: MqttLink;
  /** What has to be started, in order. */
  readonly parts: readonly LongLived[];
  /** Rejects with the reason while there is no broker; for `/readyz`. */
  readonly ready: () => Promise<void>;
  /** Port of the embedded broker once it runs; null with an external one. */
  readonly port: () => number | null;
}

export interface BrokerSettings {
  /** `mqtt://user:password@host:1883`; null for the embedded broker. */
  readonly mqttUrl: string | null;
  readonly mqttHost: string;
  readonly mqttPort: number;
}

export function openBroker(options: {
  readonly config: BrokerSettings;
  readonly targets: TargetSource;
  readonly agentId: AgentId;
  /** What agents at other places sign in with; started by whoever made it. */
  readonly agents: MqttCredentials;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly counters: Counters;
}): OpenBroker {
  const { config, targets, agentId, clock, logger, counters } = options;
  if (config.mqttUrl !== null) return external(config.mqttUrl, logger);
  const terminals = new TerminalCredentials({ targets, agentId, logger });
  const credentials = new JoinedCredentials([options.agents, terminals]);
  const host = config.mqttHost;
  const broker = new EmbeddedBroker({ port: config.mqttPort, host, credentials, clock, logger, counters });
  return { link: broker.link, parts: [terminals, broker], ready: readyOf(broker.link), port: () => broker.port };
}

function external(address: string, logger: Logger): OpenBroker {
  const url = new URL(address);
  const { username, password } = url;
  url.username = '';
  url.password = '';
  const link = new MqttClientLink({
    url: url.toString(),
    ...(username === '' ? {} : { username: decodeURIComponent(username) }),
    ...(password === '' ? {} : { password: decodeURIComponent(password) }),
    clientId: `arung-controller-${process.pid}`,
    logger,
  });
  return { link, parts: [link], ready: readyOf(link), port: () => null };
}

function readyOf(link: MqttLink): () => Promise<void> {
  return async () => {
    if (!link.connected) throw new Error('the MQTT broker is not there');
  };
}
