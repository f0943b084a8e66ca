import { createHash } from 'node:crypto';
import { hostname } from 'node:os';
import type { Logger } from 'pino';
import type { Clock } from '../domain/clock.ts';
import type { AgentId } from '../domain/ids.ts';
import type { LongLived } from '../domain/lifecycle.ts';
import type { TargetSource } from '../domain/plan.ts';
import { EmbeddedBroker, type EmbeddedBrokerOptions } from './broker.ts';
import type { Counters } from './counters.ts';
import { JoinedCredentials, type MqttCredentials } from './credentials.ts';
import { TerminalCredentials } from './terminal-credentials.ts';
import { MqttClientLink } from './mqtt-client.ts';
import type { MqttLink } from './mqtt-link.ts';

/** The broker that the program uses, whichever it is. */
export interface OpenBroker {
  readonly link: MqttLink;
  /** For points: a broker outside keeps what is published while this link is away. */
  readonly points: MqttLink;
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
  /** Authorities that are trusted for `mqtts://`, beside the system's. */
  readonly mqttCaFile: string | null;
  /** Makes the name at an external broker, which keeps points under it, this controller's own. */
  readonly dataDir: string;
  readonly mqttHost: string;
  readonly mqttPort: number;
  /** Both or neither. */
  readonly mqttTlsCertFile: string | null;
  readonly mqttTlsKeyFile: string | null;
  readonly mqttTlsHost: string;
  readonly mqttTlsPort: number;
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
  if (config.mqttUrl !== null) return external(config, config.mqttUrl, logger);
  const terminals = new TerminalCredentials({ targets, agentId, logger });
  const credentials = new JoinedCredentials([options.agents, terminals]);
  const { mqttHost: host, mqttPort: port } = config;
  const broker = new EmbeddedBroker({ host, port, tls: tlsOf(config), credentials, clock, logger, counters });
  const { link } = broker;
  return { link, points: link, parts: [terminals, broker], ready: readyOf(link), port: () => broker.port };
}

function tlsOf(config: BrokerSettings): EmbeddedBrokerOptions['tls'] {
  const { mqttTlsCertFile: certFile, mqttTlsKeyFile: keyFile, mqttTlsHost: host, mqttTlsPort: port } = config;
  return certFile === null || keyFile === null ? undefined : { certFile, keyFile, host, port };
}

function external(config: BrokerSettings, address: string, logger: Logger): OpenBroker {
  const url = new URL(address);
  const { username, password } = url;
  url.username = '';
  url.password = '';
  const to = {
    url: url.toString(),
    ...(username === '' ? {} : { username: decodeURIComponent(username) }),
    ...(password === '' ? {} : { password: decodeURIComponent(password) }),
    ...(config.mqttCaFile === null ? {} : { caFile: config.mqttCaFile }),
    logger,
  };
  const own = createHash('sha256').update(`${hostname()} ${config.dataDir}`).digest('hex').slice(0, 12);
  const link = new MqttClientLink({ ...to, clientId: `arung-controller-${process.pid}` });
  const points = new MqttClientLink({ ...to, clientId: `arung-points-${own}`, lasting: true });
  return { link, points, parts: [link, points], ready: readyOf(link), port: () => null };
}

function readyOf(link: MqttLink): () => Promise<void> {
  return async () => {
    if (!link.connected) throw new Error('the MQTT broker is not there');
  };
}
