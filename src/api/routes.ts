import type { FastifyBaseLogger, FastifyInstance, RawServerDefault } from 'fastify';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Access, Permission } from '../domain/access.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /**
     * What a route asks for; every route names one, and a route without one refuses to be registered. `public` is for
     * what may be seen before sign-in, `signed-in` for what concerns the reader alone (their own session).
     */
    permission?: Permission | 'public' | 'signed-in';
    /** Open to a person who signed in with a one-time password and has not chosen one of their own yet. */
    openBeforePasswordChange?: boolean;
  }
  interface FastifyRequest {
    /** Who asks; set before any handler runs, except on `public` routes without a sign-in. */
    access: Access;
  }
}

/** The Fastify instance as route files see it: types follow the TypeBox schemas. */
export type App = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>;

/**
 * One file per resource exports a function that takes what it needs and returns this; `buildApi` registers them all
 * under `/api/v1`. A handler passes `request.access` to the repository, which limits by region in its query.
 */
export type RouteGroup = (app: App) => void | Promise<void>;
