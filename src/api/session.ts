import { Type } from 'typebox';
import type { Users } from '../auth/users.ts';
import type { Sessions } from '../auth/sessions.ts';
import { ArungError } from '../domain/errors.ts';
import type { UserId } from '../domain/ids.ts';
import type { Access } from '../domain/access.ts';
import { GrantOutput, Language, LanguageOrNone, Password } from './access-schemas.ts';
import type { RouteGroup } from './routes.ts';

export interface SessionRouteOptions {
  readonly users: Users;
  readonly sessions: Sessions;
  readonly cookieName: string;
  /** Whether the cookie travels over HTTPS only. Null: when the public address is HTTPS, or the request came so. */
  readonly secureCookies: boolean | null;
  readonly publicUrl: string | null;
  /** Screens show times in it. */
  readonly timeZone: string;
  /** Where nobody chose one. */
  readonly language: 'id' | 'en';
}

const SessionView = Type.Object({
  user: Type.Object({
    id: Type.String(),
    name: Type.String({ examples: ['admin'] }),
    displayName: Type.Union([Type.String(), Type.Null()]),
    mustChangePassword: Type.Boolean(),
    mustSetSecondFactor: Type.Boolean(),
  }),
  kind: Type.Enum(['user', 'token']),
  grants: Type.Array(GrantOutput),
  language: Type.Unsafe<'id' | 'en' | null>(LanguageOrNone),
  defaultLanguage: Language,
  timeZone: Type.String({ examples: ['Asia/Makassar'] }),
});

/** Sign-in, the reader's own session, and what concerns the reader alone. */
export function sessionRoutes(options: SessionRouteOptions): RouteGroup {
  const { users, sessions } = options;

  async function view(access: Access, mustSetSecondFactor: boolean) {
    const own = access.kind === 'user' && access.id !== null ? await users.own(access.id) : null;
    return {
      user: {
        id: access.id ?? '',
        name: access.name,
        displayName: own === null || own.displayName === '' ? null : own.displayName,
        mustChangePassword: own?.mustChangePassword ?? false,
        mustSetSecondFactor,
      },
      kind: own === null ? ('token' as const) : ('user' as const),
      grants: own !== null ? [...own.grants] : access.grants.map((grant) => ({ ...grant, regionName: null })),
      language: own?.language ?? null,
      defaultLanguage: options.language,
      timeZone: options.timeZone,
    };
  }

  return (app) => {
    app.post(
      '/session',
      {
        config: {
          permission: 'public',
          rateLimit: { max: 120, timeWindow: 60_000, keyGenerator: (request) => `sign-in ${request.ip}` },
        },
        bodyLimit: 16_384,
        schema: {
          tags: ['session'],
          summary: 'Sign in',
          description:
            'Sets the cookie `arung_session` (HttpOnly). A wrong name or password is 401 `sign-in.wrong-password` with `attemptsLeft`; too many ' +
            'are 429 `sign-in.paused` with `seconds`. Where the account has a second factor, a sign-in without `code` is 401 `sign-in.code-needed`, ' +
            'and a wrong one 401 `sign-in.wrong-code`.',
          body: Type.Object({
            name: Type.String({ minLength: 1, maxLength: 200, examples: ['admin'] }),
            password: Password,
            code: Type.Optional(
              Type.String({
                maxLength: 40,
                description: 'Of the second factor, or a recovery code.',
                examples: ['123456'],
              }),
            ),
          }),
          response: { 200: SessionView },
        },
      },
      async (request, reply) => {
        const { secret, expiresAt } = await sessions.signIn({
          ...request.body,
          address: request.ip,
          userAgent: request.headers['user-agent'] ?? '',
        });
        const identity = await sessions.identify(secret);
        if (identity === null) throw new Error('the session that was just made is gone');
        reply.setCookie(options.cookieName, secret, {
          path: '/',
          httpOnly: true,
          sameSite: 'lax',
          secure:
            options.secureCookies ?? (options.publicUrl?.startsWith('https:') === true || request.protocol === 'https'),
          expires: expiresAt,
        });
        return view(identity.access, identity.mustSetSecondFactor);
      },
    );

    app.get(
      '/session',
      {
        config: { permission: 'signed-in', openBeforePasswordChange: true },
        schema: { tags: ['session'], summary: 'Who is signed in, and what they may', response: { 200: SessionView } },
      },
      (request) => view(request.access, request.identity?.mustSetSecondFactor ?? false),
    );

    app.patch(
      '/session',
      {
        config: { permission: 'signed-in', openBeforePasswordChange: true },
        schema: {
          tags: ['session'],
          summary: 'Choose one’s language',
          body: Type.Object({ language: Language }),
          response: { 200: SessionView },
        },
      },
      async (request) => {
        await users.setOwnLanguage(ownId(request.access), request.body.language);
        return view(request.access, request.identity?.mustSetSecondFactor ?? false);
      },
    );

    app.delete(
      '/session',
      {
        config: { permission: 'signed-in', openBeforePasswordChange: true },
        schema: { tags: ['session'], summary: 'Sign out', response: { 204: Type.Null() } },
      },
      async (request, reply) => {
        const sessionId = request.identity?.sessionId ?? null;
        if (sessionId !== null) await sessions.end(sessionId);
        reply.clearCookie(options.cookieName, { path: '/' });
        return reply.code(204).send(null);
      },
    );

    app.post(
      '/session/password',
      {
        // Each try costs a hash, and a session that was left open is no place to guess the password from.
        config: {
          permission: 'signed-in',
          openBeforePasswordChange: true,
          rateLimit: { max: 20, timeWindow: 300_000 },
        },
        bodyLimit: 16_384,
        schema: {
          tags: ['session'],
          summary: 'Change one’s own password',
          description:
            'Ends all other sessions of the user. Who signed in with a one-time password gets 403 `password.must-change` ' +
            'everywhere else until then.',
          body: Type.Object({ current: Password, password: Password }),
          response: { 204: Type.Null() },
        },
      },
      async (request, reply) => {
        const { current, password } = request.body;
        const sessionId = request.identity?.sessionId ?? null;
        await users.changeOwnPassword(request.access, ownId(request.access), { current, next: password, sessionId });
        return reply.code(204).send(null);
      },
    );
  };
}

function ownId(access: Access): UserId {
  if (access.kind === 'user' && access.id !== null) return access.id;
  throw new ArungError('forbidden', 'A token is no person: sign in with a name and a password.', {
    code: 'session.not-a-person',
  });
}
