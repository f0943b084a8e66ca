import { Type } from 'typebox';
import type { VariableBook } from '../provisioning/variables/variable-book.ts';
import { fileOfVariables, linesOfFile } from '../provisioning/variables/variable-files.ts';
import { WriteQuery } from './inventory-schemas.ts';
import { takeText } from './raw-text.ts';
import type { RouteGroup } from './routes.ts';

const largestFile = 8 * 1024 * 1024;
const tags = ['variables'];

/** `/api/v1/variables/export` and `/import`: variables as a file. */
export function variableFileRoutes(book: VariableBook): RouteGroup {
  return (app) => {
    takeText(app, ['application/json', 'text/csv'], largestFile);
    app.get(
      '/variables/export',
      {
        config: { permission: 'provisioning.read' },
        schema: {
          tags,
          summary: 'Variables as a file',
          description:
            'Of the network, of groups, of your regions and of what these lie in. Secrets are named, and have no value.',
          produces: ['application/json', 'text/csv'],
          querystring: Type.Object({
            format: Type.Union([Type.Literal('json'), Type.Literal('csv')], { default: 'json' }),
          }),
        },
      },
      async (request, reply) => {
        const { format } = request.query;
        return reply
          .header('content-type', `${format === 'csv' ? 'text/csv' : 'application/json'}; charset=utf-8`)
          .header('content-disposition', `attachment; filename="arung-variables.${format}"`)
          .send(fileOfVariables(await book.all(request.access), format));
      },
    );
    app.post(
      '/variables/import',
      {
        config: { permission: 'provisioning.write' },
        bodyLimit: largestFile,
        schema: {
          tags,
          summary: 'Give many variables their values',
          description:
            'As `export` gives them, JSON or CSV by the content type: all of them or none. A secret without a value stays what it is. What the file does not name stays.',
          consumes: ['application/json', 'text/csv'],
          querystring: Type.Object({
            ...WriteQuery.properties,
            dryRun: Type.Optional(
              Type.Boolean({ description: 'Say what would change, and every error; keep nothing.' }),
            ),
          }),
          body: Type.String({
            examples: ['name,scope,key,value,secret\r\nntp-server,network,,10.73.0.1,false\r\n'],
          }),
          response: {
            200: Type.Object({
              dryRun: Type.Boolean(),
              created: Type.Integer(),
              changed: Type.Integer(),
              unchanged: Type.Integer(),
            }),
          },
        },
      },
      async (request) => {
        const { dryRun = false, reason } = request.query;
        const isJson = request.headers['content-type']?.startsWith('application/json') === true;
        const lines = linesOfFile(request.body, isJson ? 'json' : 'csv');
        return { dryRun, ...(await book.import(request.access, lines, { dryRun, reason })) };
      },
    );
  };
}
