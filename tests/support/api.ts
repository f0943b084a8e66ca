import { tmpdir } from 'node:os';
import { pino, type Logger } from 'pino';
import { Registry } from 'prom-client';
import { buildApi, type Api, type ApiOptions } from '../../src/api/app.ts';
import { auditRoutes } from '../../src/api/audit.ts';
import { sessionRoutes } from '../../src/api/session.ts';
import { tokenRoutes } from '../../src/api/tokens.ts';
import { userRoutes } from '../../src/api/users.ts';
import type { RouteGroup } from '../../src/api/routes.ts';
import { AuditLog } from '../../src/audit/audit-log.ts';
import { ApiTokens } from '../../src/auth/api-tokens.ts';
import { Authenticator } from '../../src/auth/authenticator.ts';
import { sessionCookie } from '../../src/auth/bearer.ts';
import { Revocations } from '../../src/auth/revocations.ts';
import { isSameOrigin } from '../../src/auth/same-origin.ts';
import { Sessions } from '../../src/auth/sessions.ts';
import { Users } from '../../src/auth/users.ts';
import { systemAccess, type Role } from '../../src/domain/access.ts';
import { createTestDatabase, type TestDatabase } from './database.ts';

/** The API with real sign-in, rights and audit log on a database of its own; `routes` are added to it. */
export interface TestApi {
  readonly database: TestDatabase;
  readonly audit: AuditLog;
  readonly users: Users;
  readonly tokens: ApiTokens;
  readonly authenticator: Authenticator;
  readonly api: Api;
  /** Headers of a caller with a role in a region (null: everywhere). */
  as(role: Role, regionCode: string | null): Promise<{ authorization: string }>;
  stop(): Promise<void>;
}

export interface TestApiOptions {
  readonly logger?: Logger;
  readonly routes?: (
    parts: Pick<TestApi, 'database' | 'audit' | 'authenticator'>,
  ) => Promise<RouteGroup[]> | RouteGroup[];
  readonly overrides?: Partial<ApiOptions>;
}

export async function createTestApi(options: TestApiOptions = {}): Promise<TestApi> {
  const database = await createTestDatabase();
  const { db } = database;
  const logger = options.logger ?? pino({ level: 'silent' });
  const audit = new AuditLog({ db, logger });
  const users = new Users({ db, audit });
  const sessions = new Sessions({ db, audit, logger });
  const tokens = new ApiTokens({ db, audit });
  const revocations = new Revocations({ url: () => database.url, logger });
  const authenticator = new Authenticator({ sessions, tokens, revocations });
  const own = [
    sessionRoutes({
      users,
      sessions,
      cookieName: sessionCookie,
      secureCookies: null,
      publicUrl: options.overrides?.publicUrl ?? null,
      timeZone: 'Asia/Makassar',
      language: 'id',
    }),
    userRoutes(users),
    tokenRoutes(tokens),
    auditRoutes(audit),
  ];
  const more = (await options.routes?.({ database, audit, authenticator })) ?? [];
  const api = await buildApi({
    logger,
    identifier: authenticator,
    isSameOrigin,
    host: '127.0.0.1',
    port: 0,
    trustedProxies: [],
    publicUrl: null,
    tls: null,
    consoleDir: tmpdir(),
    version: '0.0.0-test',
    readiness: { parts: [], look: () => Promise.resolve([]) },
    registry: new Registry(),
    routes: [...own, ...more],
    checkAnswers: true,
    ...options.overrides,
  });
  let made = 0;
  return {
    database,
    audit,
    users,
    tokens,
    authenticator,
    api,
    as: async (role, regionCode) => {
      const name = `test ${++made}`;
      const { token } = await tokens.create(systemAccess('test'), { name, role, regionCode, expiresAt: null });
      return { authorization: `Bearer ${token}` };
    },
    stop: async () => {
      await api.stop();
      await database.drop();
    },
  };
}
