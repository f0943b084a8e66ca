import { Type } from 'typebox';
import { reasonOf } from '../domain/reason.ts';
import { regionCodePattern } from '../domain/region.ts';
import { Said } from '../domain/rollout.ts';
import { DifferenceSummary, TextDifference } from '../domain/text-difference.ts';
import { ConfigurationStep } from '../domain/configuration-step.ts';
import type { BackupRestore } from '../provisioning/backups/backup-restore.ts';
import type { BackupReader, BackupVersion } from '../provisioning/backups/backup-reader.ts';
import { KeyParameter, PageOf, PageQuery, Text, WriteQuery } from './inventory-schemas.ts';
import { blastView, BlastView, RolloutView, rolloutView, stepView } from './provisioning-schemas.ts';
import type { RouteGroup } from './routes.ts';

const read = { permission: 'provisioning.read' } as const;
const write = { permission: 'provisioning.write' } as const;
const tags = ['device backups'];
const Moment = Type.String({ format: 'date-time' });
const Region = Type.Optional(Type.String({ pattern: regionCodePattern }));
const BackupView = Type.Object({
  id: Type.String(),
  deviceId: Type.String(),
  device: Type.String({ examples: ['rtr-kahu-01'] }),
  site: Type.String(),
  version: Type.String(),
  firstAt: Moment,
  lastAt: Moment,
  lines: Type.Integer(),
  bytes: Type.Integer({ description: 'Of the text without its secrets.' }),
  changes: Type.Union([DifferenceSummary, Type.Null()], {
    description: 'Since the configuration before it; null where none is known.',
  }),
});

