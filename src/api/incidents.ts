import { Type } from 'typebox';
import type { IncidentActions } from '../alerting/desk/incident-actions.ts';
import type { Actor } from '../alerting/desk/incident-request.ts';
import type { IncidentDetail, IncidentReader } from '../alerting/desk/incident-reader.ts';
import { scopeFor, type Access } from '../domain/access.ts';
import { severities, type Severity } from '../domain/alert.ts';
import type { Clock } from '../domain/clock.ts';
import { ArungError } from '../domain/errors.ts';
import { incidentStages, type IncidentStage } from '../domain/incident.ts';
import { IncidentView } from '../domain/incident-view.ts';
import type { PersonId, UserId } from '../domain/ids.ts';
import { regionCodePattern } from '../domain/region.ts';
import { IncidentDetailView, incidentExample, IncidentStatistics } from './incident-schemas.ts';
import { KeyParameter, Text, Words, wordsOf } from './inventory-schemas.ts';
import type { App, RouteGroup } from './routes.ts';
import { Moment } from './status-schemas.ts';

export interface IncidentRouteOptions {
  readonly reader: IncidentReader;
  readonly actions: IncidentActions;
  /** The person that a user is; null when they are none. */
  readonly personOf: (userId: UserId) => { readonly id: PersonId; readonly name: string } | null;
  readonly clock: Clock;
}

const read = { permission: 'status.read' } as const;
const act = { permission: 'event.acknowledge' } as const;
const tags = ['incidents'];
const longestSpanMs = 400 * 86_400_000;
const defaultSpanMs = 30 * 86_400_000;
const largestPhoto = 8 * 1024 * 1024;

const RequestId = Type.Optional(
  Type.String({
    pattern: '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$',
    description: 'Your own UUID: the same request twice is done once.',
    examples: ['019ad0f2-0c11-7f3a-9a55-0b2f61c2d001'],
  }),
);
const Headers = Type.Object({ 'request-id': RequestId });
const Reason = Type.String({ maxLength: 400, pattern: '^[^\\u0000]*$' });
const Incidents = Type.Object(
  { items: Type.Array(IncidentView), next: Type.Union([Type.String(), Type.Null()]) },
  { examples: [{ items: [incidentExample], next: null }] },
);

/** `/api/v1/incidents`: what broke, whom it hurts, and what people do about it. */
export function incidentRoutes(options: IncidentRouteOptions): RouteGroup {
  return (app) => {
    readRoutes(app, options);
    statisticsRoute(app, options);
    actionRoutes(app, options);
    photoRoutes(app, options);
  };
}

function readRoutes(app: App, { reader }: IncidentRouteOptions): void {
  app.get(
    '/incidents',
    {
      config: read,
      schema: {
        tags,
        summary: 'List incidents',
        description:
          'Those that touch your regions, newest first; open ones when no state is given. Of what each hurts you get what lies in your regions.',
        querystring: Type.Object({
          limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 500, description: '100 when not given.' })),
          cursor: Type.Optional(Type.String({ maxLength: 600, description: '`next` of the page before.' })),
          state: Type.Optional(Type.Unsafe<'open' | 'ended' | 'all'>(Type.Enum(['open', 'ended', 'all']))),
          severity: Words(severities),
          region: Type.Optional(
            Type.String({ pattern: regionCodePattern, description: 'A region’s code: it and all below it.' }),
          ),
          q: Text,
          sort: Type.Optional(
            Type.Unsafe<'openedAt' | '-openedAt' | 'since' | '-since'>(
              Type.Enum(['openedAt', '-openedAt', 'since', '-since']),
            ),
          ),
        }),
        response: { 200: Incidents },
      },
    },
    async (request) => {
      const { limit = 100, cursor, state, severity, region, q, sort } = request.query;
      const scope = scopeFor(request.access, read.permission);
      const page = await reader.list(
        { state, severities: wordsOf<Severity>(severity, severities), region, q, sort },
        { limit, cursor },
        scope,
      );
      return { items: [...page.items], next: page.next };
    },
  );

  app.get(
    '/incidents/:key',
    {
      config: read,
      schema: {
        tags,
        summary: 'Read an incident',
        description: 'By its id or its name (INS-1287), with its causes, alerts, messages and log.',
        params: KeyParameter,
        response: { 200: IncidentDetailView },
      },
    },
    async (request) => detail(readOne(reader, request.access, request.params.key)),
  );
}

