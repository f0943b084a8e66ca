import type { Logger } from 'pino';
import type { RouteGroup } from './api/routes.ts';
import { securityRoutes } from './api/own-security.ts';
import { sessionRoutes, type SessionRouteOptions } from './api/session.ts';
import { tokenRoutes } from './api/tokens.ts';
import { userRoutes } from './api/users.ts';
import { ApiTokens } from './auth/api-tokens.ts';
import { Authenticator } from './auth/authenticator.ts';
import { sessionCookie } from './auth/bearer.ts';
import { Revocations } from './auth/revocations.ts';
import { SecondFactor } from './auth/second-factor.ts';
import { SessionList } from './auth/session-list.ts';
import { Sessions, type SecondFactorRule } from './auth/sessions.ts';
import { Users } from './auth/users.ts';
import type { LongLived } from './domain/lifecycle.ts';
import type { State } from './state.ts';

/** What is set for signing in. */
export interface AccessSettings extends Pick<
  SessionRouteOptions,
  'publicUrl' | 'secureCookies' | 'timeZone' | 'language'
> {
  readonly secondFactorRule: SecondFactorRule;
}

/** People and programs, and what they may: `parts` run in this order. */
export interface AccessParts {
  readonly parts: readonly LongLived[];
  readonly users: Users;
  readonly tokens: ApiTokens;
  /** Says who asks, over REST and on the live stream. */
  readonly authenticator: Authenticator;
  readonly routes: readonly RouteGroup[];
}

export function makeAccess(options: {
  readonly config: AccessSettings;
  readonly state: Pick<State, 'database' | 'audit' | 'vault'>;
  readonly logger: Logger;
}): AccessParts {
  const { config, state, logger } = options;
  const { database, audit, vault } = state;
  const { db } = database;
  const users = new Users({ db, audit });
  const tokens = new ApiTokens({ db, audit });
  const secondFactor = new SecondFactor({ db, audit, vault });
  const sessions = new Sessions({ db, audit, logger, secondFactor, secondFactorRule: config.secondFactorRule });
  const revocations = new Revocations({ url: () => database.url, logger });
  return {
    parts: [revocations, sessions],
    users,
    tokens,
    authenticator: new Authenticator({ sessions, tokens, revocations }),
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
    ],
  };
}
