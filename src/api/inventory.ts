import { PassThrough } from 'node:stream';
import { Type, type Static } from 'typebox';
import { ArungError } from '../domain/errors.ts';
import type { ImportMode } from '../inventory/import/diff.ts';
import type { Exporter } from '../inventory/import/exporter.ts';
import type { Importer, ImportOptions, ImportResult, ImportSource } from '../inventory/import/importer.ts';
import { listNames, type ListName } from '../inventory/import/lists.ts';
import { problemOf } from './problem.ts';
import { takeText } from './raw-text.ts';
import type { RouteGroup } from './routes.ts';

const largestFile = 20 * 1024 * 1024;
const tags = ['inventory'];
const modes: readonly ImportMode[] = ['merge', 'create', 'update'];

const ErrorShape = Type.Object({
  message: Type.String({ examples: ['Line 41, column region: 73.08.02.2099 does not exist.'] }),
  code: Type.Optional(Type.String({ examples: ['import.does-not-exist'] })),
  arguments: Type.Optional(Type.Record(Type.String(), Type.Union([Type.String(), Type.Number()]))),
  field: Type.Optional(Type.String()),
  line: Type.Optional(Type.Integer()),
  column: Type.Optional(Type.Union([Type.String(), Type.Integer()])),
});

const List = Type.Unsafe<ListName>(Type.Enum([...listNames]));

const ImportShape = Type.Object({
  dryRun: Type.Boolean(),
  created: Type.Integer(),
  changed: Type.Integer(),
  unchanged: Type.Integer(),
  lists: Type.Array(
    Type.Object({ list: List, created: Type.Integer(), changed: Type.Integer(), unchanged: Type.Integer() }),
  ),
  changes: Type.Array(
    Type.Object({
      list: List,
      key: Type.String(),
      action: Type.Unsafe<'create' | 'change'>(Type.Enum(['create', 'change'])),
      fields: Type.Record(Type.String(), Type.Object({ before: Type.Unknown(), after: Type.Unknown() })),
    }),
  ),
  errors: Type.Array(ErrorShape),
  errorCount: Type.Integer(),
});

const importQuery = Type.Object({
  list: Type.Optional(Type.Unsafe<ListName>(Type.Enum([...listNames], { description: 'Which list a CSV holds.' }))),
  dryRun: Type.Optional(Type.Boolean({ description: 'Say what would change, and every error; write nothing.' })),
  mode: Type.Optional(
    Type.Unsafe<ImportMode>(
      Type.Enum([...modes], { description: '`create` leaves alone what is there, `update` leaves out what is not.' }),
    ),
  ),
  reason: Type.Optional(Type.String({ maxLength: 400, pattern: '^[^\\u0000]*$' })),
});

/** The whole inventory as a file: in, with a dry run, and out. */
export function inventoryFileRoutes(options: { readonly importer: Importer; readonly exporter: Exporter }): RouteGroup {
  const { importer, exporter } = options;
  const run = (access: Parameters<Importer['plan']>[0], source: ImportSource, how: ImportOptions, dryRun: boolean) =>
    dryRun ? importer.plan(access, source, how) : importer.apply(access, source, how);

  return (app) => {
    takeText(app, ['application/json', 'text/csv', 'text/plain'], largestFile);

    app.post(
      '/inventory/import',
      {
        config: { permission: 'inventory.write' },
        bodyLimit: largestFile,
        schema: {
          tags,
          summary: 'Import an inventory document, or one list as CSV',
          description:
            'All of it or nothing. A dry run answers with `errors`; an import with errors is refused with the same in `details`. ' +
            'With `Accept: application/x-ndjson` progress comes line by line: `{"phase","done","total"}`, and last ' +
            '`{"result":…}` or `{"problem":…}`.',
          consumes: ['application/json', 'text/csv'],
          querystring: importQuery,
          body: Type.String(),
          response: { 200: ImportShape },
        },
      },
      async (request, reply) => {
        const source = sourceOf(request.headers['content-type'], request.query, request.body);
        const { mode, reason, dryRun = false } = request.query;
        if (request.headers.accept?.includes('application/x-ndjson') !== true) {
          return reply.send(answerOf(await run(request.access, source, { mode, reason }, dryRun)));
        }
        const lines = new PassThrough();
        const say = (line: object) => lines.write(JSON.stringify(line) + '\n');
        const progress: ImportOptions['progress'] = (phase, done, total) => say({ phase, done, total });
        run(request.access, source, { mode, reason, progress }, dryRun)
          .then((result) => say({ result }))
          .catch((error: unknown) => {
            if (!(error instanceof ArungError)) request.log.error(error, 'an import failed');
            say({ problem: problemOf(error, request.id).problem });
          })
          .finally(() => lines.end());
        return reply.header('content-type', 'application/x-ndjson; charset=utf-8').send(lines as never);
      },
    );

    app.get(
      '/inventory/export',
      {
        config: { permission: 'inventory.read' },
        schema: {
          tags,
          summary: 'The inventory of the reader’s regions as a file',
          description: 'As JSON the whole document; as CSV one list. Secrets are never part of it.',
          produces: ['application/json', 'text/csv'],
          querystring: Type.Object({
            format: Type.Union([Type.Literal('json'), Type.Literal('csv')], { default: 'json' }),
            list: Type.Optional(List),
          }),
        },
      },
      async (request, reply) => {
        const { format, list } = request.query;
        if (format === 'json') {
          return reply
            .header('content-type', 'application/json; charset=utf-8')
            .header('content-disposition', 'attachment; filename="arung-inventory.json"')
            .send(await exporter.json(request.access));
        }
        if (list === undefined) throw listNeeded();
        return reply
          .header('content-type', 'text/csv; charset=utf-8')
          .header('content-disposition', `attachment; filename="arung-${list}.csv"`)
          .send(await exporter.csv(request.access, list));
      },
    );
  };
}

function sourceOf(type: string | undefined, query: Static<typeof importQuery>, text: string): ImportSource {
  if (type?.startsWith('application/json') === true) return { format: 'json', text };
  if (query.list === undefined) throw listNeeded();
  return { format: 'csv', list: query.list, text };
}

function listNeeded(): ArungError {
  return new ArungError('invalid', `A CSV holds one list: say which with list= (${listNames.join(', ')}).`, {
    code: 'import.list-needed',
  });
}

/** Mutable copies: the schema's types know no readonly. */
function answerOf(result: ImportResult): Static<typeof ImportShape> {
  return {
    ...result,
    lists: [...result.lists],
    changes: result.changes.map((change) => ({ ...change, fields: { ...change.fields } })),
    errors: result.errors.map(({ arguments: args, ...error }) => ({
      ...error,
      ...(args && { arguments: { ...args } }),
    })),
  };
}
