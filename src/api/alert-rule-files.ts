import { Type } from 'typebox';
import type { RuleBook } from '../alerting/rules/rule-book.ts';
import { longestFile, readRuleFile, writeRuleFile, wrongFile } from '../alerting/rules/rule-file.ts';
import { takeText } from './raw-text.ts';
import type { RouteGroup } from './routes.ts';

const tags = ['alerting'];
const Keys = Type.Array(Type.String());

const ImportView = Type.Object({
  dryRun: Type.Boolean(),
  created: Keys,
  changed: Keys,
  removed: Keys,
  unchanged: Type.Integer(),
  errors: Type.Array(
    Type.Object({
      message: Type.String({ examples: ['rules.3.condition must have required properties field'] }),
      field: Type.Optional(Type.String()),
      line: Type.Optional(Type.Integer()),
      column: Type.Optional(Type.Union([Type.String(), Type.Integer()])),
    }),
  ),
});

/** Rules as a file, JSON or YAML: out, and in with a dry run. */
export function alertRuleFileRoutes(parts: { readonly book: RuleBook }): RouteGroup {
  const { book } = parts;
  return (app) => {
    takeText(app, ['application/json', 'application/yaml', 'text/plain'], longestFile);

    app.get(
      '/alert-rules/export',
      {
        config: { permission: 'status.read' },
        schema: {
          tags,
          summary: 'Rules as a file',
          description: 'Those of your regions, also the built-in ones: `{"format": "arung-rules/1", "rules": […]}`.',
          produces: ['application/json', 'application/yaml'],
          querystring: Type.Object({
            format: Type.Optional(Type.Unsafe<'json' | 'yaml'>(Type.Enum(['json', 'yaml'], { default: 'json' }))),
            only: Type.Optional(
              Type.Unsafe<'written'>(
                Type.Enum(['written'], { description: 'Leave out what is built in and unchanged.' }),
              ),
            ),
          }),
          response: { 200: Type.String() },
        },
      },
      async (request, reply) => {
        const { format = 'json', only } = request.query;
        const all = await book.list(request.access);
        const rules = all.filter(({ origin }) => only === undefined || origin !== 'built-in').map(({ rule }) => rule);
        return (
          reply
            .header('content-type', `application/${format}; charset=utf-8`)
            .header('content-disposition', `attachment; filename="arung-rules.${format}"`)
            // The text of a file is no JSON string.
            .serializer((text: unknown) => String(text))
            .send(writeRuleFile(rules, format))
        );
      },
    );

    app.post(
      '/alert-rules/import',
      {
        config: { permission: 'alerting.write' },
        bodyLimit: longestFile,
        schema: {
          tags,
          summary: 'Take rules of a file',
          description:
            'All of them or none; rules that the file does not name stay. A dry run answers with `errors`; an import ' +
            'with errors is refused with the same in `details`, with line and column.',
          consumes: ['application/json', 'application/yaml'],
          querystring: Type.Object({
            dryRun: Type.Optional(
              Type.Boolean({ description: 'Say what would change, and every error; write nothing.' }),
            ),
            reason: Type.Optional(Type.String({ maxLength: 400, pattern: '^[^\\u0000]*$' })),
          }),
          body: Type.String(),
          response: { 200: ImportView },
        },
      },
      async (request) => {
        const { dryRun = false, reason } = request.query;
        const { rules, errors } = readRuleFile(request.body);
        if (errors.length > 0) {
          if (!dryRun) throw wrongFile(errors);
          return { dryRun, created: [], changed: [], removed: [], unchanged: 0, errors: [...errors] };
        }
        const done = await book.import(request.access, rules, { dryRun, reason });
        return {
          ...done,
          created: [...done.created],
          changed: [...done.changed],
          removed: [...done.removed],
          errors: [],
        };
      },
    );
  };
}
