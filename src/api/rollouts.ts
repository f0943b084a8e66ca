import { Type } from 'typebox';
import { deviceRunStates, isRolloutOver, Said, type DeviceRunState } from '../domain/rollout.ts';
import type { Access } from '../domain/access.ts';
import { reasonOf } from '../domain/reason.ts';
import type { ProgramRollout } from '../domain/program-run.ts';
import type { ArmedDevice } from '../provisioning/rollouts/armed.ts';
import { rolloutDefaults, type Rollouts } from '../provisioning/rollouts/rollouts.ts';
import { KeyParameter, PageOf, PageQuery, WriteQuery } from './inventory-schemas.ts';
import {
  blastView,
  BlastView,
  recordView,
  rolloutDeviceView,
  RolloutDeviceView,
  RolloutSummary,
  rolloutView,
  RolloutView,
  Version,
  versionExample,
} from './provisioning-schemas.ts';
import type { App, RouteGroup } from './routes.ts';
import { Waits } from './waits.ts';

const read = { permission: 'provisioning.read' } as const;
const write = { permission: 'provisioning.write' } as const;
const tags = ['rollouts'];
/** Below the five minutes after which clients give up. */
const longestWaitS = 60;
const lookEveryMs = 500;
const mostDevices = 10_000;

const Batch = Type.Optional(
  Type.Integer({
    minimum: 1,
    maximum: 1_000,
    description: `Most devices of a wave; ${rolloutDefaults.batch} when not given.`,
  }),
);

/** Who follows what a program asks of rollouts. */
export interface RolloutFollower {
  previewed(access: Access, waves: ProgramRollout): void;
  started(access: Access, rollout: number): void;
}

