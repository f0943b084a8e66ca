import type { BenchResult } from './result.ts';

/** Every benchmark: its name on the command line and where it lives. */
const benches: Readonly<Record<string, () => Promise<{ run(): Promise<readonly BenchResult[]> }>>> = {
  'snmp-poll': () => import('./snmp-poll.ts'),
  rules: () => import('./rules.ts'),
  'snmp-poll-v3': () => import('./snmp-poll-v3.ts'),
  growth: () => import('./growth.ts'),
  'snmp-garbage': () => import('./snmp-garbage.ts'),
  ingest: () => import('./ingest.ts'),
  live: () => import('./live.ts'),
  map: () => import('./map.ts'),
  'store-write': () => import('./store-write.ts'),
  reports: () => import('./reports.ts'),
  start: () => import('./start.ts'),
};

const names = process.argv.slice(2);
const unknown = names.find((name) => !(name in benches));
if (unknown !== undefined) {
  console.error(`There is no benchmark '${unknown}'. There are: ${Object.keys(benches).join(', ')}.`);
  process.exit(2);
}
for (const name of names.length === 0 ? Object.keys(benches) : names) {
  const bench = await benches[name]?.();
  for (const line of (await bench?.run()) ?? []) console.log(JSON.stringify(line));
}
process.exit(0);
