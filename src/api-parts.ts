import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import packageJson from '../package.json' with { type: 'json' };
import { apiRoutes, rootRoutes, type Answering } from './api-routes.ts';
import { buildApi, type Api, type ApiOptions } from './api/app.ts';
import type { RouteGroup } from './api/routes.ts';
import { isSameOrigin } from './auth/same-origin.ts';
import { Live } from './live/live.ts';
import { metricsNote } from './metrics/health.ts';
import type { OwnChecks } from './own-checks.ts';
import { makePhone, type PhoneOptions } from './phone-parts.ts';
import { TerritoryService } from './territory/territory-service.ts';

export interface ListenerSettings
  extends
    Pick<ApiOptions, 'host' | 'port' | 'trustedProxies' | 'publicUrl'>,
    Pick<PhoneOptions, 'timeZone' | 'language'> {
  readonly dataDir: string;
  /** PEM files; both or neither. */
  readonly tlsCertFile: string | null;
  readonly tlsKeyFile: string | null;
}

export interface ApiPartsOptions extends Omit<Answering, 'territory' | 'phone'> {
  readonly config: ListenerSettings;
  readonly own: OwnChecks;
  /** Of whoever composes more than the controller. */
  readonly moreRoutes: readonly RouteGroup[];
  readonly registry: Registry;
  readonly logger: Logger;
}

/** The two ways out on one listener, and the geography that both maps are drawn from; started by whoever made them. */
export interface ApiParts {
  readonly territory: TerritoryService;
  /** REST, the console and the page of a message. */
  readonly api: Api;
  readonly live: Live;
}

export async function makeApi(options: ApiPartsOptions): Promise<ApiParts> {
  const { config, state, stream, alerting, own, access, measuring, registry, clock, logger } = options;
  const { database, inventory, vault } = state;
  const { board, history } = stream;
  const { topology } = inventory;
  const territory = new TerritoryService({ source: inventory.geography, dataDir: config.dataDir, logger, clock });
  const phone = makePhone({
    db: database.db,
    vault,
    topology,
    states: board,
    territory,
    actions: alerting.actions,
    siteWork: alerting.siteWork,
    clock,
    timeZone: config.timeZone,
    language: config.language,
  });
  const answering = { ...options, territory, phone };
  const api = await buildApi({
    logger,
    identifier: access.authenticator,
    isSameOrigin,
    host: config.host,
    port: config.port,
    trustedProxies: config.trustedProxies,
    publicUrl: config.publicUrl,
    tls: tlsOf(config),
    consoleDir: join(import.meta.dirname, '../dashboards/console/dist'),
    version: packageJson.version,
    registry,
    readiness: { parts: ['database', 'broker', 'metrics'], look: () => own.look() },
    notes: () => ({
      database: { waitingEntries: history.statistics.waiting, lostEntries: history.statistics.lost },
      metrics: metricsNote(stream.health()),
    }),
    rootRoutes: rootRoutes(answering),
    routes: [...apiRoutes(answering), ...options.moreRoutes],
  });
  const ownOrigins = config.publicUrl === null ? [] : [new URL(config.publicUrl).origin];
  const live = new Live({
    httpServer: api.server,
    authenticate: (headers) => access.authenticator.authenticate(headers),
    isSameOrigin: (headers) => isSameOrigin(headers, ownOrigins),
    onAccessRevoked: (listener) => access.authenticator.onAccessRevoked(listener),
    board,
    topology,
    services: measuring.services,
    incidents: alerting.feed,
    own,
    clock,
    logger,
  });
  return { territory, api, live };
}

function tlsOf(config: ListenerSettings): { cert: Buffer; key: Buffer } | null {
  if (config.tlsCertFile === null || config.tlsKeyFile === null) return null;
  return { cert: readFileSync(config.tlsCertFile), key: readFileSync(config.tlsKeyFile) };
}
