import { sql, type Kysely } from 'kysely';

/** Why a message failed by a stable name, for every language, and a rate of a channel's own. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql
    .raw(
      `
alter table channels add column last_problem jsonb;
alter table channels add column per_minute integer constraint channels_per_minute_check check (per_minute > 0);
alter table notices add column problem jsonb;`,
    )
    .execute(db);
}
