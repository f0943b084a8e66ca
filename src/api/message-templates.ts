import { Type, type Static } from 'typebox';
import type { TemplateStore } from '../alerting/delivery/template-store.ts';
import { sampleContent } from '../alerting/words/sample.ts';
import { checkTemplate } from '../alerting/words/templates.ts';
import { builtInTemplates, placeholders, wordsOf } from '../alerting/words/words.ts';
import { scopeFor, type Access } from '../domain/access.ts';
import type { Clock } from '../domain/clock.ts';
import { ArungError } from '../domain/errors.ts';
import { noticeKinds, type NoticeKind } from '../domain/notice.ts';
import type { RouteGroup } from './routes.ts';

const Kind = Type.Unsafe<NoticeKind>(Type.Enum([...noticeKinds]));
const Language = Type.Unsafe<'id' | 'en'>(Type.Enum(['id', 'en']));
const Which = Type.Object({ kind: Kind, language: Language });
const Body = Type.String({
  minLength: 1,
  maxLength: 4_000,
  pattern: '^[^\\u0000]*$',
  description: `The first line is the title. Placeholders: ${placeholders.map((name) => `{${name}}`).join(', ')}.`,
  examples: ['{title}\n{certainty} {since}\n{impact}\n{place}\n{incident}'],
});
const View = Type.Object({ kind: Kind, language: Language, body: Type.Union([Type.String(), Type.Null()]) });
const Listed = Type.Object({
  ...View.properties,
  builtIn: Type.String({ description: 'What is sent without a `body`.' }),
});
export const MessageTemplateList = Type.Object({
  items: Type.Array(Listed),
  placeholders: Type.Array(Type.String()),
  next: Type.Null(),
});
export type MessageTemplateList = Static<typeof MessageTemplateList>;

/** The words of messages. */
export function messageTemplateRoutes(options: {
  readonly templates: TemplateStore;
  readonly timeZone: string;
  readonly clock: Clock;
}): RouteGroup {
  const { templates, timeZone, clock } = options;
  const tags = ['message templates'];
  return (app) => {
    app.get(
      '/message-templates',
      {
        config: { permission: 'people.read' },
        schema: {
          tags,
          summary: 'List message templates',
          description: 'One for each kind of message and language; `body` is null where the built-in words are used.',
          response: { 200: MessageTemplateList },
        },
      },
      async () => ({
        items: (await templates.list()).map((one) => ({ ...one, builtIn: builtInTemplates[one.kind] })),
        placeholders: [...placeholders],
        next: null,
      }),
    );

    app.put(
      '/message-templates/:kind/:language',
      {
        config: { permission: 'alerting.write' },
        schema: {
          tags,
          summary: 'Write a message template',
          params: Which,
          body: Type.Object({ body: Body }, { additionalProperties: false }),
          response: { 200: View },
        },
      },
      async (request) => {
        const template = { ...request.params, body: request.body.body };
        await templates.put(everywhere(request.access), template);
        return template;
      },
    );

    app.delete(
      '/message-templates/:kind/:language',
      {
        config: { permission: 'alerting.write' },
        schema: { tags, summary: 'Go back to the built-in words', params: Which, response: { 204: Type.Null() } },
      },
      async (request, reply) => {
        await templates.remove(everywhere(request.access), request.params);
        return reply.code(204).send(null);
      },
    );

    app.post(
      '/message-templates/preview',
      {
        config: { permission: 'people.read' },
        schema: {
          tags,
          summary: 'See what a template makes of an example',
          description: 'Without `body`: the built-in words.',
          body: Type.Object(
            { kind: Kind, language: Language, body: Type.Optional(Body) },
            { additionalProperties: false },
          ),
          response: { 200: Type.Object({ title: Type.String(), text: Type.String() }) },
        },
      },
      async (request) => {
        const { kind, language, body } = request.body;
        if (body !== undefined) checkTemplate(body);
        return wordsOf(sampleContent(kind, clock.now()), kind, language, { timeZone, template: body });
      },
    );
  };
}

/** The same words go to everybody: who may write rules of one region alone does not change them. */
function everywhere(access: Access): Access {
  if (scopeFor(access, 'alerting.write') === 'everywhere') return access;
  throw new ArungError('forbidden', 'The words of messages are the same in all regions: you may write in some only.', {
    code: 'message-template.outside',
  });
}
