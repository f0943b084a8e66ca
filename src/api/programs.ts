import { Type } from 'typebox';
import { isProgramRunOver } from '../domain/program-run.ts';
import type { ProgramRuns } from '../provisioning/programs/program-runs.ts';
import { KeyParameter } from './inventory-schemas.ts';
import {
  entryView,
  Operation,
  PlacedEntryView,
  ProgramRunSummary,
  ProgramRunView,
  programsView,
  ProgramsView,
  runView,
  Stack,
  summaryView,
} from './program-schemas.ts';
import type { App, RouteGroup } from './routes.ts';
import { Waits } from './waits.ts';

const read = { permission: 'provisioning.read' } as const;
const write = { permission: 'provisioning.write' } as const;
const secrets = { permission: 'credential.manage' } as const;
const tags = ['programs'];
const longestWaitS = 60;
const lookEveryMs = 300;
const mostRuns = 50;

/** `/api/v1/programs`: Pulumi programs that are run on this machine, for who may configure the whole network. */
export function programRoutes(programs: ProgramRuns): RouteGroup {
  return (app) => {
    app.get(
      '/programs',
      {
        config: read,
        schema: {
          tags,
          summary: 'List the stacks of the program, with the last run of each',
          description: 'For who may see the whole network.',
          response: { 200: ProgramsView },
        },
      },
      async (request) => programsView(await programs.list(request.access)),
    );
    runRoutes(app, programs);
    passphraseRoutes(app, programs);
  };
}

function runRoutes(app: App, programs: ProgramRuns): void {
  const waits = new Waits();
  app.get(
    '/programs/runs',
    {
      config: read,
      schema: {
        tags,
        summary: 'List the runs of a stack',
        description: `The newest first; the last ${mostRuns} are kept.`,
        querystring: Type.Object({
          stack: Stack,
          limit: Type.Optional(Type.Integer({ minimum: 1, maximum: mostRuns, description: '20 when not given.' })),
        }),
        response: { 200: Type.Object({ items: Type.Array(ProgramRunSummary), next: Type.Null() }) },
      },
    },
    async (request) => {
      const { stack, limit = 20 } = request.query;
      return { items: (await programs.runs(request.access, stack, limit)).map(summaryView), next: null };
    },
  );
  app.post(
    '/programs/runs',
    {
      config: write,
      schema: {
        tags,
        summary: 'Preview a stack, bring it to the devices, or look at them again',
        description:
          'For who may configure the whole network. One at a time for each stack. `up` follows a preview of the same program, configuration and state that ended within the hour, with no other run between.',
        body: Type.Object(
          { stack: Stack, operation: Operation },
          { additionalProperties: false, examples: [{ stack: 'kahu', operation: 'preview' }] },
        ),
        response: { 201: ProgramRunView },
      },
    },
    async (request, reply) => {
      const { id } = await programs.begin(request.access, request.body);
      return reply.code(201).send(runView(await programs.get(request.access, id)));
    },
  );
  app.get(
    '/programs/runs/:key',
    {
      config: read,
      schema: {
        tags,
        summary: 'Read a run',
        description: 'By its number or id. With `after` it is waited until something of it has changed.',
        params: KeyParameter,
        querystring: Type.Object({
          after: Type.Optional(Type.Integer({ minimum: 0, description: 'The `revision` that you have.' })),
          waitS: Type.Optional(Type.Integer({ minimum: 0, maximum: longestWaitS, description: '25 when not given.' })),
        }),
        response: { 200: ProgramRunView },
      },
    },
    async (request) => {
      const { after, waitS = 25 } = request.query;
      const until = performance.now() + waitS * 1_000;
      const run = await programs.get(request.access, request.params.key);
      if (after === undefined || isProgramRunOver(run.state)) return runView(run);
      await waits.of(request.access, async () => {
        while (performance.now() < until && !request.raw.destroyed && (await programs.revisionOf(run.id)) <= after) {
          await new Promise((resolve) => setTimeout(resolve, lookEveryMs));
        }
      });
      return runView(await programs.get(request.access, request.params.key));
    },
  );
  app.get(
    '/programs/runs/:key/entries',
    {
      config: read,
      schema: {
        tags,
        summary: 'What a run changes, and what was said in it',
        description: 'In order of `place`: an entry that comes again at its place has changed.',
        params: KeyParameter,
        querystring: Type.Object({
          after: Type.Optional(
            Type.Integer({ minimum: 0, description: 'Only what came or changed since this `revision`.' }),
          ),
        }),
        response: {
          200: Type.Object({
            revision: Type.Integer({ description: 'For the next `after`.' }),
            items: Type.Array(PlacedEntryView),
          }),
        },
      },
    },
    async (request) => {
      const { revision, items } = await programs.entries(request.access, request.params.key, request.query.after ?? 0);
      return { revision, items: items.map(entryView) };
    },
  );
  app.post(
    '/programs/runs/:key/cancel',
    {
      config: write,
      schema: {
        tags,
        summary: 'End a run',
        description:
          'As Ctrl-C: it ends cleanly. Once more, ten seconds later: its processes are killed. A rollout that it has started goes on.',
        params: KeyParameter,
        response: { 200: ProgramRunView },
      },
    },
    async (request) => {
      await programs.cancel(request.access, request.params.key);
      return runView(await programs.get(request.access, request.params.key));
    },
  );
}

function passphraseRoutes(app: App, programs: ProgramRuns): void {
  app.put(
    '/programs/passphrases/:stack',
    {
      config: secrets,
      schema: {
        tags,
        summary: 'Tell the passphrase of a stack',
        description: 'It is sealed, handed to the runs of this stack, and told to nobody.',
        params: Type.Object({ stack: Stack }),
        body: Type.Object(
          { passphrase: Type.String({ minLength: 1, maxLength: 1_024, pattern: '^[^\\u0000\\r\\n]*$' }) },
          { additionalProperties: false, examples: [{ passphrase: 'sebelas kapal ke utara' }] },
        ),
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      await programs.putPassphrase(request.access, request.params.stack, request.body.passphrase);
      return reply.code(204).send(null);
    },
  );
  app.delete(
    '/programs/passphrases/:stack',
    {
      config: secrets,
      schema: {
        tags,
        summary: 'Forget the passphrase of a stack',
        params: Type.Object({ stack: Stack }),
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      await programs.removePassphrase(request.access, request.params.stack);
      return reply.code(204).send(null);
    },
  );
}
