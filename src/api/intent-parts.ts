import { Type, type Static } from 'typebox';
import type { Access } from '../domain/access.ts';
import { ArungError } from '../domain/errors.ts';
import type { DeviceId } from '../domain/ids.ts';
import { keyPattern, type IntentFragment } from '../domain/intent.ts';
import type { IntentStore } from '../provisioning/intent/intent-store.ts';
import { maskedDocument } from '../provisioning/intent/masked.ts';
import type { IntentTrial } from '../provisioning/intent/intent-trial.ts';
import type { SharedIntent } from '../provisioning/intent/shared-intent.ts';
import { KeyParameter, WriteQuery } from './inventory-schemas.ts';
import {
  Content,
  contentExample,
  documentOf,
  DocumentInput,
  DocumentView,
  DryRun,
  FragmentInput,
  Owner,
  StagedView,
  usualOwner,
  Version,
  versionExample,
} from './provisioning-schemas.ts';
import type { App, RouteGroup } from './routes.ts';

export interface IntentPartOptions {
  readonly store: IntentStore;
  readonly shared: SharedIntent;
  readonly trial: Pick<IntentTrial, 'wouldStageFragment'>;
  /** Throws `device.not-found`. */
  readonly find: (access: Access, key: string) => Promise<{ readonly id: DeviceId }>;
  /** What the device has of a subject, with secrets: reads it. */
  readonly found: (deviceId: DeviceId, driver: string, subject: string) => Promise<readonly IntentFragment[]>;
}

const read = { permission: 'provisioning.read' } as const;
const write = { permission: 'provisioning.write' } as const;
const tags = ['intent'];
const bodyLimit = 4 * 1024 * 1024;
const mostParts = 20_000;
const device = KeyParameter.properties.key;

const FragmentParameters = Type.Object({
  key: device,
  fragment: Type.String({ pattern: keyPattern.source, examples: ['lan'] }),
});
const OwnedQuery = Type.Object({ ...WriteQuery.properties, managedBy: Type.Optional(Owner) });

const SeenFragment = Type.Object({
  ...DocumentView.properties.fragments.items.properties,
  order: Type.Integer(),
});
const SeenPartView = Type.Object({
  managedBy: Owner,
  driver: Type.String(),
  content: { ...Content, description: 'Names what it says, secrets included.' },
  fragments: Type.Array(SeenFragment),
});

const NamedPart = Type.Object({ device, managedBy: Owner, content: Content }, { additionalProperties: false });
const SettleInput = Type.Object(
  {
    program: Type.Optional({
      ...Owner,
      description:
        'Of owners whose names begin with it and a blank, only the parts that are named count on these devices.',
    }),
    parts: Type.Array(NamedPart, { maxItems: mostParts }),
    withdrawn: Type.Optional(
      Type.Array(Type.Object({ device, managedBy: Owner }, { additionalProperties: false }), { maxItems: mostParts }),
    ),
  },
  {
    additionalProperties: false,
    examples: [
      {
        program: 'pulumi bone/kahu',
        parts: [{ device: 'rtr-kahu-01', managedBy: 'pulumi bone/kahu lan', content: contentExample }],
        withdrawn: [{ device: 'rtr-kahu-01', managedBy: 'pulumi bone/kahu old-lan' }],
      },
    ],
  },
);

/** `/api/v1/intents/…`: what each owner says of a device, and what the device has. */
export function intentPartRoutes(options: IntentPartOptions): RouteGroup {
  return (app) => {
    fragmentRoutes(app, options);
    partRoutes(app, options);
    lookRoutes(app, options);
    refreshRoute(app, options);
  };
}

