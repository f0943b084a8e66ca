import { Type } from 'typebox';
import type { Access } from '../domain/access.ts';
import { ArungError } from '../domain/errors.ts';
import { sourcedFragments } from '../provisioning/intent/fragment-sources.ts';
import type { IntentReader } from '../provisioning/intent/intent-reader.ts';
import type { SharedIntent } from '../provisioning/intent/shared-intent.ts';
import type { Rollouts } from '../provisioning/rollouts/rollouts.ts';
import type { TemplateBook } from '../provisioning/templates/template-book.ts';
import type { TemplateChange, TemplatePreview } from '../provisioning/templates/template-preview.ts';
import { KeyParameter, WriteQuery } from './inventory-schemas.ts';
import type { App, RouteGroup } from './routes.ts';
import {
  devicesView,
  draftOf,
  SourcedFragmentView,
  sourcedView,
  TemplateDevicesView,
  TemplateInput,
  TemplateName,
  TemplateView,
  templateView,
} from './template-schemas.ts';

export interface TemplateRouteOptions {
  readonly book: TemplateBook;
  readonly preview: TemplatePreview;
  readonly rollouts: Pick<Rollouts, 'preview'>;
  readonly reader: IntentReader;
  readonly shared: SharedIntent;
}

const read = { permission: 'provisioning.read' } as const;
const write = { permission: 'provisioning.write' } as const;
const tags = ['templates'];
const bodyLimit = 4 * 1024 * 1024;

const PreviewInput = Type.Object(
  {
    template: Type.Optional(TemplateInput),
    remove: Type.Optional({ ...TemplateName, description: 'The template that would go away.' }),
  },
  { additionalProperties: false, examples: [{ remove: 'dasar-router' }] },
);

/** `/api/v1/templates`: fragments that the intents of many devices share, by place; the nearer one hides the farther. */
export function templateRoutes(options: TemplateRouteOptions): RouteGroup {
  return (app) => {
    bookRoutes(app, options);
    deviceRoutes(app, options);
  };
}

function bookRoutes(app: App, { book }: TemplateRouteOptions): void {
  app.get(
    '/templates',
    {
      config: read,
      schema: {
        tags,
        summary: 'List templates',
        description: 'Those of the network, of groups, of your regions and of what these lie in.',
        response: { 200: Type.Object({ items: Type.Array(TemplateView) }) },
      },
    },
    async (request) => ({ items: (await book.list(request.access)).map(templateView) }),
  );
  app.get(
    '/templates/:key',
    {
      config: read,
      schema: {
        tags,
        summary: 'Read a template',
        description: 'By its name or id.',
        params: KeyParameter,
        response: { 200: TemplateView },
      },
    },
    async (request) => templateView(await book.get(request.access, request.params.key)),
  );
  app.put(
    '/templates',
    {
      config: write,
      bodyLimit,
      schema: {
        tags,
        summary: 'Make a template what this says',
        description:
          'Whether it was there or not. A secret that is named without a value stays what it was. Devices keep what they are until their intent is staged again and rolled out.',
        querystring: WriteQuery,
        body: TemplateInput,
        response: { 200: Type.Object({ id: Type.String() }) },
      },
    },
    async (request) => ({ id: await book.put(request.access, draftOf(request.body), request.query.reason) }),
  );
  app.delete(
    '/templates/:key',
    {
      config: write,
      schema: {
        tags,
        summary: 'Take a template away',
        description: 'Devices that have it are stale then: staged again and rolled out, they lose its fragments.',
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
}

function deviceRoutes(app: App, { book, preview, rollouts, reader, shared }: TemplateRouteOptions): void {
  async function devicesOf(access: Access, change: TemplateChange) {
    const devices = await preview.devices(access, change);
    const changing = devices.filter(({ state }) => state !== 'right' && state !== 'refused');
    return devicesView(devices, await rollouts.preview(access, changing.map(({ device }) => device))); // prettier-ignore
  }
  app.get(
    '/templates/:key/devices',
    {
      config: read,
      schema: {
        tags,
        summary: 'Which devices have a template, and what each would be staged again',
        description: 'Keeps nothing and reads no device.',
        params: KeyParameter,
        response: { 200: TemplateDevicesView },
      },
    },
    async (request) => devicesOf(request.access, { kind: 'none', key: request.params.key }),
  );
  app.post(
    '/templates/preview',
    {
      config: write,
      bodyLimit,
      schema: {
        tags,
        summary: 'Which devices would get what if a template changed',
        description:
          'If it were what `template` says, or went away. Keeps nothing and reads no device. Name one of the two.',
        body: PreviewInput,
        response: { 200: TemplateDevicesView },
      },
    },
    async (request) => {
      const { template, remove } = request.body;
      if ((template === undefined) === (remove === undefined)) {
        throw new ArungError('invalid', 'Name one of template and remove.', { code: 'template.what' });
      }
      if (template !== undefined) return devicesOf(request.access, { kind: 'put', draft: draftOf(template) });
      return devicesOf(request.access, { kind: 'remove', key: (await book.find(request.access, remove ?? '')).name });
    },
  );
  app.get(
    '/intents/:key/fragments',
    {
      config: read,
      schema: {
        tags: ['intent'],
        summary: 'What a device should be, and where each fragment of it comes from',
        description: 'As it is staged, in order. Secrets are named and have no value.',
        params: KeyParameter,
        response: { 200: Type.Object({ driver: Type.String(), fragments: Type.Array(SourcedFragmentView) }) },
      },
    },
    async (request) => {
      const found = await sourcedFragments({ reader, shared }, request.access, request.params.key);
      return { driver: found.driver, fragments: found.fragments.map(sourcedView) };
    },
  );
}
