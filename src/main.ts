import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { collectDefaultMetrics, Registry } from 'prom-client';
import packageJson from '../package.json' with { type: 'json' };
import { makeRules } from './alerting/rules/rules.ts';
import { alertRuleFileRoutes } from './api/alert-rule-files.ts';
import { alertRuleRoutes } from './api/alert-rules.ts';
import { makeAlerting } from './alerting-parts.ts';
import { buildApi } from './api/app.ts';
import { auditRoutes } from './api/audit.ts';
import { deviceMetricRoutes } from './api/device-metrics.ts';
import { DatabaseDeviceNames } from './api/device-names.ts';
import { DatabaseEntityScope } from './api/entity-scope.ts';
import { eventRoutes } from './api/events.ts';
import { externalValueRoutes } from './api/external-values.ts';
import { historyRoutes } from './api/history.ts';
import { influxWriteRoutes } from './api/influx-write.ts';
import { inventoryRoutes } from './api/inventory-routes.ts';
import { securityRoutes } from './api/own-security.ts';
import { peopleRoutes } from './api/people-routes.ts';
import { pollingRoutes } from './api/polling.ts';
import { proposalRoutes } from './api/proposals.ts';
import { reportRoutes } from './api/reports.ts';
import type { RouteGroup } from './api/routes.ts';
import { seriesRoutes } from './api/series.ts';
import { serviceSiteRoutes } from './api/service-sites.ts';
import { sessionRoutes } from './api/session.ts';
import { statusRoutes } from './api/status.ts';
import { territoryRoutes, tileRoutes } from './api/territory.ts';
import { tokenRoutes } from './api/tokens.ts';
import { trafficRoutes } from './api/traffic.ts';
import { userRoutes } from './api/users.ts';
import { ApiTokens } from './auth/api-tokens.ts';
import { Authenticator } from './auth/authenticator.ts';
import { sessionCookie } from './auth/bearer.ts';
import { Revocations } from './auth/revocations.ts';
import { isSameOrigin } from './auth/same-origin.ts';
import { SecondFactor } from './auth/second-factor.ts';
import { SessionList } from './auth/session-list.ts';
import { Sessions } from './auth/sessions.ts';
import { Users } from './auth/users.ts';
import { CopyDesk, metricsCopyPath } from './backup/copy-desk.ts';
import type { Config } from './config.ts';
import { keepReaderRole } from './database/reader-role.ts';
import { ClientReader } from './discovery/client-reader.ts';
import { Planner } from './discovery/planner.ts';
import { systemAccess } from './domain/access.ts';
import { latestOf, systemClock as clock } from './domain/clock.ts';
import type { DeviceId } from './domain/ids.ts';
import type { PlacedEvent } from './domain/status-change.ts';
import { inventoryEvents } from './inventory-events.ts';
import { Live } from './live/live.ts';
import { makeMessaging } from './messaging-parts.ts';
import { journalBefore, metricStoreChoice } from './metric-store.ts';
import { openMetricStore } from './metrics/open-store.ts';
import { metricsHealth, type MetricsHealth } from './metrics/health.ts';
import { observeMetricStore } from './metrics/own-health.ts';
import { BufferedStore } from './metrics/queue.ts';
import { OwnChecks } from './own-checks.ts';
import { observeOwnHealth } from './own-health.ts';
import { makePhone } from './phone-parts.ts';
import { PollingEngine } from './polling/engine.ts';
import { LocalAgent } from './polling/local-agent.ts';
import { exposePollingMetrics } from './polling/metrics.ts';
import { Probes } from './polling/probes/probes.ts';
import { probeCheckOf } from './polling/probes/service-check.ts';
import { SnmpClient } from './polling/snmp/client.ts';
import { AvailabilityReports } from './reports/availability.ts';
import { RunningParts } from './running-parts.ts';
import { ServiceBoard } from './services/service-board.ts';
import { databaseOf, makeState, removeControllerNote, writeControllerNote, type State } from './state.ts';
import { StatusBoard } from './status/board.ts';
import { EventLog } from './status/event-log.ts';
import { History } from './status/history.ts';
import { HistoryReader } from './status/history-reader.ts';
import { AbsenceWatch } from './telemetry/absence.ts';
import { AgentDirectory } from './telemetry/agent-directory.ts';
import { MqttBridge } from './telemetry/bridge.ts';
import { ExternalIngest } from './telemetry/external-ingest.ts';
import { Ingest } from './telemetry/ingest.ts';
import { unpacked } from './telemetry/message-queues.ts';
import { openBroker } from './telemetry/open-broker.ts';
import { FanOutBus } from './telemetry/bus.ts';
import { PrometheusCounters } from './telemetry/counters.ts';
import { TerminalPoller } from './telemetry/terminals.ts';
import { TerritoryService } from './territory/territory-service.ts';

