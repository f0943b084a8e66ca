import { Type } from 'typebox';
import { userNamePattern, type User, type Users } from '../auth/users.ts';
import type { UserId } from '../domain/ids.ts';
import {
  GrantInput,
  GrantOutput,
  IdParameter,
  LanguageOrNone,
  Moment,
  MomentOrNone,
  Password,
} from './access-schemas.ts';
import type { RouteGroup } from './routes.ts';

const UserView = Type.Object({
  id: Type.String(),
  name: Type.String(),
  displayName: Type.String(),
  language: Type.Unsafe<'id' | 'en' | null>(LanguageOrNone),
  disabled: Type.Boolean(),
  mustChangePassword: Type.Boolean(),
  createdAt: Moment,
  lastSignInAt: MomentOrNone,
  secondFactor: Type.Boolean({ description: 'Signs in with a second factor, too.' }),
  grants: Type.Array(GrantOutput),
});
const OneTimePassword = Type.Union([Type.String({ examples: ['k7mwp-3nqtb-xf9ra-hc2ed'] }), Type.Null()], {
  description: 'Told once, here; null when a password was given.',
});
const config = { permission: 'user.manage' } as const;
const tags = ['users'];

/** People and their rights, for those who manage them. */
export function userRoutes(users: Users): RouteGroup {
  return (app) => {
    app.get(
      '/users',
      {
        config,
        schema: {
          tags,
          summary: 'Users with rights in the reader’s regions',
          response: { 200: Type.Object({ items: Type.Array(UserView), next: Type.Null() }) },
        },
      },
      async (request) => ({ items: (await users.list(request.access)).map(toView), next: null }),
    );

    app.get(
      '/users/:id',
      { config, schema: { tags, summary: 'One user', params: IdParameter, response: { 200: UserView } } },
      async (request) => toView(await users.get(request.access, request.params.id as UserId)),
    );

    app.post(
      '/users',
      {
        config,
        schema: {
          tags,
          summary: 'Invite a user',
          description: 'Without a password a one-time password is made and told in the answer.',
          body: Type.Object({
            name: Type.String({ pattern: userNamePattern, examples: ['wati'] }),
            displayName: Type.Optional(Type.String({ maxLength: 120 })),
            language: Type.Optional(Type.Unsafe<'id' | 'en' | null>(LanguageOrNone)),
            grants: Type.Array(GrantInput, { maxItems: 50 }),
            password: Type.Optional(Password),
          }),
          response: { 201: Type.Object({ user: UserView, oneTimePassword: OneTimePassword }) },
        },
      },
      async (request, reply) => {
        const { user, oneTimePassword } = await users.create(request.access, request.body);
        return reply.code(201).send({ user: toView(user), oneTimePassword });
      },
    );

    app.patch(
      '/users/:id',
      {
        config,
        schema: {
          tags,
          summary: 'Change a user, their rights, or whether they may sign in',
          params: IdParameter,
          body: Type.Object(
            {
              displayName: Type.Optional(Type.String({ maxLength: 120 })),
              language: Type.Optional(Type.Unsafe<'id' | 'en' | null>(LanguageOrNone)),
              disabled: Type.Optional(Type.Boolean()),
              grants: Type.Optional(Type.Array(GrantInput, { maxItems: 50 })),
            },
            { additionalProperties: false },
          ),
          response: { 200: UserView },
        },
      },
      async (request) => toView(await users.update(request.access, request.params.id as UserId, request.body)),
    );

    app.post(
      '/users/:id/password',
      {
        config,
        schema: {
          tags,
          summary: 'Reset a password',
          description: 'Makes a one-time password, told once, and ends every session of the user.',
          params: IdParameter,
          response: { 200: Type.Object({ oneTimePassword: Type.String() }) },
        },
      },
      async (request) => ({
        oneTimePassword: await users.resetPassword(request.access, request.params.id as UserId),
      }),
    );
  };
}

function toView(user: User) {
  return {
    ...user,
    grants: [...user.grants],
    createdAt: user.createdAt.toISOString(),
    lastSignInAt: user.lastSignInAt?.toISOString() ?? null,
  };
}
