import { sql, type Kysely } from 'kysely';

/** How services are looked at and who uses them; their states are history like those of devices and sites. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql
    .raw(
      `
alter table services
  add column checks jsonb not null default '[]',
  add column used_by text[] not null default '{}';
alter table status_intervals
  drop constraint status_intervals_entity_kind_check,
  drop constraint status_intervals_state_check,
  add constraint status_intervals_entity_kind_check
    check (entity_kind in ('device', 'site', 'link', 'service')),
  add constraint status_intervals_state_check
    check (state in ('down', 'unreachable', 'unknown', 'maintenance') or (entity_kind = 'service' and state = 'degraded'));
create index status_intervals_planned on status_intervals (until) where state = 'maintenance';`,
    )
    .execute(db);
}
