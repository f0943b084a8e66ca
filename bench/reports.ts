import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CompiledQuery, Kysely, PostgresDialect, sql } from 'kysely';
import { Pool } from 'pg';
import { pino } from 'pino';
import { EmbeddedPostgres } from '../src/database/embedded-postgres.ts';
import { migrate } from '../src/database/migrate.ts';
import type { Database } from '../src/database/tables.ts';
import { availabilityGroups } from '../src/domain/availability.ts';
import { AvailabilityReports } from '../src/reports/availability.ts';
import { result, type BenchResult } from './result.ts';

/** The month that is asked for and two before it; intervals of states a month, over devices, sites and services. */
const sizes = [
  { devices: 1_500, intervals: 200_000 },
  { devices: 50_000, intervals: 2_000_000 },
];
const months = 3;
const runs = 5;
const from = new Date(Date.UTC(2026, 10, 1));
const to = new Date(Date.UTC(2026, 11, 1));
const logger = pino({ enabled: false });

/**
 * `reports`: availability of a month by device, site, district and service, out of raw history in the embedded
 * PostgreSQL. `ARUNG_TEST_EXPLAIN=1` prints the plan of each.
 */
export async function run(): Promise<readonly BenchResult[]> {
  const lines: BenchResult[] = [];
  for (const size of sizes) lines.push(...(await measure(size)));
  return lines;
}

async function measure(size: (typeof sizes)[number]): Promise<BenchResult[]> {
  const folder = mkdtempSync(join(tmpdir(), 'arung-bench-'));
  const postgres = new EmbeddedPostgres({ dataDir: folder, logger });
  await postgres.start();
  let last: CompiledQuery | null = null;
  const pool = new Pool({ connectionString: postgres.url, max: 1 });
  pool.on('error', () => undefined); // the query tells
  const db = new Kysely<Database>({
    dialect: new PostgresDialect({ pool }),
    log: (event) => void (last = event.query),
  });
  try {
    await migrate(db);
    await fill(db, size);
    const reports = new AvailabilityReports({ db, clock: { now: () => to.getTime(), monotonic: () => 0 } });
    const lines: BenchResult[] = [];
    for (const by of availabilityGroups) {
      const times: number[] = [];
      // Of a country's devices one report is too long: then it is asked as the console does, by region.
      const region = by === 'device' && size.devices > 20_000 ? '73.08' : undefined;
      for (let i = 0; i < runs; i++) {
        const started = performance.now();
        const { rows } = await reports.report({ by, from, to, region }, 'everywhere');
        times.push(Math.round(performance.now() - started));
        if (rows.length === 0) throw new Error(`no rows by ${by}`);
      }
      if (process.env['ARUNG_TEST_EXPLAIN'] !== undefined && last !== null) await explain(db, last);
      const what = `availability by ${by}, ${size.devices} devices, ${size.intervals} intervals a month`;
      lines.push(result('reports', what, 'ms', times));
    }
    return lines;
  } finally {
    await db.destroy();
    await postgres.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function explain(db: Kysely<Database>, query: CompiledQuery): Promise<void> {
  const { rows } = await db.executeQuery<{ 'QUERY PLAN': string }>(
    CompiledQuery.raw(`explain (analyze, buffers) ${query.sql}`, [...query.parameters]),
  );
  console.error(rows.map((row) => row['QUERY PLAN']).join('\n'));
}

/**
 * Regencies of 27 districts with 14 sites each, four devices a site, and six services; half of the dark times caused by
 * another device, planned work of a few hours at every tenth site and once in every district, ten times without a controller.
 */
async function fill(db: Kysely<Database>, { devices, intervals }: (typeof sizes)[number]): Promise<void> {
  const sites = Math.ceil(devices / 4);
  const statements = [
    `insert into regions (id, code, name, level)
       select gen_random_uuid(), '73.' || lpad((8 + n / 27)::text, 2, '0') || '.' || lpad((1 + n % 27)::text, 2, '0'), 'Kecamatan ' || n, 'district'
       from generate_series(0, ${Math.ceil(sites / 14) - 1}) n`,
    `insert into regions (id, code, name, level)
       select gen_random_uuid(), code || '.' || (2000 + n), name || ' desa ' || n, 'village' from regions, generate_series(1, 14) n`,
    `insert into sites (id, code, name, kind, network, rollout_status, region_id)
       select gen_random_uuid(), 's' || n, 'Situs ' || n, 'village', 'smart-city', 'active', id
       from (select id, row_number() over (order by code) as n from regions where level = 'village') villages where n <= ${sites}`,
    `insert into devices (id, name, site_id, role, protocol, agent_id)
       select gen_random_uuid(), 'd' || n, sites.id, 'switch', 'none', agents.id
       from generate_series(1, ${devices}) n join sites on sites.code = 's' || (1 + n % ${sites}), agents`,
    `insert into services (id, code, name, site_id)
       select gen_random_uuid(), 'l' || n, 'Layanan ' || n, sites.id from generate_series(1, 6) n join sites on sites.code = 's' || n`,
    `update lifetimes set valid_from = '2026-01-01'`,
    `create temp table things as
       select row_number() over (order by entity_kind, md5(entity_id::text)) - 1 as n, entity_kind, entity_id, site_id from lifetimes`,
    `create index on things (n)`,
    `insert into status_intervals (id, entity_kind, entity_id, state, since, until, cause, topology_version, site_id)
       select gen_random_uuid(), entity_kind, entity_id,
         case when i % 50 = 0 then 'maintenance' when i % 20 = 0 then 'unknown' when i % 2 = 0 or entity_kind = 'service' then 'down' else 'unreachable' end,
         at, at + (5 + (i * 7919::bigint) % 1800) * interval '1 second',
         case when i % 2 = 1 then jsonb_build_object('kind', 'device', 'id', (select entity_id from things where n = (i * 31::bigint) % ${devices}),
           'name', 'd', 'since', 0, 'certainty', 1) end, 1, site_id
       from (select i, '2026-09-01'::timestamptz + i * interval '${months * 30.33} days' / ${months * intervals} as at
             from generate_series(1, ${months * intervals}) i) moments
         join things on n = (i * 104729::bigint) % ${devices + sites + 6}`,
    `insert into maintenance (id, site_id, starts_at, ends_at)
       select gen_random_uuid(), id, at, at + interval '3 h' from sites, generate_series('2026-09-02'::timestamptz, '2026-11-30', '1 week') at
       where right(code, 1) = '7'`,
    `insert into maintenance (id, region_id, starts_at, ends_at)
       select gen_random_uuid(), id, '2026-11-15 01:00', '2026-11-15 03:00' from regions where level = 'district'`,
    `insert into controller_gaps select at, at + interval '2 min' from generate_series('2026-11-02'::timestamptz, '2026-11-29', '3 days') at`,
    `analyze`,
  ];
  for (const statement of statements) await sql.raw(statement).execute(db);
}
