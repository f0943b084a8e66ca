import type { Static, TObject, TSchema } from 'typebox';
import { Type } from 'typebox';
import type { Access, Permission } from '../domain/access.ts';
import type { CreateOptions, Kept, WriteOptions } from '../database/collection/collection.ts';
import type { Page } from '../database/collection/paging.ts';
import { etagOf, KeyParameter, PageOf, versionOf, WriteHeaders, WriteQuery } from './inventory-schemas.ts';
import { Owner } from './provisioning-schemas.ts';
import type { App } from './routes.ts';

/** A collection of the inventory as its routes need it. */
export interface ReadableCollection<Entity> {
  get(access: Access, key: string): Promise<Kept<Entity>>;
}

export interface WritableCollection<Entity, Draft> extends ReadableCollection<Entity> {
  create(access: Access, draft: Draft, options: CreateOptions): Promise<Kept<Entity>>;
  update(access: Access, key: string, patch: Partial<Draft>, options: WriteOptions): Promise<Kept<Entity>>;
  remove(access: Access, key: string, options: WriteOptions): Promise<void>;
}

export interface CollectionWords {
  /** `/sites` */
  readonly path: string;
  readonly tag: string;
  /** `site`, with its article for the summaries: `a site`. */
  readonly noun: string;
  readonly keyIs: string;
  readonly read?: Permission;
  readonly write?: Permission;
  /** Its record says who owns it. */
  readonly hasOwner?: boolean;
}

const OwnedQuery = Type.Object({
  ...WriteQuery.properties,
  managedBy: Type.Optional({ ...Owner, description: 'Who owns the record; `console` when not given.' }),
});

/** `GET /things`: one page. The query's fields go to `list` as they are. */
export function listRoute<View extends TSchema, Query extends TObject>(
  app: App,
  words: CollectionWords,
  options: {
    readonly view: View;
    readonly query: Query;
    readonly description?: string;
    readonly list: (access: Access, query: Static<Query>) => Promise<Page<Static<View>>>;
  },
): void {
  app.get(
    words.path,
    {
      config: { permission: words.read ?? 'inventory.read' },
      schema: {
        tags: [words.tag],
        summary: `List ${words.tag}`,
        ...(options.description !== undefined && { description: options.description }),
        querystring: options.query,
        response: { 200: PageOf(options.view) },
      },
    },
    // The provider cannot follow a generic schema; the validator has seen the query.
    async (request, reply) => reply.send((await options.list(request.access, request.query as Static<Query>)) as never),
  );
}

/** `GET /things/:key`, with the version as ETag. */
export function getRoute<Entity, View extends TSchema>(
  app: App,
  words: CollectionWords,
  options: {
    readonly view: View;
    readonly collection: ReadableCollection<Entity>;
    readonly toView: (entity: Entity, access: Access, regionCode: string | null) => Static<View>;
  },
): void {
  // The type provider cannot follow a generic schema; the validator and the tests see what goes in and out.
  const view: TSchema = options.view;
  app.get(
    `${words.path}/:key`,
    {
      config: { permission: words.read ?? 'inventory.read' },
      schema: {
        tags: [words.tag],
        summary: `Read a ${words.noun}`,
        description: `By its ${words.keyIs}. The ETag is its version, for \`If-Match\`.`,
        params: KeyParameter,
        response: { 200: view },
      },
    },
    async (request, reply) => {
      const kept = await options.collection.get(request.access, request.params.key);
      return reply
        .header('etag', etagOf(kept.version))
        .send(options.toView(kept.entity, request.access, kept.regionCode));
    },
  );
}

/** `POST /things`, `PATCH /things/:key`, `DELETE /things/:key`. */
export function writeRoutes<Entity, View extends TSchema, Draft extends TObject>(
  app: App,
  words: CollectionWords,
  options: {
    readonly view: View;
    readonly draft: Draft;
    readonly example: Static<Draft>;
    readonly collection: WritableCollection<Entity, Static<Draft>>;
    readonly toView: (entity: Entity, access: Access, regionCode: string | null) => Static<View>;
  },
): void {
  const config = { permission: words.write ?? 'inventory.write' } as const;
  const { collection, toView } = options;
  const tags = [words.tag];
  const view: TSchema = options.view;
  const draft: TSchema = { ...options.draft, examples: [options.example] };
  const patch: TSchema = Type.Partial(options.draft);

  app.post(
    words.path,
    {
      config,
      schema: {
        tags,
        summary: `Create a ${words.noun}`,
        querystring: words.hasOwner === true ? OwnedQuery : WriteQuery,
        body: draft,
        response: { 201: view },
      },
    },
    async (request, reply) => {
      const kept = await collection.create(request.access, request.body as Static<Draft>, request.query);
      return reply
        .code(201)
        .header('etag', etagOf(kept.version))
        .send(toView(kept.entity, request.access, kept.regionCode));
    },
  );

  app.patch(
    `${words.path}/:key`,
    {
      config,
      schema: {
        tags,
        summary: `Change a ${words.noun}`,
        description: 'Only the given fields change.',
        params: KeyParameter,
        querystring: WriteQuery,
        headers: WriteHeaders,
        body: patch,
        response: { 200: view },
      },
    },
    async (request, reply) => {
      const kept = await collection.update(request.access, request.params.key, request.body as Partial<Static<Draft>>, {
        reason: request.query.reason,
        version: versionOf(request.headers['if-match']),
      });
      return reply.header('etag', etagOf(kept.version)).send(toView(kept.entity, request.access, kept.regionCode));
    },
  );

  app.delete(
    `${words.path}/:key`,
    {
      config,
      schema: {
        tags,
        summary: `Remove a ${words.noun}`,
        params: KeyParameter,
        querystring: WriteQuery,
        headers: WriteHeaders,
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      await collection.remove(request.access, request.params.key, {
        reason: request.query.reason,
        version: versionOf(request.headers['if-match']),
      });
      return reply.code(204).send(null);
    },
  );
}
