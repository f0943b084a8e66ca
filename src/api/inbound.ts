import { Type } from 'typebox';
import type { InboundAnswer, InboundRequest } from '../alerting/channels/channel.ts';
import { ArungError } from '../domain/errors.ts';
import { isId, type ChannelId } from '../domain/ids.ts';
import type { RouteGroup } from './routes.ts';

export interface InboundCalls {
  /** Null when there is no such channel, or none that is called. */
  receive(id: ChannelId, request: InboundRequest): Promise<InboundAnswer | null>;
}

const largestBody = 512 * 1024;
const perMinute = 300;

/**
 * Where servers of channels call: receipts, presses and texts. Open to strangers, so each kind proves from whom a call is
 * before anything of it is taken.
 */
export function inboundRoutes(calls: InboundCalls): RouteGroup {
  return (app) => {
    app.removeAllContentTypeParsers();
    app.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: largestBody }, (_request, body, done) => {
      done(null, body);
    });
    for (const method of ['GET', 'POST'] as const) {
      app.route({
        method,
        url: '/channels/:key/inbound',
        config: { permission: 'public', rateLimit: { max: perMinute, timeWindow: 60_000 } },
        bodyLimit: largestBody,
        schema: {
          tags: ['channels'],
          summary: method === 'GET' ? 'Prove the address of a webhook' : 'Take what a channel tells',
          description: 'For the server of a channel. 401 when it cannot prove that it is that.',
          params: Type.Object({ key: Type.String({ maxLength: 36 }) }),
          querystring: Type.Record(Type.String({ maxLength: 60 }), Type.String({ maxLength: 400 })),
          response: { 200: Type.String() },
        },
        handler: async (request, reply) => {
          const { key } = request.params;
          const answer = isId(key)
            ? await calls.receive(key as ChannelId, {
                method,
                query: request.query,
                headers: single(request.headers),
                body: Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0),
              })
            : null;
          if (answer === null) {
            throw new ArungError('not-found', 'There is no channel that is called here.', {
              code: 'channel.not-found',
              arguments: { key },
            });
          }
          if (answer.status === 401) {
            throw new ArungError(
              'unauthenticated',
              'This call does not prove that it is from the server of the channel.',
              {
                code: 'channel.unproven',
              },
            );
          }
          if (answer.status === 400) {
            throw new ArungError('invalid', 'This is not what the server of this channel sends.', {
              code: 'channel.bad-call',
            });
          }
          return reply.type('text/plain; charset=utf-8').send(answer.body);
        },
      });
    }
  };
}

function single(headers: Readonly<Record<string, string | string[] | undefined>>): Record<string, string | undefined> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value[0] : value]),
  );
}
