import { sql, type Kysely } from 'kysely';

/** What is asked of all that rollouts ever did to devices, every few seconds or at the end of each device. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql
    .raw(
      `
-- Whether a device was configured since its change went back.
create index rollout_devices_ended on rollout_devices (device_id, ended_at);
drop index rollout_devices_device;
create index rollout_devices_fallen on rollout_devices (device_id) where state in ('reverted', 'lost');
create index rollout_devices_armed on rollout_devices (armed_until) where armed_until is not null;
-- Planned work that is over is taken out of them.
create index rollout_devices_maintenance on rollout_devices (maintenance_id) where maintenance_id is not null;`,
    )
    .execute(db);
}
