import { Type } from 'typebox';
import {
  complianceKinds,
  ComplianceSettings,
  complianceStates,
  type ComplianceKind,
  type ComplianceState,
} from '../domain/compliance.ts';
import { Said } from '../domain/rollout.ts';
import { reasonOf } from '../domain/reason.ts';
import { regionCodePattern } from '../domain/region.ts';
import type { ComplianceBook } from '../provisioning/compliance/compliance-book.ts';
import { complianceCsv } from '../provisioning/compliance/compliance-csv.ts';
import type { ComplianceReader, ComplianceResult } from '../provisioning/compliance/compliance-reader.ts';
import { KeyParameter, PageOf, PageQuery, WriteQuery } from './inventory-schemas.ts';
import type { RouteGroup } from './routes.ts';

const read = { permission: 'provisioning.read' } as const;
const write = { permission: 'provisioning.write' } as const;
const tags = ['compliance'];
const Moment = Type.String({ format: 'date-time' });
const Kind = Type.Unsafe<ComplianceKind>(Type.Enum([...complianceKinds]));
const States = [...complianceStates, 'accepted'] as const;
const Region = Type.Optional(Type.String({ pattern: regionCodePattern }));
const Name = Type.String({ minLength: 1, maxLength: 80, pattern: '^[^\\u0000-\\u001f]*$', examples: ['Tanpa proxy'] });
const Reason = Type.String({ minLength: 5, maxLength: 400, pattern: '^[^\\u0000]*$' });
const mostInFile = 20_000;

const RuleView = Type.Object({
  id: Type.String(),
  kind: Kind,
  name: Type.String({ description: 'Empty for what is built in.' }),
  enabled: Type.Boolean(),
  settings: ComplianceSettings,
});

const ResultView = Type.Object({
  deviceId: Type.String(),
  device: Type.String({ examples: ['rtr-kahu-01'] }),
  site: Type.String(),
  regionCode: Type.String(),
  districtCode: Type.String(),
  district: Type.String(),
  ruleId: Type.String(),
  kind: Kind,
  rule: Type.String(),
  state: Type.Unsafe<ComplianceState>(Type.Enum([...complianceStates])),
  found: Type.Array(Type.String(), { description: 'What was found, in the device’s words; never a secret but a guessed community.' }), // prettier-ignore
  since: Moment,
  reason: Type.Union([Said, Type.Null()], { description: 'Of `unknown`: why its configuration could not be read.' }),
  exception: Type.Union([
    Type.Object({ id: Type.String(), reason: Type.String(), until: Moment, by: Type.String() }),
    Type.Null(),
  ]),
});

const Numbers = { right: Type.Integer(), wrong: Type.Integer(), unknown: Type.Integer(), accepted: Type.Integer() };

