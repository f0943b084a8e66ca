import { Type } from 'typebox';
import type { ApiToken, ApiTokens } from '../auth/api-tokens.ts';
import { IdParameter, Moment, MomentOrNone, RegionCodeOrEverywhere, RoleName } from './access-schemas.ts';
import type { RouteGroup } from './routes.ts';

const TokenView = Type.Object({
  id: Type.String(),
  name: Type.String({ examples: ['grafana'] }),
  role: RoleName,
  regionCode: RegionCodeOrEverywhere,
  regionName: Type.Union([Type.String(), Type.Null()]),
  createdBy: Type.String(),
  createdAt: Moment,
  expiresAt: MomentOrNone,
  lastUsedAt: MomentOrNone,
});
const config = { permission: 'user.manage' } as const;
const tags = ['tokens'];

/** Tokens for programs. */
export function tokenRoutes(tokens: ApiTokens): RouteGroup {
  return (app) => {
    app.get(
      '/tokens',
      {
        config,
        schema: {
          tags,
          summary: 'API tokens of the reader’s regions, without their secret',
          response: { 200: Type.Object({ items: Type.Array(TokenView), next: Type.Null() }) },
        },
      },
      async (request) => ({ items: (await tokens.list(request.access)).map(toView), next: null }),
    );

    app.post(
      '/tokens',
      {
        config,
        schema: {
          tags,
          summary: 'Make an API token',
          description: 'The token is told here and never again.',
          body: Type.Object({
            name: Type.String({ minLength: 1, maxLength: 80, pattern: '^[^\\u0000-\\u001f]+$' }),
            role: RoleName,
            regionCode: Type.Optional(RegionCodeOrEverywhere),
            expiresAt: Type.Optional(MomentOrNone),
          }),
          response: { 201: Type.Object({ apiToken: TokenView, token: Type.String({ examples: ['arung_…'] }) }) },
        },
      },
      async (request, reply) => {
        const { name, role, regionCode = null, expiresAt = null } = request.body;
        const made = await tokens.create(request.access, {
          name,
          role,
          regionCode,
          expiresAt: expiresAt === null ? null : new Date(expiresAt),
        });
        return reply.code(201).send({ apiToken: toView(made.apiToken), token: made.token });
      },
    );

    app.delete(
      '/tokens/:id',
      { config, schema: { tags, summary: 'Revoke an API token', params: IdParameter, response: { 204: Type.Null() } } },
      async (request, reply) => {
        await tokens.revoke(request.access, request.params.id);
        return reply.code(204).send(null);
      },
    );
  };
}

function toView(token: ApiToken) {
  return {
    ...token,
    createdAt: token.createdAt.toISOString(),
    expiresAt: token.expiresAt?.toISOString() ?? null,
    lastUsedAt: token.lastUsedAt?.toISOString() ?? null,
  };
}
