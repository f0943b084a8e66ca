import { createReadStream } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { computeGeography } from './geography.ts';
import { writeTiles } from './tiles.ts';
import type { RegionBoundary } from './source.ts';
import { boundariesBeside, type BuildJob, type Territory } from './territory.ts';

/**
 * The child process: reads a job (JSON, path in argv), computes the geography, writes its tiles and its description
 * into a folder beside, and moves that into place when it is whole. What a crash leaves is a folder that nobody serves.
 */
async function build(job: BuildJob, boundaries: readonly RegionBoundary[]): Promise<{ tiles: number }> {
  const geography = computeGeography({ ...job.input, boundaries });
  const partial = `${job.folder}.partial`;
  await rm(partial, { recursive: true, force: true });
  await mkdir(partial, { recursive: true });
  const names = new Map(job.input.points.map((p) => [p.code, p.name]));
  const tiles = geography ? await writeTiles(join(partial, 'tiles'), geography, names) : 0;
  const territory: Territory = {
    version: job.version,
    source: {
      kind: geography?.kind ?? 'computed',
      text: geography?.kind === 'imported' ? (job.input.boundariesSource ?? '') : '',
    },
    bounds: geography?.bounds ?? [95, -11, 141, 6],
    tiles: `/peta/${job.version}/{z}/{x}/{y}.pbf`,
    regions: job.input.points.map(({ code, name, latitude, longitude }) => ({ code, name, latitude, longitude })),
    edges: geography?.edges ?? [],
    neighbours: job.neighbours,
    cornerKm: geography?.cornerKm ?? 0,
  };
  await writeFile(join(partial, 'territory.json'), JSON.stringify(territory));
  await rm(job.folder, { recursive: true, force: true });
  await mkdir(dirname(job.folder), { recursive: true });
  await rename(partial, job.folder);
  return { tiles };
}

const jobPath = process.argv[2];
if (!jobPath) throw new Error('The path of the job is missing: this file is started by TerritoryService.');
const job = JSON.parse(await readFile(jobPath, 'utf8')) as BuildJob;
const lines = createInterface({ input: createReadStream(boundariesBeside(jobPath)) });
const boundaries: RegionBoundary[] = [];
for await (const line of lines) boundaries.push(JSON.parse(line) as RegionBoundary);
const done = await build(job, boundaries);
process.stdout.write(`${JSON.stringify(done)}\n`);
