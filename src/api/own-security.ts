import { Type } from 'typebox';
import type { SecondFactor } from '../auth/second-factor.ts';
import type { SeenSession, SessionList } from '../auth/session-list.ts';
import type { Users } from '../auth/users.ts';
import type { Access } from '../domain/access.ts';
import { ArungError } from '../domain/errors.ts';
import type { UserId } from '../domain/ids.ts';
import { IdParameter, Moment, MomentOrNone } from './access-schemas.ts';
import type { RouteGroup } from './routes.ts';

export interface SecurityRouteOptions {
  readonly users: Users;
  readonly sessionList: SessionList;
  readonly secondFactor: SecondFactor;
}

const SessionItem = Type.Object({
  id: Type.String(),
  address: Type.String({ examples: ['10.73.8.20'] }),
  userAgent: Type.String(),
  createdAt: Moment,
  lastSeenAt: Moment,
  expiresAt: Moment,
  current: Type.Boolean({ description: 'The session of this request.' }),
});
const SessionItems = Type.Object({ items: Type.Array(SessionItem), next: Type.Null() });
const FactorState = Type.Object({
  on: Type.Boolean(),
  since: MomentOrNone,
  recoveryCodesLeft: Type.Integer({ minimum: 0 }),
});
const Code = Type.String({
  minLength: 6,
  maxLength: 40,
  description: 'Six digits of the app, or a recovery code.',
  examples: ['123456'],
});
const own = { permission: 'signed-in', openBeforePasswordChange: true } as const;
const manage = { permission: 'user.manage' } as const;
/** A code has a million values: guessing by a session that was left open is slowed. */
const slowed = { max: 20, timeWindow: 300_000 };

/** What guards a sign-in: sessions to look at and end, and the second factor; one's own, and those of users one manages. */
export function securityRoutes(options: SecurityRouteOptions): RouteGroup {
  const { users, sessionList, secondFactor } = options;
  return (app) => {
    app.get(
      '/session/sessions',
      {
        config: { permission: 'signed-in' },
        schema: { tags: ['session'], summary: 'Where one is signed in', response: { 200: SessionItems } },
      },
      async (request) => toItems(await sessionList.of(ownId(request.access)), request.identity?.sessionId ?? null),
    );

    app.delete(
      '/session/sessions/:id',
      {
        config: { permission: 'signed-in' },
        schema: {
          tags: ['session'],
          summary: 'End one of one’s own sessions',
          params: IdParameter,
          response: { 204: Type.Null() },
        },
      },
      async (request, reply) => {
        const user = { id: ownId(request.access), name: request.access.name };
        await sessionList.end(request.access, user, request.params.id);
        return reply.code(204).send(null);
      },
    );

    app.get(
      '/session/second-factor',
      {
        config: own,
        schema: { tags: ['session'], summary: 'Whether a second factor is asked for', response: { 200: FactorState } },
      },
      async (request) => {
        const { on, since, recoveryCodesLeft } = await secondFactor.state(ownId(request.access));
        return { on, since: since?.toISOString() ?? null, recoveryCodesLeft };
      },
    );

    app.post(
      '/session/second-factor',
      {
        config: own,
        schema: {
          tags: ['session'],
          summary: 'Begin a second factor',
          description:
            'Makes a secret for an authenticator app (TOTP, RFC 6238), as text and as an otpauth address for a QR code. It asks for nothing until it is confirmed.',
          response: { 200: Type.Object({ secret: Type.String(), uri: Type.String() }) },
        },
      },
      (request) => secondFactor.begin(request.access, ownId(request.access)),
    );

    app.post(
      '/session/second-factor/confirm',
      {
        config: { ...own, rateLimit: slowed },
        schema: {
          tags: ['session'],
          summary: 'Turn the second factor on with its first code',
          description: 'Answers with recovery codes, told once; each is good for one sign-in without the app.',
          body: Type.Object({ code: Code }),
          response: { 200: Type.Object({ recoveryCodes: Type.Array(Type.String()) }) },
        },
      },
      async (request) => ({
        recoveryCodes: [...(await secondFactor.confirm(request.access, ownId(request.access), request.body.code))],
      }),
    );

    app.post(
      '/session/second-factor/remove',
      {
        config: { ...own, rateLimit: slowed },
        schema: {
          tags: ['session'],
          summary: 'Turn the second factor off, with a code of it',
          body: Type.Object({ code: Code }),
          response: { 204: Type.Null() },
        },
      },
      async (request, reply) => {
        await secondFactor.removeOwn(request.access, ownId(request.access), request.body.code);
        return reply.code(204).send(null);
      },
    );

    app.get(
      '/users/:id/sessions',
      {
        config: manage,
        schema: {
          tags: ['users'],
          summary: 'Where a user is signed in',
          params: IdParameter,
          response: { 200: SessionItems },
        },
      },
      async (request) => {
        const user = await users.managed(request.access, request.params.id as UserId);
        return toItems(await sessionList.of(user.id), request.identity?.sessionId ?? null);
      },
    );

    app.delete(
      '/users/:id/sessions',
      {
        config: manage,
        schema: {
          tags: ['users'],
          summary: 'End every session of a user',
          params: IdParameter,
          response: { 200: Type.Object({ ended: Type.Integer() }) },
        },
      },
      async (request) => {
        const user = await users.managed(request.access, request.params.id as UserId);
        return { ended: await sessionList.end(request.access, user, 'all') };
      },
    );

    app.delete(
      '/users/:id/second-factor',
      {
        config: manage,
        schema: {
          tags: ['users'],
          summary: 'Take away a user’s second factor (the phone is lost)',
          params: IdParameter,
          response: { 204: Type.Null() },
        },
      },
      async (request, reply) => {
        const user = await users.managed(request.access, request.params.id as UserId);
        await secondFactor.remove(request.access, user.id);
        return reply.code(204).send(null);
      },
    );
  };
}

function toItems(sessions: readonly SeenSession[], current: string | null) {
  return {
    items: sessions.map((one) => ({
      ...one,
      createdAt: one.createdAt.toISOString(),
      lastSeenAt: one.lastSeenAt.toISOString(),
      expiresAt: one.expiresAt.toISOString(),
      current: one.id === current,
    })),
    next: null,
  };
}

function ownId(access: Access): UserId {
  if (access.kind === 'user' && access.id !== null) return access.id;
  throw new ArungError('forbidden', 'A token is no person: sign in with a name and a password.', {
    code: 'session.not-a-person',
  });
}
