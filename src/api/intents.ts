import { Type } from 'typebox';
import type { Clock } from '../domain/clock.ts';
import { ConfigurationStep } from '../domain/configuration-step.ts';
import type { DeviceId } from '../domain/ids.ts';
import type { IntentDocument } from '../domain/intent.ts';
import { regionCodePattern } from '../domain/region.ts';
import { TextDifference } from '../domain/text-difference.ts';
import {
  intentStates,
  type IntentReader,
  type IntentState,
  type IntentStateName,
} from '../provisioning/intent/intent-reader.ts';
import { holdsSecrets } from '../provisioning/intent/masked.ts';
import type { IntentStore } from '../provisioning/intent/intent-store.ts';
import type { IntentTrial } from '../provisioning/intent/intent-trial.ts';
import type { SharedIntent } from '../provisioning/intent/shared-intent.ts';
import { versionDifference, versionText } from '../provisioning/intent/version-difference.ts';
import { KeyParameter, PageOf, PageQuery, WriteQuery } from './inventory-schemas.ts';
import {
  Content,
  documentOf,
  DocumentInput,
  DocumentView,
  DryRun,
  intentView,
  IntentView,
  Owner,
  StagedView,
  stepView,
  usualOwner,
  Version,
} from './provisioning-schemas.ts';
import type { RouteGroup } from './routes.ts';

export interface IntentRouteOptions {
  readonly store: IntentStore;
  readonly reader: IntentReader;
  /** Looks at devices now, and keeps what it finds. */
  readonly lookAt: (devices: readonly DeviceId[]) => Promise<void>;
  /** What would be done to bring the device to a document: reads it. */
  readonly compare: (deviceId: DeviceId, document: IntentDocument) => Promise<readonly ConfigurationStep[]>;
  readonly trial: Pick<IntentTrial, 'wouldBe' | 'wouldStage'>;
  readonly stagedBy: SharedIntent['staged'];
  /** Of devices whose staged version would be another one now, the variables and templates that changed. */
  readonly stale: (devices: readonly DeviceId[]) => Promise<{
    readonly variables: ReadonlyMap<DeviceId, readonly string[]>;
    readonly templates: ReadonlyMap<DeviceId, readonly string[]>;
  }>;
  readonly clock: Clock;
}

const read = { permission: 'provisioning.read' } as const;
const write = { permission: 'provisioning.write' } as const;
const tags = ['intent'];
/** A whole configuration of a large router. */
const bodyLimit = 4 * 1024 * 1024;
const mostLooks = 1_000;

const LookView = Type.Object({
  ...IntentView.properties,
  parts: Type.Optional(
    Type.Array(Type.Object({ managedBy: Owner, content: Content }), {
      description:
        'What the program has staged of it, each by the name of its content. What could not be staged again just so is left out.',
    }),
  ),
});

