import type { Logger } from 'pino';
import { collectDefaultMetrics, Registry } from 'prom-client';
import packageJson from '../package.json' with { type: 'json' };
import { makeAccess } from './access-parts.ts';
import { makeAlerting } from './alerting-parts.ts';
import { makeApi, type ApiParts } from './api-parts.ts';
import type { RouteGroup } from './api/routes.ts';
import type { Config } from './config.ts';
import { keepReaderRole } from './database/reader-role.ts';
import { systemAccess } from './domain/access.ts';
import { systemClock as clock } from './domain/clock.ts';
import { faultReasonOf } from './domain/own-fault.ts';
import type { PlacedEvent } from './domain/status-change.ts';
import { incidentEvents } from './incident-events.ts';
import { inventoryEvents } from './inventory-events.ts';
import { makeMeasuring, type MeasuringParts } from './measuring-parts.ts';
import { makeMessaging } from './messaging-parts.ts';
import { provisioningEvents } from './provisioning-events.ts';
import { makeProvisioning } from './provisioning-parts.ts';
import { alertsTogether } from './provisioning/rollouts/fallen-alerts.ts';
import { copyDeskOf, journalBefore, metricStoreChoice } from './metric-store.ts';
import { storeReady } from './metrics/health.ts';
import { openMetricStore } from './metrics/open-store.ts';
import { OwnChecks } from './own-checks.ts';
import { observeOwnHealth } from './own-health.ts';
import { RunningParts } from './running-parts.ts';
import { databaseOf, makeState, removeControllerNote, writeControllerNote, type State } from './state.ts';
import { makeStream } from './stream-parts.ts';

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
  const base = { db: database.db, audit, clock, logger };

  // People and programs, and what they may: before anybody can ask.
  const access = makeAccess({ config, state, logger });
  await parts.start(...access.parts);
  const firstAdministrator = await access.users.ensureAdministrator({ password: config.adminPassword });

  // The one way in for all that is measured, and who listens: the store behind its queue, the status board, the rules.
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const store = openMetricStore(metricStoreChoice(config), logger, clock);
  const journal = journalBefore(store, { config, clock, logger });
  const ownAgentId = (await inventory.agents.get(systemAccess('controller'), 'local')).entity.id;
  const stream = makeStream({
    ...base,
    config,
    store,
    journal,
    inventory,
    probeSoon: (devices) => measuring.probeSoon(devices),
    own: {
      agentId: ownAgentId,
      lookAtUplink: (devices, done) => void measuring.lookAtUplink(devices, done),
    },
    registry,
  });
  const { board, history } = stream;

  // Those who measure: the embedded agent over SNMP, terminals over MQTT, and agents at other places. They start when
  // whoever listens is there, so that nothing that was measured is lost. Nobody hears of it before the ways out are there.
  let out: ApiParts | null = null;
  const tell = (event: PlacedEvent): void => out?.live.tell(event);
  const events = inventoryEvents({ inventory, history, tell, logger, clock });
  const measuring: MeasuringParts = makeMeasuring({
    ...base,
    config,
    inventory,
    stream,
    agentId: ownAgentId,
    onFacts: (facts) => events.terminalIdentified(facts),
    tell,
    registry,
  });
  const { services, broker } = measuring;
  await parts.start(...stream.parts, ...measuring.parts, events, services);

  // What Arung needs itself, looked at every few seconds.
  const own = new OwnChecks({
    checks: {
      database: { run: () => database.ping(), waiting: () => history.statistics.waiting },
      broker: { run: broker.ready },
      metrics: {
        run: storeReady(stream.health),
        waiting: () => stream.health().waitingRows,
        reason: () => faultReasonOf(stream.health().code),
      },
    },
    clock,
    logger,
  });

  // What devices should be, and the rollouts that bring them there without ever cutting the branch they sit on.
  const provisioning = makeProvisioning({
    ...base,
    vault,
    inventory,
    board,
    rules: stream.rules.watch,
    probeSoon: (devices) => measuring.probeSoon(devices),
    pollSoon: (devices) => measuring.pollSoon(devices),
    talk: measuring.syslog,
    services,
    rolloutDays: config.rolloutDays,
    events: provisioningEvents({ history, tell, topology: inventory.topology, clock }),
    programs: {
      config,
      tokens: access.tokens,
      authenticator: access.authenticator,
      reached: () => ({ url: out?.api.url ?? '', localUrl: out?.api.localUrl ?? '' }),
    },
  });

  // What holds becomes incidents, and who is told.
  const { timeZone, language, incidentDays, messageDays, heartbeatUrl } = config;
  const rules = alertsTogether(stream.rules.watch, provisioning.fallen);
  const keep = { incidentDays, messageDays };
  const holding = { board, services, rules, own, store, events: incidentEvents({ history, tell, clock }) };
  const alerting = makeAlerting({ ...base, ...holding, inventory, people, ownAgentId, timeZone, keep, registry });

  // What was decided goes to people, and what they answer comes back. Where they reach us is known once we listen.
  const messaging = makeMessaging({
    ...base,
    databaseUrl: () => database.url,
    vault,
    board,
    own,
    acting: alerting.actions,
    pushDevices: people.pushDevices,
    onForeignAlert: (channel, alert) => alerting.foreign.take(channel, alert),
    publicUrl: () => out?.api.url ?? config.publicUrl ?? '',
    timeZone,
    language,
    heartbeatUrl,
  });

  // The ways out: REST and the console, and the live stream on the same listener. Messages go out when their links open.
  const answering = { state, access, stream, measuring, alerting, messaging, provisioning, clock };
  out = await makeApi({ ...answering, config, own, moreRoutes, registry, logger });
  const { territory, live, api } = out;
  observeOwnHealth(registry, { history, live });
  const copyDesk = copyDeskOf(store, config.dataDir, logger);
  await parts.start(territory, own, ...alerting.parts, ...provisioning.parts, live, copyDesk, api, ...messaging.parts);
  events.controllerStarted(packageJson.version);

  const reached = { url: api.url, localUrl: api.localUrl, mqttPort: broker.port() };
  const databaseUrl = config.databaseUrl === null ? database.url : null;
  writeControllerNote(config.dataDir, { pid: process.pid, ...reached, databaseUrl });
  const stop = async (): Promise<void> => {
    removeControllerNote(config.dataDir);
    await parts.stop();
  };
  return { ...state, ...reached, firstAdministrator, stop };
}