function fragmentRoutes(app: App, { shared, trial }: IntentPartOptions): void {
  app.put(
    '/intents/:key/fragments/:fragment',
    {
      config: write,
      bodyLimit,
      schema: {
        tags,
        summary: 'Stage one fragment of a device',
        description:
          'Beside what its owner said before, and what others say. Another owner’s key is a conflict. Touches no device: a rollout does.',
        params: FragmentParameters,
        querystring: Type.Object({ ...OwnedQuery.properties, dryRun: DryRun }),
        body: FragmentInput,
        response: { 200: StagedView },
      },
    },
    async (request) => {
      const { key, fragment } = request.params;
      const { managedBy = usualOwner, reason, dryRun = false } = request.query;
      const { driver, order = 0, secret = [], ...rest } = request.body;
      const staged = { driver, fragment: { key: fragment, order, secret, ...rest } };
      if (dryRun) return trial.wouldStageFragment(request.access, key, { ...staged, managedBy });
      return shared.stageFragment(request.access, key, staged, { managedBy, reason });
    },
  );
  app.delete(
    '/intents/:key/fragments/:fragment',
    {
      config: write,
      schema: {
        tags,
        summary: 'Take a fragment back',
        description:
          'The next rollout takes it from the device. When nobody says anything of the device any more, it is released and stays as it is.',
        params: FragmentParameters,
        querystring: OwnedQuery,
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      const { key, fragment } = request.params;
      const { managedBy = usualOwner, reason } = request.query;
      await shared.withdraw(request.access, key, { managedBy, fragment }, reason);
      return reply.code(204).send(null);
    },
  );
}

function partRoutes(app: App, { shared }: IntentPartOptions): void {
  app.get(
    '/intents/:key/parts',
    {
      config: read,
      schema: {
        tags,
        summary: 'Read what each owner says of a device',
        description: 'Secrets are named and have no value.',
        params: KeyParameter,
        querystring: Type.Object({ managedBy: Type.Optional(Owner) }),
        response: { 200: Type.Object({ items: Type.Array(SeenPartView) }) },
      },
    },
    async (request) => {
      const { managedBy } = request.query;
      const parts = await shared.parts(request.access, request.params.key);
      const items = parts.filter((part) => managedBy === undefined || part.managedBy === managedBy);
      return { items: items.map((part) => ({ ...part, fragments: part.fragments.map(seen) })) };
    },
  );
  app.delete(
    '/intents/:key/parts',
    {
      config: write,
      schema: {
        tags,
        summary: 'Take back what an owner says of a device',
        description:
          'The next rollout takes it from the device. When nobody says anything of the device any more, it is released and stays as it is.',
        params: KeyParameter,
        querystring: Type.Object({ ...WriteQuery.properties, managedBy: Owner }),
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      const { managedBy, reason } = request.query;
      await shared.withdraw(request.access, request.params.key, { managedBy }, reason);
      return reply.code(204).send(null);
    },
  );
  app.post(
    '/intents/settle',
    {
      config: write,
      bodyLimit,
      schema: {
        tags,
        summary: 'The versions for a rollout of exactly these parts',
        description:
          'What all owners of these devices say together, while each part is still what its owner staged. ' +
          'What is withdrawn is emptied, so that the rollout takes it from its device.',
        body: SettleInput,
        response: {
          200: Type.Object({
            versions: Type.Record(Type.String(), Version, { examples: [{ 'rtr-kahu-01': versionExample }] }),
          }),
        },
      },
    },
    async (request) => {
      const { parts, withdrawn = [], program } = request.body;
      return { versions: Object.fromEntries(await shared.settle(request.access, { parts, withdrawn, program })) };
    },
  );
}

function lookRoutes(app: App, { store, find, found }: IntentPartOptions): void {
  app.post(
    '/intents/check',
    {
      config: read,
      bodyLimit,
      schema: {
        tags,
        summary: 'Whether a document can be applied at all',
        description: 'Every fault that can be known without a device. Keeps nothing.',
        body: DocumentInput,
        response: {
          200: Type.Object({
            faults: Type.Array(
              Type.Object({
                code: Type.String({ examples: ['intent.property-needed'] }),
                message: Type.String(),
                field: Type.String({ examples: ['/fragments/0/values/address'] }),
              }),
            ),
            secret: Type.Array(Type.Array(Type.String()), {
              description: 'Of each fragment, names of its values that are secret.',
            }),
          }),
        },
      },
    },
    async (request) => {
      const document = documentOf(request.body);
      return { faults: faultsOf(store, document), secret: store.secretsOf(document).map((names) => [...names]) };
    },
  );
  app.get(
    '/intents/:key/found',
    {
      config: write,
      schema: {
        tags,
        summary: 'What a device has of a subject, as fragments',
        description:
          'Reads the device, to adopt what was set up by hand. Keys are those of its marks, or made of names. Secrets are named and have no value.',
        params: KeyParameter,
        querystring: Type.Object({
          driver: Type.Optional(
            Type.String({ minLength: 1, maxLength: 40, description: '`routeros` when not given.' }),
          ),
          subject: DocumentInput.properties.fragments.items.properties.subject,
        }),
        response: { 200: Type.Object({ items: DocumentView.properties.fragments }) },
      },
    },
    async (request) => {
      const { driver = 'routeros', subject } = request.query;
      const { id } = await find(request.access, request.params.key);
      const { fragments } = maskedDocument({ driver, fragments: await found(id, driver, subject) });
      return { items: fragments.map((one) => ({ ...one, secret: [...one.secret] })) };
    },
  );
}

function faultsOf(store: IntentStore, document: Parameters<IntentStore['check']>[0]) {
  try {
    // What a variable holds is checked when it is filled in.
    store.prepare(document);
    return [];
  } catch (error) {
    if (!(error instanceof ArungError) || error.code !== 'intent.invalid') throw error;
    return error.details.map(({ code = '', message, field = '' }) => ({ code, message, field }));
  }
}

function seen(fragment: IntentFragment & { readonly order: number }): Static<typeof SeenFragment> {
  return { ...fragment, secret: [...fragment.secret] };
}

function refreshRoute(app: App, { shared }: IntentPartOptions): void {
  app.post(
    '/intents/refresh',
    {
      config: write,
      schema: {
        tags,
        summary: 'Stage devices again with the values that variables have now',
        description: 'All of them or none. Touches no device: a rollout of the versions that it answers does.',
        querystring: WriteQuery,
        body: Type.Object(
          {
            devices: Type.Array(KeyParameter.properties.key, {
              minItems: 1,
              maxItems: 1_000,
              uniqueItems: true,
              examples: [['rtr-kahu-01']],
            }),
          },
          { additionalProperties: false },
        ),
        response: { 200: Type.Object({ versions: Type.Record(Type.String(), Version) }) },
      },
    },
    async (request) => {
      const versions = await shared.refresh(request.access, request.body.devices, request.query.reason);
      return { versions: Object.fromEntries(versions) };
    },
  );
}