/** `/api/v1/intents`: what devices should be, and how far they are from it. */
export function intentRoutes(options: IntentRouteOptions): RouteGroup {
  const { store, reader, lookAt, compare, trial, stagedBy, stale, clock } = options;
  const viewsOf = async (states: readonly IntentState[]): Promise<IntentView[]> => {
    const { variables, templates } = await stale(states.map(({ deviceId }) => deviceId));
    return states.map((state) => {
      const { deviceId } = state;
      return intentView(state, { stale: variables.get(deviceId), staleTemplates: templates.get(deviceId) });
    });
  };
  return (app) => {
    app.get(
      '/intents',
      {
        config: read,
        schema: {
          tags,
          summary: 'List managed devices',
          description:
            '`pending` is staged and not on the device yet; `drifted` was changed by hand since it was confirmed.',
          querystring: Type.Object({
            ...PageQuery,
            state: Type.Optional(Type.Unsafe<IntentStateName>(Type.Enum([...intentStates]))),
            region: Type.Optional(Type.String({ pattern: regionCodePattern })),
            program: Type.Optional(
              Type.String({
                minLength: 1,
                maxLength: 200,
                description:
                  'Only those of which this owner, or one whose name begins with this and a blank, says something.',
                examples: ['pulumi arung/kahu'],
              }),
            ),
          }),
          response: { 200: PageOf(IntentView) },
        },
      },
      async (request) => {
        const { state, region, program, ...page } = request.query;
        const found = await reader.list(request.access, { state, region, program, page });
        return { items: await viewsOf(found.items), next: found.next };
      },
    );
    app.get(
      '/intents/:key',
      {
        config: read,
        schema: {
          tags,
          summary: 'Read how far a device is from its intent',
          description: 'By the name or id of the device.',
          params: KeyParameter,
          response: { 200: IntentView },
        },
      },
      async (request) => {
        const state = await reader.get(request.access, request.params.key);
        return (await viewsOf([state]))[0] ?? intentView(state);
      },
    );
    app.get(
      '/intents/:key/versions',
      {
        config: read,
        schema: {
          tags,
          summary: 'List the versions of a device’s intent',
          description: 'The newest first; 500 at most.',
          params: KeyParameter,
          response: {
            200: Type.Object({
              items: Type.Array(
                Type.Object({
                  version: Version,
                  at: Type.String({ format: 'date-time' }),
                  by: Type.String(),
                  managedBy: Type.String(),
                }),
              ),
            }),
          },
        },
      },
      async (request) => {
        const versions = await reader.versions(request.access, request.params.key);
        return { items: versions.map(({ at, ...version }) => ({ ...version, at: new Date(at).toISOString() })) };
      },
    );
    app.get(
      '/intents/:key/versions/:version',
      {
        config: read,
        schema: {
          tags,
          summary: 'Read a version',
          description: 'Secrets are named and have no value.',
          params: Type.Object({ key: KeyParameter.properties.key, version: Version }),
          response: { 200: DocumentView },
        },
      },
      async (request) => {
        const { driver, fragments } = await reader.masked(request.access, request.params.key, request.params.version);
        return { driver, fragments: fragments.map((one) => ({ ...one, secret: [...one.secret] })) };
      },
    );
    app.get(
      '/intents/:key/versions/:version/text',
      {
        config: read,
        schema: {
          tags,
          summary: 'Read a version as lines',
          description: 'As the difference of versions has it; secrets are masked.',
          params: Type.Object({ key: KeyParameter.properties.key, version: Version }),
          response: { 200: Type.Object({ text: Type.String() }) },
        },
      },
      async (request) => {
        const { key, version } = request.params;
        return { text: await versionText({ reader, intents: store }, request.access, { key, version }) };
      },
    );
    app.get(
      '/intents/:key/versions/:version/difference',
      {
        config: read,
        schema: {
          tags,
          summary: 'What a version has otherwise than another',
          description:
            'Than the one named by `from`; without it, than the one that was staged before. A secret that is another is told as changed; its value is not.',
          params: Type.Object({ key: KeyParameter.properties.key, version: Version }),
          querystring: Type.Object({ from: Type.Optional(Version) }),
          response: { 200: Type.Object({ from: Version, difference: TextDifference }) },
        },
      },
      async (request) => {
        const { key, version } = request.params;
        return versionDifference({ reader, intents: store }, request.access, {
          key,
          version,
          from: request.query.from ?? null,
        });
      },
    );
    app.put(
      '/intents/:key',
      {
        config: write,
        bodyLimit,
        schema: {
          tags,
          summary: 'Stage what a device should be',
          description:
            'As its owner `managedBy` says it, instead of what that owner said before; with what others say it is one version. ' +
            'Touches no device: a rollout does. The same content again is the same version and no change.',
          params: KeyParameter,
          querystring: Type.Object({
            ...WriteQuery.properties,
            managedBy: Type.Optional(Owner),
            dryRun: DryRun,
            takeOver: Type.Optional(
              Type.Boolean({ description: 'What other owners say of the device goes; else it stays beside.' }),
            ),
          }),
          body: DocumentInput,
          response: { 200: StagedView },
        },
      },
      async (request) => {
        const { managedBy = usualOwner, reason, takeOver = false, dryRun = false } = request.query;
        const document = documentOf(request.body);
        if (dryRun) return trial.wouldStage(request.access, request.params.key, { document, managedBy, takeOver });
        return store.stage(request.access, request.params.key, document, { managedBy, reason, takeOver });
      },
    );
    app.post(
      '/intents/:key/compare',
      {
        // Each signs in to a device, and says whether a secret that was given is the device's.
        config: { ...write, rateLimit: { max: 30, timeWindow: 60_000 } },
        bodyLimit,
        schema: {
          tags,
          summary: 'What would be changed on a device',
          description:
            'If its owner `managedBy` said this document, beside what other owners and templates say. Reads the device and keeps nothing.',
          params: KeyParameter,
          querystring: Type.Object({ managedBy: Type.Optional(Owner) }),
          body: DocumentInput,
          response: {
            200: Type.Object({
              version: Type.Union([Version, Type.Null()], { description: 'Null of what holds secrets.' }),
              steps: Type.Array(ConfigurationStep),
            }),
          },
        },
      },
      async (request) => {
        const { managedBy = usualOwner } = request.query;
        const document = documentOf(request.body);
        const would = await trial.wouldBe(request.access, request.params.key, { document, managedBy });
        const steps = await compare(would.deviceId, would.document);
        const version = holdsSecrets(would.document) ? null : store.versionOf(would.document);
        return { version, steps: steps.map(stepView) };
      },
    );
    app.post(
      '/intents/look',
      {
        config: write,
        schema: {
          tags,
          summary: 'Look at devices now',
          description:
            'Compares each with what was confirmed on it; answers when all were looked at. Those that you may not configure are left out.',
          body: Type.Object({
            devices: Type.Array(KeyParameter.properties.key, {
              minItems: 1,
              maxItems: mostLooks,
              examples: [['rtr-kahu-01']],
            }),
            notOlderThanS: Type.Optional(
              Type.Integer({
                minimum: 0,
                maximum: 86_400,
                description: 'Those that were looked at since are left out.',
              }),
            ),
            program: Type.Optional(
              Type.String({
                minLength: 1,
                maxLength: 200,
                description:
                  'Whose `parts` are told, too: those of this owner, or of one whose name begins with this and a blank.',
                examples: ['pulumi arung/kahu'],
              }),
            ),
          }),
          response: { 200: Type.Object({ items: Type.Array(LookView) }) },
        },
      },
      async (request) => {
        const { devices, notOlderThanS = 0, program } = request.body;
        const before = await reader.configurable(request.access, devices);
        const due = before.filter(
          ({ lookedAt }) => lookedAt === null || clock.now() - lookedAt > notOlderThanS * 1_000,
        );
        await lookAt(due.map(({ deviceId }) => deviceId));
        const after = due.length === 0 ? before : await reader.configurable(request.access, devices);
        const items = await viewsOf(after);
        if (program === undefined) return { items };
        const ids = after.map(({ deviceId }) => deviceId);
        const parts = await stagedBy(ids, program);
        const partsAt = ids.map((id) => [...(parts.get(id) ?? [])]);
        return { items: items.map((item, at) => ({ ...item, parts: partsAt[at] ?? [] })) };
      },
    );
    app.delete(
      '/intents/:key',
      {
        config: write,
        schema: {
          tags,
          summary: 'Release a device from management',
          description: 'It stays as it is; nothing of it is compared any more.',
          params: KeyParameter,
          querystring: WriteQuery,
          response: { 204: Type.Null() },
        },
      },
      async (request, reply) => {
        await store.release(request.access, request.params.key, request.query.reason);
        return reply.code(204).send(null);
      },
    );
  };
}
