import { Type } from 'typebox';
import { ArungError } from '../domain/errors.ts';
import { Place, PlaceKey, Scope } from '../domain/place.ts';
import { variableNamePattern } from '../domain/variable.ts';
import type { Variable, VariableBook } from '../provisioning/variables/variable-book.ts';
import type { VariableResolver } from '../provisioning/variables/variable-resolver.ts';
import { KeyParameter, PageOf, PageQuery, Text, WriteQuery } from './inventory-schemas.ts';
import type { RouteGroup } from './routes.ts';

const read = { permission: 'provisioning.read' } as const;
const write = { permission: 'provisioning.write' } as const;
const tags = ['variables'];
const Name = Type.String({ pattern: variableNamePattern, examples: ['ntp-server'] });
const Value = Type.Union([Type.String(), Type.Null()], { description: 'Null for a secret.' });

const VariableView = Type.Object({
  id: Type.String(),
  name: Name,
  place: Place,
  value: Value,
  secret: Type.Boolean(),
  changedAt: Type.String({ format: 'date-time' }),
  changedBy: Type.String(),
});

/** `/api/v1/variables`: values that the intents of many devices share, by place; the nearer one hides the farther. */
export function variableRoutes(parts: {
  readonly book: VariableBook;
  readonly resolver: Pick<VariableResolver, 'resolved'>;
}): RouteGroup {
  const { book, resolver } = parts;
  return (app) => {
    app.get(
      '/variables',
      {
        config: read,
        schema: {
          tags,
          summary: 'List variables',
          description: 'Of the network, of groups, of your regions and of what these lie in.',
          querystring: Type.Object({ ...PageQuery, scope: Type.Optional(Scope), q: Text }),
          response: { 200: PageOf(VariableView) },
        },
      },
      async (request) => {
        const { scope, q, ...page } = request.query;
        const { items, next } = await book.list(request.access, { scope, q, page });
        return { items: items.map(viewOf), next };
      },
    );
    app.get(
      '/variables/resolved',
      {
        config: read,
        schema: {
          tags,
          summary: 'Which values hold for a device or a site, and where each comes from',
          description:
            'Device before site, village, district, regency, province, tag, role and network. Name one of `device` and `site`.',
          querystring: Type.Object({
            device: Type.Optional(Type.String({ ...KeyParameter.properties.key, examples: ['rtr-kahu-01'] })),
            site: Type.Optional(KeyParameter.properties.key),
          }),
          response: {
            200: Type.Object({
              items: Type.Array(
                Type.Object({
                  name: Name,
                  value: Value,
                  secret: Type.Boolean(),
                  from: Place,
                  hides: Type.Array(Place),
                }),
              ),
            }),
          },
        },
      },
      async (request) => {
        const { device, site } = request.query;
        if ((device === undefined) === (site === undefined)) {
          throw new ArungError('invalid', 'Name one of device and site.', { code: 'variable.whose' });
        }
        const of = device === undefined ? { site: site ?? '' } : { device };
        const found = await resolver.resolved(request.access, of);
        return { items: found.map(({ hides, ...one }) => ({ ...one, hides: [...hides] })) };
      },
    );
    app.put(
      '/variables',
      {
        config: write,
        schema: {
          tags,
          summary: 'Give a variable a value at a place',
          description:
            'Whether it had one there or not. Devices keep what they are until their intent is staged again.',
          querystring: WriteQuery,
          body: Type.Object(
            {
              name: Name,
              scope: Scope,
              key: Type.Optional(PlaceKey),
              value: Type.String({ maxLength: 8_192, pattern: '^[^\\u0000]*$' }),
              secret: Type.Optional(Type.Boolean()),
            },
            {
              additionalProperties: false,
              examples: [{ name: 'ntp-server', scope: 'network', key: '', value: '10.73.0.1' }],
            },
          ),
          response: { 200: Type.Object({ id: Type.String() }) },
        },
      },
      async (request) => {
        const { key = '', secret = false, ...draft } = request.body;
        return { id: await book.put(request.access, { ...draft, key, secret }, request.query.reason) };
      },
    );
    app.delete(
      '/variables/:key',
      {
        config: write,
        schema: {
          tags,
          summary: 'Take the value of a variable away from a place',
          params: KeyParameter,
          querystring: WriteQuery,
          response: { 204: Type.Null() },
        },
      },
      async (request, reply) => {
        await book.remove(request.access, request.params.key, request.query.reason);
        return reply.code(204).send(null);
      },
    );
  };
}

function viewOf({ changedAt, ...variable }: Variable) {
  return { ...variable, changedAt: new Date(changedAt).toISOString() };
}