/** A controller that runs. */
export interface Controller extends State {
  /** Where people reach the console. */
  readonly url: string;
  /** Where it listens on this machine: another one behind a proxy. */
  readonly localUrl: string;
  /** Of the embedded broker; null with an external one. */
  readonly mqttPort: number | null;
  /** The first administrator, when this was the very first start. */
  readonly firstAdministrator: { readonly name: string; readonly oneTimePassword: string | null } | null;
  stop(): Promise<void>;
}

export interface ControllerOptions {
  readonly config: Config;
  readonly logger: Logger;
  /** Routes of whoever composes more than the controller (the demo). */
  readonly moreRoutes?: readonly RouteGroup[];
  /** Runs once state is there and before anything is measured (the demo fills the inventory). */
  readonly prepare?: (state: State) => Promise<void>;
}

/**
 * The program, top to bottom: state, people, the stream of points and who listens to it, those who measure, and the
 * two ways out, API and live. Everything starts in this order and stops in reverse.
 */
export async function startController(options: ControllerOptions): Promise<Controller> {
  const parts = new RunningParts(options.logger);
  try {
    return await compose(options, parts);
  } catch (error) {
    await parts.stop();
    throw error;
  }
}

async function compose(options: ControllerOptions, parts: RunningParts): Promise<Controller> {
  const { config, logger, moreRoutes = [] } = options;

  // State: PostgreSQL, the vault that seals secrets in it, the log of every change, the inventory.
  const database = databaseOf(config, logger, 'controller');
  await parts.start(database);
  await keepReaderRole(database.db, config.databaseReaderPassword, logger);
  const state = makeState(config, database, logger);
  const { vault, audit, inventory, people } = state;
  await parts.start(vault, audit, inventory, people);
  await options.prepare?.(state);
  const { db } = database;

  // People and programs, and what they may.
  const users = new Users({ db, audit });
  const tokens = new ApiTokens({ db, audit });
  const secondFactor = new SecondFactor({ db, audit, vault });
  const sessions = new Sessions({ db, audit, logger, secondFactor, secondFactorRule: config.secondFactorRule });
  const revocations = new Revocations({ url: () => database.url, logger });
  const authenticator = new Authenticator({ sessions, tokens, revocations });
  await parts.start(revocations, sessions);
  const firstAdministrator = await users.ensureAdministrator({ password: config.adminPassword });

  // The one way in for all that is measured, and who listens: the store behind its queue, and the status board.
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const counters = new PrometheusCounters(registry);
  const bus = new FanOutBus({ logger });
  const store = openMetricStore(metricStoreChoice(config), logger, clock);
  const journal = journalBefore(store, { config, clock, logger });
  const queue = new BufferedStore({ store: journal ?? store, clock, logger });
  const keepDays = config.historyDays === 0 ? null : config.historyDays;
  const history = new History({ db, clock, logger, keepDays });
  const board: StatusBoard = new StatusBoard({
    topology: inventory.topology,
    clock,
    logger,
    restore: () => history.restore(),
    probeSoon: (devices) => {
      agent.probeSoon(devices);
      terminals.probeSoon(devices);
    },
  });
  const rules = makeRules({
    db,
    changes: inventory.changes,
    store,
    states: {
      isUp: (device) => board.stateOf('device', device)?.state === 'up',
      isInMaintenance: (device) => inventory.topology.current().devices.get(device as DeviceId)?.maintenance === true,
    },
    topology: () => inventory.topology.current(),
    timeZone: config.timeZone,
    rulesFile: config.rulesFile,
    clock,
    logger,
  });
  bus.to(queue);
  bus.to(board);
  bus.to(rules.watch);
  history.follow(board);

  // Those who measure: the embedded agent over SNMP, terminals over MQTT, and agents at other places.
  const agentId = (await inventory.agents.get(systemAccess('controller'), 'local')).entity.id;
  const { targets } = inventory;
  const engine = new PollingEngine({ clock, logger, options: { reachabilityMs: config.reachabilityIntervalMs } });
  const snmp = new SnmpClient(engine);
  const plans = new Planner({
    readerFor: (target) => new ClientReader(snmp, target),
    sink: inventory.facts,
    memory: inventory.facts,
    clock,
    intervals: {
      reachabilityMs: config.reachabilityIntervalMs,
      backboneMs: config.backboneIntervalMs,
      edgeMs: config.edgeIntervalMs,
      healthMs: 60_000,
    },
  });
  const agent = new LocalAgent({ targets, agentId, plans, engine, bus, logger, dataDir: config.dataDir });
  const agents = new AgentDirectory({ source: targets, logger });
  const broker = openBroker({ config, targets, agentId, agents, clock, logger, counters });
  const { link } = broker;
  // Nobody listens before the live stream is there.
  let tellLive: (event: PlacedEvent) => void = () => undefined;
  const events = inventoryEvents({ inventory, history, tell: (event) => tellLive(event), logger, clock });
  const probes = new Probes({ snmp });
  const services = new ServiceBoard({
    services: () => inventory.services.all(),
    topology: inventory.topology,
    states: board,
    agentId,
    bus,
    tell: (event) => tellLive(event),
    probe: (asked, budget) =>
      probes.run(
        asked.map(({ check, url }) => probeCheckOf(check, url)),
        budget,
      ),
    journal: history,
    clock,
    logger,
  });
  const terminals = new TerminalPoller({
    targets,
    agentId,
    link,
    bus,
    clock,
    logger,
    counters,
    onFacts: (facts) => events.terminalIdentified(facts),
  });
  terminals.onChannel((up) => board.setChannel('mqtt', up));
  const latest = latestOf(clock);
  const ingest = new Ingest({
    link,
    points: broker.points,
    bus,
    agents,
    durable: () => queue.durable(),
    clock: latest,
    logger,
    counters,
    room: () => queue.room(),
    onAgentSeen: (id) => board.agentBack(id),
    onAgentSilent: (id) => board.agentSilent(id),
  });
  const bridge = config.mqttBridgeTopic === null ? null : new MqttBridge({ link, topic: config.mqttBridgeTopic });
  if (bridge !== null) bus.to(bridge);
  const absence = new AbsenceWatch({ sources: inventory.externalSources, bus, clock, ownAgentId: agentId });
  link.onConnection((up) => absence.setChannel(up));
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
  observeMetricStore(registry, { queue, journal, store });
  exposePollingMetrics(registry, { engine, agent });
  await parts.start(
    store,
    ...(journal === null ? [] : [journal]),
    queue,
    history,
    board,
    rules.book,
    rules.file,
    rules.watch,
    engine,
    agents,
    absence,
    // Before the broker: what agents have queued comes in the moment it is there, and is not sent again.
    external,
    ingest,
    ...broker.parts,
    ...(bridge === null ? [] : [bridge]),
    terminals,
    agent,
    events,
    services,
  );

  const checks = new OwnChecks({
    checks: {
      database: { run: () => database.ping(), waiting: () => history.statistics.waiting },
      broker: { run: broker.ready },
      metrics: {
        run: storeReady(() => metricsHealth({ queue, journal })),
        waiting: () => metricsHealth({ queue, journal }).waitingRows,
      },
    },
    clock,
    logger,
  });

  // What holds becomes incidents, and who is told.
  const alerting = makeAlerting({
    db,
    audit,
    inventory,
    board,
    people,
    services,
    rules: rules.watch,
    own: checks,
    store,
    ownAgentId: agentId,
    timeZone: config.timeZone,
    keep: { incidentDays: config.incidentDays, messageDays: config.messageDays },
    registry,
    clock,
    logger,
  });

  // What was decided goes to people, and what they answer comes back. Where they reach us is known once we listen.
  let reachedAt = (): string => config.publicUrl ?? '';
  const messaging = makeMessaging({
    db,
    databaseUrl: () => database.url,
    audit,
    vault,
    board,
    own: checks,
    acting: alerting.actions,
    publicUrl: () => reachedAt(),
    timeZone: config.timeZone,
    language: config.language,
    heartbeatUrl: config.heartbeatUrl,
    clock,
    logger,
  });

  // The ways out: REST and the console, and the live stream on the same listener.
  const past = new HistoryReader({ db, topology: inventory.topology, clock });
  const territory = new TerritoryService({ source: inventory.geography, dataDir: config.dataDir, logger, clock });
  const phone = makePhone({
    db,
    vault,
    topology: inventory.topology,
    states: board,
    territory,
    actions: alerting.actions,
    clock,
    timeZone: config.timeZone,
    language: config.language,
  });
  const api = await buildApi({
    logger,
    identifier: authenticator,
    isSameOrigin,
    host: config.host,
    port: config.port,
    trustedProxies: config.trustedProxies,
    publicUrl: config.publicUrl,
    tls: tlsOf(config),
    consoleDir: join(import.meta.dirname, '../dashboards/console/dist'),
    version: packageJson.version,
    registry,
    readiness: { parts: ['database', 'broker', 'metrics'], look: () => checks.look() },
    notes: () => ({
      database: { waitingEntries: history.statistics.waiting, lostEntries: history.statistics.lost },
      metrics: metricsNote(metricsHealth({ queue, journal })),
    }),
    rootRoutes: [
      tileRoutes(territory),
      phone.pageRoutes,
      deviceMetricRoutes({ store, names: new DatabaseDeviceNames(db), states: board }),
      influxWriteRoutes(
        {
          unpack: unpacked,
          write: (origin, text, precision) => external.write(origin, text, precision),
          durable: () => queue.durable(),
        },
        packageJson.version,
      ),
    ],
    routes: [
      sessionRoutes({
        users,
        sessions,
        cookieName: sessionCookie,
        publicUrl: config.publicUrl,
        secureCookies: config.secureCookies,
        timeZone: config.timeZone,
        language: config.language,
      }),
      userRoutes(users),
      securityRoutes({ users, secondFactor, sessionList: new SessionList({ db, audit }) }),
      tokenRoutes(tokens),
      auditRoutes(audit),
      ...peopleRoutes(people),
      ...inventoryRoutes({ inventory, live: board, services }),
      proposalRoutes(inventory.externalSources),
      externalValueRoutes({ devices: inventory.devices, store }),
      statusRoutes({ board, clock }),
      serviceSiteRoutes({ states: services, past, topology: inventory.topology, clock }),
      eventRoutes(new EventLog({ db })),
      ...alerting.routes,
      phone.routes,
      ...messaging.routes,
      historyRoutes({ reader: past, clock }),
      reportRoutes({ availability: new AvailabilityReports({ db, clock, keepDays }), clock }),
      trafficRoutes({ store, topology: inventory.topology, clock }),
      territoryRoutes(territory),
      pollingRoutes({ devices: inventory.devices, agent }),
      alertRuleRoutes(rules),
      alertRuleFileRoutes(rules),
      seriesRoutes({ store, scope: new DatabaseEntityScope(db), clock }),
      ...moreRoutes,
    ],
  });
  const ownOrigins = config.publicUrl === null ? [] : [new URL(config.publicUrl).origin];
  const live = new Live({
    httpServer: api.server,
    authenticate: (headers) => authenticator.authenticate(headers),
    isSameOrigin: (headers) => isSameOrigin(headers, ownOrigins),
    onAccessRevoked: (listener) => authenticator.onAccessRevoked(listener),
    board,
    topology: inventory.topology,
    services,
    incidents: alerting.feed,
    own: checks,
    clock,
    logger,
  });
  const copyDesk = new CopyDesk({
    dataDir: config.dataDir,
    copy: async () => {
      await store.copyTo?.(metricsCopyPath(config.dataDir));
      return store.copyTo !== undefined;
    },
    logger,
  });
  tellLive = (event) => live.tell(event);
  observeOwnHealth(registry, { history, live });
  reachedAt = () => api.url;
  await parts.start(territory, checks, ...alerting.parts, live, copyDesk, api, ...messaging.parts);
  events.controllerStarted(packageJson.version);
  const note = { pid: process.pid, url: api.url, localUrl: api.localUrl, mqttPort: broker.port() };
  writeControllerNote(config.dataDir, { ...note, databaseUrl: config.databaseUrl === null ? database.url : null });

  return {
    ...state,
    url: api.url,
    localUrl: api.localUrl,
    mqttPort: broker.port(),
    firstAdministrator,
    stop: async () => {
      removeControllerNote(config.dataDir);
      await parts.stop();
    },
  };
}

function tlsOf(config: Config): { cert: Buffer; key: Buffer } | null {
  if (config.tlsCertFile === null || config.tlsKeyFile === null) return null;
  return { cert: readFileSync(config.tlsCertFile), key: readFileSync(config.tlsKeyFile) };
}

/** A store that fails is buffered for; it is told as not ready so that somebody looks before the buffer is full. */
function storeReady(health: () => MetricsHealth): () => Promise<void> {
  return async () => {
    const { failingSince, reason, waitingRows } = health();
    if (failingSince === null) return;
    const since = new Date(failingSince).toISOString();
    throw new Error(`the metric store has taken no points since ${since}: ${waitingRows} wait (${reason ?? ''})`);
  };
}

/** Figures only: reasons may name hosts, and go to the log. */
function metricsNote(health: MetricsHealth): Readonly<Record<string, number | string | null>> {
  const { failingSince, waitingRows, lostRows, refusedRows, lastRefusal } = health;
  const time = (at: number | undefined | null): string | null => (at ? new Date(at).toISOString() : null);
  return { failingSince: time(failingSince), waitingRows, lostRows, refusedRows, lastRefusal: time(lastRefusal?.at) };
}
