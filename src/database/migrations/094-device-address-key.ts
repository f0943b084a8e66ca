import { sql, type Kysely } from 'kysely';

/**
 * The same of every way to write an address: lower case, without zone, an IPv4 address within IPv6 as IPv4. By it other
 * devices of an address are found.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql
    .raw(
      `
create function device_address_key(address text) returns text language sql immutable parallel safe as $$
  select case when address like '%:%'
    then regexp_replace(host(split_part(address, '%', 1)::inet), '^::ffff:(?=[0-9]+[.])', '') else address end
$$;
create index devices_address_as_key on devices (device_address_key(address)) where address <> '';`,
    )
    .execute(db);
}
