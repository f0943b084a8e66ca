import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { dashboardJson, dashboards } from './dashboards.ts';
import { dialects } from './queries.ts';

// Writes what Grafana provisions: `node dashboards/grafana/build.ts`. The test beside it says when that was forgotten.
for (const dialect of dialects) {
  const folder = join(import.meta.dirname, dialect);
  mkdirSync(folder, { recursive: true });
  for (const dashboard of dashboards) {
    const text = `${JSON.stringify(dashboardJson(dialect, dashboard), null, 2)}\n`;
    writeFileSync(join(folder, `${dashboard.uid}.json`), text);
  }
}
