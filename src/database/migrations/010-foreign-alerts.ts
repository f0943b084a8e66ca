import { sql, type Kysely } from 'kysely';

/** What other programs (Alertmanager) say that holds, by the channel over which they say it. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql
    .raw(
      `
create table foreign_alerts (
  channel_id uuid not null references channels on delete cascade,
  fingerprint text collate "C" not null,
  name text not null,
  labels jsonb not null,
  summary text not null,
  severity text not null check (severity in ('critical', 'warning', 'info')),
  starts_at timestamptz not null,
  ended_at timestamptz,
  seen_at timestamptz not null,
  primary key (channel_id, fingerprint)
);
create index foreign_alerts_open on foreign_alerts (seen_at) where ended_at is null;`,
    )
    .execute(db);
}