function statisticsRoute(app: App, { reader, clock }: IncidentRouteOptions): void {
  app.get(
    '/incidents/statistics',
    {
      config: read,
      schema: {
        tags,
        summary: 'How fast incidents are taken and mended, by kecamatan',
        description:
          'Of those that began in the span (the last 30 days when not given) and whose cause lies in your regions.',
        querystring: Type.Object({
          from: Type.Optional(Moment),
          to: Type.Optional(Moment),
          by: Type.Optional(Type.Unsafe<'district'>(Type.Enum(['district']))),
        }),
        response: { 200: IncidentStatistics },
      },
    },
    async (request) => {
      const to = request.query.to === undefined ? clock.now() : Date.parse(request.query.to);
      const from = request.query.from === undefined ? to - defaultSpanMs : Date.parse(request.query.from);
      if (!(from < to) || to - from > longestSpanMs) {
        throw new ArungError('invalid', 'Give a span that ends after it begins and is at most 400 days long.', {
          code: 'incident.bad-span',
        });
      }
      const span = { from: new Date(from), to: new Date(to) };
      return { items: await reader.statistics(span, scopeFor(request.access, read.permission)), next: null };
    },
  );
}

function actionRoutes(app: App, options: IncidentRouteOptions): void {
  const { reader, actions } = options;
  const answer = (access: Access, key: string) => detail(readOne(reader, access, key));
  const requestOf = (request: {
    access: Access;
    headers: { 'request-id'?: string };
    body?: { requestId?: string };
  }) => ({
    actor: actorOf(request.access, options),
    requestId: request.body?.requestId ?? request.headers['request-id'],
  });
  const schemaOf = <Body extends ReturnType<typeof Type.Object>>(summary: string, body: Body) => ({
    tags,
    summary,
    params: KeyParameter,
    headers: Headers,
    body,
    response: { 200: IncidentDetailView },
  });

  app.post(
    '/incidents/:key/take',
    { config: act, schema: schemaOf('Take an incident', Type.Object({ requestId: RequestId })) },
    async (request) => {
      await actions.take(request.params.key, requestOf(request));
      return answer(request.access, request.params.key);
    },
  );
  app.post(
    '/incidents/:key/stage',
    {
      config: act,
      schema: schemaOf(
        'Say how far the work is',
        Type.Object({
          stage: Type.Unsafe<IncidentStage>(Type.Enum([...incidentStages], { examples: ['on-the-way'] })),
          requestId: RequestId,
        }),
      ),
    },
    async (request) => {
      await actions.setStage(request.params.key, request.body.stage, requestOf(request));
      return answer(request.access, request.params.key);
    },
  );
  app.post(
    '/incidents/:key/hand-over',
    {
      config: act,
      schema: schemaOf(
        'Give an incident to another person',
        Type.Object({ personId: Type.Unsafe<PersonId>(Type.String({ maxLength: 80 })), requestId: RequestId }),
      ),
    },
    async (request) => {
      await actions.handOver(request.params.key, request.body.personId, requestOf(request));
      return answer(request.access, request.params.key);
    },
  );
  app.post(
    '/incidents/:key/comments',
    {
      config: act,
      schema: schemaOf(
        'Write in the log of an incident',
        Type.Object({
          text: Type.String({ minLength: 1, maxLength: 4_000, pattern: '^[^\\u0000]*$', examples: ['Tiang roboh.'] }),
          requestId: RequestId,
        }),
      ),
    },
    async (request) => {
      await actions.comment(request.params.key, request.body.text, requestOf(request));
      return answer(request.access, request.params.key);
    },
  );
  app.post(
    '/incidents/:key/mute',
    {
      config: act,
      schema: schemaOf(
        'Have nobody told of an incident for a while',
        Type.Object({
          minutes: Type.Integer({ minimum: 1, maximum: 10_080, examples: [120] }),
          reason: Type.Optional(Reason),
          requestId: RequestId,
        }),
      ),
    },
    async (request) => {
      const { minutes, reason = '' } = request.body;
      await actions.mute(request.params.key, { minutes, reason }, requestOf(request));
      return answer(request.access, request.params.key);
    },
  );
}

