import { sql, type Kysely } from 'kysely';

/** Rules for configurations of devices, what each device was found to be, and which findings a person accepted. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql
    .raw(
      `
create table compliance_rules (
  id uuid primary key,
  kind text not null,
  name text not null default '',
  enabled boolean not null,
  settings jsonb not null default '{}',
  check ((kind = 'line') = (name <> ''))
);
create unique index compliance_rules_built_in on compliance_rules (kind) where kind <> 'line';
insert into compliance_rules (id, kind, enabled, settings) values
  ('01990000-0000-7000-8000-000000000001', 'telnet', true, '{}'),
  ('01990000-0000-7000-8000-000000000002', 'snmp-community', true, '{}'),
  ('01990000-0000-7000-8000-000000000003', 'ntp', true, '{}'),
  ('01990000-0000-7000-8000-000000000004', 'firmware', true, '{"minimum": "7.15", "vendor": "MikroTik"}'),
  ('01990000-0000-7000-8000-000000000005', 'management-open', true, '{}'),
  ('01990000-0000-7000-8000-000000000006', 'logging', true, '{}'),
  ('01990000-0000-7000-8000-000000000007', 'default-user', true, '{}');

create table compliance_results (
  device_id uuid not null references devices on delete cascade,
  rule_id uuid not null references compliance_rules on delete cascade,
  state text not null check (state in ('right', 'wrong', 'unknown')),
  found jsonb not null,
  since timestamptz not null,
  primary key (device_id, rule_id)
);
create index compliance_results_rule on compliance_results (rule_id, state);

-- What each device was judged by: the configuration, the rules, its firmware.
create table compliance_checks (
  device_id uuid primary key references devices on delete cascade,
  basis text not null,
  checked_at timestamptz not null
);

create table compliance_exceptions (
  id uuid primary key,
  device_id uuid not null references devices on delete cascade,
  rule_id uuid not null references compliance_rules on delete cascade,
  reason text not null,
  until timestamptz not null,
  created_at timestamptz not null,
  created_by text not null,
  unique (device_id, rule_id)
);`,
    )
    .execute(db);
}
