import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { filesOf } from './dashboards.ts';
import { dialects } from './queries.ts';

// Writes what Grafana provisions: `node dashboards/grafana/build.ts`. The test beside it says when that was forgotten.
for (const dialect of dialects) {
  const folder = join(import.meta.dirname, dialect);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const [file, model] of filesOf(dialect))
    writeFileSync(join(folder, file), `${JSON.stringify(model, null, 2)}\n`);
}
