import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { Registry } from 'prom-client';
import packageJson from '../package.json' with { type: 'json' };
import { buildApi } from './api/app.ts';
import { auditRoutes } from './api/audit.ts';
import { DatabaseEntityScope } from './api/entity-scope.ts';
import type { RouteGroup } from './api/routes.ts';
import { seriesRoutes } from './api/series.ts';
import { sessionRoutes } from './api/session.ts';
import { tokenRoutes } from './api/tokens.ts';
import { userRoutes } from './api/users.ts';
import { ApiTokens } from './auth/api-tokens.ts';
import { Authenticator } from './auth/authenticator.ts';
import { sessionCookie } from './auth/bearer.ts';
import { Revocations } from './auth/revocations.ts';
import { isSameOrigin } from './auth/same-origin.ts';
import { Sessions } from './auth/sessions.ts';
import { Users } from './auth/users.ts';
import type { Config } from './config.ts';
import { systemAccess } from './domain/access.ts';
import { ClientReader } from './discovery/client-reader.ts';
import { Planner } from './discovery/planner.ts';
import { systemClock as clock } from './domain/clock.ts';
import { BufferedStore } from './metrics/queue.ts';
import { EmbeddedStore } from './metrics/embedded/store.ts';
import { PollingEngine } from './polling/engine.ts';
import { LocalAgent } from './polling/local-agent.ts';
import { SnmpClient } from './polling/snmp/client.ts';
import { RunningParts } from './running-parts.ts';
import { databaseOf, makeState, removeControllerNote, writeControllerNote, type State } from './state.ts';
import { StatusBoard } from './status/board.ts';
import { EmbeddedBroker } from './telemetry/broker.ts';
import { FanOutBus } from './telemetry/bus.ts';
import { PrometheusCounters } from './telemetry/counters.ts';
import { TerminalCredentials } from './telemetry/credentials.ts';
import { TerminalPoller } from './telemetry/terminals.ts';

/** A controller that runs. */
export interface Controller extends State {
  /** Where the console is, as a person types it. */
  readonly url: string;
  readonly mqttPort: number;
  /** The first administrator, when this was the very first start. */
  readonly firstAdministrator: { readonly name: string; readonly oneTimePassword: string | null } | null;
  stop(): Promise<void>;
}

export interface ControllerOptions {
  readonly config: Config;
  readonly logger: Logger;
  /** Routes of whoever composes more than the controller (the demo). */
  readonly moreRoutes?: readonly RouteGroup[];
}

export async function startController({ config, logger, moreRoutes = [] }: ControllerOptions): Promise<Controller> {
  const parts = new RunningParts(logger);

  // State: PostgreSQL, the vault that seals secrets in it, the log of every change, the inventory.
  const database = databaseOf(config, logger);
  await parts.start(database);
  const state = makeState(config, database, logger);
  const { vault, audit, inventory } = state;
  await parts.start(vault, audit, inventory);
  const { db } = database;

  // People and programs, and what they may.
  const users = new Users({ db, audit });
  const tokens = new ApiTokens({ db, audit });
  const sessions = new Sessions({ db, audit, logger });
  const revocations = new Revocations({ url: () => database.url, logger });
  const authenticator = new Authenticator({ sessions, tokens, revocations });
  await parts.start(revocations, sessions);
  const firstAdministrator = await users.ensureAdministrator({ password: config.adminPassword });

  // The one way in, and who listens: the store behind its queue, and the status board.
  const registry = new Registry();
  const counters = new PrometheusCounters(registry);
  const bus = new FanOutBus({ logger });
  const store = new EmbeddedStore({
    path: join(config.dataDir, 'metrics.sqlite'),
    logger,
    maxBytes: config.metricsMaxMegabytes * 1e6,
    retention: { rawS: config.metricsRawDays * 86_400 },
  });
  const queue = new BufferedStore({ store, clock, logger });
  const agentId = (await inventory.agents.get(systemAccess('controller'), 'local')).entity.id;
  const engine = new PollingEngine({ clock, logger, options: { reachabilityMs: config.reachabilityIntervalMs } });
  const client = new SnmpClient(engine);
  const plans = new Planner({
    readerFor: (target) => new ClientReader(client, target),
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
  const agent = new LocalAgent({
    targets: inventory.targets,
    agentId,
    plans,
    engine,
    bus,
    logger,
    dataDir: config.dataDir,
  });
  const credentials = new TerminalCredentials({ targets: inventory.targets, agentId, logger });
  const broker = new EmbeddedBroker({
    port: config.mqttPort,
    host: config.mqttHost,
    credentials,
    clock,
    logger,
    counters,
  });
  const terminals = new TerminalPoller({
    targets: inventory.targets,
    agentId,
    link: broker.link,
    bus,
    clock,
    logger,
    counters,
    onFacts: () => undefined,
  });
  const board = new StatusBoard({
    topology: inventory.topology,
    clock,
    logger,
    probeSoon: (ids) => {
      agent.probeSoon(ids);
      terminals.probeSoon(ids);
    },
    restore: async () => new Map(),
  });
  bus.to(queue);
  bus.to(board);
  await parts.start(store, queue, board, engine, credentials, broker, terminals, agent);

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
    readiness: { database: () => database.ping() },
    routes: [
      sessionRoutes({
        users,
        sessions,
        cookieName: sessionCookie,
        secureCookies: config.secureCookies,
        timeZone: config.timeZone,
        language: config.language,
      }),
      userRoutes(users),
      tokenRoutes(tokens),
      auditRoutes(audit),
      seriesRoutes({ store, scope: new DatabaseEntityScope(db), clock }),
      ...moreRoutes,
    ],
  });
  await parts.start(api);
  writeControllerNote(config.dataDir, {
    pid: process.pid,
    url: api.url,
    databaseUrl: config.databaseUrl === null ? database.url : null,
    mqttPort: broker.port,
  });

  return {
    ...state,
    url: api.url,
    mqttPort: broker.port,
    firstAdministrator,
    stop: async () => {
      await parts.stop();
      removeControllerNote(config.dataDir);
    },
  };
}

function tlsOf(config: Config): { cert: Buffer; key: Buffer } | null {
  if (config.tlsCertFile === null || config.tlsKeyFile === null) return null;
  return { cert: readFileSync(config.tlsCertFile), key: readFileSync(config.tlsKeyFile) };
}
