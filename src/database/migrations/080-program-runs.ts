import { sql, type Kysely } from 'kysely';

/** Runs of Pulumi programs that were started here, what each showed, and the passphrases of stacks. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql
    .raw(
      `
create table program_runs (
  id uuid primary key,
  number bigint generated always as identity unique,
  stack text collate "C" not null,
  operation text not null check (operation in ('preview', 'up', 'refresh')),
  state text not null check (state in ('running', 'cancelling', 'done', 'failed', 'cancelled', 'broken-off')),
  -- Null until the stack was selected, and of a program that changed while it was previewed.
  program_hash text collate "C",
  problem jsonb,
  counts jsonb,
  -- What the run would roll out, in waves, and which rollouts it has started or joined.
  waves jsonb not null default '[]',
  rollouts integer[] not null default '{}',
  -- Entries that were too many to be kept.
  left_out integer not null default 0,
  cli_version text not null default '',
  requested_by text not null,
  token_id uuid,
  -- Leads the group of its processes.
  pid integer,
  -- It ended without giving back the stack's lock.
  holds_lock boolean not null default false,
  created_at timestamptz not null,
  ended_at timestamptz,
  revision bigint not null default 0
);
-- One at a time for each stack.
create unique index program_runs_open on program_runs (stack) where ended_at is null;
create index program_runs_stack on program_runs (stack, number desc);

create table program_run_entries (
  run_id uuid not null references program_runs on delete cascade,
  place integer not null,
  revision bigint not null,
  entry jsonb not null,
  primary key (run_id, place)
);
create index program_run_entries_revision on program_run_entries (run_id, revision);

create table program_passphrases (
  id uuid primary key,
  stack text collate "C" not null unique,
  sealed bytea not null,
  changed_at timestamptz not null,
  changed_by text not null
);`,
    )
    .execute(db);
}
