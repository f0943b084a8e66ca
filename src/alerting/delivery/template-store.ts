import type { Kysely, Transaction } from 'kysely';
import type { Database } from '../../database/tables.ts';
import type { Access } from '../../domain/access.ts';
import { noticeKinds, type NoticeKind } from '../../domain/notice.ts';
import type { Language } from '../words/figures.ts';
import { checkTemplate } from '../words/templates.ts';

export interface MessageTemplate {
  readonly kind: NoticeKind;
  readonly language: Language;
  /** What an operator wrote; null: the built-in words. */
  readonly body: string | null;
}

interface Sink {
  appendAll(
    trx: Transaction<Database>,
    entries: readonly {
      readonly access: Access;
      readonly action: string;
      readonly entityKind: string;
      readonly entityId: string | null;
      readonly entityName: string;
      readonly before: unknown;
      readonly after: unknown;
      readonly reason: string | null;
      readonly regionCode: string | null;
    }[],
  ): Promise<unknown>;
}

/** The words of operators in place of the built-in ones; one for each kind of message and language. */
export class TemplateStore {
  readonly #db: Kysely<Database>;
  readonly #audit: Sink;

  constructor(options: { readonly db: Kysely<Database>; readonly audit: Sink }) {
    this.#db = options.db;
    this.#audit = options.audit;
  }

  async list(): Promise<MessageTemplate[]> {
    const rows = await this.#db.selectFrom('message_templates').select(['kind', 'language', 'body']).execute();
    return noticeKinds.flatMap((kind) =>
      (['id', 'en'] as const).map((language) => ({
        kind,
        language,
        body: rows.find((row) => row.kind === kind && row.language === language)?.body ?? null,
      })),
    );
  }

  async put(access: Access, template: { kind: NoticeKind; language: Language; body: string }): Promise<void> {
    checkTemplate(template.body);
    await this.#change(access, template, async (trx) => {
      const values = { ...template, created_by: access.id ?? access.name };
      await trx
        .insertInto('message_templates')
        .values(values)
        .onConflict((conflict) => conflict.columns(['kind', 'language']).doUpdateSet({ body: template.body }))
        .execute();
    });
  }

  /** Back to the built-in words. */
  async remove(access: Access, which: { kind: NoticeKind; language: Language }): Promise<void> {
    await this.#change(access, { ...which, body: null }, async (trx) => {
      await trx
        .deleteFrom('message_templates')
        .where('kind', '=', which.kind)
        .where('language', '=', which.language)
        .execute();
    });
  }

  async #change(
    access: Access,
    { kind, language, body }: MessageTemplate,
    work: (trx: Transaction<Database>) => Promise<void>,
  ): Promise<void> {
    await this.#db.transaction().execute(async (trx) => {
      const before = await trx
        .selectFrom('message_templates')
        .select('body')
        .where('kind', '=', kind)
        .where('language', '=', language)
        .forUpdate()
        .executeTakeFirst();
      await work(trx);
      if ((before?.body ?? null) === body) return;
      await this.#audit.appendAll(trx, [
        {
          access,
          action: body === null ? 'remove' : 'update',
          entityKind: 'message-template',
          entityId: null,
          entityName: `${kind} ${language}`,
          before: before ?? null,
          after: body === null ? null : { body },
          reason: null,
          regionCode: null,
        },
      ]);
    });
  }
}
