import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { IncomingHttpHeaders } from 'node:http';
import { mayAnywhere, type Access } from '../domain/access.ts';
import { ArungError } from '../domain/errors.ts';

/** Who a request comes from; the authenticator's answer. */
export interface RequestIdentity {
  readonly access: Access;
  readonly via: 'session' | 'token';
  readonly sessionId: string | null;
  /** Of a person with a one-time password: only the routes of the session are open. */
  readonly mustChangePassword: boolean;
  /** Of a person who must have a second factor and has none: the same routes are open. */
  readonly mustSetSecondFactor: boolean;
}

export interface Identifier {
  identify(headers: IncomingHttpHeaders): Promise<RequestIdentity | null>;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Null on `public` routes without a sign-in. */
    identity: RequestIdentity | null;
  }
}

/** Who has not signed in: may nothing. */
const nobody: Access = { kind: 'user', id: null, name: 'anonymous', grants: [] };
const safeMethods = new Set(['GET', 'HEAD', 'OPTIONS']);

export interface GuardOptions {
  readonly identifier: Identifier;
  readonly isSameOrigin: (headers: IncomingHttpHeaders, ownOrigins: readonly string[]) => boolean;
  /** The address people type, when it is set. */
  readonly publicUrl: string | null;
}

/** Runs before everything else of a request: who asks, may they, and does a write with a cookie come from our own pages. */
export function guard(app: FastifyInstance, options: GuardOptions): void {
  const ownOrigins = options.publicUrl === null ? [] : [new URL(options.publicUrl).origin.toLowerCase()];
  app.decorateRequest('identity', null);
  app.decorateRequest('access', { getter: accessOf });

  app.addHook('onRoute', (route) => {
    if (route.config?.permission !== undefined) return;
    throw new Error(`The route ${String(route.method)} ${route.url} names no permission: give it config.permission.`);
  });

  app.addHook('onRequest', async (request) => {
    const { permission, openBeforePasswordChange = false } = request.routeOptions.config;
    if (request.is404 || permission === undefined) return;
    const withBearer = request.headers.authorization !== undefined;
    if (!safeMethods.has(request.method) && !withBearer) {
      const headers = { ...request.headers, host: request.host };
      if (!options.isSameOrigin(headers, ownOrigins)) throw crossSite();
    }
    // Files and tiles are the same for everyone: not worth a question to the database each.
    if (permission === 'public' && request.routeOptions.url?.startsWith('/api/') !== true) return;
    if (permission === 'public' && !withBearer && request.headers.cookie === undefined) return;
    request.identity = await options.identifier.identify(request.headers);
    if (permission === 'public') return;
    if (request.identity === null) throw notSignedIn();
    if (request.identity.mustChangePassword && !openBeforePasswordChange) throw mustChangePassword();
    if (request.identity.mustSetSecondFactor && !openBeforePasswordChange) throw mustSetSecondFactor();
    if (permission !== 'signed-in' && !mayAnywhere(request.identity.access, permission)) throw notAllowed(permission);
  });
}

function accessOf(this: FastifyRequest): Access {
  return this.identity?.access ?? nobody;
}

function notSignedIn(): ArungError {
  return new ArungError('unauthenticated', 'Sign in first, or send a valid API token.', { code: 'session.none' });
}

function mustChangePassword(): ArungError {
  return new ArungError(
    'forbidden',
    'This password was given for one sign-in: choose your own first, with POST /api/v1/session/password or in the console.',
    { code: 'password.must-change' },
  );
}

function mustSetSecondFactor(): ArungError {
  return new ArungError(
    'forbidden',
    'This account must have a second factor: set one up first, with POST /api/v1/session/second-factor or in the console.',
    { code: 'second-factor.must-set' },
  );
}

export function notAllowed(permission: string): ArungError {
  return new ArungError(
    'forbidden',
    `This needs the right ${permission}, which you do not have: ask an administrator.`,
    {
      code: 'forbidden',
      arguments: { permission },
    },
  );
}

function crossSite(): ArungError {
  return new ArungError(
    'forbidden',
    'This request came from another site. If Arung stands behind a proxy, set ARUNG_PUBLIC_URL to the address people type.',
    { code: 'request.cross-site' },
  );
}