/** `/api/v1/compliance`: what configurations of devices must be like, and which are. */
export function complianceRoutes(parts: {
  readonly book: ComplianceBook;
  readonly reader: ComplianceReader;
}): RouteGroup {
  const { book, reader } = parts;
  return (app) => {
    app.get(
      '/compliance/rules',
      {
        config: read,
        schema: {
          tags,
          summary: 'List the rules',
          description: 'What is built in first, also what is switched off.',
          response: { 200: Type.Object({ items: Type.Array(RuleView) }) },
        },
      },
      async () => ({ items: [...(await book.rules())] }),
    );
    app.post(
      '/compliance/rules',
      {
        config: write,
        schema: {
          tags,
          summary: 'Add a rule about a line',
          description: 'Lines are looked for in the configuration without its secrets.',
          querystring: WriteQuery,
          body: Type.Object(
            { name: Name, settings: ComplianceSettings },
            {
              additionalProperties: false,
              examples: [{ name: 'Tanpa proxy', settings: { text: 'set enabled=yes*', must: false } }],
            },
          ),
          response: { 200: RuleView },
        },
      },
      async (request) => book.add(request.access, request.body, request.query.reason),
    );
    app.patch(
      '/compliance/rules/:key',
      {
        config: write,
        schema: {
          tags,
          summary: 'Set a rule, or switch it on or off',
          params: KeyParameter,
          querystring: WriteQuery,
          body: Type.Object(
            {
              name: Type.Optional(Name),
              enabled: Type.Optional(Type.Boolean()),
              settings: Type.Optional(ComplianceSettings),
            },
            {
              additionalProperties: false,
              minProperties: 1,
              examples: [{ enabled: true, settings: { minimum: '7.15' } }],
            },
          ),
          response: { 200: RuleView },
        },
      },
      async (request) => book.change(request.access, request.params.key, request.body, request.query.reason),
    );
    app.delete(
      '/compliance/rules/:key',
      {
        config: write,
        schema: {
          tags,
          summary: 'Remove a rule about a line',
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
    app.get(
      '/compliance/summary',
      {
        config: read,
        schema: {
          tags,
          summary: 'How many devices are as the rules say',
          description:
            'By rule, and by kecamatan, the worst first. A device is clean when nothing is wrong with it that nobody accepted.',
          querystring: Type.Object({ region: Region }),
          response: {
            200: Type.Object({
              devices: Type.Integer(),
              clean: Type.Integer(),
              rules: Type.Array(Type.Object({ ruleId: Type.String(), ...Numbers })),
              districts: Type.Array(
                Type.Object({
                  code: Type.String(),
                  name: Type.String(),
                  devices: Type.Integer(),
                  clean: Type.Integer(),
                }),
              ),
            }),
          },
        },
      },
      async (request) => {
        const { rules, districts, ...counts } = await reader.summary(request.access, request.query.region);
        return { ...counts, rules: [...rules], districts: [...districts] };
      },
    );
    app.get(
      '/compliance/results',
      {
        config: read,
        schema: {
          tags,
          summary: 'What each device was found to be',
          description: 'By device and rule, since when. As CSV: all that match, 20,000 at most.',
          produces: ['application/json', 'text/csv'],
          querystring: Type.Object({
            ...PageQuery,
            region: Region,
            rule: Type.Optional(KeyParameter.properties.key),
            device: Type.Optional(KeyParameter.properties.key),
            state: Type.Optional(
              Type.Unsafe<(typeof States)[number]>(
                Type.Enum([...States], { description: '`wrong` leaves out what is accepted.' }),
              ),
            ),
            format: Type.Optional(Type.Enum(['json', 'csv'], { default: 'json' })),
          }),
          response: { 200: PageOf(ResultView) },
        },
      },
      async (request, reply) => {
        const { format, limit, cursor, ...filter } = request.query;
        if (format !== 'csv') {
          const { items, next } = await reader.results(request.access, { ...filter, page: { limit, cursor } });
          return { items: items.map(viewOf), next };
        }
        const all: ComplianceResult[] = [];
        let at: string | undefined;
        do {
          const { items, next } = await reader.results(request.access, {
            ...filter,
            page: { limit: 1_000, cursor: at },
          });
          all.push(...items);
          at = next ?? undefined;
        } while (at !== undefined && all.length < mostInFile);
        return reply
          .header('content-type', 'text/csv; charset=utf-8')
          .header('content-disposition', 'attachment; filename="arung-compliance.csv"')
          .send(complianceCsv(all) as never);
      },
    );
    app.put(
      '/compliance/exceptions',
      {
        config: write,
        schema: {
          tags,
          summary: 'Accept for a while that a device is wrong',
          description: 'With a reason and an end, within a year. Another one for the same replaces it.',
          body: Type.Object(
            {
              device: Type.String({ ...KeyParameter.properties.key, examples: ['rtr-kahu-01'] }),
              rule: KeyParameter.properties.key,
              reason: Reason,
              until: Moment,
            },
            {
              additionalProperties: false,
              examples: [
                {
                  device: 'rtr-kahu-01',
                  rule: '01990000-0000-7000-8000-000000000001',
                  reason: 'Alat ukur lama hanya bisa telnet',
                  until: '2027-01-31T00:00:00Z',
                },
              ],
            },
          ),
          response: { 200: Type.Object({ id: Type.String() }) },
        },
      },
      async (request) => {
        const { until, ...draft } = request.body;
        const reason = reasonOf(draft.reason, 'reason');
        return { id: await book.except(request.access, { ...draft, reason, until: Date.parse(until) }) };
      },
    );
    app.delete(
      '/compliance/exceptions/:key',
      {
        config: write,
        schema: {
          tags,
          summary: 'End an exception now',
          params: KeyParameter,
          querystring: WriteQuery,
          response: { 204: Type.Null() },
        },
      },
      async (request, reply) => {
        await book.endException(request.access, request.params.key, request.query.reason);
        return reply.code(204).send(null);
      },
    );
  };
}

function viewOf({ since, exception, found, ...result }: ComplianceResult) {
  return {
    ...result,
    found: [...found],
    since: new Date(since).toISOString(),
    exception: exception === null ? null : { ...exception, until: new Date(exception.until).toISOString() },
  };
}
