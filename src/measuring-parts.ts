import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import { ClientReader } from './discovery/client-reader.ts';
import { Planner } from './discovery/planner.ts';
import { latestOf, type Clock } from './domain/clock.ts';
import type { AgentId, DeviceId } from './domain/ids.ts';
import type { LongLived } from './domain/lifecycle.ts';
import type { UplinkSign } from './domain/own-uplink.ts';
import type { PlacedEvent } from './domain/status-change.ts';
import type { Inventory } from './inventory/inventory.ts';
import { PollingEngine } from './polling/engine.ts';
import { LocalAgent } from './polling/local-agent.ts';
import { exposePollingMetrics } from './polling/metrics.ts';
import { Probes } from './polling/probes/probes.ts';
import { probeCheckOf } from './polling/probes/service-check.ts';
import { SnmpClient } from './polling/snmp/client.ts';
import { OwnUplink } from './polling/uplink/own-uplink.ts';
import { agentPlans } from './services/agent-plans.ts';
import { ServiceBoard } from './services/service-board.ts';
import type { StreamParts } from './stream-parts.ts';
import { DeviceNetworks } from './domain/device-networks.ts';
import { AbsenceWatch } from './telemetry/absence.ts';
import { AgentDirectory } from './telemetry/agent-directory.ts';
import { MqttBridge } from './telemetry/bridge.ts';
import { PrometheusCounters } from './telemetry/counters.ts';
import { ExternalIngest, type ExternalIngestOptions } from './telemetry/external-ingest.ts';
import { Ingest } from './telemetry/ingest.ts';
import { openBroker, type BrokerSettings, type OpenBroker } from './telemetry/open-broker.ts';
import { PlanPublisher } from './telemetry/plan-publisher.ts';
import { SyslogListener } from './telemetry/syslog-listener.ts';
import { TerminalPoller, type TerminalFacts } from './telemetry/terminals.ts';

export interface MeasuringSettings extends BrokerSettings {
  readonly reachabilityIntervalMs: number;
  readonly backboneIntervalMs: number;
  readonly edgeIntervalMs: number;
  /** Where all that comes in is published once more; null: nowhere. */
  readonly mqttBridgeTopic: string | null;
  readonly uplinkNeighbours: readonly string[];
  readonly deviceNetworks: readonly string[];
  readonly syslogHost: string;
  /** 0: syslog is not heard. */
  readonly syslogPort: number;
  readonly telegrafTags: ExternalIngestOptions['identityTags'];
}