/** `/api/v1/device-backups`: configurations as devices export them, without their secrets. */
export function deviceBackupRoutes(
  backups: Pick<BackupReader, 'list' | 'failures' | 'masked' | 'difference'>,
  restore: Pick<BackupRestore, 'preview' | 'start'>,
): RouteGroup {
  return (app) => {
    app.get(
      '/device-backups',
      {
        config: read,
        schema: {
          tags,
          summary: 'List the configurations of devices',
          description:
            'Each different one of a device once, the newest first. `q` finds what a configuration shows, and says in which lines.',
          querystring: Type.Object({
            ...PageQuery,
            device: Type.Optional(KeyParameter.properties.key),
            q: Text,
            newest: Type.Optional(Type.Boolean({ description: 'Only what each device has now.' })),
            region: Region,
          }),
          response: {
            200: PageOf(
              Type.Object({
                ...BackupView.properties,
                found: Type.Array(Type.Object({ line: Type.Integer(), text: Type.String() }), {
                  description: 'The first three lines that hold what `q` says.',
                }),
              }),
            ),
          },
        },
      },
      async (request) => {
        const { device, q, newest, region, ...page } = request.query;
        const { items, next } = await backups.list(request.access, { device, q, newest, region, page });
        return { items: items.map(({ found, ...version }) => ({ ...viewOf(version), found: [...found] })), next };
      },
    );
    app.get(
      '/device-backups/failures',
      {
        config: read,
        schema: {
          tags,
          summary: 'Devices whose configuration could not be fetched',
          description: 'When they were asked last; 1,000 at most.',
          querystring: Type.Object({ region: Region }),
          response: {
            200: Type.Object({
              items: Type.Array(
                Type.Object({
                  deviceId: Type.String(),
                  device: Type.String(),
                  site: Type.String(),
                  lookedAt: Moment,
                  error: Said,
                }),
              ),
            }),
          },
        },
      },
      async (request) => {
        const failures = await backups.failures(request.access, request.query.region);
        return { items: failures.map(({ lookedAt, ...one }) => ({ ...one, lookedAt: iso(lookedAt) })) };
      },
    );
    app.get(
      '/device-backups/:key',
      {
        config: read,
        schema: {
          tags,
          summary: 'Read a configuration',
          description: 'Secrets are masked.',
          params: KeyParameter,
          response: { 200: Type.Object({ ...BackupView.properties, text: Type.String() }) },
        },
      },
      async (request) => {
        const { text, ...version } = await backups.masked(request.access, request.params.key);
        return { ...viewOf(version), text };
      },
    );
    app.get(
      '/device-backups/:key/text',
      {
        config: read,
        schema: {
          tags,
          summary: 'A configuration as a file',
          description: 'Secrets are masked: it is to be read, not to be imported.',
          produces: ['text/plain'],
          params: KeyParameter,
          response: { 200: Type.String() },
        },
      },
      async (request, reply) => {
        const { text, device, firstAt } = await backups.masked(request.access, request.params.key);
        const name = `${device.replace(/[^A-Za-z0-9._-]+/g, '-')}-${iso(firstAt).slice(0, 10)}.txt`;
        return reply
          .header('content-type', 'text/plain; charset=utf-8')
          .header('content-disposition', `attachment; filename="${name}"`)
          .serializer((body: unknown) => String(body))
          .send(text);
      },
    );
    app.get(
      '/device-backups/:key/difference',
      {
        config: read,
        schema: {
          tags,
          summary: 'What a configuration has otherwise than another',
          description:
            'Than the one named by `from`, of the same device or not; without it, than the one that the device had before. A secret that is another is told as changed; its value is not.',
          params: KeyParameter,
          querystring: Type.Object({ from: Type.Optional(KeyParameter.properties.key) }),
          response: {
            200: Type.Object({ before: BackupView, after: BackupView, difference: TextDifference }),
          },
        },
      },
      async (request) => {
        const { from } = request.query;
        const found = await backups.difference(request.access, request.params.key, from ?? null);
        return { before: viewOf(found.before), after: viewOf(found.after), difference: found.difference };
      },
    );
    app.post(
      '/device-backups/:key/restore/preview',
      {
        config: write,
        schema: {
          tags,
          summary: 'What bringing a device back to a configuration would change',
          description: 'Reads the device and keeps nothing.',
          params: KeyParameter,
          response: {
            200: Type.Object({
              device: Type.String(),
              steps: Type.Array(ConfigurationStep),
              left: Type.Array(Type.String(), {
                description: 'Menus in which the device is otherwise, and stays so: its driver does not know them.',
              }),
              worst: BlastView,
              refusal: Type.Union([Said, Type.Null()]),
            }),
          },
        },
      },
      async (request) => {
        const { device, steps, left, rollout } = await restore.preview(request.access, request.params.key);
        const [wave] = rollout.waves;
        return {
          device,
          steps: steps.map(stepView),
          left: [...left],
          worst: wave === undefined ? nothingDark : blastView(wave.worst),
          refusal: rollout.refusal,
        };
      },
    );
    app.post(
      '/device-backups/:key/restore',
      {
        config: write,
        schema: {
          tags,
          summary: 'Bring a device back to a configuration',
          description:
            'As a rollout of one device: its rollback is armed first, and it goes back by itself when it is not confirmed in time. What code wants of it waits for the next rollout.',
          params: KeyParameter,
          querystring: WriteQuery,
          body: Type.Object(
            {
              rollbackS: Type.Optional(Type.Integer({ minimum: 30, maximum: 3_600 })),
              forcedReason: Type.Optional(Type.String({ minLength: 5, maxLength: 400, pattern: '^[^\\u0000]*$' })),
            },
            { additionalProperties: false, examples: [{ rollbackS: 180 }] },
          ),
          response: { 200: RolloutView },
        },
      },
      async (request) => {
        const { reason } = request.query;
        const { forcedReason, rollbackS } = request.body;
        const forced = forcedReason === undefined ? {} : { forcedReason: reasonOf(forcedReason, 'forcedReason') };
        return rolloutView(await restore.start(request.access, request.params.key, { rollbackS, reason, ...forced }));
      },
    );
  };
}

const nothingDark = {
  devices: 0,
  sites: [],
  sitesElsewhere: 0,
  terminals: 0,
  services: [],
  servicesMissed: [],
  cutsController: false,
};

function iso(at: number): string {
  return new Date(at).toISOString();
}

function viewOf({ firstAt, lastAt, ...version }: BackupVersion) {
  return { ...version, firstAt: iso(firstAt), lastAt: iso(lastAt) };
}