function photoRoutes(app: App, options: IncidentRouteOptions): void {
  const { reader, actions } = options;
  app.register((inner, _, done) => {
    inner.addContentTypeParser(/^image\//, { parseAs: 'buffer', bodyLimit: largestPhoto }, (_request, body, parsed) =>
      parsed(null, body),
    );
    inner.post(
      '/incidents/:key/photos',
      {
        config: act,
        bodyLimit: largestPhoto,
        schema: {
          tags,
          summary: 'Add a photo',
          description:
            'The image itself is the body: JPEG, PNG or WebP. What the camera adds to it (place, time) is not kept.',
          params: KeyParameter,
          headers: Headers,
          response: { 201: Type.Object({ id: Type.String() }) },
        },
      },
      async (request, reply) => {
        const bytes = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
        const mediaType = (request.headers['content-type'] ?? '').split(';')[0] ?? '';
        const made = await actions.addPhoto(
          (request.params as { key: string }).key,
          { mediaType, bytes },
          {
            actor: actorOf(request.access, options),
            requestId: (request.headers as { 'request-id'?: string })['request-id'],
          },
        );
        return reply.code(201).send({ id: made });
      },
    );
    done();
  });

  app.get(
    '/incidents/:key/photos/:photoId',
    {
      config: read,
      schema: {
        tags,
        summary: 'A photo of an incident',
        params: Type.Object({ key: KeyParameter.properties.key, photoId: KeyParameter.properties.key }),
        response: { 200: Type.Any({ description: 'The image.' }) },
      },
    },
    async (request, reply) => {
      const { key, photoId } = request.params;
      const { mediaType, bytes } = await reader.photo(key, photoId, scopeFor(request.access, read.permission));
      return reply
        .header('content-type', mediaType)
        .header('content-disposition', 'inline')
        .header('x-content-type-options', 'nosniff')
        .header('cache-control', 'private, max-age=86400')
        .send(bytes);
    },
  );
}

function readOne(reader: IncidentReader, access: Access, key: string): Promise<IncidentDetail> {
  return reader.get(key, scopeFor(access, read.permission), {
    people: scopeFor(access, 'people.read'),
    failures: scopeFor(access, 'alerting.write'),
  });
}

function actorOf(access: Access, { personOf }: IncidentRouteOptions): Actor {
  const userId = access.kind === 'user' ? access.id : null;
  const person = userId === null ? null : personOf(userId);
  return {
    personId: person?.id ?? null,
    userId,
    name: person?.name ?? access.name,
    via: access.kind === 'token' ? 'api' : 'console',
    scope: scopeFor(access, act.permission),
    access,
  };
}

async function detail(found: Promise<IncidentDetail>) {
  const { incident, causes, alerts, notices, entries } = await found;
  const at = (date: Date | null): string | null => date?.toISOString() ?? null;
  return {
    ...incident,
    causes: causes.map((one) => ({ at: one.at.toISOString(), cause: one.cause })),
    alerts: alerts.map(({ key, rule, subject, severity, since }) => ({
      key,
      rule,
      subject: { ...subject },
      severity,
      since: new Date(since).toISOString(),
    })),
    notices: notices.map(({ decidedAt, dueAt, sentAt, deliveredAt, readAt, ...notice }) => ({
      ...notice,
      decidedAt: decidedAt.toISOString(),
      dueAt: dueAt.toISOString(),
      sentAt: at(sentAt),
      deliveredAt: at(deliveredAt),
      readAt: at(readAt),
    })),
    entries: entries.map((entry) => ({ ...entry, at: entry.at.toISOString(), arguments: { ...entry.arguments } })),
  };
}
