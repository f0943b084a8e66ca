import { sql, type RawBuilder } from 'kysely';
import type { Change } from '../../database/collection/changes.ts';
import type { SecretSealer } from '../collaborators.ts';
import type { Work } from './diff.ts';
import type { EntityIds } from './entity-ids.ts';
import type { Fields, ListName } from './lists.ts';

export interface WriteContext {
  readonly change: Change;
  readonly ids: EntityIds;
  readonly sealer: SecretSealer;
  readonly now: Date;
}

/** Writes the things of one list. */
export interface Writer {
  insert(work: readonly Work[]): Promise<void>;
  update(work: readonly Work[]): Promise<void>;
  /** What hangs on the rows: contacts, ends, memberships. */
  after?(work: readonly Work[]): Promise<void>;
}

/** A table with the SQL types of the columns that an import writes, and how they come from the document's fields. */
export function tableWriter(
  context: WriteContext,
  list: ListName,
  table: string,
  columns: Readonly<Record<string, string>>,
  rowOf: (value: Fields, work: Work) => Readonly<Record<string, unknown>>,
  constants: Readonly<Record<string, unknown>> = {},
): Writer {
  const { change, ids } = context;
  const names = Object.keys(columns);
  const record = (work: readonly Work[]) => {
    const rows = work.map((one) => ({ id: ids.of(list, one.key), ...rowOf(one.value, one) }));
    const types = sql.join(names.map((name) => sql`${sql.ref(name)} ${sql.raw(columns[name] ?? 'text')}`));
    return sql`jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as r(id uuid, ${types})`;
  };
  return {
    insert: async (work) => {
      const fixed = Object.keys(constants);
      const into = sql.join([...names, ...fixed].map((name) => sql.ref(name)));
      const from = sql.join([
        ...names.map((name) => sql`r.${sql.ref(name)}` as RawBuilder<unknown>),
        ...fixed.map((name) => sql`${constants[name]}`),
      ]);
      await sql`insert into ${sql.table(table)} (id, ${into}) select r.id, ${from} from ${record(work)}`.execute(
        change.trx,
      );
    },
    update: async (work) => {
      const set = sql.join(names.map((name) => sql`${sql.ref(name)} = r.${sql.ref(name)}`));
      await sql`update ${sql.table(table)} as t set ${set}, version = t.version + 1 from ${record(work)}
        where t.id = r.id`.execute(change.trx);
    },
  };
}

/** Replaces the rows that hang on the written ones. */
export async function replaceMembers(
  change: Change,
  table: string,
  owner: { readonly column: string; readonly ids: readonly string[] },
  members: readonly Readonly<Record<string, string | number>>[],
  columns: Readonly<Record<string, string>>,
): Promise<void> {
  await sql`delete from ${sql.table(table)} where ${sql.ref(owner.column)} = any(${[...owner.ids]}::uuid[])`.execute(
    change.trx,
  );
  if (members.length === 0) return;
  const names = sql.join(Object.keys(columns).map((name) => sql.ref(name)));
  const types = sql.join(Object.entries(columns).map(([name, type]) => sql`${sql.ref(name)} ${sql.raw(type)}`));
  await sql`insert into ${sql.table(table)} (${names}) select ${names}
    from jsonb_to_recordset(${JSON.stringify(members)}::jsonb) as r(${types}) on conflict do nothing`.execute(
    change.trx,
  );
}

export const namesIn = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