/** `/api/v1/rollouts`: ordered changes of many devices. */
export function rolloutRoutes(
  rollouts: Pick<
    Rollouts,
    'list' | 'get' | 'revisionOf' | 'device' | 'preview' | 'start' | 'pause' | 'resume' | 'abort'
  >,
  armed: (access: Access) => Promise<readonly ArmedDevice[]>,
  follower: RolloutFollower,
): RouteGroup {
  const waits = new Waits();
  return (app) => {
    armedRoute(app, armed);
    app.get(
      '/rollouts',
      {
        config: read,
        schema: {
          tags,
          summary: 'List rollouts',
          description: 'Those that touch your regions, the newest first.',
          querystring: Type.Object({
            ...PageQuery,
            open: Type.Optional(Type.Boolean({ description: 'Only those that are not over.' })),
          }),
          response: { 200: PageOf(RolloutSummary) },
        },
      },
      async (request) => {
        const { open, ...page } = request.query;
        const found = await rollouts.list(request.access, { open, page });
        const items = found.items.map(({ devices, ended, right, unreachable, skipped, ...rollout }) => ({
          ...recordView(rollout),
          devices,
          ended,
          right,
          unreachable,
          skipped,
        }));
        return { items, next: found.next };
      },
    );
    app.get(
      '/rollouts/:key',
      {
        config: read,
        schema: {
          tags,
          summary: 'Read a rollout',
          description:
            'By its number or id, with those of its devices that lie in your regions. With `after` it is waited until something of it has changed.',
          params: KeyParameter,
          querystring: Type.Object({
            after: Type.Optional(Type.Integer({ minimum: 0, description: 'The `revision` that you have.' })),
            steps: Type.Optional(
              Type.Boolean({
                description:
                  'false: without what is changed on each device, which is megabytes where there are hundreds; true when not given.',
              }),
            ),
            waitS: Type.Optional(
              Type.Integer({ minimum: 0, maximum: longestWaitS, description: '25 when not given.' }),
            ),
          }),
          response: { 200: RolloutView },
        },
      },
      async (request) => {
        const { after, waitS = 25, steps = true } = request.query;
        const until = performance.now() + (after === undefined ? 0 : waitS * 1_000);
        const rollout = await rollouts.get(request.access, request.params.key, { steps });
        if (after === undefined || isRolloutOver(rollout)) return rolloutView(rollout);
        // Where hundreds of devices change, something always has: who asks again and again is not answered faster than this.
        await waits.of(request.access, async () => {
          do await new Promise((resolve) => setTimeout(resolve, lookEveryMs));
          while (
            performance.now() < until &&
            !request.raw.destroyed &&
            (await rollouts.revisionOf(rollout.id)) <= after
          );
        });
        return rolloutView(await rollouts.get(request.access, request.params.key, { steps }));
      },
    );
    app.get(
      '/rollouts/:key/devices/:device',
      {
        config: read,
        schema: {
          tags,
          summary: 'Read what a rollout changes on a device',
          params: Type.Object({ key: KeyParameter.properties.key, device: KeyParameter.properties.key }),
          response: { 200: RolloutDeviceView },
        },
      },
      async (request) =>
        rolloutDeviceView(await rollouts.device(request.access, request.params.key, request.params.device)),
    );
    app.post(
      '/rollouts/preview',
      {
        config: read,
        schema: {
          tags,
          summary: 'In which waves devices would change, and what each could cut at worst',
          description: 'Reads no device and keeps nothing.',
          body: Type.Object({
            devices: Type.Array(KeyParameter.properties.key, {
              minItems: 1,
              maxItems: mostDevices,
              examples: [['rtr-kahu-01']],
            }),
            batch: Batch,
          }),
          response: {
            200: Type.Object({
              waves: Type.Array(Type.Object({ devices: Type.Array(Type.String()), worst: BlastView })),
              refusal: Type.Union([Said, Type.Null()], { description: 'Why a rollout of these would be refused.' }),
            }),
          },
        },
      },
      async (request) => {
        const preview = await rollouts.preview(request.access, request.body.devices, request.body.batch);
        follower.previewed(request.access, preview);
        const { waves, refusal } = preview;
        return {
          waves: waves.map(({ devices, worst }) => ({ devices: [...devices], worst: blastView(worst) })),
          refusal,
        };
      },
    );
    app.post(
      '/rollouts',
      {
        config: write,
        schema: {
          tags,
          summary: 'Start a rollout, or join the one that goes on',
          description: 'Of exactly these versions: the same set is the same rollout while it goes on.',
          body: Type.Object(
            {
              versions: Type.Record(KeyParameter.properties.key, Version, {
                maxProperties: mostDevices,
                examples: [{ 'rtr-kahu-01': versionExample }],
              }),
              managementAddresses: Type.Optional(
                Type.Record(KeyParameter.properties.key, Type.String({ maxLength: 45, examples: ['10.73.9.1'] }), {
                  description:
                    'Where devices are managed afterwards, where their documents do not tell: a rollout confirms over a new connection there, and keeps it in the inventory.',
                }),
              ),
              batch: Batch,
              pauseS: Type.Optional(
                Type.Integer({ minimum: 0, maximum: 86_400, description: 'Between two waves, at least.' }),
              ),
              rollbackS: Type.Optional(
                Type.Integer({
                  minimum: 30,
                  maximum: 3_600,
                  description:
                    'A device that was not confirmed is there again by then, as it was before: its restart is part of it.',
                }),
              ),
              onlyInMaintenance: Type.Optional(
                Type.Boolean({
                  description:
                    'A device begins only while planned work covers it, for as long as it may take to go back.',
                }),
              ),
              forcedReason: Type.Optional(
                Type.String({
                  minLength: 5,
                  maxLength: 400,
                  pattern: '^[^\\u0000]*$',
                  description: 'Why it may go on although it could cut the controller’s own path; audited.',
                }),
              ),
            },
            { additionalProperties: false },
          ),
          response: { 200: Type.Object({ joined: Type.Boolean(), rollout: RolloutView }) },
        },
      },
      async (request) => {
        const { forcedReason, ...body } = request.body;
        const forced = forcedReason === undefined ? {} : { forcedReason: reasonOf(forcedReason, 'forcedReason') };
        const { rollout, joined } = await rollouts.start(request.access, { ...body, ...forced });
        follower.started(request.access, rollout.number);
        return { joined, rollout: rolloutView(rollout) };
      },
    );
    for (const [action, summary] of [
      ['pause', 'Begin no further device for now'],
      ['resume', 'Go on with a paused rollout'],
      ['abort', 'Begin no further device; those under way end as they would'],
    ] as const) {
      app.post(
        `/rollouts/:key/${action}`,
        {
          config: write,
          schema: { tags, summary, params: KeyParameter, querystring: WriteQuery, response: { 200: RolloutView } },
        },
        async (request) =>
          rolloutView(await rollouts[action](request.access, request.params.key, request.query.reason)),
      );
    }
  };
}

function armedRoute(app: App, armed: (access: Access) => Promise<readonly ArmedDevice[]>): void {
  app.get(
    '/rollouts/armed',
    {
      config: read,
      schema: {
        tags,
        summary: 'Devices that go back by themselves unless they are confirmed',
        description: 'Of your regions, the one that is due first first.',
        response: {
          200: Type.Object({
            items: Type.Array(
              Type.Object({
                deviceId: Type.String(),
                device: Type.String(),
                site: Type.String(),
                rollout: Type.Integer(),
                state: Type.Unsafe<DeviceRunState>(Type.Enum([...deviceRunStates])),
                until: Type.String({ format: 'date-time' }),
              }),
            ),
          }),
        },
      },
    },
    async (request) => {
      const found = await armed(request.access);
      return { items: found.map(({ until, ...one }) => ({ ...one, until: new Date(until).toISOString() })) };
    },
  );
}
