import swagger from '@fastify/swagger';
import type { FastifyInstance } from 'fastify';

const problem = {
  type: 'object',
  description: 'RFC 9457 problem',
  required: ['type', 'title', 'status', 'detail', 'instance', 'code', 'arguments', 'details'],
  properties: {
    type: { type: 'string', examples: ['about:blank'] },
    title: { type: 'string', examples: ['Not Found'] },
    status: { type: 'integer', examples: [404] },
    detail: { type: 'string', description: 'What happened and what to do, in English.' },
    instance: { type: 'string', description: 'Names the request in the log.' },
    code: { type: 'string', description: 'Stable name of the sentence.', examples: ['site.not-found'] },
    arguments: { type: 'object', additionalProperties: { type: ['string', 'number'] } },
    details: {
      type: 'array',
      items: {
        type: 'object',
        required: ['message'],
        properties: {
          message: { type: 'string' },
          code: { type: 'string' },
          arguments: { type: 'object', additionalProperties: { type: ['string', 'number'] } },
          field: { type: 'string', description: 'JSON pointer or name of the field.' },
          line: { type: 'integer', description: 'Line in the file, from 1.' },
          column: { type: ['string', 'integer'] },
        },
      },
    },
  },
};

const meanings: Readonly<Record<string, string>> = {
  400: 'Something in the request is wrong; `details` say where.',
  401: 'Nobody is signed in.',
  403: 'The right is missing.',
  404: 'There is no such thing, or not for this reader.',
  409: 'It clashes with what is there.',
  412: 'Somebody changed it after the version of `If-Match`.',
  429: 'Too many requests; `Retry-After` says when to go on.',
  503: 'A part that is needed does not answer.',
};

/** The OpenAPI 3.1 document, made from the routes' own schemas. Register before the routes. */
export async function describeApi(app: FastifyInstance, version: string): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Arung',
        version,
        description:
          'The control plane of a government network backbone. Lists are pages: `{"items": […], "next": cursor or null}`; ' +
          'times are ISO 8601 in UTC; errors are RFC 9457 problems with a stable `code`. Every answer holds only what lies in the ' +
          'regions of who asks.',
      },
      components: {
        securitySchemes: {
          session: { type: 'apiKey', in: 'cookie', name: 'arung_session', description: 'From `POST /api/v1/session`.' },
          token: { type: 'http', scheme: 'bearer', description: 'From `./arung token create`: `arung_…`.' },
        },
        schemas: { Problem: problem as never },
      },
    },
    transform: ({ schema, url, route }) => {
      const permission = route.config?.permission;
      const isPublic = permission === 'public';
      const codes = ['400', ...(isPublic ? [] : ['401', '403']), ...(url.includes(':') ? ['404'] : []), '429', '503'];
      const problems = codes.map((code) => [
        code,
        {
          description: meanings[code],
          content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
        },
      ]);
      const given = (schema ?? {}) as { response?: object; description?: string; tags?: string[]; hide?: boolean };
      const right = isPublic
        ? 'Open to everyone.'
        : `Needs ${permission === 'signed-in' ? 'a sign-in' : `the right \`${permission}\``}.`;
      const transformed = {
        ...given,
        tags: given.tags ?? [url.replace(/^\/api\/v1\//, '').split('/')[0] ?? 'system'],
        description: [given.description, right].filter(Boolean).join('\n\n'),
        security: isPublic ? [] : [{ session: [] }, { token: [] }],
        response: { ...given.response, ...Object.fromEntries(problems) },
        hide: given.hide ?? !url.startsWith('/api/'),
      };
      return { schema: transformed as never, url };
    },
  });
}
