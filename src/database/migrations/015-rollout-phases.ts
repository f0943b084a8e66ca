import { sql, type Kysely } from 'kysely';

/** Rollouts that go over their devices more than once. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql
    .raw(
      `
alter table rollouts
  -- What it goes in, in order: ["add", "switch", "remove"] or a part of it; empty where it goes in one.
  add column phases jsonb not null default '[]',
  -- Which of these goes on, from 0.
  add column phase int not null default 0;
alter table rollout_devices
  -- Of each phase the version that the device is brought to, null where it stays as it is; empty where there is one.
  add column phase_versions jsonb not null default '[]';`,
    )
    .execute(db);
}