export interface MeasuringOptions {
  readonly config: MeasuringSettings;
  readonly inventory: Inventory;
  /** Where all that is measured goes. */
  readonly stream: StreamParts;
  /** The agent within this controller, as the inventory knows it. */
  readonly agentId: AgentId;
  /** A terminal said what it is. */
  readonly onFacts: (facts: TerminalFacts) => void;
  /** To the live stream. */
  readonly tell: (event: PlacedEvent) => void;
  readonly registry: Registry;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Those who measure: `parts` run in this order, and `services` after them. */
export interface MeasuringParts {
  readonly parts: readonly LongLived[];
  readonly services: ServiceBoard;
  readonly broker: OpenBroker;
  readonly agent: LocalAgent;
  /** What others measure: Telegraf, over MQTT and HTTP. */
  readonly external: ExternalIngest;
  /** What devices say by themselves; null where nobody listens. */
  readonly syslog: SyslogListener | null;
  /** Asks these devices out of turn, whichever way they are reached. */
  probeSoon(devices: readonly DeviceId[]): void;
  /** Reads all that is measured of these devices out of turn, where they are read from here. */
  pollSoon(devices: readonly DeviceId[]): void;
  /** What this machine shows of its own way to these devices, where all of them fell silent. */
  lookAtUplink(devices: readonly DeviceId[], done: (sign: UplinkSign) => void): Promise<void>;
}

/** The embedded agent over SNMP, terminals over MQTT, and agents and programs at other places. */
export function makeMeasuring(options: MeasuringOptions): MeasuringParts {
  const { config, inventory, stream, agentId, registry, clock, logger } = options;
  const { targets } = inventory;
  const { bus, board } = stream;
  const counters = new PrometheusCounters(registry);
  const { engine, snmp, agent } = makeAgent(options);
  const agents = new AgentDirectory({ source: targets, logger });
  const broker = openBroker({ config, targets, agentId, agents, clock, logger, counters });
  const { link } = broker;
  const uplink = new OwnUplink({ neighbours: config.uplinkNeighbours });
  const services = makeServices(options, snmp);
  const terminals = new TerminalPoller({
    targets,
    agentId,
    link,
    bus,
    clock,
    logger,
    counters,
    onFacts: options.onFacts,
  });
  terminals.onChannel((up) => board.setChannel('mqtt', up));
  const { ingest, external, absence } = makeIngest(options, { broker, agents, counters, services });
  const plans = new PlanPublisher({
    link,
    agents: targets,
    plans: async () => agentPlans(await inventory.services.all(), inventory.topology.current()),
    onChange: (wake) => targets.onChange(wake),
    logger,
  });
  const bridge = config.mqttBridgeTopic === null ? null : new MqttBridge({ link, topic: config.mqttBridgeTopic });
  if (bridge !== null) bus.to(bridge);
  const syslog = config.syslogPort === 0 ? null : makeSyslog(options, counters);
  exposePollingMetrics(registry, { engine, agent });
  return {
    parts: [
      engine,
      agents,
      absence,
      // Before the broker: what agents have queued comes in the moment it is there, and is not sent again.
      external,
      ingest,
      ...broker.parts,
      ...(bridge === null ? [] : [bridge]),
      plans,
      terminals,
      agent,
      ...(syslog === null ? [] : [syslog]),
    ],
    services,
    broker,
    agent,
    external,
    syslog,
    probeSoon: (devices) => {
      agent.probeSoon(devices);
      terminals.probeSoon(devices);
    },
    pollSoon: (devices) => {
      for (const device of devices) agent.pollNow(device);
    },
    lookAtUplink: async (devices, done) => done(await uplink.look(agent.addressesOf(devices))),
  };
}

/** The agent within the controller: it recognises devices, plans what to ask and asks over SNMP. */
function makeAgent({ config, inventory, stream, agentId, clock, logger }: MeasuringOptions): {
  readonly engine: PollingEngine;
  readonly snmp: SnmpClient;
  readonly agent: LocalAgent;
} {
  const { targets, facts } = inventory;
  const engine = new PollingEngine({ clock, logger, options: { reachabilityMs: config.reachabilityIntervalMs } });
  const snmp = new SnmpClient(engine);
  const plans = new Planner({
    readerFor: (target) => new ClientReader(snmp, target),
    sink: facts,
    memory: facts,
    clock,
    intervals: {
      reachabilityMs: config.reachabilityIntervalMs,
      backboneMs: config.backboneIntervalMs,
      edgeMs: config.edgeIntervalMs,
      healthMs: 60_000,
    },
  });
  const { dataDir } = config;
  return { engine, snmp, agent: new LocalAgent({ targets, agentId, plans, engine, bus: stream.bus, logger, dataDir }) };
}

function makeSyslog({ config, logger }: MeasuringOptions, counters: PrometheusCounters): SyslogListener {
  const { syslogHost: host, syslogPort: port, deviceNetworks } = config;
  return new SyslogListener({ host, port, networks: new DeviceNetworks(deviceNetworks), counters, logger });
}

/** Services as those who use them see them, probed from here. */
function makeServices(options: MeasuringOptions, snmp: SnmpClient): ServiceBoard {
  const { inventory, stream, agentId, tell, clock, logger } = options;
  const probes = new Probes({ snmp });
  return new ServiceBoard({
    services: () => inventory.services.all(),
    topology: inventory.topology,
    states: stream.board,
    agentId,
    bus: stream.bus,
    tell,
    probe: (asked, budget) =>
      probes.run(
        asked.map(({ check, url }) => probeCheckOf(check, url)),
        budget,
      ),
    journal: stream.history,
    clock,
    logger,
  });
}

/** What comes in from other places: from Arung's own agents, and from other programs with whom of them is silent. */
function makeIngest(
  { config, inventory, stream, agentId, clock, logger }: MeasuringOptions,
  from: {
    readonly broker: OpenBroker;
    readonly agents: AgentDirectory;
    readonly counters: PrometheusCounters;
    readonly services: ServiceBoard;
  },
): { readonly ingest: Ingest; readonly external: ExternalIngest; readonly absence: AbsenceWatch } {
  const { broker, agents, counters, services } = from;
  const { bus, queue, board } = stream;
  const latest = latestOf(clock);
  const ingest = new Ingest({
    link: broker.link,
    points: broker.points,
    bus,
    agents,
    durable: () => queue.durable(),
    clock: latest,
    logger,
    counters,
    room: () => queue.room(),
    onReasons: (id, reasons) => services.explain(id, reasons),
    onAgentSeen: (id) => board.agentBack(id),
    onAgentSilent: (id) => board.agentSilent(id),
    onTurnedAway: () => board.othersTurnedAway(agentId),
  });
  const absence = new AbsenceWatch({ sources: inventory.externalSources, bus, clock, ownAgentId: agentId });
  broker.link.onConnection((up) => absence.setChannel(up));
  const external = new ExternalIngest({
    link: broker.points,
    bus,
    sources: inventory.externalSources,
    agentIdOf: (name) => agents.agentIdOf(name),
    ownAgentId: agentId,
    absence,
    durable: () => queue.durable(),
    identityTags: config.telegrafTags,
    clock: latest,
    logger,
    counters,
    room: () => queue.room(),
  });
  return { ingest, external, absence };
}
