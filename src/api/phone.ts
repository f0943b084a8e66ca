import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { ArungError } from '../domain/errors.ts';
import { photoTypes } from '../alerting/photos/clean-photo.ts';
import { PhonePress, PhoneView } from '../alerting/phone/phone-view.ts';
import type { App, RouteGroup } from './routes.ts';

/** What the routes need of the desk. */
export interface PhoneDeskPort {
  view(token: string, language: 'id' | 'en' | null): Promise<PhoneView>;
  act(token: string, press: PhonePress): Promise<void>;
  photo(
    token: string,
    photo: { requestId: string; mediaType: string; bytes: Buffer; at: string | null },
  ): Promise<void>;
}

const Token = Type.Object({
  token: Type.String({ minLength: 1, maxLength: 64, description: 'Of the link in the message: 32 characters.' }),
});

/** Bytes: what a phone sends after it made it smaller is 100 to 400 kB. */
const largestPhoto = 3 * 1024 * 1024;
const packed = promisify(gzip);

/** The same while nothing but the time is another. */
function tagOf(view: PhoneView): string {
  const text = JSON.stringify({ ...view, at: '' });
  return `"${createHash('sha256').update(text).digest('base64url').slice(0, 22)}"`;
}

/**
 * A page asks three times a minute. Each link has its own limits, so that one phone cannot fill a log; and each address
 * has, so that tokens are not tried out: the phones of a district stand behind one address of their provider.
 */
const perMinute = {
  link: { reads: 60, presses: 30, photos: 12 },
  address: { reads: 600, presses: 300, photos: 120 },
};

function linkLimit(app: App, what: keyof typeof perMinute.link) {
  const check = app.createRateLimit({
    max: perMinute.link[what],
    timeWindow: 60_000,
    keyGenerator: (request) => `${what} ${(request.params as { token?: string }).token ?? ''}`,
  });
  return async (request: FastifyRequest): Promise<void> => {
    const limit = await check(request);
    if (limit.isAllowed || !limit.isExceeded) return;
    const seconds = limit.ttlInSeconds;
    throw new ArungError('too-many-requests', `Too many requests: go on in ${seconds} s.`, {
      code: 'request.too-many',
      arguments: { seconds },
      retryAfterS: seconds,
    });
  };
}

/**
 * `/api/v1/phone/{token}`: one incident for the one person that the link was made for. Reading changes nothing, by
 * whatever fetches it; only a POST does.
 */
export function phoneRoutes(desk: PhoneDeskPort): RouteGroup {
  return (app) => {
    app.addContentTypeParser([...photoTypes], { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
    const limited = (what: keyof typeof perMinute.link) => ({
      config: {
        permission: 'public' as const,
        rateLimit: { max: perMinute.address[what], timeWindow: 60_000, groupId: `phone ${what}` },
      },
      preHandler: linkLimit(app, what),
    });
    app.addHook('onRequest', async (_request, reply) => {
      reply.headers({ 'referrer-policy': 'no-referrer', 'x-robots-tag': 'noindex, nofollow, noarchive' });
    });

    app.get(
      '/phone/:token',
      {
        ...limited('reads'),
        schema: {
          tags: ['phone'],
          summary: 'The incident of a signed link',
          description:
            'Public by its token, which is for one person and one incident. 404 when it is not ours or its person is no ' +
            'longer active, 403 a day after the incident ended; until then only that it ended is shown.',
          params: Token,
          querystring: Type.Object({
            language: Type.Optional(Type.Unsafe<'id' | 'en'>(Type.Enum(['id', 'en']))),
          }),
          response: { 200: PhoneView, 304: Type.Null() },
        },
        // Over 3G a third of the bytes is seconds.
        onSend: async (request, reply, payload) => {
          const wanted = String(request.headers['accept-encoding'] ?? '').includes('gzip');
          if (typeof payload !== 'string' || payload.length < 1000 || !wanted) return payload;
          reply.headers({ 'content-encoding': 'gzip', vary: 'accept-encoding' });
          return packed(payload);
        },
      },
      async (request, reply) => {
        const view = await desk.view(request.params.token, request.query.language ?? null);
        const tag = tagOf(view);
        reply.headers({ etag: tag, 'cache-control': 'no-store' });
        if (request.headers['if-none-match'] === tag) return reply.code(304).send(null);
        return view;
      },
    );

    app.post(
      '/phone/:token/actions',
      {
        ...limited('presses'),
        schema: {
          tags: ['phone'],
          summary: 'Take it, say how far you are, write in its log',
          description: 'Once a `requestId`, however often it is sent. 403 when the incident is over.',
          params: Token,
          body: PhonePress,
          response: { 204: Type.Null() },
        },
      },
      async (request, reply) => {
        await desk.act(request.params.token, request.body);
        return reply.code(204).send(null);
      },
    );

    app.post(
      '/phone/:token/photos',
      {
        ...limited('photos'),
        bodyLimit: largestPhoto,
        schema: {
          tags: ['phone'],
          summary: 'Add a photo to the log of the incident',
          description:
            'Body: JPEG, PNG or WebP, at most 3 MB. What it says besides the picture (place, time, camera) is taken out.',
          params: Token,
          querystring: Type.Object({
            requestId: Type.String({ format: 'uuid', examples: ['0198c0de-0000-7000-8000-000000000002'] }),
            at: Type.Optional(Type.String({ format: 'date-time' })),
          }),
          response: { 204: Type.Null() },
        },
      },
      async (request, reply) => {
        const { body } = request as { body: unknown };
        if (!Buffer.isBuffer(body)) {
          throw new ArungError('invalid', 'Send the photo as the body: image/jpeg, image/png or image/webp.', {
            code: 'photo.unreadable',
          });
        }
        const { requestId, at = null } = request.query;
        const mediaType = request.headers['content-type'] ?? '';
        await desk.photo(request.params.token, { requestId, mediaType, bytes: body, at });
        return reply.code(204).send(null);
      },
    );
  };
}
