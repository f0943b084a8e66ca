import { Type, type Static } from 'typebox';
import { scopeFor } from '../domain/access.ts';
import type { Subject } from '../domain/alert.ts';
import { AlertRule } from '../domain/alert-rule.ts';
import { ArungError } from '../domain/errors.ts';
import type { Preview, RulePreview } from '../alerting/rules/preview.ts';
import type { RuleBook } from '../alerting/rules/rule-book.ts';
import type { KnownRule, RuleOrigin } from '../alerting/rules/rule-rows.ts';
import type { RuleCounts, RuleWatch } from '../alerting/rules/rule-watch.ts';
import { etagOf, KeyParameter, PageOf, versionOf, WriteHeaders, WriteQuery } from './inventory-schemas.ts';
import { moment } from './moments.ts';
import { Owner } from './provisioning-schemas.ts';
import type { RouteGroup } from './routes.ts';

const tags = ['alerting'];
const read = { permission: 'status.read' } as const;
const write = { permission: 'alerting.write' } as const;

export const ruleExample: AlertRule = {
  key: 'link.load',
  name: 'Link load',
  severity: 'warning',
  forS: 300,
  condition: {
    kind: 'threshold',
    measurement: 'interface',
    field: 'in_bps',
    otherFields: ['out_bps'],
    above: 85,
    clear: 75,
    percentOf: 'speed',
  },
  scope: { carriesLink: true },
  isEnabled: true,
};

const Rule = Type.Object(AlertRule.properties, { additionalProperties: false, examples: [ruleExample] });

export const AlertRuleView = Type.Object({
  rule: AlertRule,
  origin: Type.Unsafe<RuleOrigin>(
    Type.Enum(['built-in', 'changed', 'own'], { description: '`changed`: built in, and changed by somebody.' }),
  ),
  managedBy: Type.String({
    description: '`file`: kept in the file of ARUNG_RULES_FILE, and changed only there.',
    examples: ['console'],
  }),
  firing: Type.Integer({ minimum: 0, description: 'Series in your regions that it holds for.' }),
  pending: Type.Integer({ minimum: 0, description: 'Those that it does not yet hold for long enough for.' }),
});
export type AlertRuleView = Static<typeof AlertRuleView>;

const Moment = Type.String({ format: 'date-time' });
export const RulePreviewView = Type.Object({
  from: Moment,
  to: Moment,
  stepS: Type.Integer({
    description: 'One reading was looked at in so many seconds: what was shorter may be missing.',
  }),
  series: Type.Integer({ description: 'Things of your regions that the rule looks at.' }),
  seriesRead: Type.Integer({ description: 'Fewer than `series` when 30 s were not enough to go through all.' }),
  count: Type.Integer(),
  planned: Type.Integer({ description: 'How many of them planned work covered.' }),
  firings: Type.Array(
    Type.Object({
      subject: Type.Unsafe<Subject>(Type.Object({ kind: Type.String(), id: Type.String(), name: Type.String() })),
      from: Moment,
      to: Type.Union([Moment, Type.Null()], { description: 'Null: it would still fire.' }),
      planned: Type.Boolean({ description: 'Planned work covered all of it: nobody would have been told.' }),
    }),
    { description: 'The first 500, by time.' },
  ),
});
export type RulePreviewView = Static<typeof RulePreviewView>;

/** Rules: when an alert begins to hold. Built-in ones are there without being written. */
export function alertRuleRoutes(parts: {
  readonly book: RuleBook;
  readonly watch: Pick<RuleWatch, 'counts'>;
  readonly preview: Pick<RulePreview, 'run'>;
}): RouteGroup {
  const { book, watch, preview } = parts;
  return (app) => {
    app.get(
      '/alert-rules',
      {
        config: read,
        schema: {
          tags,
          summary: 'List rules',
          description: 'All that hold somewhere in your regions, by key: few enough for one page.',
          response: { 200: PageOf(AlertRuleView) },
        },
      },
      async (request) => {
        const counts = watch.counts(scopeFor(request.access, read.permission));
        const items = (await book.list(request.access)).map((known) => viewOf(known, counts));
        return { items, next: null };
      },
    );

    app.get(
      '/alert-rules/:key',
      {
        config: read,
        schema: { tags, summary: 'Read a rule', params: KeyParameter, response: { 200: AlertRuleView } },
      },
      async (request, reply) => {
        const known = await book.get(request.access, request.params.key);
        const counts = watch.counts(scopeFor(request.access, read.permission));
        return reply.header('etag', etagOf(known.version)).send(viewOf(known, counts));
      },
    );

    app.put(
      '/alert-rules/:key',
      {
        config: write,
        schema: {
          tags,
          summary: 'Create a rule, or replace it',
          description: 'A built-in rule is changed the same way; to remove it then takes it back to what it was.',
          params: KeyParameter,
          querystring: Type.Object({
            ...WriteQuery.properties,
            managedBy: Type.Optional({
              ...Owner,
              // Of these nobody could change it any more.
              pattern: '^(?!(file|arung)$)[^\\u0000]*$',
              description: 'Who owns the record; `console` when not given.',
            }),
          }),
          headers: WriteHeaders,
          body: Rule,
          response: { 200: AlertRuleView },
        },
      },
      async (request, reply) => {
        const { key } = request.params;
        if (request.body.key !== key) {
          throw new ArungError('invalid', `The rule is called ${request.body.key} and not ${key}: give the same key.`, {
            code: 'rule.other-key',
            arguments: { key: request.body.key },
          });
        }
        const version = versionOf(request.headers['if-match']);
        const { reason, managedBy } = request.query;
        const known = await book.put(request.access, request.body, { reason, version, managedBy });
        const counts = watch.counts(scopeFor(request.access, read.permission));
        return reply.header('etag', etagOf(known.version)).send(viewOf(known, counts));
      },
    );

    app.delete(
      '/alert-rules/:key',
      {
        config: write,
        schema: {
          tags,
          summary: 'Remove a rule, or take a built-in one back to what it was',
          params: KeyParameter,
          querystring: WriteQuery,
          headers: WriteHeaders,
          response: { 204: Type.Null() },
        },
      },
      async (request, reply) => {
        const version = versionOf(request.headers['if-match']);
        await book.remove(request.access, request.params.key, { reason: request.query.reason, version });
        return reply.code(204).send(null);
      },
    );

    app.post(
      '/alert-rules/preview',
      {
        config: write,
        schema: {
          tags,
          summary: 'What a rule would have fired on in the last seven days',
          description:
            'The rule is not kept. It is tried on what the metric store has of your regions, at the step that is told: ' +
            'the more series, the coarser. At most 30 s, one at a time.',
          body: Type.Object({ rule: Rule }, { additionalProperties: false }),
          response: { 200: RulePreviewView },
        },
      },
      async (request) => {
        const { rule } = request.body;
        book.check(rule);
        return previewView(await preview.run(rule, scopeFor(request.access, write.permission)));
      },
    );
  };
}

export function previewView(preview: Preview): RulePreviewView {
  const at = (seconds: number): string => moment(seconds * 1_000);
  return {
    ...preview,
    from: at(preview.from),
    to: at(preview.to),
    firings: preview.firings.map(({ subject, from, to, planned }) => ({
      subject,
      planned,
      from: at(from),
      to: to === null ? null : at(to),
    })),
  };
}

function viewOf({ rule, origin, managedBy }: KnownRule, counts: ReadonlyMap<string, RuleCounts>): AlertRuleView {
  const { firing, pending } = counts.get(rule.key) ?? { firing: 0, pending: 0 };
  return { rule, origin, managedBy, firing, pending };
}
